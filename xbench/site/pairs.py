"""Two systems of a group against each other, from their predictions; worked on by several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.analysis.pair_comparison import PairComparison
from xbench.analysis.results import Results
from xbench.analysis.systems import Conditions, TaskScores, task_scores
from xbench.errors import XbenchError
from xbench.site.collect import Group, Realm, System, of_task
from xbench.site.findings import GroupFindings
from xbench.site.memory import with_memory
from xbench.site.outcomes import LanguageDifference
from xbench.site.workers import Workers

if TYPE_CHECKING:
    from xbench.diagnosis.diagnose import PairDiagnosis
    from xbench.report.figures.style import Used

CHUNK = 8  # pairs that one process works on at a time


@dataclass(frozen=True)
class Pair:
    """Two systems of one group, the better ranked first."""

    first: System
    second: System

    @property
    def place(self) -> str:
        """Its page."""
        return f"compare/{self.first.key}--{self.second.key}.html"


@dataclass(frozen=True)
class TaskPair:
    """What was found on one task: `parts` are both systems' gaps by bucket of `attribute`, `problems` what was not."""

    task: str
    diagnosis: PairDiagnosis | None = None
    figure: str = ""
    attribute: str = ""
    parts: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairFindings:
    """`whole` compares over all tasks together (None where nothing is common), `single` over each.

    `languages` has every task's languages, `tasks` what else there is of the tasks that got all there is.
    """

    whole: PairComparison | None
    single: Mapping[str, PairComparison]
    languages: Mapping[str, tuple[LanguageDifference, ...]]
    tasks: tuple[TaskPair, ...]


@dataclass(frozen=True)
class PairsRequest:
    """Pairs of labels, and their systems' keys, within one set of conditions."""

    conditions: Conditions
    results: Results
    pairs: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    tasks_dirs: tuple[Path, ...] = ()


def chosen_pairs(realm: Realm, found: Mapping[str, GroupFindings]) -> list[Pair]:
    """The pairs that were compared, group by group."""
    pairs = []
    for group in realm.groups:
        systems = {system.label: system for system in group.systems}
        for first, second in found[group.letter].single:
            if set(systems[first].tasks) & set(systems[second].tasks):
                pairs.append(Pair(systems[first], systems[second]))
    return pairs


def begin_pairs(
    realm: Realm,
    pairs: Sequence[Pair],
    groups: Mapping[str, GroupFindings],
    parts: Mapping[Conditions, Results],
    deep: int,
    tasks_dirs: tuple[Path, ...],
    workers: Workers,
) -> Callable[[], dict[tuple[str, str], PairFindings]]:
    """Sets the processes to compare; what it gives waits for them and gives (key, key) -> what was found.

    The first `deep` pairs of tasks and systems, group by group, get all there is.
    """
    by_group: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_group.setdefault(pair.first.group, []).append(pair)
    allowed = _deep(list(by_group.values()), deep)
    requests = []
    for group in realm.groups:
        own = [pair for pair in allowed if pair.first.group == group.letter]
        for start in range(0, len(own), CHUNK):
            chunk = tuple(own[start : start + CHUNK])
            labels = tuple((pair.first.label, pair.second.label) for pair in chunk)
            keys = tuple((pair.first.key, pair.second.key) for pair in chunk)
            requests.append(
                PairsRequest(group.conditions, _cells(parts[group.conditions], chunk), labels, keys, tasks_dirs)
            )
    begun = workers.begin(find_pairs, requests)

    def finish() -> dict[tuple[str, str], PairFindings]:
        found = [one for part in begun for one in part]
        tasks = dict(zip([key for request in requests for key in request.keys], found, strict=True))
        return {
            (pair.first.key, pair.second.key): PairFindings(
                groups[pair.first.group].whole.get((pair.first.label, pair.second.label)),
                groups[pair.first.group].single[pair.first.label, pair.second.label],
                groups[pair.first.group].languages[pair.first.label, pair.second.label],
                tasks.get((pair.first.key, pair.second.key), ()),
            )
            for pair in pairs
        }

    return finish


def _deep(groups: list[list[Pair]], most: int) -> list[Pair]:
    """As many pairs as their tasks allow, taken from all groups in turn."""
    found: list[Pair] = []
    for place in range(max(map(len, groups), default=0)):
        for group in groups:
            if place < len(group) and most > 0:
                found.append(group[place])
                most -= len(set(group[place].first.tasks) & set(group[place].second.tasks))
    return found


