"""How reports mark systems that have a model for each target language: in their gap, and in a note."""

from __future__ import annotations

from xbench.analysis.systems import TaskScores
from xbench.report.numbers import number

MARK = "‡"
FOOTNOTE = f"{MARK} gap of adapted models: one for each target language, and the source is the mean of what they score."


def adapted_note(system: TaskScores) -> str:
    """Which languages have a model of their own, and each model's score in the source; "" for one model for all."""
    if not system.adapted_to:
        return ""
    scores = ", ".join(
        f"{language or 'the others'} {number(value)}" for language, value in system.source_by_model.items()
    )
    return f"{system.label}: adapted to {', '.join(system.adapted_to)}" + (
        f"; {system.source} by the model for {scores}." if scores else "."
    )
