"""Reading a file of predictions made elsewhere: CSV, TSV, JSON, JSON lines or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xbench.answers import list_text
from xbench.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas

NEEDED = ("id", "prediction")
FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
SCORE = "score_"
SCORED = ("classification", "multiple-choice")
TEXTS = ("extractive-qa", "generation")  # an empty answer is an answer


def read_predictions(
    path: Path, task: str, labels: Sequence[str], language: str | None, kind: str = "classification"
) -> pandas.DataFrame:
    """The rows of a file with the columns id, language, prediction and score_<label> (all labels, or none).

    Other columns are left aside; a column `task` must name this one. `language` stands for a column that is not there.
    A null prediction is no answer (None), and so is an empty one where no text is asked for; lists of tags may be lists
    or JSON. Raises DataError with file and row for what does not fit.
    """
    import pandas

    from xbench.data.readers import read_file
    from xbench.spec.sources import FileSource

    if path.suffix not in FORMATS:
        raise DataError(f"{path}: expected a name that ends with {', '.join(FORMATS)}.")
    # Not FileSource.path: a real file's name may have braces, which mean something in a task's YAML.
    table = read_file(path, FileSource(path=f"predictions{path.suffix}"))
    columns = set(table.columns)
    for name in (*NEEDED, *(() if language else ("language",))):
        if name not in columns:
            hint = " (or give --language for a file of one language)" if name == "language" else ""
            raise DataError(f"{path}: has no column '{name}'{hint}; found {', '.join(table.columns) or 'none'}.")
    if language and "language" in columns:
        raise DataError(f"{path}: has a column 'language', so that --language {language} is one too many.")
    scores = _score_columns(path, columns, labels if kind in SCORED else ())
    rows = []
    for row in table.rows:
        place = f"{path}{':' if table.unit == 'line' else ', row '}{row.place}"
        if row.problem:
            raise DataError(f"{place}: {row.problem}")
        if _text(row.values.get("task", task)) != task:
            raise DataError(f"{place}: is of the task '{row.values['task']}', and '{task}' is imported.")
        rows.append(_row(place, row.values, language, scores, kind))
    if not rows:
        raise DataError(f"{path}: has no rows.")
    return pandas.DataFrame(rows)


def _score_columns(path: Path, columns: set[str], labels: Sequence[str]) -> list[str]:
    given = {name for name in columns if name.startswith(SCORE)}
    wanted = [f"{SCORE}{label}" for label in labels]
    if unknown := sorted(given - set(wanted)):
        hint = nearest(unknown[0], wanted) if wanted else " Answers of this task have no scores."
        raise DataError(f"{path}: '{unknown[0]}' is the score of no label.{hint}")
    if given and (absent := [name for name in wanted if name not in given]):
        raise DataError(f"{path}: has scores of some labels and none of others; '{absent[0]}' is missing.")
    return wanted if given else []


def _row(place: str, values: Any, language: str | None, scores: Sequence[str], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": _text(values.get("id")),
        "language": language or _text(values.get("language")),
        "prediction": _answer(values.get("prediction"), kind),
    }
    if empty := [name for name in ("id", "language") if not found[name]]:
        raise DataError(f"{place}: the column '{empty[0]}' is empty.")
    return found | {name: _score(place, name, values.get(name)) for name in scores}


def _answer(value: Any, kind: str) -> str | None:
    """A prediction as text; None for none."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return list_text([str(entry) for entry in value])
    text = _text(value)
    return text or ("" if value == "" and kind in TEXTS else None)


def _text(value: Any) -> str:
    """A value as text; 3 and 3.0 are one label, however the file's writer stored it."""
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _score(place: str, name: str, value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise DataError(f"{place}: column '{name}': expected a number, found '{value}'.") from None
