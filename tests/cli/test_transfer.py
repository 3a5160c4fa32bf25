"""`xbench transfer`, as a user calls it; and an effect that was planted is found and named."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy
import pandas
import pytest

from tests.store.synthetic import LABELS, answers, record_of, write_cell
from xbench.cli import _run
from xbench.store import CellRecord, RunStore, stable_hash

LEVELS = {"en": 0.9, "de": 0.8, "fr": 0.7, "es": 0.6, "zh": 0.5, "ur": 0.4}
EXAMPLES = 240


def fill(path: Path, methods: tuple[str, ...] = ("fine-tune", "soft"), **fields: object) -> None:
    """Two seeds of each method, the same accuracies."""
    for method in methods:
        for seed in (1, 2):
            correct = {("xnli", language): answers(level, 300) for language, level in LEVELS.items()}
            write_cell(path, method, seed, correct, **fields)


def plant(path: Path, seeds: tuple[int, ...] = (1, 2, 3)) -> None:
    """A system right in 8 of 10 everywhere, but in German always wrong on premises of more than 30 words.

    Premises have 5, 15, 25 or 35 words, as often in every language.
    """
    store, generator = RunStore(path), numpy.random.default_rng(0)
    words = numpy.array([5, 15, 25, 35])[numpy.arange(EXAMPLES) % 4]
    table = {
        "id": [f"x{at}" for at in range(EXAMPLES)],
        "premise": [" ".join(["word"] * count) for count in words],
        "hypothesis": ["a word"] * EXAMPLES,
        "gold": [LABELS[at % 3] for at in range(EXAMPLES)],
    }
    for seed in seeds:
        tables, entries = {}, []
        for language in ("en", "de", "fr"):
            right = generator.random(EXAMPLES) < 0.8
            if language == "de":
                right &= words < 30
            gold = numpy.array(table["gold"])
            wrong = numpy.array([LABELS[(at + 1) % 3] for at in range(EXAMPLES)])
            frame = pandas.DataFrame({"index": range(EXAMPLES), "id": table["id"], "gold": gold})
            frame["prediction"] = numpy.where(right, gold, wrong)
            store.write_examples(f"hash{language}", table)
            entry = record_of("xnli", language, frame, ["accuracy"])
            entries.append(type(entry)(**{**vars(entry), "examples": f"hash{language}"}))
            tables["xnli", language] = frame
        record = CellRecord(
            id=stable_hash(["planted", seed]),
            system="planted",
            method="soft",
            model="micro-xlmr",
            data="sample",
            profile="demo",
            setting="zero-shot",
            shots="16",
            seed=seed,
            source="en",
            tasks=("xnli",),
            train_tasks=("xnli",),
            predictions=tuple(entries),
        )
        store.write_cell(record, tables)


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    assert _run(["transfer", "--format", "csv", *arguments]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path)
    found = rows(capsys, "--runs", str(tmp_path))
    assert [row["method"] for row in found] == ["fine-tune", "soft"]
    assert float(found[0]["gap"]) == pytest.approx(0.9 - 0.6)
    assert float(found[0]["relative_gap"]) == pytest.approx(0.3 / 0.9)
    assert float(found[0]["chance"]) == pytest.approx(1 / 3)
    assert found[0]["above_chance"] == "True"


def test_a_source_at_chance_has_no_relative_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(tmp_path, correct={("xnli", "en"): answers(0.35, 300), ("xnli", "de"): answers(0.3, 300)})
    (found,) = rows(capsys, "--runs", str(tmp_path))
    assert (found["above_chance"], found["relative_gap"]) == ("False", "")
    assert _run(["transfer", "--runs", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "at chance‡" in out
    assert "no relative gap" in out


def test_a_table_is_as_wide_as_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    fill(tmp_path, ("fine-tune", "mpt", "prefix", "soft", "uniprompt"))
    for view in ([], ["--by", "family"], ["--by", "script"], ["--by", "share", "--corpus", "cc100"]):
        assert _run(["transfer", "--runs", str(tmp_path), *view]) == 0
        assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 100


def test_by_family(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, ("soft",))
    found = {row["group"]: row for row in rows(capsys, "--runs", str(tmp_path), "--by", "family")}
    assert found["IE: Romance"]["languages"] == "es fr"
    assert float(found["IE: Romance"]["gap"]) == pytest.approx(0.25)
    assert list(found) == ["IE: Germanic", "IE: Romance", "Sino-Tibetan", "IE: Indic"]


def test_a_group_that_is_not_known_comes_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    correct = {("xnli", name): answers(level, 300) for name, level in {"en": 0.9, "tlh": 0.8, "de": 0.6}.items()}
    write_cell(tmp_path, "soft", 1, correct)
    assert _run(["transfer", "--runs", str(tmp_path), "--by", "family"]) == 0
    out = capsys.readouterr().out
    assert out.index("IE: Germanic") < out.index("unknown")


def test_p_is_described_for_every_number_of_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, ("soft",), model="micro-xlmr")
    few = {("xnli", name): answers(level, 300) for name, level in LEVELS.items() if name not in ("de", "es")}
    write_cell(tmp_path, "fine-tune", 1, few, model="micro-xlmr")
    assert _run(["transfer", "--runs", str(tmp_path), "--by", "share"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "of the 3 languages (too few for any p < 0.05), from all orders of the 5 languages" in out


def test_by_share_of_an_embedded_backbone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The card lists the languages it was pretrained on; Urdu is not one."""
    fill(tmp_path, ("soft",), model="micro-xlmr")
    found = {row["language"]: row for row in rows(capsys, "--runs", str(tmp_path), "--by", "share")}
    assert float(found["ur"]["share"]) == 0
    assert 0 < float(found["de"]["share"]) < 0.5
    assert float(found["de"]["rho"]) < -0.8
    assert (found["de"]["n"], found["de"]["exact"]) == ("5", "True")


