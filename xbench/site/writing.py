"""Pages from templates, written into the site's folder. The same data give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from xbench.languages import facts
from xbench.report.sample import SAMPLE
from xbench.site import text
from xbench.site.collect import slug

if TYPE_CHECKING:
    from jinja2 import Environment

SCRIPT_SAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Writer:
    """Writes the pages of one realm below `folder`; `root` is where the realm lies in the site ("" or "sample/")."""

    folder: Path
    root: str = ""
    is_sample: bool = False
    other_realm: str = ""
    title: str = "xbench leaderboard"
    written: list[str] = field(default_factory=list)

    def page(self, path: str, template: str, title: str, **data: Any) -> None:
        """Writes a page of the realm; `title` is what it is called in a tab and above it."""
        place = self.root + path
        up = "../" * place.count("/")
        html = (
            _environment()
            .get_template(template)
            .render(
                page_title=title,
                site_title=self.title,
                warning=SAMPLE if self.is_sample else "",
                is_sample=self.is_sample,
                here=path,
                link=lambda to: up + self.root + quote(to, safe="/#=&.-_~%+,:"),
                asset=lambda to: f"{up}assets/{to}",
                other_realm=up + self.other_realm if self.other_realm else "",
                **data,
            )
        )
        self.file(path, html)

    def file(self, path: str, content: str | bytes) -> None:
        """Writes any file of the realm."""
        target = self.folder / self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8", errors="replace")
        target.write_bytes(content)
        self.written.append(self.root + path)


@cache
def _environment() -> Environment:
    # One for all writers of a process: to compile a template takes as long as to write a dozen pages from it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    templates = files("xbench.leaderboard") / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (templates / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "value": text.value,
        "signed": lambda fraction: text.value(fraction, "+"),
        "order": text.order,
        "size": text.bytes_text,
        "count": text.count_text,
        "seconds": text.seconds_text,
        "p": text.p_text,
        "inert": text.inert,
        "slug": slug,
        "language_name": lambda code: facts(code).name,
    }
    return environment


def script_json(data: Any) -> str:
    """JSON that is safe within a page or a script: nothing in it can end either."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char, escaped in SCRIPT_SAFE.items():
        written = written.replace(char, escaped)
    return written


def rounded(number: float | None, digits: int = 4) -> float | None:
    """A number short enough to send; None for what is none."""
    return None if text.missing(number) else round(float(number), digits)  # type: ignore[arg-type]


def plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A nested mapping as `dotted.key: value`, in its order."""
    found: dict[str, Any] = {}
    for key, entry in mapping.items():
        if isinstance(entry, Mapping):
            found |= {f"{key}.{inner}": value for inner, value in plain(entry).items()}
        else:
            found[key] = entry
    return found
