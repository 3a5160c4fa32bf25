"""Dataset bias: the profile of a data set in one language, as means of its examples' attributes.

PolyPrompt, equation 4 and figure 4: for an attribute p and the test set D in one language, the mean of p over D. The
paper divides by the number of examples and by nothing else: its profile is in the attributes' own units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.errors import RequestError

if TYPE_CHECKING:
    import numpy
    import pandas

    from xbench.analysis.results import Results, StoredCell

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


def half_widths(profile: pandas.DataFrame) -> numpy.ndarray:
    """Half of each mean's 95 % interval, Student's; 0 where one example has a value, which says nothing of others."""
    import numpy
    from scipy import stats

    n = profile["n"].to_numpy(dtype=float)
    quantile = stats.t.ppf(0.975, numpy.maximum(n - 1, 1))
    return numpy.where(n > 1, quantile * profile["standard_error"].fillna(0).to_numpy(dtype=float), 0.0)


@dataclass(frozen=True)
class StoredProfile:
    """The profile of the examples that stored results are about; `data` is their kind, and sample data are no results.

    `notes` say, by task and attribute, what their reader must know.
    """

    frame: pandas.DataFrame
    data: str
    notes: tuple[str, ...]


def stored_profile(
    results: Results,
    names: Sequence[str] | None = None,
    *,
    tasks_dirs: Sequence[Path] = (),
    tokenizer: str | None = None,
    basic_words: Path | None = None,
    entity_tagger: str | None = None,
) -> StoredProfile:
    """The dataset profile of every task and language that stored results are about.

    `names` are attributes, of which each task gets those of its kind; None gives the task's own. `tokenizer` is, unless
    given, the results' backbone where there is but one. The other arguments are those of `attribute_frame`.

    Raises:
        RequestError: the results hold several kinds of data, or several sets of examples of one task and language; or
            no task has an attribute of a name.
    """
    from xbench.diagnosis.attributes.cache import cached_attributes
    from xbench.spec.registry import load_task

    sources = _sources(results)
    models = {cell.record.model for cell in results}
    frames: dict[tuple[str, str], pandas.DataFrame] = {}
    notes: list[str] = []
    tasks = {task: load_task(task, tuple(map(str, tasks_dirs))) for task, _ in sources}
    chosen = _chosen(names, {task: (spec.kind, spec.attributes) for task, spec in tasks.items()})
    for (task, language), (cell, content) in sources.items():
        frames[task, language] = cached_attributes(
            cell.store,
            content,
            tasks[task].kind,
            language,
            chosen[task],
            fields=tasks[task].fields,
            tokenizer=tokenizer or (next(iter(models)) if len(models) == 1 else None),
            basic_words=basic_words,
            entity_tagger=entity_tagger,
        )
        notes += [f"{task}, {name}: {text}" for name, text in frames[task, language].attrs["notes"].items()]
    data = next((cell.record.data for cell in results), "")
    return StoredProfile(dataset_profile(frames), data, tuple(dict.fromkeys(notes)))


def _sources(results: Results) -> dict[tuple[str, str], tuple[StoredCell, str]]:
    """(task, language) -> a cell that was evaluated on its examples, and their content hash, sorted by both."""
    kinds = sorted({cell.record.data for cell in results})
    if len(kinds) > 1:
        raise RequestError(f"The results are on {' and '.join(kinds)} data; choose one with --data {kinds[0]}.")
    found: dict[tuple[str, str], tuple[StoredCell, str]] = {}
    for cell in results:
        for pair in cell.record.predictions:
            known = found.setdefault(pair.pair, (cell, pair.examples))
            if known[1] != pair.examples:
                raise RequestError(
                    f"The results are on different examples of {pair.task} in {pair.language} (cells "
                    f"{known[0].record.id} and {cell.record.id}, limits {known[0].record.limit or '-'} and "
                    f"{cell.record.limit or '-'}); choose some with the filters."
                )
    return {pair: found[pair] for pair in sorted(found) if found[pair][1]}


def _chosen(
    names: Sequence[str] | None, tasks: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Mapping[str, tuple[str, ...] | None]:
    """The attributes of each task: of the names asked for those of its kind, and at least one task has each."""
    from xbench.diagnosis.attributes.registry import attribute_names, find_attribute

    if names is None:
        return {task: own or None for task, (_, own) in tasks.items()}
    fitting = {
        task: tuple(name for name in names if ":" in name or name in attribute_names(kind))
        for task, (kind, _) in tasks.items()
    }
    for name in names:
        if not any(name in chosen for chosen in fitting.values()):
            for kind, _ in tasks.values():
                find_attribute(name, kind)  # says what is wrong with it
    return fitting
