"""Two systems on the examples of one task and language."""

from __future__ import annotations

from dataclasses import dataclass

from xbench.analysis.outcomes import Outcomes, load_outcomes
from xbench.analysis.paired_values import comparable
from xbench.analysis.significance.examples import ExampleTests, example_tests
from xbench.analysis.systems import TaskScores
from xbench.metrics import METRICS


@dataclass(frozen=True)
class ExampleComparison:
    """first - second on the examples of one task and language, seeds averaged; `holm` corrects the permutation p."""

    first: str
    second: str
    task: str
    metric: str
    language: str
    seeds: tuple[int, ...]
    tests: ExampleTests
    holm: float | None = None


def compare_on_examples(
    first: TaskScores, second: TaskScores, first_label: str, second_label: str, seed: int = 0
) -> list[ExampleComparison]:
    """The comparison in each language that both have, source included; none where examples differ or do not add up.

    Raises StoreError for a prediction file that is missing or damaged.
    """
    if not comparable(first, second):
        return []
    seeds = tuple(one for one in first.seeds if one in second.seeds)
    found = []
    for language in first.languages if seeds else ():
        outcomes = load_outcomes([first, second], seeds, [language]) if language in second.languages else None
        if outcomes is not None:
            tests = example_tests(outcomes, mcnemars=_are_right_or_wrong(outcomes, first.metric), seed=seed)
            found.append(ExampleComparison(first_label, second_label, first.task, first.metric, language, seeds, tests))
    return found


def _are_right_or_wrong(outcomes: Outcomes, metric: str) -> bool:
    """Whether each answer is; the mean of several adapted models' answers is not."""
    return METRICS[metric].right_or_wrong and outcomes.are_right_or_wrong
