"""The page on sample data shows what there is: every generator, and rows as they are made."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from xbench.grammar import generate, generators

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
