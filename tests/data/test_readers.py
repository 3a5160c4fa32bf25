"""Files are read as they are: no value is guessed, no row lost, and what does not fit is named with its line."""

import csv
import io
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from xbench.data.readers import Table, read_file
from xbench.errors import DataError
from xbench.spec.sources import FileSource

NASTY = [
    *("NA", "None", "null", "NaN", "", " ", " spaced ", "1.0", "0012", "true", "#comment", "-", "=1+1"),
    *("a\rb", "a\u2028b\u2029c\x85d", "e\u0301", "é", "\ufeffx", "\x00", "\x0b\x0c\x1c", "\u200b"),
    *('say "hi"', "“quoted”", "مرحبا", "日本語", "👩‍👩‍👧"),
]


def read(folder: Path, content: str | bytes, name: str, **options: object) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_file(path, FileSource(path=str(path), **options))  # type: ignore[arg-type]


def column(table: Table, name: str) -> list[object]:
    assert not [row.problem for row in table.rows if row.problem]
    return [row.values[name] for row in table.rows]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_nasty_texts_survive_tsv(tmp_path: Path, ending: str, last: bool) -> None:
    texts = [text for text in NASTY if not text.endswith("\r")]
    content = ending.join(["text\tlabel", *(f"{text}\tx" for text in texts)]) + (ending if last else "")
    assert column(read(tmp_path, content, "a.tsv"), "text") == texts


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_nasty_texts_survive_csv(tmp_path: Path, ending: str) -> None:
    texts = [*NASTY, "a,b", "two\nlines", 'end "', '"', '""', "tab\there", "a\r\nb"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "text"], *([str(n), text] for n, text in enumerate(texts))])
    table = read(tmp_path, out.getvalue(), "a.csv")
    assert column(table, "text") == texts
    assert column(table, "id") == [str(n) for n in range(len(texts))]


def test_nasty_texts_survive_json_and_parquet(tmp_path: Path) -> None:
    rows = [{"text": text, "label": number} for number, text in enumerate(NASTY)]
    assert column(read(tmp_path, json.dumps(rows), "a.json"), "text") == NASTY
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    assert column(read(tmp_path, lines, "a.jsonl"), "text") == NASTY
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    table = read_file(tmp_path / "a.parquet", FileSource(path="a.parquet"))
    assert column(table, "text") == NASTY
    assert column(table, "label") == list(range(len(NASTY)))


def test_plain_lines_are_split_at_line_ends_only(tmp_path: Path) -> None:
    table = read(tmp_path, "one\r\n\r\n two\u2028still two \r\nlast", "a.txt")
    assert column(table, "text") == ["one", "", " two\u2028still two ", "last"]


any_text = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(any_text, any_text), max_size=8),
    separator=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_as_csv_is_read_back(
    tmp_path: Path, rows: list[tuple[str, str]], separator: str, ending: str
) -> None:
    # QUOTE_ALL: an unquoted field cannot hold what would be a line end.
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    table = read(tmp_path, out.getvalue(), "a.csv", separator=separator)
    assert list(zip(column(table, "a"), column(table, "b"), strict=True)) == rows


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(any_text, any_text), max_size=8))
def test_whatever_is_written_as_json_lines_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    content = "".join(json.dumps({"a": a, "b": b}, ensure_ascii=False) + "\n" for a, b in rows)
    table = read(tmp_path, content, "a.jsonl")
    assert list(zip(column(table, "a"), column(table, "b"), strict=True)) == rows


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.tuples(any_text, any_text).map(lambda r: tuple(t.translate({9: " ", 10: " "}) for t in r)), max_size=8
    )
)
def test_whatever_is_written_as_tsv_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    content = "".join(f"{a}\t{b}\n" for a, b in [("a", "b"), *rows])
    table = read(tmp_path, content, "a.tsv")
    assert list(zip(column(table, "a"), column(table, "b"), strict=True)) == rows


