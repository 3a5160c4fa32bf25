"""Comparisons of systems in a store: what is paired, what is averaged, what Holm corrects, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy
import pytest

from tests.store.synthetic import answers, write_cell
from xbench.analysis import load_results
from xbench.analysis.compare import Comparisons, compare_all, compare_examples, examples_to_pandas, to_pandas
from xbench.analysis.intervals import difference_interval
from xbench.analysis.paired_values import paired_values
from xbench.analysis.significance import holm, wilcoxon
from xbench.analysis.systems import task_scores
from xbench.errors import RequestError

XNLI = ("en", "de", "fr", "ru", "zh", "sw", "ur")
MARC = ("en", "de", "fr", "ja")
METHODS = {"fine-tune": 0.5, "soft": 0.6, "mpt": 0.62}


def fill(path: Path, methods: dict[str, float] = METHODS, seeds: Sequence[int] = (1, 2, 3)) -> None:
    generator = numpy.random.default_rng(0)
    for method, accuracy in methods.items():
        for seed in seeds:
            for task, languages in (("xnli", XNLI), ("marc", MARC)):
                shift = generator.normal(0, 0.05, len(languages))
                correct = {
                    (task, name): answers(accuracy + by, 100, generator)
                    for name, by in zip(languages, shift, strict=True)
                }
                write_cell(path, method, seed, correct)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs")
    fill(path)
    return path


def only(store: Path, **chosen: object) -> Comparisons:
    (found,) = compare_all(load_results(store), **chosen)  # type: ignore[arg-type]
    return found


def test_all_pairs_of_all_tasks_then_of_each(store: Path) -> None:
    found = only(store)
    assert [block.tasks for block in found.blocks] == [("marc", "xnli"), ("marc",), ("xnli",)]
    assert [(pair.first, pair.second) for pair in found.blocks[0].pairs] == [
        ("fine-tune", "mpt"),
        ("fine-tune", "soft"),
        ("mpt", "soft"),
    ]
    assert only(store, baseline="fine-tune").blocks[0].pairs[0].first == "mpt"


def test_languages_are_paired_with_seeds_and_tasks_averaged_first(store: Path) -> None:
    pair = only(store, baseline="fine-tune").blocks[0].pairs[1]
    frame = load_results(store).to_pandas().query("metric == 'accuracy' and language != 'en'")
    means = frame.groupby(["method", "task", "language"])["value"].mean().groupby(["method", "language"]).mean()
    assert pair.units == ("de", "fr", "ja", "ru", "sw", "ur", "zh")
    assert pair.mean_first == pytest.approx(means["soft"].mean())
    assert pair.difference == pytest.approx((means["soft"] - means["fine-tune"]).mean())
    test = pair.tests["wilcoxon"]
    assert test is not None
    assert test.p == pytest.approx(wilcoxon(means["soft"], means["fine-tune"]).p)
    assert (test.n, test.paired) == (7, "languages")


def test_tasks_and_languages_as_units(store: Path) -> None:
    found = only(store, baseline="fine-tune", unit="task-language")
    pair = found.blocks[0].pairs[1]
    assert pair.units[:3] == ("marc:de", "marc:fr", "marc:ja") and len(pair.units) == 9
    test = pair.tests["wilcoxon"]
    assert test is not None
    assert (test.n, test.paired) == (9, "pairs of task and language")
    assert found.blocks[0].ranks is not None and found.blocks[0].ranks.friedman.n == 9
    assert pair.difference == pytest.approx(only(store, baseline="fine-tune").blocks[0].pairs[1].difference)


def test_one_tasks_interval_is_the_result_tables(store: Path) -> None:
    pair = only(store, baseline="fine-tune").blocks[2].pairs[1]
    systems = {scores.label: scores for scores in task_scores(load_results(store))["xnli"]}
    expected = difference_interval(systems["soft"], systems["fine-tune"])
    assert expected is not None and pair.interval is not None
    assert (pair.interval.low, pair.interval.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_holm_is_over_all_pairs_and_tasks(store: Path) -> None:
    found = only(store)
    single = [pair for block in found.blocks[1:] for pair in block.pairs]
    raw = [test.p for pair in single if (test := pair.tests["wilcoxon"])]
    assert len(raw) == 6
    assert [pair.holm["wilcoxon"] for pair in single] == holm(raw)
    together = found.blocks[0].pairs
    signs = [test.p for pair in together if (test := pair.tests["sign"])]
    assert [pair.holm["sign"] for pair in together] == holm(signs)


def test_ranks_are_over_what_all_systems_have(store: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    generator = numpy.random.default_rng(1)
    for seed in (1, 2, 3):
        correct = {("xnli", name): answers(0.55, 100, generator) for name in ("en", "de", "fr", "ru")}
        write_cell(tmp_path, "uniprompt", seed, correct)
    found = only(tmp_path)
    assert found.blocks[2].ranks is not None
    assert found.blocks[2].ranks.blocks == ("de", "fr", "ru")
    assert "uniprompt" in found.blocks[2].ranks.systems
    assert found.blocks[0].ranks is not None
    assert "uniprompt" not in found.blocks[0].ranks.systems


def test_the_seeds_that_a_difference_takes(store: Path) -> None:
    pair = only(store, differences=(0.01, 0.04)).blocks[0].pairs[0]
    assert [entry.difference for entry in pair.needed] == [0.01, 0.04]
    systems = [
        {
            task: next(one for one in scores if one.label == label)
            for task, scores in task_scores(load_results(store)).items()
        }
        for label in ("fine-tune", "mpt")
    ]
    values = paired_values(*systems)
    assert values is not None
    assert pair.needed[0].deviation == pytest.approx(values.by_seed.std(ddof=1))
    seeds = [entry.seeds for entry in pair.needed]
    assert seeds[0] is not None and seeds[1] is not None and seeds[0] > 3 * seeds[1]


def test_one_seed_pairs_no_seeds(tmp_path: Path) -> None:
    fill(tmp_path, seeds=(1,))
    pair = only(tmp_path).blocks[0].pairs[0]
    assert pair.tests["seeds_t"] is None and pair.needed == ()
    assert pair.interval is not None and not pair.interval.covers_seeds


def test_identical_systems_do_not_differ(tmp_path: Path) -> None:
    generator = numpy.random.default_rng(0)
    correct = {("xnli", name): answers(0.6, 50, generator) for name in XNLI}
    for method in ("fine-tune", "soft", "mpt"):
        for seed in (1, 2):
            write_cell(tmp_path, method, seed, correct)
    (block,) = only(tmp_path).blocks
    for pair in block.pairs:
        assert pair.interval is not None
        assert (pair.interval.low, pair.difference, pair.interval.high) == (0, 0, 0)
        assert all(test is None or test.p == 1 or "Welch" in test.test for test in pair.tests.values())
        assert pair.rank_biserial is None
    assert block.ranks is not None and block.ranks.friedman.p == 1


def test_systems_that_skipped_rows_are_not_compared(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.5})
    correct = {("xnli", name): answers(0.6, 100) for name in XNLI}
    write_cell(tmp_path, "soft", 1, correct, skipped_rows=2)
    assert all(not block.pairs for block in only(tmp_path).blocks)


def test_never_across_conditions(tmp_path: Path) -> None:
    fill(tmp_path, {"fine-tune": 0.5, "soft": 0.6})
    fill(tmp_path / "other", {"mpt": 0.6})
    write_cell(tmp_path, "mpt", 1, {("xnli", name): answers(0.6, 100) for name in XNLI}, shots="32")
    found = compare_all(load_results(tmp_path))
    assert [(group.conditions.shots, group.systems) for group in found] == [
        ("16", ("fine-tune", "soft")),
        ("32", ("mpt",)),
    ]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [({"baseline": "sofd"}, "Did you mean 'soft'"), ({"unit": "languages"}, "Did you mean 'language'")],
)
def test_unknown_names(store: Path, chosen: dict[str, str], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        only(store, **chosen)


def test_a_baseline_with_variants_is_asked_back(tmp_path: Path) -> None:
    for variant in ("length=2", "length=4"):
        write_cell(tmp_path, "soft", 1, variant=variant)
    write_cell(tmp_path, "fine-tune", 1)
    with pytest.raises(RequestError, match=r"could be soft\[length=2\], soft\[length=4\]"):
        only(tmp_path, baseline="soft")
    assert len(only(tmp_path, baseline="soft[length=2]").blocks[0].pairs) == 2


def test_the_frame_has_a_row_a_pair_with_each_p_and_its_n(store: Path) -> None:
    frame = to_pandas(compare_all(load_results(store)))
    assert len(frame) == 9
    assert set(frame["unit"]) == {"language"}
    assert (frame["seeds_t_n"] == 3).all() and set(frame["wilcoxon_paired"]) == {"languages"}
    marc = frame[frame["tasks"] == "marc"]
    assert (marc["wilcoxon_least"] >= 0.05).all()
    assert (frame["low"] <= frame["difference"]).all() and (frame["difference"] <= frame["high"]).all()


def test_the_frame_has_the_ranks_of_each_block(store: Path) -> None:
    comparisons = compare_all(load_results(store))
    frame = to_pandas(comparisons)
    for block in comparisons[0].blocks:
        ranks = block.ranks
        assert ranks is not None
        rows = frame[frame["tasks"] == "+".join(block.tasks)]
        place = dict(zip(ranks.systems, ranks.mean_ranks, strict=True))
        assert rows["mean_rank_first"].tolist() == [place[name] for name in rows["first"]]
        assert rows["mean_rank_second"].tolist() == [place[name] for name in rows["second"]]
        assert set(rows["critical_difference"]) == {ranks.critical_difference} and set(rows["ranked_systems"]) == {3}
        assert set(rows["friedman_p"]) == {ranks.friedman.p} and set(rows["friedman_n"]) == {ranks.friedman.n}
        assert rows["nemenyi_p"].tolist() == [
            ranks.nemenyi[ranks.systems.index(one), ranks.systems.index(other)]
            for one, other in rows[["first", "second"]].values
        ]


def test_examples_of_each_task_and_language(store: Path) -> None:
    found = compare_examples(load_results(store), baseline="fine-tune")
    (group,) = found
    assert len(group.examples) == 2 * (len(XNLI) + len(MARC))
    frame = examples_to_pandas(found)
    row = frame[(frame["task"] == "xnli") & (frame["language"] == "en") & (frame["first"] == "mpt")].iloc[0]
    values = load_results(store).to_pandas().query("metric == 'accuracy' and task == 'xnli' and language == 'en'")
    means = values.groupby("method")["value"].mean()
    assert row["difference"] == pytest.approx(means["mpt"] - means["fine-tune"])
    assert row["n"] == 100 and len(row["mcnemar_p"].split()) == 3
    assert (frame["permutation_holm"] >= frame["permutation_p"]).all()
