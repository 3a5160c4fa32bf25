"""`xbench import`: predictions made elsewhere, from the exported ids to results beside the harness's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from xbench.analysis import load_results
from xbench.cli import _run
from xbench.cli.tasks import export_task
from xbench.metrics import compute
from xbench.spec.registry import load_task
from xbench.store import RunStore

LABELS = ("entailment", "neutral", "contradiction")
LIMIT = 12
Import = Callable[..., tuple[int, str]]
Row = dict[str, Any]


@pytest.fixture
def exported() -> list[Row]:
    """Ids and inputs of three languages as others get them."""
    return list(export_task("xnli", data="sample", languages=["en", "de", "zh"], limit=LIMIT))


@pytest.fixture
def imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Imports a file; its exit code and what was said on stderr."""

    def call(path: Path, *options: str, system: str = "theirs") -> tuple[int, str]:
        capsys.readouterr()
        fixed = ["--task", "xnli", "--system", system, "--data", "sample", "--limit", str(LIMIT)]
        code = _run(["import", str(path), *fixed, "--runs", str(tmp_path / "runs"), *options])
        captured = capsys.readouterr()
        assert captured.out == ""
        return code, captured.err

    return call


def predict(rows: list[Row]) -> list[Row]:
    """What somebody else's model might say: an answer from the length of the input, with scores."""
    found = []
    for row in rows:
        answer = LABELS[len(row["premise"]) % 3]
        scores = {f"score_{label}": 0.8 if label == answer else 0.1 for label in LABELS}
        found.append({"id": row["id"], "language": row["language"], "prediction": answer, **scores})
    return found


def write(path: Path, rows: list[Row]) -> Path:
    frame = pandas.DataFrame(rows)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and "claims" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_from_export_to_results(ending: str, exported: list[Row], imports: Import, tmp_path: Path) -> None:
    predicted = predict(exported)
    path = write(tmp_path / f"p.{ending}", predicted[::-1])  # the order of rows is the user's own
    code, said = imports(path, "--model", "theirs/encoder", "--shots", "16", "--seed", "7")
    assert code == 0 and "Imported theirs, seed 7" in said and "stands apart" not in said
    results = load_results(tmp_path / "runs")
    (cell,) = results
    record = cell.record
    assert (record.method, record.model, record.shots, record.seed) == ("theirs", "theirs/encoder", "16", 7)
    assert (record.data, record.profile, record.setting, record.source) == ("sample", "demo", "zero-shot", "en")
    assert record.settings["imported"] is True and record.settings["file"] == path.name
    for pair in record.predictions:
        frame = cell.store.predictions(record, "xnli", pair.language)
        mine = [row for row in predicted if row["language"] == pair.language]
        assert frame["id"].tolist() == [row["id"] for row in mine]
        assert frame["prediction"].tolist() == [row["prediction"] for row in mine]
        assert frame["score_neutral"].tolist() == [row["score_neutral"] for row in mine]
        fields = pandas.read_parquet(cell.store.examples_path(pair.examples))
        assert fields["id"].tolist() == frame["id"].tolist() and fields["gold"].tolist() == frame["gold"].tolist()
        again = compute(load_task("xnli").metrics, frame["gold"].tolist(), frame["prediction"].tolist(), LABELS)
        assert dict(pair.metrics) == again
    assert set(results.to_pandas()["language"]) == {"en", "de", "zh"}


