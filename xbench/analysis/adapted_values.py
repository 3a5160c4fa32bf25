"""Values by seed and language from rows of results, where several models of one system may have measured a language.

A method that trains once for each target language has a model for each. As in `xbench.analysis.systems`, a target's
value is that of the model adapted to it, else of the one adapted to none, and the source's is the mean over target
languages of what the model of each scores there.
"""

from __future__ import annotations

import numpy
import pandas

SYSTEM = ["task", "metric", "method", "variant", "shots", "seed"]


def values_by_seed(rows: pandas.DataFrame) -> pandas.DataFrame:
    """One row a system, seed and language: the columns `SYSTEM`, language, source, value.

    `rows` have the columns of results and share what `SYSTEM` leaves out; the source's stand with the targets'.
    """
    order = numpy.select([rows["adapted_to"] == rows["language"], rows["adapted_to"] == ""], [0, 1], 2)
    ranked = rows.assign(order=order).sort_values(["order", "adapted_to"], kind="stable")
    is_source = ranked["language"] == ranked["source"]
    targets, sources = ranked[~is_source].drop_duplicates([*SYSTEM, "language"]), ranked[is_source]
    behind = targets[[*SYSTEM, "adapted_to"]].merge(sources, on=[*SYSTEM, "adapted_to"])
    served = behind.set_index(SYSTEM).index
    alone = sources.drop_duplicates(SYSTEM).set_index(SYSTEM)
    alone = alone[~alone.index.isin(served)].reset_index()  # only the source was measured, or by models of no target
    kept = [*SYSTEM, "language", "source", "value"]
    found = pandas.concat([targets[kept], behind[kept], alone[kept]])
    return found.groupby(kept[:-1], as_index=False, sort=False)["value"].mean()
