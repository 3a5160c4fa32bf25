"""The data behind every table, as CSV, JSON and Parquet; values are fractions."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from xbench.site.writing import Writer

if TYPE_CHECKING:
    import pandas


def write_frame(writer: Writer, path: str, frame: pandas.DataFrame) -> None:
    """Writes `path`.csv, .json (a list of records) and .parquet."""
    writer.file(f"{path}.csv", frame.to_csv(index=False, lineterminator="\n"))
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    writer.file(f"{path}.json", json.dumps(records, ensure_ascii=False, default=_scalar, separators=(",", ":")) + "\n")
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    writer.file(f"{path}.parquet", buffer.getvalue())


def _scalar(value: object) -> object:
    return value.item() if hasattr(value, "item") else str(value)
