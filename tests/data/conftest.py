"""Small tasks on files that tests write."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xbench.spec.registry import load_task
from xbench.spec.task import TaskSpec

TASK = """\
name: shop
kind: classification
description: Reviews of a shop.
fields: [text]
labels: [bad, good]
languages: {{en: {{}}, de: {{code: deu}}}}
{body}
metrics: [accuracy]
"""


@pytest.fixture
def make_task(tmp_path: Path) -> Callable[..., TaskSpec]:
    """A task with the given sources and columns, beside files with the given contents."""

    def make(body: str, /, files: dict[str, str] | None = None, name: str = "shop", head: str = TASK) -> TaskSpec:
        for file, content in (files or {}).items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="")
        path = tmp_path / f"{name}.yaml"
        path.write_text(head.format(body=body).replace("name: shop", f"name: {name}"), encoding="utf-8")
        return load_task(path)

    return make
