"""The files beside a starter: a few rows of the sample data in the format that its kind is usually kept in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xbench.cli.task_starter import STARTERS
from xbench.errors import RequestError

ROWS = {"train": 40, "dev": 20, "test": 20}
LANGUAGES = {"train": ("en",), "dev": ("en",), "test": ("en", "de")}


def write_starter_files(name: str, kind: str, folder: Path) -> list[Path]:
    """Writes `folder/name/<language>/<split>.<ending>` for a starter of a kind, and gives the paths.

    Raises RequestError where one is there already, and where it cannot be written.
    """
    import xbench.grammar

    given = STARTERS[kind]
    paths = []
    for split, languages in LANGUAGES.items():
        for language in languages:
            path = folder / name / language / f"{split}{given.ending}"
            rows = xbench.grammar.generate(given.generator, language, split, ROWS[split])
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as file:
                    file.write("".join(f"{line}\n" for line in _lines(kind, rows)))
            except FileExistsError:
                raise RequestError(f"{path} is there already; choose another name, or remove it.") from None
            except OSError as error:
                raise RequestError(f"{path} cannot be written: {error.strerror}.") from None
            paths.append(path)
    return paths


def _lines(kind: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    match kind:
        case "classification":
            yield "text\tlabel"
            yield from (f"{row['text']}\t{int(row['sentiment'] == 'positive')}" for row in rows)
        case "tagging":
            for row in rows:
                yield from (f"{token}\t{tag}" for token, tag in zip(row["tokens"], row["tags"], strict=True))
                yield ""
        case "extractive-qa":
            yield json.dumps({"version": "1.1", "data": [_article(row) for row in rows]}, ensure_ascii=False, indent=1)
        case _:
            yield from (json.dumps(row, ensure_ascii=False) for row in rows)


def _article(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in the form of SQuAD: an article of one paragraph with one question."""
    pairs = zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True)
    answers = [{"text": text, "answer_start": start} for text, start in pairs]
    question = {"id": row["id"], "question": row["question"], "answers": answers}
    return {"title": row["id"], "paragraphs": [{"context": row["context"], "qas": [question]}]}