def test_by_share_of_an_unknown_backbone_asks_for_the_corpus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, ("soft",), model="somebody/model")
    assert _run(["transfer", "--runs", str(tmp_path), "--by", "share"]) == 0
    output = capsys.readouterr()
    assert "The corpus of somebody/model is not known; --corpus names one: cc100, mc4." in output.err
    assert "No rank correlation" in output.out
    found = rows(capsys, "--runs", str(tmp_path), "--by", "share", "--corpus", "mc4")
    assert {row["corpus"] for row in found} == {"mC4, the corpus of mT5"}
    assert all(row["share"] for row in found)


def test_the_planted_effect_is_behaviour_in_the_longest_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path)
    found = rows(capsys, "--runs", str(tmp_path), "--decompose", "t1Len")
    german = {
        row["bucket"]: {
            k: float(v or "nan")
            for k, v in row.items()
            if k in ("total", "mix", "behaviour") or k.endswith(("_low", "_high"))
        }
        for row in found
        if row["target"] == "de"
    }
    assert german["XL"]["behaviour"] == pytest.approx(0.2, abs=0.02)
    assert german["XL"]["behaviour_low"] > 0.1
    assert german["all"]["mix"] == pytest.approx(0, abs=0.01)
    assert all(german[bucket]["behaviour_low"] < 0 < german[bucket]["behaviour_high"] for bucket in ("XS", "S", "L"))
    assert max(german, key=lambda bucket: german[bucket]["total"] if bucket != "all" else -1) == "XL"
    french = next(row for row in found if row["target"] == "fr" and row["bucket"] == "all")
    assert float(french["total_low"]) < 0 < float(french["total_high"])
    assert _run(["transfer", "--runs", str(tmp_path), "--decompose", "t1Len"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"\bde .*XL \+(19|2\d)", out)
    assert re.search(r"contribution first\s+bucket .*\n.*\n\s*XL ", out)


def test_every_targets_parts_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path, seeds=(1,))
    found = rows(capsys, "--runs", str(tmp_path), "--decompose", "t1Len", "--buckets", "2")
    for target in {row["target"] for row in found}:
        own = [row for row in found if row["target"] == target]
        (whole,) = (row for row in own if row["bucket"] == "all")
        parts = [float(row[term]) for row in own if row is not whole for term in ("mix", "behaviour", "unmatched")]
        assert sum(parts) == pytest.approx(float(whole["total"]), abs=1e-12)
        assert float(whole["total"]) == pytest.approx(float(whole["rate_source"]) - float(whole["rate_target"]))
        assert len(own) == 3


