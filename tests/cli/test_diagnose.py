"""`xbench diagnose`, as a user calls it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.diagnosis.synthetic import coin, write_system
from tests.store.synthetic import predictions
from xbench.cli import _run


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs")
    write_system(path, "soft", coin(0.85), count=150)
    write_system(path, "tuned", coin(0.6), count=150)
    return path


def output(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    capsys.readouterr()
    assert _run(["diagnose", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_table_of_a_pair(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "soft", "tuned", "--runs", store, "--attributes", "t1Len")
    assert "Where they differ" in text and "Largest gains and losses" in text
    assert re.search(r"de +150 +8\d\.\d +5\d\.\d|de +150 +8\d\.\d +6\d\.\d", text)


def test_csv_holds_every_bucket(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "soft", "--runs", store, "--attributes", "t1Len", "--buckets", "3", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["bucket"] for row in rows] == ["all"] * 3 + ["1", "2", "3"] * 3
    assert {row["system"] for row in rows} == {"soft"}
    assert all(0 <= float(row["value"]) <= 1 for row in rows)


def test_every_p_has_its_test_and_every_row_its_metric(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("soft", "tuned", "--runs", store, "--attributes", "t1Len")
    rows = list(csv.DictReader(io.StringIO(output(capsys, *asked, "--format", "csv"))))
    tested = [row for row in rows if row["p"]]
    assert tested and {(row["test"], row["paired"]) for row in tested} == {("McNemar's test, exact", "examples")}
    assert {(row["test"], row["paired"]) for row in rows if not row["p"]} <= {("", "")}
    assert {(row["metric"], row["model"], row["shots"], row["profile"]) for row in rows} == {
        ("accuracy", "none", "16", "demo")
    }
    found = json.loads(output(capsys, *asked, "--format", "json"))
    assert (found["about"]["metric"], found["about"]["kind"]) == ("accuracy", "classification")
    assert found["differences"][0]["test"] == "McNemar's test, exact"


def test_too_many_labels_for_a_table_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = tuple(f"label{number:02}" for number in range(14))
    tables = {"en": predictions([True, False] * 70, many)}
    write_system(tmp_path, "soft", coin(1), languages=("en",), tables=tables)
    text = " ".join(output(capsys, "soft", "--runs", tmp_path, "--attributes", "t1Len").split())
    assert "Share right by label 14 labels are too many for a table" in text
    assert "Confusion 17 labels are too many for a table" in text  # with the task's own three
    found = json.loads(output(capsys, "soft", "--runs", tmp_path, "--attributes", "t1Len", "--format", "json"))
    assert {row["label"] for row in found["labels"]} >= set(many) and len(found["confusion"]) >= 14 * 15


def test_a_word_list_of_your_own(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "basic.txt").write_text("word\nlong\n")
    asked = ("soft", "--runs", store, "--attributes", "t1basic", "--format", "table")
    assert "substitute" in output(capsys, *asked)
    assert "substitute" not in output(capsys, *asked, "--basic-words", tmp_path / "basic.txt")


@pytest.mark.parametrize("names", [("soft",), ("soft", "tuned")])
def test_json_holds_everything(store: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...]) -> None:
    found = json.loads(output(capsys, *names, "--runs", store, "--attributes", "t1Len", "--format", "json"))
    assert found["about"]["systems"] == list(names)
    parts = {"findings", "gains"} if len(names) == 2 else {"confusion", "calibration", "calibration_bins", "errors"}
    assert parts <= set(found)
    assert "NaN" not in json.dumps(found)


def test_markdown_and_latex(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("soft", "tuned", "--runs", store, "--attributes", "t1Len/t2Len,BLUE_t1t2")
    text = output(capsys, *given, "--format", "markdown")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert tables and all(line.endswith("|") for line in tables)
    latex = output(capsys, *given, "--format", "latex")
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") >= 4
    assert "BLUE\\_t1t2" in latex and not re.search(r"(?<!\\)[&%_](?=t1t2)", latex)


class Page(HTMLParser):
    """Every tag, and every address that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]


@pytest.mark.parametrize("names", [("soft",), ("soft", "tuned")])
def test_the_page_needs_nothing_else(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...]
) -> None:
    path = tmp_path / "reports" / "page.html"
    output(capsys, *names, "--runs", store, "--attributes", "t1Len", "--html", path)
    text = path.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not {"script", "link", "img", "image", "iframe"} & set(page.tags)
    assert all(address.startswith("#") for address in page.addresses)
    assert page.tags.count("svg") == (3 if len(names) == 1 else 1)
    assert not re.search(r"url\((?!#)|@import", text)
    used = set(re.findall(r'(?:url\(#|href="#)([\w-]+)', text))
    assert used <= set(re.findall(r'id="([\w-]+)"', text))


def test_what_comes_from_data_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.store.synthetic import predictions

    labels = ("<script>alert(1)</script>", "a & b", "$x_1$ $")
    table = predictions([True, False] * 50, labels)
    table["id"] = "<b>" + table["id"]
    write_system(tmp_path, "soft", coin(1), languages=("en",), tables={"en": table}, tasks=("mine",))
    path = tmp_path / "page.html"
    output(capsys, "--runs", tmp_path, "--attributes", "t1Len", "--html", path)
    text = path.read_text(encoding="utf-8")
    assert "<script" not in text and "<b>" not in text
    assert "&lt;script&gt;" in text


def test_figures(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output(capsys, "soft", "tuned", "--runs", store, "--attributes", "t1Len", "--figures", tmp_path / "a")
    output(capsys, "soft", "--runs", store, "--attributes", "t1Len", "--figures", tmp_path / "b")
    names = {path.name for path in (tmp_path / "a").iterdir()} | {path.name for path in (tmp_path / "b").iterdir()}
    assert names == {
        f"{name}.{kind}" for name in ("pair", "buckets", "reliability", "confusion") for kind in ("svg", "pdf", "png")
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["soft", "--format", "htm"], "There is no format 'htm'"),
        (["sofd"], "Did you mean 'soft'"),
        ([], "no system is named"),
        (["soft", "--attributes", "t1len"], "Did you mean 't1Len'"),
        (["soft", "--edges", "share"], "Did you mean 'shared'"),
        (["soft", "--buckets", "0"], "choose one or more"),
        (["soft", "--task", "marcc"], "has the task 'marcc'"),
    ],
)
def test_mistakes(store: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert _run(["diagnose", "--runs", str(store), *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err and captured.out == ""


def test_no_results_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XBENCH_RUNS", str(tmp_path / "runs"))
    assert _run(["diagnose"]) == 2
    assert "`xbench eval` makes some" in capsys.readouterr().err


def test_it_works_where_torch_is_not_installed(store: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'datasets', 'evaluate'): sys.modules[name] = None\n"
        "from xbench.cli import _run\n"
        "sys.exit(_run(sys.argv[1:]))\n"
    )
    given = ["diagnose", "soft", "tuned", "--runs", str(store), "--format", "csv"]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("language,attribute,bucket")