def test_byte_order_mark_header_and_given_column_names(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbftext,label\nx,1\n", "a.csv").columns == ("text", "label")
    table = read(tmp_path, "x\t1\ny\t2\n", "a.tsv", column_names=("text", "label"))
    assert column(table, "text") == ["x", "y"]


def test_quotes_are_text_where_the_file_says_so(tmp_path: Path) -> None:
    content = 'text\tlabel\n"never closed\t1\n"a" b\t2\n'
    assert column(read(tmp_path, content, "a.tsv"), "text") == ['"never closed', '"a" b']
    with pytest.raises(DataError, match=r"a\.tsv:2: the quote .* 'quoting: none'"):
        read(tmp_path, content, "a.tsv", quoting="csv")


def test_a_quote_inside_a_field_is_text_in_csv_too(tmp_path: Path) -> None:
    assert column(read(tmp_path, 'text,label\n5" disk,1\n', "a.csv"), "text") == ['5" disk']


def test_lines_are_counted_through_fields_of_several_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'text,label\n"one\ntwo",1\nthree\n', "a.csv")
    assert [row.place for row in table.rows] == [2, 4]
    assert table.rows[1].problem is not None
    assert "has 1 columns where 2 are expected (text, label)" in table.rows[1].problem


def test_blank_lines_at_the_end_are_no_rows_and_in_between_are_wrong(tmp_path: Path) -> None:
    table = read(tmp_path, "text\tlabel\nx\t1\n\ny\t2\n\n\n", "a.tsv")
    assert [row.place for row in table.rows] == [2, 3, 4]
    assert table.rows[1].problem is not None


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("text,text\na,b\n", "a.csv", "'text' is given twice"),
        ("[1, 2", "a.json", "a.json:1: is not valid JSON"),
        ('{"text": "x"}', "a.json", "expected a list of objects"),
        (b"text\n\xe9t\xe9\n", "a.csv", "a.csv:2: byte 5 is not UTF-8"),
        (b"no parquet", "a.parquet", "is not a parquet file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: str | bytes, name: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content, name)
    assert says in str(caught.value)


def test_rows_of_json_lines_that_are_wrong(tmp_path: Path) -> None:
    table = read(tmp_path, '{"text": "x"}\n{"text": \n[1]\n', "a.jsonl")
    assert [bool(row.problem) for row in table.rows] == [False, True, True]
    assert "character" in str(table.rows[1].problem)


def test_an_absent_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").touch()
    with pytest.raises(DataError, match=r"no such file. Did you mean 'train\.tsv'\?"):
        read_file(tmp_path / "trian.tsv", FileSource(path="trian.tsv"))
    with pytest.raises(DataError, match="does not hold 'deep'"):
        read_file(tmp_path / "deep" / "er" / "x.tsv", FileSource(path="x.tsv"))


def test_a_header_line_that_does_not_fit_is_replaced(tmp_path: Path) -> None:
    content = ",english,yoruba\r\n0,hello,bawo,\r\n1,yes,NA,\r\n"
    table = read(tmp_path, content, "a.csv", column_names=("row", "english", "yoruba", "rest"), header=True)
    assert (column(table, "yoruba"), [row.place for row in table.rows]) == (["bawo", "NA"], [2, 3])
    assert len(read(tmp_path, content, "a.csv", column_names=("a", "b", "c"), header=False).rows) == 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"path": "a.csv", "header": False}, "'column_names' has to name the columns"),
        ({"path": "a.jsonl", "header": True}, "'header' is for csv and tsv files only"),
        ({"path": "a.tsv", "comments": "#"}, "'comments' is for conll files only; this one is tsv"),
        ({"path": "a.conllu", "separator": " "}, "'separator' is for csv and tsv and conll files only"),
        ({"path": "a.iob", "languages": None}, r"add 'format:' \(csv, tsv, .*, conllu, conll, squad\)"),
        ({"path": "a.json", "format": "squat"}, "format"),
    ],
)
def test_options_that_a_format_has_not(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        FileSource.model_validate(options)
