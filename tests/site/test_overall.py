"""Means over several tasks, and their intervals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.stores import HIDDEN, SHOWN, fill
from tests.site.test_ranking import only_group
from xbench.analysis import load_results
from xbench.analysis.intervals import crossed_interval, mean_interval, shared_variance
from xbench.analysis.outcomes import load_outcomes
from xbench.analysis.transfer import gap_interval
from xbench.site.collect import System
from xbench.site.findings import SystemFindings
from xbench.site.overall import overall


def findings(system: System) -> dict[str, SystemFindings]:
    return {
        task: SystemFindings(interval=mean_interval(part.scores), gap=gap_interval(part.scores))
        for task, part in system.tasks.items()
    }


def test_the_interval_of_two_tasks_is_that_of_their_examples(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN, HIDDEN), accuracy={"soft": 0.7}, languages=("en", "de", "es", "zh"))
    (system,) = only_group(tmp_path).systems
    found = overall(system, findings(system))
    parts = [part.scores for part in system.tasks.values()]
    targets = parts[0].targets
    loaded = [(load_outcomes([one], one.seeds, targets), dict.fromkeys(targets, 0.5)) for one in parts]
    table = sum(one.columns(targets) for one in parts) / 2
    shared = shared_variance(loaded, [1.0], *table.shape)  # type: ignore[arg-type]
    expected = crossed_interval(table, shared, least=0.0)
    assert found.targets.interval is not None
    assert found.targets.value == pytest.approx(expected.value)
    bounds = found.targets.interval
    assert (bounds.low, bounds.high, bounds.df) == pytest.approx((expected.low, expected.high, expected.df))
    gap = found.gap
    assert gap.interval is not None and gap.value is not None
    assert gap.interval.low < gap.value < gap.interval.high
    assert gap.value == pytest.approx(found.source.value - found.targets.value)  # type: ignore[operator]
    assert found.source.spread is not None and gap.spread is not None


def test_examples_that_all_languages_share_widen_it(tmp_path: Path) -> None:
    """Answers that are alike in every language and seed: the table varies by nothing, the examples do."""
    from dataclasses import replace

    from tests.store.synthetic import answers, predictions, record_of
    from xbench.store import RunStore

    fill(tmp_path / "a", (SHOWN, HIDDEN), accuracy={"soft": 0.7}, languages=("en", "de", "es"), seeds=(1, 2))
    store = RunStore(tmp_path / "b")
    for cell in load_results(tmp_path / "a"):
        tables = {pair.pair: predictions(answers(0.7, 60)) for pair in cell.record.predictions}
        entries = tuple(record_of(*pair, table, ("accuracy",)) for pair, table in tables.items())
        store.write_cell(replace(cell.record, predictions=entries), tables)
    (system,) = only_group(tmp_path / "b").systems
    found = overall(system, findings(system)).targets.interval
    single = findings(system)[SHOWN].interval
    assert found is not None and single is not None and found.error > 0
    # Two tasks with as many examples each: half the variance of one.
    assert found.error == pytest.approx(single.error / 2**0.5, rel=1e-6)


def test_one_task_has_its_own_interval_and_none_without_findings(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN,), accuracy={"soft": 0.7}, languages=("en", "de", "es"))
    (system,) = only_group(tmp_path).systems
    known = findings(system)
    assert overall(system, known).targets.interval is known[SHOWN].interval
    assert overall(system, known).gap.interval is known[SHOWN].gap
    assert overall(system).targets.interval is None


def test_a_task_without_targets_takes_no_part(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN,), accuracy={"soft": 0.7}, languages=("en", "de", "es"))
    fill(tmp_path, (HIDDEN,), accuracy={"soft": 0.7}, languages=("en",), seeds=(1,))
    (system,) = only_group(tmp_path).systems
    found = overall(system, findings(system))
    assert found.targets.interval is not None and found.targets.spread is not None
    assert found.targets.value == pytest.approx(system.tasks[SHOWN].transfer.targets)
