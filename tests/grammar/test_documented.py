"""The page on sample data shows what there is: every generator, and rows as they are made."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from xbench.grammar import generate, generators, languages
from xbench.micro import NAMES, path

PAGE = (Path(__file__).parents[2] / "docs" / "sample-data.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^`([a-z]+)`\n\n```\n(.*?)```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_every_generator_is_listed_with_its_line() -> None:
    assert dict(re.findall(r"^\| `(\S+)` \| (.*) \|$", PAGE, flags=re.MULTILINE)) == generators()


@pytest.mark.parametrize("generator", ["tags", "entities", "questions", "summaries", "topics"])
def test_rows_shown_are_the_first_of_the_test_split(generator: str) -> None:
    rows = [generate(generator, language, "test", 1)[0] for language in ("en", "ru", "ja")]
    assert SHOWN[generator].splitlines() == [_shown(row) for row in rows]


def _shown(row: dict[str, Any]) -> str:
    if "tokens" in row:
        return " ".join(f"{token}/{tag}" for token, tag in zip(row["tokens"], row["tags"], strict=True))
    return json.dumps({name: value for name, value in row.items() if name != "id"}, ensure_ascii=False)


def test_the_languages_of_generators_are_listed() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| x \| (x?) ?\| (x?) ?\|$", PAGE, flags=re.MULTILINE)
    assert [name for names, _, _ in rows for name in names.split()] == list(languages())
    asked = [name for names, asks, _ in rows if asks for name in names.split()]
    tagged = [name for names, _, tags in rows if tags for name in names.split()]
    assert (asked, tagged) == (list(languages("questions")), list(languages("tags")))


def test_the_number_of_appended_pieces_is_that_of_the_cards() -> None:
    cards = [json.loads((path(name) / "card.json").read_text(encoding="utf-8")) for name in NAMES]
    (said,) = re.findall(r"it lacked (\d+) characters", PAGE)
    assert {card["never_trained"] for card in cards} == {int(said)}
