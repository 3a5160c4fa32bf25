"""The data behind every table, as CSV, JSON and Parquet; values are fractions."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from xbench.site.writing import Writer

if TYPE_CHECKING:
    import pandas


def write_frame(writer: Writer, path: str, frame: pandas.DataFrame) -> None:
    """Writes `path`.csv, .json (a list of records) and .parquet."""
    writer.file(f"{path}.csv", frame.to_csv(index=False, lineterminator="\n"))
    writer.file(f"{path}.json", frame.to_json(orient="records", force_ascii=False, double_precision=15) + "\n")
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    writer.file(f"{path}.parquet", buffer.getvalue())
