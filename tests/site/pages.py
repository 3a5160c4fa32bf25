"""Opening pages, and what a page did that it must not do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Chromium's own remark on a file:// icon, none of the page's.
NOT_OURS = ("crbug/1173575",)


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page, and the list of its console messages, errors and requests to elsewhere."""
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
    page = context.new_page()
    faults: list[str] = []
    own = url if url.startswith("file:") else "/".join(url.split("/")[:3])
    page.on("console", lambda message: None if _is_theirs(message.text) else faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: None if _is_own(request.url, own) else faults.append(f"asked {request.url}"))
    page.on("requestfailed", lambda request: faults.append(f"failed {request.url}"))
    try:
        page.goto(url)
        yield page, faults
    finally:
        context.close()


def wait_until(page: Page, expression: str, argument: Any = None, seconds: float = 5.0) -> None:
    """Waits until an expression of the page's is true. (The browser's own way evaluates text, which pages forbid.)"""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, f"not within {seconds:g} s: {expression} ({argument})"
        page.wait_for_timeout(20)


def _is_theirs(text: str) -> bool:
    return any(part in text for part in NOT_OURS)


def _is_own(asked: str, own: str) -> bool:
    return asked.startswith(("data:", "file:" if own.startswith("file:") else own))


def every_page(site: Path) -> list[str]:
    """The pages of a site, as paths."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def kinds(site: Path) -> list[str]:
    """A page of each kind: of tasks and pairs the first, and one with answers that are no labels where there is one."""
    pages = every_page(site)
    fixed = ("index.html", "tasks/index.html", "compare/index.html", "examples/index.html", "about.html")
    found = [page for page in fixed if page in pages]
    for start in ("tasks/", "systems/", "compare/", "examples/"):
        own = [page for page in pages if page.startswith(start) and not page.endswith("/index.html")]
        found += dict.fromkeys([*own[:1], *own[-1:]])
    return found


def column(page: Page, table: str, name: str) -> list[str]:
    """The texts of the shown cells of a column, by its data-name."""
    script = """([table, name]) => {
      const element = document.querySelector(table);
      const heads = [...element.tHead.rows[0].cells];
      const place = heads.findIndex((cell) => cell.dataset.name === name);
      const own = (cell) => cell.querySelector(".spread, .bounds, .range")
        ? cell.firstChild.textContent
        : (cell.querySelector("bdi") || cell).innerText;
      return [...element.tBodies[0].rows].map((row) => own(row.cells[place]).trim());
    }"""
    return list(page.evaluate(script, [table, name]))
