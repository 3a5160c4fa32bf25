"""A system over all its tasks: its means, what they vary by over seeds, and their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from xbench.analysis.intervals import Interval, crossed_interval, table_variance
from xbench.analysis.systems import TaskScores
from xbench.site.collect import System, deviation
from xbench.site.findings import SystemFindings


@dataclass(frozen=True)
class Mean:
    """A mean over seeds, its standard deviation over them, and its 95 % interval; None for what there is none of."""

    value: float | None = None
    spread: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True)
class Overall:
    """Means over target languages, tasks averaged within a language first, as in `xbench compare`.

    The source is averaged over the same pairs of task and language, so that it and the targets differ by the gap alone
    and not by the weight of tasks. Tasks without target languages take no part; seeds do that all the others have.
    """

    targets: Mean
    source: Mean
    gap: Mean


def overall(system: System, findings: Mapping[str, SystemFindings] | None = None) -> Overall:
    """The means of a system; with intervals where its `findings` by task are given."""
    parts = [part.scores for part in system.tasks.values() if part.scores.targets]
    seeds = [seed for seed in parts[0].seeds if all(seed in part.seeds for part in parts)] if parts else []
    targets, sources = _table(parts, seeds, of_source=False), _table(parts, seeds, of_source=True)
    gaps = None if targets is None or sources is None else sources - targets
    found = [(findings or {}).get(part.task, SystemFindings()) for part in parts]
    return Overall(
        _mean(targets, _interval(targets, parts, [one.interval for one in found], is_gap=False)),
        _mean(sources, None),
        _mean(gaps, _interval(gaps, parts, [one.gap for one in found], is_gap=True)),
    )


def _languages(parts: Sequence[TaskScores]) -> dict[str, list[TaskScores]]:
    """The tasks of each target language."""
    found: dict[str, list[TaskScores]] = {}
    for part in parts:
        for language in part.targets:
            found.setdefault(language, []).append(part)
    return found


def _table(parts: Sequence[TaskScores], seeds: Sequence[int], *, of_source: bool) -> numpy.ndarray | None:
    """Values [seeds, languages] with tasks averaged; None where there are none, or a task has no source."""
    languages = _languages(parts)
    if not seeds or not languages or (of_source and any(part.source not in part.languages for part in parts)):
        return None
    columns = [
        numpy.mean([part.columns([part.source if of_source else name], seeds)[:, 0] for part in own], axis=0)
        for name, own in languages.items()
    ]
    return numpy.stack(columns, axis=1)


def _mean(table: numpy.ndarray | None, interval: Interval | None) -> Mean:
    if table is None:
        return Mean()
    by_seed = table.mean(axis=1).tolist()
    return Mean(float(numpy.mean(by_seed)), deviation(by_seed), interval)


def _interval(
    table: numpy.ndarray | None, parts: Sequence[TaskScores], known: Sequence[Interval | None], *, is_gap: bool
) -> Interval | None:
    """The interval of a mean over tasks: of the table, and what examples add that no table shows.

    That part is in each task's own interval, beyond what its table says. Examples of different tasks are independent,
    so that theirs adds up by the squares of the tasks' shares of the mean. (Exact where tasks have the same languages;
    else the languages of a task are taken to weigh alike.)
    """
    if table is None or any(one is None for one in known):
        return None
    if len(parts) == 1:
        return known[0]
    languages = _languages(parts)
    shared = 0.0
    for part, one in zip(parts, known, strict=True):
        assert one is not None
        share = sum(1 / len(languages[name]) for name in part.targets) / len(languages)
        values = part.columns(part.targets)
        own = part.columns([part.source]) - values if is_gap else values
        shared += share**2 * max(0.0, one.error**2 - float(table_variance(own[None])[0][0]))
    return crossed_interval(table, shared, least=-1.0 if is_gap else 0.0)
