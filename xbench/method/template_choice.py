"""Which of its templates a task is put in: one style for all tasks, or a draw for each; in one language or in each.

A task that offers several text-to-text templates numbers them: `style-1` (its default) to `style-5`, and a translated
one is called `style-1-translated` (Fu et al. 2022, section 5.3.1).
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from xbench.spec.task import TaskSpec

TemplateSet = Literal["unified", "diversified-1", "diversified-2", "diversified-3", "diversified-4", "diversified-5"]
TRANSLATED = "-translated"


def choose_template(task: TaskSpec, templates: TemplateSet, in_lingual: bool) -> tuple[str | None, bool]:
    """The template's name (None: whatever the task's default is), and whether it is written in every language.

    A task without siblings of its default keeps it, and one without a translation stays in the source language.
    """
    name = task.default_templates.text2text
    if name is None:
        return None, False
    if templates != "unified":
        siblings = _siblings(task, name)
        name = siblings[_draw(f"{templates} {task.name}", len(siblings))]
    translated = f"{name}{TRANSLATED}"
    return (translated, True) if in_lingual and translated in task.templates else (name, False)


def _siblings(task: TaskSpec, name: str) -> list[str]:
    """The task's templates that differ from the default in their number alone, itself included."""
    stem = re.sub(r"\d+$", "", name)
    found = [each for each in task.templates if re.fullmatch(re.escape(stem) + r"\d+", each)]
    return sorted(found) if stem != name else [name]


def _draw(text: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count
