"""`xbench.diagnose` from a run store: which systems are meant, on which examples, and what may be shown."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

import xbench
from tests.diagnosis.synthetic import LABELS, coin, write_system
from tests.store.synthetic import predictions
from xbench.analysis import load_results
from xbench.errors import RequestError, StoreError


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs")
    for method, accuracy in (("soft", 0.8), ("tuned", 0.7)):
        write_system(path, method, coin(accuracy), seeds=(1, 2), count=200)
    write_system(path, "tuned", coin(0.7), variant="alpha=1", count=200)
    return path


def test_one_system(store: Path) -> None:
    found = xbench.diagnose("soft", runs=store, attributes="t1Len")
    assert found.about.systems == ("soft",) and found.about.seeds == ((1, 2),)
    assert found.about.attributes == ("t1Len",)
    assert found.to_pandas().groupby("attribute")["n"].sum().to_dict() == {"": 600, "t1Len": 600}
    assert set(found.labels["label"]) == set(LABELS)
    assert len(found.confusion) == 3 * 3 * 4
    assert not found.calibration.summary.empty


def test_the_tasks_own_attributes_are_the_default(store: Path) -> None:
    assert xbench.diagnose("soft", runs=store).about.attributes == ("t1Len", "t2Len", "t1Len/t2Len", "BLUE_t1t2")


def test_texts_are_kept_back_where_the_task_may_not_be_passed_on(store: Path, tmp_path: Path) -> None:
    errors = xbench.diagnose("soft", runs=store, attributes="t1Len").errors
    assert len(errors) and "text" not in errors
    spec = (Path(xbench.__file__).parent.parent / "tasks" / "xnli.yaml").read_text(encoding="utf-8")
    (tmp_path / "xnli.yaml").write_text(spec.replace("redistribute: false", "redistribute: true"), encoding="utf-8")
    shown = xbench.diagnose("soft", runs=store, attributes="t1Len", tasks_dirs=[tmp_path]).errors
    assert shown["text"].str.match(r"word( word)* \| other( other)*$").all()


def test_a_name_is_a_variant_or_the_plain_method(store: Path) -> None:
    assert xbench.diagnose("tuned", runs=store).about.systems == ("tuned",)
    assert xbench.diagnose("tuned[alpha=1]", runs=store).about.systems == ("tuned[alpha=1]",)


def test_only_the_seeds_that_both_have_are_compared(store: Path) -> None:
    found = xbench.diagnose("soft", "tuned[alpha=1]", runs=store)
    assert found.about.seeds == ((1,), (1,))
    assert any("Only the seeds that both systems have" in note for note in found.about.notes)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "no system is named, and there are several"),
        (("sofd",), "no system 'sofd'.*Did you mean 'soft'"),
        (("soft", "tuned[alpha=2]"), "no system 'tuned.alpha=2.'"),
    ],
)
def test_names_that_say_too_little(store: Path, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        xbench.diagnose(*names, runs=store)


def test_the_only_system_needs_no_name(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), count=60)
    assert xbench.diagnose(runs=tmp_path).about.systems == ("soft",)


def test_what_is_ambiguous_is_asked_back_with_the_choices(tmp_path: Path) -> None:
    for shots in ("16", "32"):
        for method in ("soft", "tuned"):
            write_system(tmp_path, method, coin(0.8), shots=shots, count=60)
    with pytest.raises(RequestError, match=r"choose with --shots. The choices:\n  shots 16\n  shots 32"):
        xbench.diagnose("soft", runs=tmp_path)
    with pytest.raises(RequestError, match=r"choose with --shots. The choices:\n  shots 16\n  shots 32"):
        xbench.diagnose("soft", "tuned", runs=tmp_path)
    assert xbench.diagnose("soft", "tuned", runs=tmp_path, shots="32").about.conditions["shots"] == "32"


def test_a_pair_meets_where_both_are(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), shots="16", count=60)
    write_system(tmp_path, "soft", coin(0.8), shots="32", count=60)
    write_system(tmp_path, "tuned", coin(0.8), shots="32", count=60)
    write_system(tmp_path, "other", coin(0.8), model="another", count=60)
    assert xbench.diagnose("soft", "tuned", runs=tmp_path).about.conditions["shots"] == "32"
    with pytest.raises(RequestError, match="share no task under the same conditions"):
        xbench.diagnose("soft", "other", runs=tmp_path)


def test_a_language_without_a_common_example_is_left_out_and_said(tmp_path: Path) -> None:
    tables = {name: predictions([True, False] * 50, LABELS) for name in ("de", "en")}
    write_system(tmp_path, "soft", coin(1), tables=tables, languages=("de", "en"))
    others = tables | {"de": predictions([True, False] * 50, LABELS, prefix="y")}
    write_system(tmp_path, "tuned", coin(1), tables=others, languages=("de", "en"))
    found = xbench.diagnose("soft", "tuned", runs=tmp_path, attributes="t1Len")
    assert found.about.languages == ("en",) and set(found.to_pandas()["language"]) == {"en"}
    assert "Left out: de, where the systems share no example." in found.about.notes
    with pytest.raises(RequestError, match="no example of xnli in common"):
        xbench.diagnose("soft", "tuned", runs=tmp_path, language="de")


def test_a_system_is_found_by_its_label_with_its_id(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), count=60)
    (cell,) = load_results(tmp_path)
    name = f"soft ({cell.record.system[:6]})"
    assert xbench.diagnose(name, runs=tmp_path).about.systems == ("soft",)


def test_a_task_without_yaml(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), tasks=("mine",), count=60)
    found = xbench.diagnose(runs=tmp_path, attributes="t1Len")
    assert found.about.attributes == ("t1Len",)
    assert any("no YAML of the task mine" in note for note in found.about.notes)


def test_without_stored_examples_there_are_no_buckets(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), count=60)
    for path in (tmp_path / "examples").glob("*"):
        path.unlink()
    found = xbench.diagnose(runs=tmp_path)
    assert found.about.attributes == () and len(found.performance) == 3
    assert any("No attributes in de, en, fr" in note for note in found.about.notes)


def test_examples_in_another_order_are_matched_by_id(tmp_path: Path) -> None:
    tables = {"en": predictions([True, False] * 50, LABELS)}
    write_system(tmp_path / "a", "soft", coin(1), languages=("en",), tables=tables)
    shuffled = tables["en"].sample(frac=1, random_state=0).assign(index=range(100))
    write_system(tmp_path / "b", "soft", coin(1), languages=("en",), tables={"en": shuffled})
    one, other = (xbench.diagnose(runs=tmp_path / name, attributes="t1Len").performance for name in "ab")
    assert one.equals(other)


def test_predictions_that_are_gone(tmp_path: Path) -> None:
    write_system(tmp_path, "soft", coin(0.8), languages=("en",), count=60)
    next((tmp_path / "cells").rglob("en.parquet")).unlink()
    with pytest.raises(StoreError, match="is missing"):
        xbench.diagnose(runs=tmp_path)


def test_scores_that_are_no_numbers_leave_calibration_out(tmp_path: Path) -> None:
    table = predictions([True, False] * 50, LABELS)
    table[[f"score_{label}" for label in LABELS]] = numpy.nan
    write_system(tmp_path, "soft", coin(1), languages=("en",), tables={"en": table})
    found = xbench.diagnose(runs=tmp_path)
    assert found.calibration.summary.empty and found.errors.empty