def test_reading_commands_take_it_as_their_own(
    exported: list[Row], imports: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write(tmp_path / "a.csv", predict(exported))
    other = write(tmp_path / "b.csv", [row | {"prediction": "neutral"} for row in predict(exported)])
    imports(first)
    imports(other, system="always-neutral")
    runs = ["--runs", str(tmp_path / "runs")]
    assert _run(["results", *runs, "--baseline", "always-neutral"]) == 0
    assert "theirs" in capsys.readouterr().out
    before = load_results(tmp_path / "runs").rows()
    assert _run(["score", *runs]) == 0
    assert load_results(tmp_path / "runs").rows() == before


def test_importing_twice_changes_nothing_and_other_predictions_ask(
    exported: list[Row], imports: Import, tmp_path: Path
) -> None:
    path = write(tmp_path / "p.csv", predict(exported))
    imports(path)
    before = bytes_of(tmp_path / "runs")
    code, said = imports(write(tmp_path / "again.jsonl", predict(exported)))
    assert code == 0 and said.startswith("Nothing changed") and bytes_of(tmp_path / "runs") == before
    other = write(tmp_path / "q.csv", [row | {"prediction": "neutral"} for row in predict(exported)])
    code, said = imports(other)
    assert code == 2 and "--replace" in said and "de, en, zh" in said
    assert bytes_of(tmp_path / "runs") == before
    assert imports(other, "--replace")[0] == 0
    (cell,) = load_results(tmp_path / "runs")
    assert set(cell.store.predictions(cell.record, "xnli", "de")["prediction"]) == {"neutral"}


def test_languages_may_come_one_after_the_other(exported: list[Row], imports: Import, tmp_path: Path) -> None:
    for language in ("en", "de"):
        rows = [row for row in predict(exported) if row.pop("language") == language]
        assert imports(write(tmp_path / f"{language}.csv", rows), "--language", language)[0] == 0
    (cell,) = load_results(tmp_path / "runs")
    assert [pair.language for pair in cell.record.predictions] == ["de", "en"]


def test_missing_extra_and_repeated_ids_are_refused(exported: list[Row], imports: Import, tmp_path: Path) -> None:
    rows = predict(exported)
    broken = [*rows[8:], rows[-1], rows[-1] | {"id": "nowhere"}]
    code, said = imports(write(tmp_path / "p.csv", broken))
    assert code == 2 and not (tmp_path / "runs" / "cells").exists()
    assert "en: 8 ids are missing (" in said and "and 3 more" in said
    assert "zh: 1 id is not in the task (nowhere)" in said and "zh: 1 id is given more than once" in said
    assert imports(tmp_path / "p.csv", "--allow-missing")[0] == 2  # that is for missing ids alone
    code, said = imports(write(tmp_path / "q.csv", rows[8:]))
    assert code == 2 and "--allow-missing" in said
    code, said = imports(tmp_path / "q.csv", "--allow-missing")
    assert code == 0 and "takes no part in rankings" in said
    (cell,) = load_results(tmp_path / "runs")
    assert cell.record.skipped_rows == 8


def test_answers_that_are_no_label_are_told_and_wrong(exported: list[Row], imports: Import, tmp_path: Path) -> None:
    rows = predict(exported)
    rows[0]["prediction"], rows[1]["prediction"] = "Entailment", ""
    code, said = imports(write(tmp_path / "p.jsonl", rows))
    assert code == 0 and "en: 1 predictions are none of entailment, neutral, contradiction" in said
    assert "'Entailment'" in said
    (cell,) = load_results(tmp_path / "runs")
    assert cell.record.pair("xnli", "en").invalid == 2


def test_labels_that_are_numbers_may_be_stored_as_numbers(tmp_path: Path) -> None:
    rows = list(export_task("marc", data="sample", languages=["en"], limit=6))
    frame = pandas.DataFrame({"id": [row["id"] for row in rows], "language": "en", "prediction": [1.0, 2, 3, 4, 5, 5]})
    frame.to_parquet(tmp_path / "p.parquet")
    options = ["--task", "marc", "--system", "x", "--data", "sample", "--limit", "6", "--runs", str(tmp_path / "runs")]
    assert _run(["import", str(tmp_path / "p.parquet"), *options]) == 0
    (cell,) = load_results(tmp_path / "runs")
    found = cell.store.predictions(cell.record, "marc", "en")["prediction"]
    assert found.tolist() == ["1", "2", "3", "4", "5", "5"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [{"key": 1}], "has no column 'id'"),
        (lambda rows: [{name: row[name] for name in ("id", "prediction")} for row in rows], "--language"),
        (lambda rows: [row | {"task": "marc"} for row in rows], "is of the task 'marc'"),
        (lambda rows: [row | {"language": "xx"} for row in rows], "has no language 'xx'"),
        (lambda rows: [row | {"id": ""} for row in rows], "the column 'id' is empty"),
        (lambda rows: [row | {"score_neutral": "high"} for row in rows], "expected a number, found 'high'"),
        (lambda rows: [row | {"score_neutrl": 1} for row in rows], "Did you mean 'score_neutral'?"),
        (lambda rows: [{k: v for k, v in row.items() if k != "score_neutral"} for row in rows], "is missing"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    change: Callable[[list[Row]], list[Row]], said: str, exported: list[Row], imports: Import, tmp_path: Path
) -> None:
    code, message = imports(write(tmp_path / "p.jsonl", change(predict(exported))))
    assert code == 2 and said in message and message.startswith("Error: ")
    assert not (tmp_path / "runs" / "cells").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--system", "mpt"], "is a method here"),
        (["--system", "a/b"], "letters, digits"),
        (["--shots", "few"], "is no train size"),
        (["--setting", "zeroshot"], "Did you mean 'zero-shot'?"),
        (["--source", "xx"], "has no language 'xx'"),
        (["--task", "xnly"], "Did you mean 'xnli'?"),
    ],
)
def test_a_request_that_cannot_be_is_told(
    options: list[str], said: str, exported: list[Row], imports: Import, tmp_path: Path
) -> None:
    code, message = imports(write(tmp_path / "p.csv", predict(exported)), *options)
    assert code == 2 and said in message


def test_which_data_were_predicted_is_asked_where_a_task_has_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_text("id,language,prediction\n", encoding="utf-8")
    assert _run(["import", str(tmp_path / "p.csv"), "--task", "xnli", "--system", "x"]) == 2
    assert "--data sample or --data hub" in capsys.readouterr().err
    assert not RunStore(tmp_path / "runs").has_cell("x")
