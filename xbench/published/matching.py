"""Whether a published number may stand beside a measured one: one rule for tables, recipes and the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas

from xbench.published.systems import CONDITIONS, backbone

AS_IN_PAPERS = {"data": "hub", "profile": "paper"}


def differences(measured: pandas.DataFrame, printed: Mapping[str, Any]) -> tuple[str, ...]:
    """What keeps a printed number from standing beside the mean of some measured ones; nothing where it may.

    `measured` are rows with the columns of `Results.to_pandas`; `printed` has the `CONDITIONS` and `languages` (empty:
    of no languages). Papers test on whole sets with settings of their own: results on other data than the hub's, under
    another profile, of a part of a test set (`limit`) or without all of its rows never have a counterpart, and a mean
    has none that is over other languages.
    """
    if not len(measured):
        return ("not measured",)
    given = {name: set(measured[name]) for name in (*AS_IN_PAPERS, *CONDITIONS) if name != "backbone"}
    given |= {"backbone": set(map(backbone, set(measured["model"])))}
    given |= {"train_tasks": set(map(_in_order, given["train_tasks"]))}
    wanted = {**AS_IN_PAPERS, **printed, "train_tasks": _in_order(printed["train_tasks"])}
    names = [name for name in given if name != "metric" or printed["metric"]]
    found = [name.replace("_", " ") for name in names if given[name] != {wanted[name]}]
    found += ["limit"] if measured["limit"].notna().any() else []
    found += ["skipped rows"] if (measured["skipped_rows"] > 0).any() else []
    if printed["languages"] and set(printed["languages"]) != set(measured["language"]):
        found.append("languages")
    return tuple(found)


def _in_order(tasks: str) -> str:
    """Names of tasks joined by "+", in one order: what is trained on together has none."""
    return "+".join(sorted(tasks.split("+")))
