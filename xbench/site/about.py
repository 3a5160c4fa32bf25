"""The about page: what was run, with which versions, how to read each number, how to add a system, all downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from xbench.site.collect import Realm
from xbench.site.conflicts import Conflict, shown, superseded
from xbench.site.home import RANK_RULE
from xbench.site.text import many
from xbench.site.writing import Writer

READING = (
    ("Targets", "Mean over the languages that were not trained on, seeds averaged. Over several tasks, a language's "
     "tasks are averaged first, as in xbench compare."),
    ("Source", "The score in the language that was trained on; beside a mean over several tasks it has their weights."),
    ("Gap", "Source - targets, in points (Tu et al. 2022, section 4). Small is good only where the source is high."),
    ("±", "Standard deviation over seeds of the number before it. A seed draws other training examples and another "
     "start of training."),
    ("a to b", "95 % interval over seeds, languages and examples together, t-based. With one seed it does not cover "
     "the variance between seeds."),
    ("Rank", RANK_RULE),
    ("Wilcoxon", "Signed-rank test over target languages, seeds averaged first. Conditional on these runs: languages "
     "evaluated by one trained model are not independent."),
    ("Holm", "p-values corrected for the number of comparisons on the page."),
    ("Buckets", "Examples of a language by the value of an attribute: XS, S, L and XL from the lowest to the highest "
     "(Fu et al. 2022, section 5.2)."),
    ("ECE", "Expected calibration error: mean distance of confidence and accuracy over 15 bins (Guo et al. 2017)."),
    ("Trained, size", "Parameters that training changes, and the bytes that must be stored for each trained system."),
    ("Time", "Seconds of training on the machine that the cell ran on; machines differ."),
)  # fmt: skip


def write_about(writer: Writer, realm: Realm, found: Sequence[Conflict], downloads: Sequence[str]) -> None:
    """Writes `about.html`; `found` are conflicts between run stores, `downloads` the tables' paths without ending."""
    cells = [cell.record for cell in realm.results]
    versions = Counter(", ".join(f"{name} {number}" for name, number in record.versions.items()) for record in cells)
    machines = Counter(f"{record.device}, {record.precision}, {many(record.threads, 'thread')}" for record in cells)
    writer.page(
        "about.html",
        "about.html",
        "About",
        groups=[_group(group) for group in realm.groups],
        many_groups=len(realm.groups) > 1,
        cells=len(cells),
        predictions=sum(pair.n for record in cells for pair in record.predictions),
        versions=sorted(versions.items()),
        machines=sorted(machines.items()),
        commands=sorted({record.command for record in cells if record.command}),
        reading=READING,
        conflicts=shown(found, realm.results),
        superseded=superseded(realm.results),
        downloads=downloads,
    )


def _group(group: Any) -> dict[str, Any]:
    records = [record for system in group.systems for record in system.records]
    return {
        "letter": group.letter,
        "title": group.title,
        "systems": len(group.systems),
        "cells": len(records),
        "tasks": sorted({task for system in group.systems for task in system.tasks}),
        "seeds": sorted({record.seed for record in records}),
    }
