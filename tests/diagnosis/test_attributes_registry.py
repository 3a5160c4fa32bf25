"""Which attributes there are, and a user's own."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from xbench.diagnosis.attributes.frame import attribute_frame
from xbench.diagnosis.attributes.registry import KINDS, attribute_names, find_attribute
from xbench.errors import DataError, RequestError
from xbench.spec.registry import describe_tasks, load_task

EXAMPLES = pandas.DataFrame({"text": ["Good!", "Bad!! No!"], "gold": ["x", "y"]}, index=[7, 3])


def frame(names: list[str] | None, **options: object) -> pandas.DataFrame:
    """Attributes of two short texts."""
    return attribute_frame("classification", EXAMPLES, "en", names, fields=["text"], **options)  # type: ignore[arg-type]


def test_the_papers_attributes_are_there_in_its_order() -> None:
    assert attribute_names("classification") == (
        *("t1Len", "t2Len", "t1Len/t2Len", "BLUE_t1t2", "t1basic", "t1eNum", "fertility"),
    )
    assert attribute_names("classification", fields=1) == ("t1Len", "t1basic", "t1eNum", "fertility")
    assert attribute_names("extractive-qa") == ("cLen", "qLen", "aLen", "BLUE_AC", "fertility")
    assert attribute_names("tagging") == ("sLen", "eLen", "eDen", "eCon", "OOV", "fertility")
    assert {"compression", "novelty", "OOV"} < set(attribute_names("generation"))
    assert all("fertility" in attribute_names(kind) for kind in KINDS)


def test_every_attribute_says_what_it_is_and_from_where() -> None:
    for kind in KINDS:
        for name in attribute_names(kind):
            entry = find_attribute(name, kind)
            assert entry.description and entry.source and entry.function.__doc__


def test_the_shipped_tasks_name_attributes_that_there_are() -> None:
    for name in describe_tasks():
        task = load_task(name)
        assert task.attributes
        assert set(task.attributes) <= set(attribute_names(task.kind, len(task.fields)))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("t1len", "Did you mean 't1Len'?"),
        ("zzz", "Choose from: BLUE_t1t2"),
        ("cLen", "is one of extractive-qa tasks, and this task is classification"),
        ("nowhere_at_all:f", "cannot be imported: ModuleNotFoundError"),
        ("json:dumpss", "has no function 'dumpss'. Did you mean 'dumps'?"),
        (":f", "names no function"),
        ("t1Len=json:dumps", "has the name of a shipped attribute"),
    ],
)
def test_what_is_no_attribute(name: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        frame([name])
    assert says in str(caught.value)


def test_rows_and_columns_come_as_they_were_asked_for() -> None:
    found = frame(["t1basic", "t1Len", "t1basic"])
    assert list(found.columns) == ["t1basic", "t1Len"]
    assert found["t1Len"].tolist() == [1, 2]
    assert found.dtypes.eq(float).all() and list(found.index) == [0, 1]


def test_the_number_of_rows_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pandas.concat([EXAMPLES] * 4)
    whole = attribute_frame("classification", many, "en", fields=["text"], tokenizer="micro-xlmr")
    monkeypatch.setattr("xbench.diagnosis.attributes.frame.SLICE", 3)
    sliced = attribute_frame("classification", many, "en", fields=["text"], tokenizer="micro-xlmr")
    pandas.testing.assert_frame_equal(whole, sliced)
    none = attribute_frame("classification", EXAMPLES.iloc[:0], "en", ["t1Len"], fields=["text"])
    assert none.shape == (0, 1)


def test_an_attribute_of_pairs_is_absent_from_single_texts() -> None:
    found = frame(["t1Len", "t2Len"])
    assert list(found.columns) == ["t1Len"]
    assert found.attrs["notes"]["t2Len"] == "the task has 1 field, and it needs 2"


def test_examples_without_a_field_are_a_mistake() -> None:
    with pytest.raises(DataError, match="no column 'title'"):
        attribute_frame("classification", EXAMPLES, "en", ["t1Len"], fields=["text", "title"])
    with pytest.raises(DataError, match="training examples have no column 'text'"):
        frame(["t1Len"], training=pandas.DataFrame({"gold": ["x"]}))


def test_a_users_function_by_one_line_of_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_marks.py").write_text(
        "import numpy\n"
        "from xbench.diagnosis.attributes.registry import attribute\n"
        "def marks(inputs):\n"
        "    '''Exclamation marks in the first text.'''\n"
        "    return numpy.array([text.count('!') for text in inputs.text(1)])\n"
        "@attribute('shouts', ('classification',), 'capital letters', 'ours')\n"
        "def capitals(inputs):\n"
        "    return numpy.array([sum(map(str.isupper, text)) for text in inputs.text('text')])\n"
        "@attribute('t1Len')\n"
        "def length(inputs):\n"
        "    return numpy.full(len(inputs), 99)\n"
        "def broken(inputs):\n"
        "    return 1 / 0\n"
        "def short(inputs):\n"
        "    return numpy.zeros(1)\n"
    )
    monkeypatch.chdir(tmp_path)
    found = frame(["t1Len", "my_marks:marks", "loud=my_marks:marks", "my_marks:capitals"])
    assert list(found.columns) == ["t1Len", "marks", "loud", "shouts"]
    assert found["marks"].tolist() == found["loud"].tolist() == [1, 3]
    assert found["shouts"].tolist() == [1, 2]
    assert find_attribute("my_marks:marks", "tagging").description == "Exclamation marks in the first text."
    with pytest.raises(RequestError, match="is one of classification tasks, and this task is tagging"):
        find_attribute("my_marks:capitals", "tagging")
    assert "shouts" not in attribute_names("classification")  # it depends on a file that only its place names
    with pytest.raises(RequestError, match="has the name of a shipped attribute"):
        frame(["my_marks:length"])
    assert frame(["t1Len", "mine=my_marks:length"]).to_numpy().tolist() == [[1, 99], [2, 99]]
    with pytest.raises(RequestError, match="There is no attribute 'shouts'"):
        frame(["shouts"])
    with pytest.raises(RequestError, match="'my_marks:broken' failed: ZeroDivisionError"):
        frame(["my_marks:broken"])
    with pytest.raises(RequestError, match="expected one each"):
        frame(["my_marks:short"])
