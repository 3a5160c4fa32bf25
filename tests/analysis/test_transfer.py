"""Gaps, relative gaps, chance, groups, and the rank correlation with the share of pretraining data."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy
import pytest
from scipy import stats

from tests.store.synthetic import answers, write_cell
from xbench.analysis import load_results
from xbench.analysis.systems import TaskScores, task_scores
from xbench.analysis.transfer import (
    Chance,
    LanguageGap,
    Transfer,
    chance,
    group_gaps,
    language_gaps,
    rank_correlation,
    transfer,
)


def scores(path: Path, levels: dict[str, tuple[float, ...]], metrics: tuple[str, ...] = ("accuracy",)) -> TaskScores:
    """One system with these accuracies by language, one a seed, on 300 examples each."""
    for seed in range(len(next(iter(levels.values())))):
        correct = {("xnli", language): answers(values[seed], 300) for language, values in levels.items()}
        write_cell(path, "soft", seed + 1, correct, metrics)
    return task_scores(load_results(path))["xnli"][0]


def test_gap_and_relative_gap(tmp_path: Path) -> None:
    found = transfer(scores(tmp_path, {"en": (0.9, 0.7), "de": (0.6, 0.6), "zh": (0.4, 0.4)}))
    assert (found.source, found.targets) == (pytest.approx(0.8), pytest.approx(0.5))
    assert found.gap == pytest.approx(0.3)
    assert found.relative == pytest.approx(0.3 / 0.8)
    assert found.by_seed[1] == pytest.approx((0.9, 0.5, 0.4))


@pytest.mark.parametrize(("source", "gap"), [(0.0, -0.1), (None, None), (0.5, None)])
def test_no_relative_gap(source: float | None, gap: float | None) -> None:
    assert Transfer(source, 0.1, gap, {}).relative is None


def test_gaps_by_language_average_to_the_gap(tmp_path: Path) -> None:
    system = scores(tmp_path, {"en": (0.9, 0.7), "de": (0.6, 0.8), "zh": (0.4, 0.2)})
    gaps = {one.language: one.gap for one in language_gaps(system)}
    assert gaps == pytest.approx({"de": 0.1, "zh": 0.5})
    assert numpy.mean(list(gaps.values())) == pytest.approx(transfer(system).gap)


def test_without_the_source_there_is_no_gap(tmp_path: Path) -> None:
    system = scores(tmp_path, {"de": (0.6,), "zh": (0.4,)})
    assert language_gaps(system) == ()
    assert transfer(system).gap is None
    assert chance(system) is None


def test_chance_is_the_share_of_the_most_frequent_label(tmp_path: Path) -> None:
    found = chance(scores(tmp_path, {"en": (0.5, 0.6), "de": (0.5, 0.5)}))
    assert found is not None
    assert (found.level, found.n) == (pytest.approx(1 / 3), 300)
    assert found.value == pytest.approx(0.55)
    assert found.beaten


def test_chance_is_known_for_accuracy_only(tmp_path: Path) -> None:
    assert chance(scores(tmp_path, {"en": (0.5,), "de": (0.5,)}, ("macro_f1",))) is None


@pytest.mark.parametrize("n", [100, 200, 1000])
def test_chance_itself_beats_chance_in_one_of_twenty(n: int) -> None:
    """Exactly: the sum of binomial probabilities of those scores that count as above chance."""
    rights = numpy.arange(n + 1)
    beaten = [Chance(1 / 3, right / n, n).beaten for right in rights]
    size = stats.binom.pmf(rights, n, 1 / 3)[beaten].sum()
    assert 0.03 < size < 0.06


GAPS = tuple(
    LanguageGap(language, 0.8 - gap, gap)
    for language, gap in {"de": 0.1, "zh": 0.4, "es": 0.2, "fr": 0.1, "ar": 0.3, "tlh": 0.2, "ur": 0.5}.items()
)


def test_groups_by_family() -> None:
    groups = {one.group: one for one in group_gaps(GAPS, "family")}
    assert list(groups) == ["IE: Germanic", "IE: Romance", "Afro-Asiatic", "Sino-Tibetan", "IE: Indic", "unknown"]
    assert groups["IE: Romance"].languages == ("es", "fr")
    assert groups["IE: Romance"].gap == pytest.approx(0.15)
    assert groups["IE: Romance"].value == pytest.approx(0.65)


def test_groups_by_script() -> None:
    groups = {one.group: one.languages for one in group_gaps(GAPS, "script")}
    assert groups == {"Latn": ("de", "es", "fr"), "Hans": ("zh",), "Arab": ("ar", "ur"), "unknown": ("tlh",)}


@pytest.mark.parametrize("n", [4, 6, 8, 9, 20])
@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_spearmans(n: int, ties: bool) -> None:
    generator = numpy.random.default_rng(n)
    x, y = generator.random(n), generator.random(n)
    if ties:
        x[:3] = 0  # languages that the corpus does not have
    found = rank_correlation(dict(enumerate(x)), dict(enumerate(y)))
    assert found is not None
    assert (found.rho, found.n) == (pytest.approx(stats.spearmanr(x, y).statistic), n)
    if n > 8:
        assert not found.exact
        assert found.p == pytest.approx(stats.spearmanr(x, y).pvalue)
    else:
        assert found.exact
        ranks = stats.rankdata(y)
        orders = numpy.array(list(itertools.permutations(ranks)))
        spread = numpy.std(ranks) * numpy.std(stats.rankdata(x)) * n
        rhos = (orders - ranks.mean()) @ (stats.rankdata(x) - (n + 1) / 2) / spread
        assert found.p == pytest.approx(numpy.mean(numpy.abs(rhos) >= abs(found.rho) - 1e-9))


def test_a_perfect_order_of_few_languages_proves_little() -> None:
    values = {language: float(at) for at, language in enumerate("abcd")}
    found = rank_correlation(values, values)
    assert found is not None
    assert (found.rho, found.p) == (pytest.approx(1), pytest.approx(2 / 24))
    assert found.too_few
    five = rank_correlation(values | {"e": 9.0}, values | {"e": 9.0})
    assert five is not None
    assert five.p == pytest.approx(2 / 120)
    assert not five.too_few


@pytest.mark.parametrize("shares", [{"a": 1, "b": 2}, {"a": 1, "b": 1, "c": 1}, {}])
def test_no_rank_correlation(shares: dict[str, float]) -> None:
    assert rank_correlation(shares, {"a": 0.1, "b": 0.2, "c": 0.3}) is None
