"""What cells cost: parameters trained, bytes that store them, seconds, tokens a second, and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xbench.analysis.results import Results, natural_key

if TYPE_CHECKING:
    import pandas

ABOUT = ("tasks", "method", "variant", "adapted_to", "model", "data", "profile", "setting", "shots", "seed")
COSTS = (
    *("trainable_parameters", "total_parameters", "stored_bytes", "steps", "train_seconds", "predict_seconds"),
    *("tokens_per_second", "peak_memory_bytes"),
)
COLUMNS = (*ABOUT, "stage", *COSTS, "cell")
OF_STAGE = {"trained_parameters": "trainable_parameters", "seconds": "train_seconds"}


def cost_frame(results: Results, *, by_stage: bool = False) -> pandas.DataFrame:
    """One row a cell with the columns `COLUMNS`; `by_stage`, its training stages as well, after the row of their sum.

    Parameters, bytes and seconds of a cell are the sums over its training stages, those that other cells share
    included; its memory is the most that any held. A stage's `cell` is the artifact that it made. Seconds are those of
    the run that made the stages. On a CPU memory is what the whole process has held at most.
    """
    import pandas

    rows: list[dict[str, Any]] = []
    for cell in results:
        record = cell.record
        about = {name: getattr(record, name) for name in ABOUT} | {"tasks": "+".join(record.tasks)}
        rows.append({**about, "stage": "", **{name: getattr(record, name) for name in COSTS}, "cell": record.id})
        rows += [{**about, **_of_stage(stage)} for stage in record.stages if by_stage]
    # Sorting is stable: a cell's stages stay behind it, in their order.
    rows.sort(key=lambda row: [natural_key(row[name]) for name in ABOUT])
    return pandas.DataFrame(rows, columns=list(COLUMNS))


def cost_text(column: str, value: Any) -> str:
    """A value as people read it: thousands apart, bytes as MB, seconds with one decimal."""
    if value is None or value != value:
        return ""
    if column.endswith("_bytes"):
        return f"{value / 1e6:,.1f} MB"
    if column.endswith("_seconds"):
        return f"{value:,.1f}"
    return f"{value:,.0f}" if isinstance(value, float) or column in COSTS else str(value)


def _of_stage(stage: Any) -> dict[str, Any]:
    row = {OF_STAGE.get(name, name): value for name, value in stage.items()}
    speed = row["tokens"] / max(row["train_seconds"], 1e-9)
    return row | {"stage": row["name"], "tokens_per_second": speed, "cell": row["artifact"]}
