"""Measured results beside published ones: only where everything matches, never on sample data."""

from __future__ import annotations

from typing import Any

import pandas
import pytest

from xbench.analysis.results import COLUMNS as RESULT_COLUMNS
from xbench.published.beside import COLUMNS, backbone, beside, published_results

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


def test_sample_data_stand_beside_nothing_even_if_asked_for() -> None:
    assert len(beside(measured(data="sample"), data=("sample", "hub"))) == 0
    assert len(beside(measured(data="files"), data=("files",))) == 2


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


def test_fractions_stay_fractions() -> None:
    published = published_results()
    assert published["published"].between(0.2, 1).all()
    assert backbone("FacebookAI/xlm-roberta-base") == backbone("somewhere/XLM-RoBERTa-base/") == "xlm-roberta-base"
