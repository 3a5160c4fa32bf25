"""Links keep the view they were copied from: tables of their own, the viewer in other languages and systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.pages import opened, wait_until
from tests.site.stores import SHOWN
from tests.site.varied import MANY
from xbench.analysis import load_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def first_column(page: Page, table: str) -> list[str]:
    script = "rows => rows.map((row) => row.cells[0].innerText.trim())"
    return list(page.eval_on_selector_all(f"{table} tbody tr", script))


def test_tables_of_a_page_sort_apart_and_links_keep_it(browser: Browser, varied_site: Path) -> None:
    (path,) = (varied_site / "systems").glob("soft-*.html")
    tables = [f'table[data-sortable="sort-{place}"]' for place in (1, 2)]
    with opened(browser, path.as_uri()) as (page, faults):
        before = [first_column(page, table) for table in tables]
        page.click(f'{tables[1]} th[data-name="mean"]')
        wait_until(page, "location.hash.includes('sort-2=mean%3Adesc')")
        page.click(f'{tables[0]} th[data-name="language"]')
        wait_until(page, "location.hash.includes('sort-1=language%3Aasc')")
        after = [first_column(page, table) for table in tables]
        assert after[0] == sorted(before[0]) and after[1] != before[1]
        link = page.url
        page.evaluate("location.hash = ''")
        wait_until(page, "document.querySelectorAll('th[aria-sort]').length === 0")
        assert [first_column(page, table) for table in tables] == before and not faults
    with opened(browser, link) as (page, _):
        assert [first_column(page, table) for table in tables] == after


def test_a_pair_survives_the_skip_link(browser: Browser, site: Path) -> None:
    keys = [next((site / "systems").glob(f"{name}-*.html")).stem for name in ("soft", "mpt")]
    link = f"{(site / 'compare/index.html').as_uri()}#first={keys[0]}&second={keys[1]}"
    with opened(browser, link) as (page, _):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        assert page.input_value("[name=first]") == keys[0] and page.locator("#chosen a").count() == 1


def example(page: Page) -> list[list[str]]:
    """(id, gold, answer) of the rows shown."""
    script = """rows => rows.map((row) =>
      [row.cells[0].querySelector("bdi.note, .note bdi").innerText, row.cells[1].innerText, row.cells[2].innerText])"""
    return list(page.eval_on_selector_all("#examples tbody tr", script))


def test_a_link_means_the_same_answer_in_every_language_and_system(
    browser: Browser, varied_site: Path, varied_store: Path
) -> None:
    cell = next(
        one
        for one in load_results(varied_store, method="mpt", task=SHOWN)
        if one.record.seed == 1 and not one.record.variant
    )
    with opened(browser, (varied_site / f"examples/{SHOWN}/ar.html").as_uri()) as (page, faults):
        page.select_option("[name=gold]", "different")
        page.select_option("[name=answer]", "same")
        for language in ("ar", "de", "zh", "en"):
            if language != "ar":
                page.click(f"#languages a:text-is('{language}')")
                page.wait_for_url(f"**/{language}.html#*")
            for label in ("soft", "mpt"):
                page.select_option("[name=system]", label=label)
                rows = example(page)
                assert rows and {(gold, answer) for _, gold, answer in rows} == {("different", "same")}, language
            frame = cell.store.predictions(cell.record, SHOWN, language)
            kept = frame[(frame["gold"] == "different") & (frame["prediction"] == "same")]
            assert [row[0] for row in rows] == list(kept["id"])
            page.select_option("[name=system]", label="soft")
        assert not faults


def test_a_link_to_an_answer_that_is_not_there_says_so(browser: Browser, varied_site: Path) -> None:
    with opened(browser, (varied_site / f"examples/{SHOWN}/ar.html").as_uri() + "#answer=maybe") as (page, faults):
        assert page.input_value("[name=answer]") == "maybe"
        assert f"0 of {MANY} examples shown" in page.inner_text("#status") and not faults


def test_the_viewer_sorts_and_shows_the_part_that_was_opened(browser: Browser, varied_site: Path) -> None:
    place = (varied_site / f"examples/{SHOWN}/de.html").as_uri()
    with opened(browser, place) as (page, faults):
        page.click('#examples th:has-text("Right")')
        wait_until(page, "location.hash.includes('sort=right')")
        shown = example(page)
        link = page.url
        page.click("button[type=reset]")
        assert "sort" not in page.url and [row[0] for row in example(page)][:2] == ["de-0", "de-1"]
        assert not faults
    with opened(browser, link) as (page, _):
        assert example(page) == shown
    with opened(browser, place.replace("de.html", "de-2.html")) as (page, _):
        assert example(page)[0][0] == "de-100" and "part 2" in page.title()


def test_showing_all_keeps_the_system(browser: Browser, varied_site: Path) -> None:
    with opened(browser, (varied_site / f"examples/{SHOWN}/de.html").as_uri()) as (page, _):
        page.select_option("[name=system]", label="mpt")
        page.select_option("[name=show]", "wrong")
        page.click("button[type=reset]")
        assert page.eval_on_selector("[name=system]", "one => one.selectedOptions[0].textContent") == "mpt"
        assert f"{MANY} of {MANY} examples shown" in page.inner_text("#status")
