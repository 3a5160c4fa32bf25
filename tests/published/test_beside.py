"""Measured results beside published ones: only where everything matches, never on sample data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas
import pytest

from xbench.analysis.adapted_values import values_by_seed
from xbench.analysis.results import COLUMNS as RESULT_COLUMNS
from xbench.published.beside import COLUMNS, beside, published_results
from xbench.published.systems import backbone

LANGUAGES = ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")


def measured(**changes: Any) -> pandas.DataFrame:
    base: dict[str, Any] = {
        "task": "xnli",
        "method": "mpt",
        "variant": "",
        "model": "FacebookAI/xlm-roberta-base",
        "data": "hub",
        "profile": "paper",
        "setting": "zero-shot",
        "train_tasks": "xnli",
        "shots": "64",
        "seed": 1,
        "language": "de",
        "metric": "accuracy",
        "value": 0.5,
        "n": 5010,
        "system": "s",
        "cell": "c",
        "adapted_to": "",
        "source": "en",
        "limit": pandas.NA,
        "skipped_rows": 0,
    }
    return pandas.DataFrame([base | changes], columns=list(RESULT_COLUMNS))


def together(*frames: pandas.DataFrame) -> pandas.DataFrame:
    return pandas.concat(frames, ignore_index=True)


def test_a_match_stands_beside_its_published_numbers() -> None:
    found = beside(together(measured(value=0.50), measured(value=0.52, seed=2)))
    assert list(found) == list(COLUMNS)
    assert list(found["paper_table"]) == ["mpt/table-1", "mpt/table-2"]
    assert found["measured"].tolist() == pytest.approx([0.51, 0.51]) and found["seeds"].tolist() == [2, 2]
    assert found["published"].tolist() == pytest.approx([0.531, 0.531])
    assert found["difference"].tolist() == pytest.approx([-0.021, -0.021])


@pytest.mark.parametrize(
    "change",
    [
        {"data": "sample"},
        {"data": "files"},
        {"profile": "comparable"},
        {"limit": 20},
        {"skipped_rows": 2},
        {"source": "de"},
        {"train_tasks": "xnli+marc"},
        {"task": "marc"},
        {"method": "uniprompt"},
        {"variant": "alpha=0.3"},
        {"model": "FacebookAI/xlm-roberta-large"},
        {"setting": "in-language"},
        {"shots": "full"},
        {"language": "xx"},
        {"metric": "macro_f1"},
    ],
)
def test_what_differs_in_anything_has_no_counterpart(change: dict[str, str]) -> None:
    found = beside(measured(**change))
    assert len(found) == 0 and list(found) == list(COLUMNS)


def test_a_variant_is_its_own_system() -> None:
    found = beside(measured(variant="alpha=1"))
    assert found[["row", "published"]].values.tolist() == [["w/o consistency loss", pytest.approx(0.448)]]


def test_an_average_is_compared_where_every_language_was_measured() -> None:
    every = together(*(measured(language=language, value=0.4) for language in LANGUAGES))
    found = beside(every)
    averages = found[found["language"] == "average"]
    assert averages["published"].tolist() == pytest.approx([0.517, 0.517])
    assert averages["measured"].tolist() == pytest.approx([0.4, 0.4])
    assert len(found) == 2 * 16
    assert (beside(every[every["language"] != "th"])["language"] != "average").all()


def test_runs_listed_one_by_one_are_averaged() -> None:
    found = beside(measured(method="prefix", model="/models/xlm-roberta-large", shots="full", language="ar"))
    assert found["published"].tolist() == pytest.approx([(78.3 + 78.7 + 78.1 + 79.2 + 78.7) / 500])


def prefix_on(task: str, metric: str, languages: Sequence[str], value: float = 0.4) -> pandas.DataFrame:
    about = {"method": "prefix", "model": "xlm-roberta-large", "shots": "full", "task": task, "train_tasks": task}
    return together(*(measured(**about, metric=metric, language=language, value=value) for language in languages))


XQUAD = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")


def test_a_printed_metric_has_the_name_that_the_task_gives_it() -> None:
    strict = beside(prefix_on("xquad", "squad_exact_match", XQUAD))
    assert set(strict["paper_table"]) == {"prefix/table-1", "prefix/table-2", "prefix/table-7"}
    means = strict[(strict["language"] == "average") & (strict["paper_table"] == "prefix/table-1")]
    assert means["published"].tolist() == pytest.approx([0.641])
    assert len(beside(prefix_on("xquad", "f1", XQUAD))) == 0  # of MLQA's normalisation
    assert set(beside(prefix_on("xquad", "squad_f1", (*XQUAD, "ro")))["paper_table"]) == {
        "prefix/table-1",
        "prefix/table-7",
    }


def test_a_gap_is_source_minus_targets() -> None:
    targets = prefix_on("xquad", "squad_exact_match", [name for name in XQUAD if name != "en"])
    found = beside(together(targets, prefix_on("xquad", "squad_exact_match", ["en"], value=0.7)))
    gap = found[found["language"] == "gap"]
    assert gap[["measured", "published"]].values.tolist() == [[pytest.approx(0.3), pytest.approx(0.145)]]
    assert "gap" not in set(beside(targets)["language"])


def test_an_adapted_systems_source_is_the_mean_over_the_targets_of_their_models() -> None:
    # de has a model of its own; fr and es share the one adapted to none.
    rows = [("en", "de", 0.6), ("de", "de", 0.5), ("en", "", 0.9), ("fr", "", 0.4), ("es", "", 0.4), ("de", "", 0.1)]
    frame = together(*(measured(language=name, adapted_to=to, value=value) for name, to, value in rows))
    values = values_by_seed(frame).set_index("language")["value"].to_dict()
    assert values == pytest.approx({"de": 0.5, "fr": 0.4, "es": 0.4, "en": (0.6 + 2 * 0.9) / 3})
    assert beside(frame).set_index(["paper_table", "language"])["measured"]["mpt/table-2", "en"] == pytest.approx(0.8)


def test_a_source_alone_is_that_of_its_own_model() -> None:
    frame = together(measured(language="en", value=0.9), measured(language="en", adapted_to="de", value=0.1))
    assert values_by_seed(frame)["value"].tolist() == [0.9]


def test_fractions_stay_fractions() -> None:
    published = published_results()
    assert published["published"].between(0.05, 1).all()
    assert published.loc[published["language"] != "gap", "published"].min() > 0.2
    assert backbone("FacebookAI/xlm-roberta-base") == backbone("somewhere/XLM-RoBERTa-base/") == "xlm-roberta-base"
