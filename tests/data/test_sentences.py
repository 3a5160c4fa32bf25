"""CoNLL-U and CoNLL columns: every word with its tag, no change of a character, and what is broken with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xbench.answers import text_list
from xbench.data.load import load_examples
from xbench.data.readers import read_file
from xbench.data.tables import Table
from xbench.errors import DataError
from xbench.spec.sources import FileSource
from xbench.spec.task import TaskSpec

MakeTask = Callable[..., TaskSpec]
TAGGING = (
    "name: shop\nkind: tagging\ndescription: d\nfields: [tokens]\nlabels: [O, B-PER, I-PER]\n"
    "languages: {{en: {{}}}}\n{body}\nmetrics: [span_f1]\n"
)


def read(folder: Path, content: str | bytes, name: str, **options: object) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_file(path, FileSource(path=str(path), **options))  # type: ignore[arg-type]


def word(identity: str, form: str = "x", upos: str = "NOUN") -> str:
    return "\t".join([identity, form, f"lemma-{form}", upos, "_", "_", "0", "root", "_", "_"])


def conllu(*sentences: list[str], end: str = "\n") -> str:
    return "".join(end.join(lines) + 2 * end for lines in sentences)


def problems(table: Table) -> list[tuple[int, str]]:
    return [(row.place, row.problem) for row in table.rows if row.problem]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_words_of_conllu_without_multiword_lines_and_empty_nodes(tmp_path: Path, end: str, start: bytes) -> None:
    text = conllu(
        [
            *("# newdoc", "# sent_id = a-1", "# text = zum Haus # nicht"),
            *("1-2\tzum" + "\t_" * 8, word("1", "zu", "ADP"), word("2", "dem", "DET"), word("3", "Haus")),
            *("3.1\tgeht" + "\t_" * 8, "3.2\tweg" + "\t_" * 8, word("4", "e\u0301")),
        ],
        ["# sent_id = a-2", "0.1\tich" + "\t_" * 8, word("1", " \ufeff\u200b", "X")],
        end=end,
    )
    table = read(tmp_path, start + text.encode(), "a.conllu")
    assert table.columns == ("id", "text", "tokens", "lemmas", "upos", "xpos")
    first, second = table.rows
    assert first.values["tokens"] == ["zu", "dem", "Haus", "e\u0301"]
    assert first.values["upos"] == ["ADP", "DET", "NOUN", "NOUN"]
    assert (first.values["id"], first.values["text"]) == ("a-1", "zum Haus # nicht")
    assert first.entry_places == (5, 6, 7, 10)
    assert (second.values["tokens"], second.values["id"], second.place) == ([" \ufeff\u200b"], "a-2", 14)


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ([word("1"), word("3")], 2, "the id '3' is out of order; expected '2'"),
        ([word("2")], 1, "expected '1'"),
        ([word("1"), word("1")], 2, "the id '1' is out of order"),
        ([word("1"), word("2").rsplit("\t", 1)[0]], 2, "has 9 columns where CoNLL-U has 10"),
        ([word("1").replace("\t", " ")], 1, "has 1 columns"),
        ([word("1") + "\t_"], 1, "has 11 columns"),
        ([word("2-3"), word("1")], 1, "the range '2-3' is out of order; expected one that begins with 1"),
        ([word("1-2"), word("1"), word("2-3"), word("2"), word("3")], 3, "the range '2-3' is out of order"),
        ([word("1-1"), word("1")], 1, "the range '1-1'"),
        ([word("1-3"), word("1"), word("2")], 3, "ends with word 3, and the sentence with word 2"),
        ([word("1"), word("1.2")], 2, "the empty node '1.2' is out of order; expected '1.1'"),
        ([word("1"), word("2.1"), word("2")], 2, "expected '1.1'"),
        ([word("1"), word("x")], 2, "'x' is no id"),
        ([word("1"), word("02")], 2, "'02' is no id"),
        ([word("1"), "# comment", word("2")], 2, "comments stand before the first word"),
        ([word("1.1")], 1, "expected '0.1'"),
        (["0.1" + "\t_" * 9], 1, "the sentence has no word"),
        (["# sent_id = 1"], 1, "has comments and no token"),
    ],
)
def test_broken_conllu_is_named_with_its_line(tmp_path: Path, lines: list[str], line: int, says: str) -> None:
    table = read(tmp_path, conllu([word("1")], lines, [word("1")]), "a.conllu")
    ((place, problem),) = problems(table)
    assert place == line + 2
    assert says in problem
    assert [row.values["tokens"] for row in table.rows if not row.problem] == [["x"], ["x"]]


form = st.text(st.characters(codec="utf-8", exclude_characters="\t\n"), min_size=1, max_size=6).filter(
    lambda text: not text.endswith("\r")
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.tuples(form, st.sampled_from(["NOUN", "VERB", "X"])), min_size=1, max_size=5), max_size=4))
def test_whatever_is_written_as_conllu_is_read_back(tmp_path: Path, written: list[list[tuple[str, str]]]) -> None:
    text = conllu(*([word(str(n), *pair) for n, pair in enumerate(pairs, 1)] for pairs in written))
    table = read(tmp_path, text, "a.conllu")
    found = [list(zip(row.values["tokens"], row.values["upos"], strict=True)) for row in table.rows]
    assert found == written


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.lists(st.tuples(form, st.sampled_from(["O", "I-PER"])), min_size=1, max_size=5), max_size=4),
    st.sampled_from(["\t", " "]),
)
def test_whatever_is_written_as_columns_is_read_back(
    tmp_path: Path, pairs: list[list[tuple[str, str]]], separator: str
) -> None:
    written = [[(token.replace(" ", "_"), tag) for token, tag in sentence] for sentence in pairs]
    written = [[(f"x{token}" if token.startswith("-DOC") else token, tag) for token, tag in one] for one in written]
    text = "\n".join("".join(f"{token}{separator}{tag}\n" for token, tag in sentence) for sentence in written)
    table = read(tmp_path, text, "a.conll", separator=separator)
    found = [list(zip(row.values["tokens"], row.values["tags"], strict=True)) for row in table.rows]
    assert found == written


def test_columns_of_ones_own_comments_and_document_starts(tmp_path: Path) -> None:
    conll_2003 = (
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n# SYM O O\n\n\n-DOCSTART- -X- -X- O\n\nPeter NNP B-NP B-PER\n"
    )
    table = read(
        tmp_path, conll_2003, "a.txt", format="conll", separator=" ", column_names=("tokens", "p", "c", "tags")
    )
    assert [row.values["tokens"] for row in table.rows] == [["EU", "#"], ["Peter"]]
    assert [row.values["tags"] for row in table.rows] == [["B-ORG", "O"], ["B-PER"]]
    assert [row.place for row in table.rows] == [3, 9]
    numbered = "# sent_id = s1\n# global.columns = whatever\n1\tPeter\tB-PER\t-\tann\n2\t#\tO\t-\t-\n\n1\t\tO\t-\t-\n"
    table = read(tmp_path, numbered, "a.iob2", column_names=("n", "tokens", "tags", "-", "by"), comments="#")
    assert [row.values.get("id") for row in table.rows] == ["s1", None]
    assert [row.values["tokens"] for row in table.rows] == [["Peter", "#"], [""]]  # an empty token is one
    assert table.columns == ("id", "n", "tokens", "tags", "-", "by")


@pytest.mark.parametrize(
    ("content", "options", "line", "says"),
    [
        ("a\tO\nb\n", {}, 2, "has 1 columns where 2 are expected (tokens, tags); the separator is a tab"),
        ("a O\n", {}, 1, "With a space it has 2: say 'separator: \" \"'"),
        ("a\tO\n", {"separator": " "}, 1, "With a tab it has 2: say 'separator: \"\\t\"'"),
        ("a O \n", {"separator": " "}, 1, "has 3 columns"),
        ("# id 7 is\na\tO\n", {}, 1, "say 'comments: \"#\"'"),
        ("a\tO\n# x\nb\tO\n", {"comments": "#"}, 2, "Comments stand before the first token"),
    ],
)
def test_broken_columns_are_named_with_their_line(
    tmp_path: Path, content: str, options: dict[str, object], line: int, says: str
) -> None:
    ((place, problem),) = problems(read(tmp_path, content, "a.conll", **options))
    assert place == line
    assert says in problem


def test_a_column_named_twice(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the column 'tags' twice"):
        read(tmp_path, "a\tO\n", "a.conll", column_names=("tags", "tags"))


def test_tags_become_examples_and_orphans_stay(make_task: MakeTask) -> None:
    task = make_task(
        "files: {test: a.conll}", {"a.conll": "e\u0301\tI-PER\n\ufeff\tO\n\tB-PER\n\nb\tB-PER\n"}, head=TAGGING
    )
    examples = load_examples(task, "test", "en", "files")
    assert [text_list(text) for text in examples.fields["tokens"]] == [["e\u0301", "\ufeff", ""], ["b"]]
    assert [text_list(text) for text in examples.gold] == [["I-PER", "O", "B-PER"], ["B-PER"]]
    assert (examples.kind, examples.ids) == ("tagging", ("0", "1"))


@pytest.mark.parametrize(
    ("body", "files", "says"),
    [
        (
            "files: {test: a.conll}",
            {"a.conll": "a\tO\n\nb\tO\nc\tB-PRE\n"},
            ["a.conll:4: token 2 ('c'): column 'tags': 'B-PRE' is no label", "Did you mean 'B-PER'?"],
        ),
        ("files: {test: a.conll}", {"a.conll": "a\tO\nb O\n"}, ["a.conll:2: has 1 columns"]),
        ("files: {test: a.conll}", {"a.conll": " \tO\n"}, ["a.conll:1: column 'tokens': the sentence has 1 tokens"]),
        ("files: {test: a.jsonl}", {"a.jsonl": '{"tokens": [], "tags": []}'}, ["the sentence has 0 tokens"]),
        (
            "files: {test: a.jsonl}",
            {"a.jsonl": '{"tokens": ["a"], "tags": ["O"]}\n{"tokens": ["a", "b"], "tags": ["O"]}'},
            ["a.jsonl:2: column 'tags': 1 tags for 2 tokens"],
        ),
        (
            "files: {test: a.jsonl}",
            {"a.jsonl": '{"tokens": "a b", "tags": ["O"]}'},
            ["expected a list; found the text"],
        ),
        (
            "files: {test: a.jsonl}",
            {"a.jsonl": '{"tokens": ["a"], "tags": [1]}'},
            ["token 1 ('a'): column 'tags': '1' is no label", "map: {0: O, ...}"],
        ),
        (
            "files: {test: a.conllu}\ncolumns: {gold: upso}",
            {"a.conllu": word("1") + "\n\n"},
            ["no column 'upso'", "Did you mean 'upos'?"],
        ),
        (
            "files: {test: a.conllu}\ncolumns: {gold: {from: upos, map: {NOUN: O}}, id: id}",
            {"a.conllu": f"# sent_id = s\n{word('1')}\n\n# sent_id = s\n{word('1')}\n\n"},
            ["a.conllu:5: column 'id': the id 's' is also that of line 2."],
        ),
    ],
)
def test_bad_sentences_are_named(make_task: MakeTask, body: str, files: dict[str, str], says: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        load_examples(make_task(body, files, head=TAGGING), "test", "en", "files")
    for part in says:
        assert part in str(caught.value)


def test_bad_sentences_are_skipped_and_counted_and_tags_dropped(make_task: MakeTask) -> None:
    content = "a\tO\n\nb\tB-MISC\nc\tO\n\nd\n\ne\t?\n\nf\tO\n"
    task = make_task(
        'files: {test: a.conll}\ncolumns: {gold: {from: tags, drop: ["?"]}}', {"a.conll": content}, head=TAGGING
    )
    examples = load_examples(task, "test", "en", "files", skip_bad_rows=True)
    assert (examples.skipped, examples.dropped, examples.ids) == (2, 1, ("0", "4"))


def test_tags_that_are_numbers_are_mapped(make_task: MakeTask) -> None:
    task = make_task(
        "files: {test: a.jsonl}\ncolumns: {tokens: words, gold: {from: ner_tags, map: {0: O, 1: B-PER}}}",
        {"a.jsonl": '{"words": ["a", 7], "ner_tags": [1, 0]}'},
        head=TAGGING,
    )
    examples = load_examples(task, "test", "en", "files")
    assert (examples.fields["tokens"], examples.gold) == (('["a", "7"]',), ('["B-PER", "O"]',))
