"""Dataset bias: the profile of a data set in one language, as means of its examples' attributes.

PolyPrompt, equation 4 and figure 4: for an attribute p and the test set D in one language, the mean of p over D. The
paper divides by the number of examples and by nothing else: its profile is in the attributes' own units.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

COLUMNS = ("task", "language", "attribute", "mean", "standard_error", "n", "missing")


def dataset_profile(frames: Mapping[tuple[str, str], pandas.DataFrame]) -> pandas.DataFrame:
    """The mean attributes of each (task, language), long form, one row a task, language and attribute.

    Args:
        frames: (task, language) -> attributes of its examples, as `attribute_frame` gives them.

    Returns:
        Columns task, language, attribute; `mean` over the examples that have the attribute, in its own unit;
        `standard_error` of that mean (NaN for one example); `n` examples that have it and `missing` that do not.
        Rows come in the order given. An attribute that no example of a language has is a row with n = 0 and mean NaN.
    """
    import numpy
    import pandas

    rows = []
    for (task, language), frame in frames.items():
        for name in frame.columns:
            values = frame[name].to_numpy(dtype=float)
            present = values[~numpy.isnan(values)]
            count = len(present)
            mean = present.mean() if count else numpy.nan
            error = present.std(ddof=1) / numpy.sqrt(count) if count > 1 else numpy.nan
            rows.append((task, language, name, mean, error, count, len(values) - count))
    return pandas.DataFrame(rows, columns=list(COLUMNS))


def profile_table(profile: pandas.DataFrame) -> pandas.DataFrame:
    """The means as a table: a row for each task and language, a column for each attribute; NaN where there is none."""
    keys = profile[["task", "language"]].drop_duplicates()
    table = profile.pivot(index=["task", "language"], columns="attribute", values="mean")
    return table.loc[list(keys.itertuples(index=False, name=None)), attribute_order(profile)].rename_axis(columns=None)


def attribute_order(profile: pandas.DataFrame) -> list[str]:
    """The attributes of a profile: those of the task that has most of them in its order, then what others add."""
    own = [list(rows["attribute"].unique()) for _, rows in profile.groupby("task", sort=False)]
    return list(dict.fromkeys(name for names in sorted(own, key=len, reverse=True) for name in names))
