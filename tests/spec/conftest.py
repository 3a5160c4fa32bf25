"""A small valid task that tests bend out of shape."""

from collections.abc import Callable
from pathlib import Path

import pytest

TASK = """\
name: shop
kind: classification
description: Reviews of a shop.
fields: [text]
labels: [bad, good]
languages: {en: {}, de: {}}
files:
  train: {path: "train.tsv", languages: [en]}
  test: {path: "{language}.tsv"}
columns: {gold: label}
templates:
  its:
    author: human
    verbalizer: words
    cloze:
      en: "It's {mask}. {text}"
      de: "Es ist {mask}. {text}"
  ask:
    author: human
    verbalizer: words
    text2text: "Good or bad? {text}"
default_templates: {cloze: its, text2text: ask, soft: its}
verbalizers:
  words:
    author: human
    words:
      en: {bad: bad, good: [good, great]}
      de: {bad: schlecht, good: gut}
metrics: [accuracy]
"""


@pytest.fixture
def write_task(tmp_path: Path) -> Callable[..., Path]:
    """Write the small task with each `old` replaced by its `new`, and give its path."""

    def write(*changes: tuple[str, str], name: str = "shop", folder: Path | None = None) -> Path:
        text = TASK
        for old, new in changes:
            assert old in text, f"nothing to change: {old}"
            text = text.replace(old, new, 1)
        path = (folder or tmp_path) / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
