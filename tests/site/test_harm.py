"""Names, answers, commands and paths that mean harm are text on every page, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.pages import every_page, opened
from tests.site.stores import EVIL
from tests.site.varied import MODEL, VARIANT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def test_no_page_shows_a_character_that_reorders_it(varied_site: Path) -> None:
    seen = ""
    for place in every_page(varied_site):
        html = (varied_site / place).read_text(encoding="utf-8")
        # Values of fields and of the data for scripts are compared with the data, and shown by nobody.
        shown = re.sub(r'(?:value|data-[\w-]+)="[^"]*"|<script.*?</script>', "", html, flags=re.DOTALL)
        assert not set(shown) & set(DIRECTIONS), place
        assert max(map(len, re.findall(r"\w+", shown))) < 5_000, place
        seen += html
    for harm in (VARIANT, MODEL, EVIL["script"]):
        assert harm not in seen
    assert "&lt;script&gt;document.title" in seen and "⟨U+202E⟩" in seen


@pytest.mark.browser
def test_harmful_names_do_nothing_in_a_browser(browser: Browser, varied_site: Path) -> None:
    with opened(browser, (varied_site / "index.html").as_uri()) as (page, faults):
        for place in every_page(varied_site):
            page.goto((varied_site / place).as_uri())
            assert page.title() != "broken" and "Ours <script>" in page.title(), place
            strange = (
                "main script:not([src]):not([type='application/json']), main img, main [onmouseover], main [onerror]"
            )
            assert page.locator(strange).count() == 0, place
            assert page.evaluate("document.documentElement.scrollWidth") <= 1200, place
            assert not faults, place
        page.goto((varied_site / "index.html").as_uri())
        page.fill("[name=q]", "note=$a_b$")
        assert page.locator("#systems tbody tr").count() == 2


def test_figures_take_names_as_they_are(varied_site: Path) -> None:
    page = next((varied_site / "compare").glob("mpt-note-*.html")).read_text(encoding="utf-8")
    figure = page[page.index("<figure>") : page.index("</figure>")]
    assert "note=$a_b$" in figure and "<script" not in figure
    task = (varied_site / "tasks/paws-x.html").read_text(encoding="utf-8")
    figures = "".join(re.findall(r"<figure>.*?</figure>", task, re.DOTALL))
    assert "$\\frac{1}$" in figures and "mathdefault" not in figures and not set(figures) & set(DIRECTIONS)
