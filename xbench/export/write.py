"""A stored cell, written to a folder: its model, its tokenizer, and a page that says how to load them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from xbench import micro
from xbench.analysis.results import StoredCell
from xbench.export.model import Exported, Tuned, export_model
from xbench.runner.cell import Workplace
from xbench.runner.processes import make_accelerator
from xbench.runner.rebuild import RebuiltCell
from xbench.store.record import CellRecord


def export_cell(
    found: StoredCell, task: str, folder: Path, tasks_dirs: Sequence[Path] = (), methods_dirs: Sequence[Path] = ()
) -> Exported:
    """Writes a cell's tuned model for one of its tasks. What could not be written leaves no folder.

    Raises:
        RequestError: the formats cannot express the model.
        StoreError: the model cannot be put together again.
    """
    place = Workplace(found.store, make_accelerator("cpu"), tuple(tasks_dirs))
    rebuilt = RebuiltCell(found.record, place, methods_dirs)
    language = next(pair.language for pair in found.record.predictions if pair.task == task)
    cell = rebuilt.cell
    model = rebuilt.tuned(rebuilt.stage(task, language))
    tuned = Tuned(model, cell.backbone, cell.formulations[task], cell.plan.settings)
    was_there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        exported = export_model(tuned, folder)
        (folder / "README.md").write_text(
            page(found.record, task, exported, (folder / "backbone").is_dir()), encoding="utf-8"
        )
    except BaseException:
        if not was_there:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return exported


def page(record: CellRecord, task: str, exported: Exported, has_backbone: bool = False) -> str:
    """What the folder holds and how it is loaded, in Markdown."""
    lines = [
        f"# {record.label} on {task}",
        "",
        f"Cell {record.id}, seed {record.seed}, {record.shots} shots, tuned on {record.data} data "
        f"({'+'.join(record.train_tasks)}) from {record.model}.",
        f"Written by xbench {version('xbench')} as {exported.format}.",
        "",
        "```python",
        *_loading(record, exported, has_backbone),
        "```",
        *("", *exported.notes) * bool(exported.notes),
    ]
    if record.model in micro.NAMES:
        lines += ["", f"{record.model} is embedded in xbench: its folder is `xbench.micro.path('{record.model}')`."]
    return "\n".join([*lines, ""])


def _loading(record: CellRecord, exported: Exported, has_backbone: bool) -> list[str]:
    kind = exported.format.split()[-1]
    if not exported.format.startswith("peft"):
        return [
            f"from transformers import AutoTokenizer, {kind}",
            "",
            f'model = {kind}.from_pretrained("this folder")',
            'tokenizer = AutoTokenizer.from_pretrained("this folder")',
        ]
    return [
        "from peft import PeftConfig, PeftModel",
        f"from transformers import AutoTokenizer, {kind}",
        "",
        f'base = "{"this folder/backbone" if has_backbone else record.model}"',
        f"backbone = {kind}.from_pretrained({', '.join(filter(None, ('base', exported.arguments)))})",
        'model = PeftModel.from_pretrained(backbone, "this folder")',
        'tokenizer = AutoTokenizer.from_pretrained("this folder")',
    ]