@pytest.mark.parametrize(
    ("view", "ending"),
    [
        *(([], ending) for ending in ("svg", "pdf", "png")),
        *((view, "svg") for view in (["--by", "family"], ["--by", "share"], ["--decompose", "t1Len"])),
    ],
)
def test_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str], view: list[str], ending: str) -> None:
    plant(tmp_path / "runs", seeds=(1,))
    files = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    for file in files:
        assert _run(["transfer", "--runs", str(tmp_path / "runs"), *view, "--figure", str(file)]) == 0
        assert f"Drawn: {file}" in capsys.readouterr().err
    assert files[0].stat().st_size > 3000
    assert files[0].read_bytes() == files[1].read_bytes()
    if ending == "svg":
        assert "sample data" in files[0].read_text(encoding="utf-8")


def test_a_figure_of_several_is_asked_back_with_the_choices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, ("soft",))
    fill(tmp_path, ("soft",), model="other")
    assert _run(["transfer", "--runs", str(tmp_path), "--figure", str(tmp_path / "x.svg")]) == 2
    output = capsys.readouterr()
    assert "--model micro\n" in output.err
    assert "--model other\n" in output.err
    assert output.out == ""


@pytest.mark.parametrize("form", ["table", "json", "markdown", "latex"])
def test_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    plant(tmp_path, seeds=(1,))
    for view in ([], ["--by", "script"], ["--by", "share"], ["--decompose", "t1Len"]):
        assert _run(["transfer", "--runs", str(tmp_path), *view, "--format", form]) == 0
        out = capsys.readouterr().out
        if form == "json":
            assert json.loads(out)[0]["method"] == "soft"
        else:
            assert "Sample data" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "famly"], "Did you mean 'family'"),
        (["--by", "share", "--corpus", "cc10"], "Did you mean 'cc100'"),
        (["--corpus", "cc100"], "--corpus is for --by share"),
        (["--by", "family", "--decompose", "t1Len"], "give one of them"),
        (["--decompose", "t1Len", "--buckets", "1"], "two or more"),
        (["--decompose", "t1Lne"], "Did you mean 't1Len'"),
        (["--decompose", "t1Len", "--language", "de"], "without it there is no gap"),
        (["--format", "tabel"], "Did you mean 'table'"),
        (["--figure", "gap.gif"], "a figure is svg, pdf, png"),
    ],
)
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    plant(tmp_path, seeds=(1,))
    assert _run(["transfer", "--runs", str(tmp_path), *arguments]) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert "Traceback" not in output.err


def test_a_metric_that_is_no_mean_is_refused_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cell(tmp_path, metrics=("macro_f1",))
    assert _run(["transfer", "--runs", str(tmp_path), "--decompose", "t1Len"]) == 2
    assert "macro_f1 is not known to be a mean over examples" in capsys.readouterr().err


def test_scores_that_are_no_share_of_right_answers_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, seeds=(1,))
    (file,) = (tmp_path / "cells").glob("*/cell.json")
    record = json.loads(file.read_text(encoding="utf-8"))
    record["predictions"][0]["metrics"]["accuracy"] = 0.123
    file.write_text(json.dumps(record), encoding="utf-8")
    assert _run(["transfer", "--runs", str(tmp_path), "--decompose", "t1Len"]) == 2
    assert "recorded as 0.1230" in capsys.readouterr().err


def test_no_results_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_RUNS", str(tmp_path / "runs"))
    for view in ([], ["--by", "family"], ["--by", "share"], ["--decompose", "t1Len"]):
        assert _run(["transfer", *view]) == 0
        assert "`xbench eval` makes some" in capsys.readouterr().err
