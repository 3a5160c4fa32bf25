"""YAML is read as version 1.2 has it, and what a person could misread is refused with file and line."""

from pathlib import Path

import pytest

from xbench.errors import SpecError
from xbench.spec.yaml import read_yaml, read_yaml_text

FILE = Path("some.yaml")


def data(text: str) -> dict:
    return read_yaml_text(text, FILE).data


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "y", "n", "No", "NO", "2020-01-01", "12:30", "1.2.3", "=", "e5"]
)
def test_words_stay_words(word: str) -> None:
    assert data(f"key: {word}\n{word}: value") == {"key": word, word: "value"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-5", 1e-5), ("1E5", 1e5), ("5", 5), ("-3", -3), ("0.5", 0.5), (".5", 0.5), ("true", True), ("False", False),
     ("null", None), ("~", None), ("", None), ("'5'", "5"), ('"true"', "true"), ("'~'", "~"), ("[1, a]", [1, "a"])],
)  # fmt: skip
def test_values(text: str, value: object) -> None:
    result = data(f"key: {text}")["key"]
    assert result == value
    assert type(result) is type(value)


def test_number_keys_stay_numbers_and_block_text_keeps_its_line_ends() -> None:
    assert data("map: {0: a, 1: b}\ntext: |\n  one\n  two\n") == {"map": {0: "a", 1: "b"}, "text": "one\ntwo\n"}


def test_aliases_are_followed() -> None:
    assert data("a: &words {x: 1}\nb: *words") == {"a": {"x": 1}, "b": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "given twice (first on line 1)"),
        ("map:\n  1: x\n  '1': y", 3, "given twice"),
        ("a: 1\nb: 014", 2, "quotes"),
        ("a: 1_000", 1, "quotes"),
        ("a: 0x1F", 1, "quotes"),
        ("a: .inf", 1, "quotes"),
        ("a: !!python/object:os.system x", 1, "tag"),
        ("a: !thing {b: 1}", 1, "tag"),
        ("base: &b {x: 1}\nc:\n  <<: *b", 3, "merge keys"),
        ("a: &loop\n  b: *loop", 1, "alias"),
        ("a: {mask} text", 1, "not valid YAML"),
        ("a: b: c", 1, "not valid YAML"),
        ("a:\n\t- b", 2, "not valid YAML"),
        ("- a\n- b", 1, "mapping"),
        ("just text", 1, "mapping"),
        ("", 1, "empty"),
        ("a: 1\n---\nb: 2", 2, "not valid YAML"),
        ("a: 1\n{}: 2", 2, "key"),
        ("a: 1\nnull: 2", 2, "no word"),
    ],
)
def test_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SpecError, match=r"some\.yaml") as caught:
        data(text)
    assert says in str(caught.value)
    assert caught.value.line == line, str(caught.value)


def test_line_of_a_key_or_of_the_nearest_above() -> None:
    document = read_yaml_text("a:\n  b:\n    - x\n    - y: 1\n", FILE)
    assert document.line(("a", "b", 1, "y")) == 4
    assert document.line(("a", "b", "absent")) == 2
    assert str(document.error(("a", "b"), "is wrong.")) == "some.yaml:2, key 'a.b': is wrong."


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: caf\xe9".encode("latin-1"))
    with pytest.raises(SpecError, match="UTF-8"):
        read_yaml(path)
    path.write_bytes(b"\xef\xbb\xbfname: x")
    assert read_yaml(path).data == {"name": "x"}
    with pytest.raises(SpecError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
