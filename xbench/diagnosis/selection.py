"""The systems that a diagnosis is about: from names to scores, and the choices where a name says too little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xbench.analysis.systems import Conditions, TaskScores, conditions, task_scores
from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    from xbench.analysis.results import Results

FILTERS = {"task": "--task", "data": "--data", "model": "--model", "setting": "--setting", "shots": "--shots"}


@dataclass(frozen=True)
class Candidate:
    """A system on a task, under its conditions."""

    conditions: Conditions
    scores: TaskScores

    @property
    def label(self) -> str:
        """The method with its variant."""
        return self.scores.label

    @property
    def names(self) -> tuple[str, str]:
        """The label without, and with, the piece of the system's id that tells apart those of one label."""
        mark = f" ({self.scores.system[:6]})"
        plain = self.label.removesuffix(mark)
        return plain, plain + mark

    @property
    def method(self) -> str:
        """The method without its variant."""
        return next(iter(self.scores.cells.values())).record.method


def candidates(results: Results) -> list[Candidate]:
    """Every system on every task; without those that have no complete seed and language."""
    return [
        Candidate(group, scores)
        for group, part in conditions(results).items()
        for systems in task_scores(part).values()
        for scores in systems
        if scores.seeds and scores.languages
    ]


def select(results: Results, names: Sequence[str]) -> list[Candidate]:
    """One candidate a name, all on one task and under the same conditions; without a name, the only system there is.

    A name is a method (`mpt`) or one variant of it (`mpt[alpha=1]`).

    Raises:
        RequestError: nothing has the name, or several have; the message lists the choices, and the filters that tell
            them apart.
    """
    every = candidates(results)
    if not every:
        raise RequestError("there is no system to diagnose: no results match.")
    if not names:
        return [_only(every, "no system is named, and there are several", _system)]
    found = [_named(every, name) for name in names]
    shared = _shared(found, names)
    chosen = []
    for name, one in zip(names, found, strict=True):
        here = [candidate for candidate in one if _place(candidate) in shared]
        chosen.append(_only(here, f"'{name}' is several systems", _system))
    return chosen


def _named(every: Iterable[Candidate], name: str) -> list[Candidate]:
    """Those with the label; else the variants of the method."""
    every = list(every)
    exact = [one for one in every if name in (one.label, one.names[1])]
    found = exact or [one for one in every if name in (one.method, one.names[0])]
    if not found:
        raise RequestError(
            f"there is no system '{name}' in these results.{nearest(name, {one.label for one in every})}"
        )
    return found


def _shared(found: Sequence[Sequence[Candidate]], names: Sequence[str]) -> set[tuple[str, Conditions]]:
    """The one task and set of conditions that every name has."""
    places = [{_place(candidate) for candidate in one} for one in found]
    common = set.intersection(*places)
    if not common:
        has = "; ".join(
            f"{name}: {', '.join(sorted(_described(place) for place in one))}"
            for name, one in zip(names, places, strict=True)
        )
        raise RequestError(
            "the systems share no task under the same conditions, and across data, backbones, train sizes or settings "
            f"there is nothing to compare. {has}."
        )
    if len(common) > 1:
        one = {_place(candidate): candidate for candidate in found[0]}
        _only([one[place] for place in common], f"{' and '.join(names)}: there are several", _where)
    return common


def _place(candidate: Candidate) -> tuple[str, Conditions]:
    return candidate.scores.task, candidate.conditions


def _described(place: tuple[str, Conditions]) -> str:
    task, one = place
    return " ".join([task, one.data, one.model, one.setting, one.shots])


def _where(candidate: Candidate) -> dict[str, str]:
    """What filters can tell apart."""
    about = {name: str(getattr(candidate.conditions, name)) for name in candidate.conditions._fields}
    return {"task": candidate.scores.task, **about}


def _system(candidate: Candidate) -> dict[str, str]:
    return {"system": candidate.label, **_where(candidate)}


def _only(found: Sequence[Candidate], problem: str, about: Callable[[Candidate], dict[str, str]]) -> Candidate:
    """The one that there is. Raises RequestError with the choices: what they differ in, and how to choose."""
    if len(found) == 1:
        return found[0]
    told = [about(candidate) for candidate in found]
    differing = [name for name in told[0] if len({one[name] for one in told}) > 1]
    lines = sorted({", ".join(f"{name} {one[name]}" for name in differing) for one in told})
    options = [FILTERS[name] for name in differing if name in FILTERS]
    how = ["name one as in `xbench diagnose NAME`"] if "system" in differing else []
    how += [f"choose with {', '.join(options)}"] if options else []
    advice = " and ".join(how) or "keep them in run stores of their own and choose with --runs"
    raise RequestError(f"{problem}; {advice}. The choices:\n" + "\n".join(f"  {line}" for line in lines))