def _cells(part: Results, pairs: Sequence[Pair]) -> Results:
    """The cells of the pairs' systems, and of others with their method's label: with them systems are told apart."""
    labels = {record.label for pair in pairs for system in (pair.first, pair.second) for record in system.records}
    return part.only({cell.record.id for cell in part if cell.record.label in labels})


def find_pairs(request: PairsRequest) -> list[tuple[TaskPair, ...]]:
    """What was found on each task, of each pair in order."""
    results = with_memory(request.results)
    systems: dict[str, dict[str, TaskScores]] = {}
    for task, entries in task_scores(results).items():
        for scores in entries:
            systems.setdefault(scores.label, {})[task] = scores
    by_task = {task: of_task(results, task) for own in systems.values() for task in own}
    decomposed: dict[tuple[str, str], Any] = {}
    used: Used = {}
    found: dict[tuple[str, str], dict[str, TaskPair]] = {pair: {} for pair in request.pairs}
    for task in by_task:  # one after another: what was read of the systems of a task is at hand for its next pair
        for first, second in request.pairs:
            if task in systems[first] and task in systems[second]:
                scores, other = systems[first][task], systems[second][task]
                found[first, second][task] = _task_pair(request, by_task[task], decomposed, used, scores, other)
    return [tuple(found[pair][task] for task in systems[pair[0]] if task in found[pair]) for pair in request.pairs]


def _task_pair(
    request: PairsRequest,
    results: Results,
    decomposed: dict[tuple[str, str], Any],
    used: Used,
    one: TaskScores,
    other: TaskScores,
) -> TaskPair:
    from xbench.diagnosis.diagnose import PairDiagnosis, diagnose_results
    from xbench.report.diagnosis_figures import inline_panels
    from xbench.report.figures.pair import pair_panels

    try:
        found = diagnose_results(results, [one.label, other.label], tasks_dirs=tuple(map(str, request.tasks_dirs)))
    except XbenchError as error:
        return TaskPair(one.task, problems=(str(error),))
    assert isinstance(found, PairDiagnosis)
    found = _as_licensed(found, request.tasks_dirs)
    figure = ""
    if found.about.attributes:
        panels = pair_panels(found.differences, found.gains, found.about.systems, used=used)
        figure = inline_panels(panels, f"pair-{one.task}")
    problems: list[str] = []
    parts: dict[str, list[dict[str, Any]]] = {}
    attribute = next(iter(found.about.attributes), "")
    for scores in (one, other) if attribute else ():
        key = (scores.label, scores.task)
        if key not in decomposed:
            decomposed[key] = _decomposed(request, scores, attribute)
        if isinstance(decomposed[key], str):
            problems.append(decomposed[key])
        else:
            parts[scores.label] = decomposed[key]
    return TaskPair(one.task, found, figure, attribute, parts, tuple(dict.fromkeys(problems)))


def _as_licensed(found: PairDiagnosis, tasks_dirs: tuple[Path, ...]) -> PairDiagnosis:
    """Without texts of answers, where the task's may not be passed on."""
    from xbench.site.survey import shows_answers, task_spec

    if shows_answers(task_spec(found.about.task, tasks_dirs)):
        return found
    texts = ["gold", "answer_first", "answer_second", "text"]
    return replace(found, examples=found.examples.drop(columns=texts, errors="ignore"))


def _decomposed(request: PairsRequest, scores: TaskScores, attribute: str) -> list[dict[str, Any]] | str:
    from xbench.report.transfer_decomposition import WHOLE, decompose_system, decomposition_frame

    try:
        found = decompose_system(request.conditions, scores, attribute, tasks_dirs=request.tasks_dirs)
    except XbenchError as error:
        return str(error)
    frame = decomposition_frame([found])
    return frame[frame["bucket"] == WHOLE].to_dict("records")


def links(pairs: Sequence[Pair]) -> dict[str, list[tuple[str, str]]]:
    """A system's key -> (the other's label, the pair's page)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for pair in pairs:
        for own, other in ((pair.first, pair.second), (pair.second, pair.first)):
            found.setdefault(own.key, []).append((other.label, pair.place))
    return found


def groups_of(realm: Realm) -> Iterator[Group]:
    """The groups that have two systems to compare."""
    return (group for group in realm.groups if len(group.systems) > 1)
