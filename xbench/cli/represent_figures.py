"""The figures of `xbench represent`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xbench.representations.comparison import Comparison
    from xbench.store import CellRecord


def write_figures(record: CellRecord, comparison: Comparison, folder: Path, kind: str, seed: int) -> list[Path]:
    """Writes the plane of both states, and the change of the prompt where there is one; gives the files."""
    from xbench.cli.represent_output import caption
    from xbench.report.figures import prompt_change, representations
    from xbench.report.figures.style import save_figure
    from xbench.representations.comparison import PICTURED, pictures

    folder.mkdir(parents=True, exist_ok=True)
    start = f"{record.method}-{comparison.task}-{record.id[:8]}"
    if len(comparison.after) > PICTURED:
        print(
            f"The picture shows {PICTURED} of {len(comparison.after)} languages; choose others with --languages.",
            file=sys.stderr,
        )
    panels = [
        representations.Panel(f"{state}: {name}", _note(comparison, state), one.points, one.labels, one.boundaries)
        for state, name, one in zip(
            ("before", "after"), comparison.names, pictures(comparison, record.source, seed=seed), strict=True
        )
    ]
    measured = f"Numbers: {len(comparison.after)} languages, original space."
    figure = representations.draw(panels, f"{caption(record, comparison)} {measured}")
    written = [save_figure(figure, folder / f"{start}-plane.{kind}")]
    if len(comparison.prompt):
        figure = prompt_change.draw(comparison.prompt, f"{record.label} on {comparison.task}, seed {record.seed}")
        written.append(save_figure(figure, folder / f"{start}-prompt.{kind}"))
    return written


def _note(comparison: Comparison, state: str) -> str:
    """The numbers that the plane stands beside, measured in the original space over all languages."""
    table = comparison.measures.alignment
    rows = table[table["state"] == state]
    if not len(rows):
        return "no boundaries: too few texts of some label"
    row = rows.iloc[0]
    return (
        f"right by own boundary {100 * row['own_accuracy']:.1f} %, by another language's "
        f"{100 * row['other_accuracy']:.1f} %\n"
        f"cosine of weights x 100: {100 * row['own_cosine']:.1f} within a language, "
        f"{100 * row['other_cosine']:.1f} between two"
    )
