"""Ranks: complete blocks alone, ties by the paired interval, and the words beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.stores import HIDDEN, SHOWN, fill
from xbench.analysis import load_results
from xbench.analysis.compare import compare_all
from xbench.analysis.intervals import Interval
from xbench.site.collect import Group, realms
from xbench.site.overall import overall
from xbench.site.ranking import Systems, rank, usual_tasks


def only_group(path: Path) -> Group:
    (realm,) = realms(load_results(path))
    (group,) = realm.groups
    return group


def systems_of(group: Group) -> Systems:
    return {one.label: {task: part.scores for task, part in one.tasks.items()} for one in group.systems}


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 3, 4)


def test_tied_systems_share_the_rank_of_the_best_of_them(store: Path) -> None:
    systems = systems_of(only_group(store))

    def differ(first: str, second: str) -> Interval:
        apart = {("mpt", "fine-tune"), ("soft", "fine-tune")}
        return interval(0.01, 0.1) if (first, second) in apart else interval(-0.05, 0.1)

    found = rank(systems, [SHOWN, HIDDEN], differ)
    first, second, third, last = found.order
    assert {first, second} == {"mpt", "soft"} and third == "fine-tune" and last == "prefix"
    assert [found.ranks[label] for label in found.order] == [1, 1, 3, 3]
    assert found.tied(first) and found.blocks == 8


def test_the_test_is_the_headline_interval_of_compare(store: Path) -> None:
    systems = systems_of(only_group(store))
    found = rank(systems, [HIDDEN])
    (comparisons,) = compare_all(load_results(store, task=HIDDEN))
    pairs = {frozenset((one.first, one.second)): one.interval for one in comparisons.blocks[0].pairs}
    leader = found.order[0]
    for label in found.order[1:]:
        between = pairs[frozenset((leader, label))]
        assert between is not None
        shares = between.low <= 0 <= between.high
        assert (found.ranks[label] == found.ranks[leader]) == shares
        if not shares:
            leader = label
    ranks = comparisons.blocks[0].ranks
    assert ranks is not None and found.test is not None
    expected = dict(zip(ranks.systems, ranks.mean_ranks, strict=True))
    assert {label: pytest.approx(mean) for label, mean in found.mean_ranks.items()} == expected


def test_incomplete_systems_have_no_rank_and_a_reason(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN, HIDDEN), accuracy={"soft": 0.8, "mpt": 0.7}, languages=("en", "de", "es"))
    fill(tmp_path, (SHOWN,), accuracy={"prefix": 0.7}, languages=("en", "de", "es"))
    fill(tmp_path, (SHOWN, HIDDEN), accuracy={"pct": 0.7}, languages=("en", "de"))
    fill(tmp_path, (SHOWN, HIDDEN), accuracy={"uniprompt": 0.7}, languages=("en", "de", "es"), seeds=(1,))
    found = rank(systems_of(only_group(tmp_path)), [SHOWN, HIDDEN])
    assert set(found.ranks) == {"soft", "mpt"}
    assert "not measured on xnli" in found.left_out["prefix"]
    assert "other languages" in found.left_out["pct"]
    assert "other seeds" in found.left_out["uniprompt"]


def test_the_ranking_over_all_is_about_the_largest_block(tmp_path: Path) -> None:
    fill(
        tmp_path, ("marc", "paws-x"), accuracy={"soft": 0.8, "mpt": 0.7, "pct": 0.6}, languages=("en", "de"), seeds=(1,)
    )
    fill(tmp_path, ("xnli",), accuracy={"soft": 0.8}, languages=("en", "de"), seeds=(1,))
    fill(tmp_path, ("marc",), accuracy={"prefix": 0.7}, languages=("en", "de"), seeds=(1,))
    fill(tmp_path, ("americasnli",), accuracy={"soft": 0.8, "mpt": 0.7}, languages=("en",), seeds=(1,))  # no target
    systems = systems_of(only_group(tmp_path))
    assert usual_tasks(systems) == ("marc", "paws-x")
    found = rank(systems, usual_tasks(systems))
    assert set(found.ranks) == {"soft", "mpt", "pct"}
    assert "not measured on paws-x" in found.left_out["prefix"]
    assert usual_tasks({}) == ()


def test_groups_keep_conditions_apart(tmp_path: Path) -> None:
    fill(tmp_path, (HIDDEN,), accuracy={"soft": 0.8}, seeds=(1,))
    fill(tmp_path, (HIDDEN,), accuracy={"soft": 0.9}, seeds=(1,), shots="32")
    (realm,) = realms(load_results(tmp_path))
    assert [group.letter for group in realm.groups] == ["A", "B"]
    assert [group.conditions.shots for group in realm.groups] == ["16", "32"]
    assert len({system.key for system in realm.systems}) == 2


def test_overall_numbers_differ_by_the_gap_alone(tmp_path: Path) -> None:
    fill(tmp_path, (SHOWN,), accuracy={"soft": 0.9}, languages=("en", "de"), seeds=(1,))
    fill(tmp_path, (HIDDEN,), accuracy={"soft": 0.5}, languages=("en", "de", "es", "ar"), seeds=(1,))
    (system,) = only_group(tmp_path).systems
    found = overall(system)
    parts = {task: one.scores for task, one in system.tasks.items()}

    def value(task: str, language: str) -> float:
        return float(parts[task].columns([language]).mean())

    german = [value(SHOWN, "de"), value(HIDDEN, "de")]
    assert found.targets.value == pytest.approx((sum(german) / 2 + value(HIDDEN, "es") + value(HIDDEN, "ar")) / 3)
    both = (value(SHOWN, "en") + value(HIDDEN, "en")) / 2
    assert found.source.value == pytest.approx((both + 2 * value(HIDDEN, "en")) / 3)
    assert found.targets.spread is None
