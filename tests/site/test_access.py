"""Whether everybody can use the pages: narrow screens, keyboards, screen readers, paper, no scripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.site.pages import kinds, opened, wait_until
from tests.site.stores import SHOWN, TEXTS, N
from tests.site.varied import MANY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
IS_SHOWN = "document.querySelector('#systems tbody tr').checkVisibility()"
PHONE = {"viewport": {"width": 360, "height": 740}}
# The text colour of each element on what lies behind it, as sRGB; text on several colours is left out.
CONTRASTS = """selector => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color, under) => {
    canvas.clearRect(0, 0, 1, 1);
    if (under) { canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1); }
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return "white";
  };
  return [...document.querySelectorAll(selector)].filter((one) => one.textContent.trim()).map((one) => {
    const style = getComputedStyle(one), under = behind(one);
    canvas.globalAlpha = Number(style.opacity);
    const drawn = rgb(one.closest("svg") ? style.fill : style.color, under);
    canvas.globalAlpha = 1;
    const [low, high] = [light(drawn), light(rgb(under))].sort((a, b) => a - b);
    return [(high + 0.05) / (low + 0.05), one.outerHTML.slice(0, 120)];
  });
}"""


def all_open(page: Page) -> None:
    """Opens whatever is folded, and switches published numbers on."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    if page.locator("[name=published]").count():
        page.check("[name=published]")


def test_nothing_but_tables_scrolls_sideways_on_a_phone(browser: Browser, site: Path, varied_site: Path) -> None:
    with opened(browser, (site / "index.html").as_uri(), **PHONE) as (page, _):
        for root in (site, varied_site):
            for place in kinds(root):
                page.goto((root / place).as_uri())
                all_open(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, place
                script = """() => [...document.querySelectorAll("body *")]
                  .filter((one) => one.getBoundingClientRect().right > 361 && !one.closest(".wide table, pre, .skip"))
                  .map((one) => one.outerHTML.slice(0, 80))"""
                assert page.evaluate(script) == [], place
        page.goto((site / f"tasks/{SHOWN}.html").as_uri())
        assert page.evaluate("document.querySelector('figure svg').getBoundingClientRect().width") > 250


@pytest.mark.parametrize("width", [360, 1440])
def test_words_of_headings_are_whole(browser: Browser, site: Path, varied_site: Path, width: int) -> None:
    script = """() => [...document.querySelectorAll("th bdi, th code")]
      .filter((one) => one.checkVisibility() && !/[\\s-]/.test(one.textContent) && one.textContent.length < 25)
      .filter((one) => one.getClientRects().length > 1 || one.getBoundingClientRect().height > 30)
      .map((one) => one.textContent)"""
    with opened(browser, (site / "index.html").as_uri(), viewport={"width": width, "height": 800}) as (page, _):
        for root in (site, varied_site):
            for place in kinds(root):
                page.goto((root / place).as_uri())
                all_open(page)
                assert page.evaluate(script) == [], place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(
    browser: Browser, site: Path, varied_site: Path, real_site: Path, scheme: str
) -> None:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    with opened(browser, (site / "index.html").as_uri(), color_scheme=scheme) as (page, _):
        for root in (site, varied_site, real_site):
            for place in kinds(root):
                page.goto((root / place).as_uri())
                all_open(page)
                found = axe.Axe().run(page).response["violations"]
                serious = [
                    (one["id"], one["nodes"][0]["html"][:200])
                    for one in found
                    if one["impact"] in ("serious", "critical")
                ]
                assert serious == [], place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_colours_and_in_figures_can_be_read(browser: Browser, varied_site: Path, scheme: str) -> None:
    """What axe leaves undecided: cells whose colour is mixed by the browser, and text in drawings."""
    with opened(browser, (varied_site / "index.html").as_uri(), color_scheme=scheme) as (page, _):
        seen = 0
        for place in kinds(varied_site):
            page.goto((varied_site / place).as_uri())
            all_open(page)
            cells = "td.heat, td.heat .bounds, td.minus, td.minus .bounds, td.plus, td.plus .bounds"
            for selector in (cells, "figure svg text", ".chip, .note, .bounds, .spread"):
                found = page.evaluate(CONTRASTS, selector)
                seen += len(found)
                assert [one for one in found if one[0] < 4.5] == [], place
        assert seen > 200


def test_pages_work_without_scripts(browser: Browser, site: Path, varied_site: Path, real_site: Path) -> None:
    with opened(browser, (site / "index.html").as_uri(), java_script_enabled=False) as (page, _):
        assert page.locator("#systems tbody tr").count() == 4
        assert page.evaluate(IS_SHOWN) and not page.is_visible("#filters")
        page.goto((site / f"examples/{SHOWN}/zh.html").as_uri())
        assert page.locator("#examples tbody tr").count() == N and TEXTS["zh"] in page.inner_text("#examples")
        page.goto((site / f"tasks/{SHOWN}.html").as_uri())
        assert page.locator("figure svg").count() >= 1 and page.locator("#heat td.heat").count() == 20
        page.goto((varied_site / f"examples/{SHOWN}/de.html").as_uri())
        page.click("#parts a[rel=next]")
        assert "part 2" in page.title() and page.locator("#examples tbody tr").count() == MANY - 100
        page.goto((real_site / "index.html").as_uri())
        assert page.locator("tr.published").count() > 0 and page.locator("tr.published:visible").count() == 0


def test_the_board_waits_for_its_script_and_not_for_ever(browser: Browser, site: Path, tmp_path: Path) -> None:
    with opened(browser, (site / "index.html").as_uri()) as (page, _):
        assert page.evaluate(IS_SHOWN)
        page.evaluate("delete document.documentElement.dataset.ready")
        assert not page.evaluate(IS_SHOWN)
    copy = shutil.copytree(site, tmp_path / "site")
    (copy / "assets/home.js").unlink()
    with opened(browser, (copy / "index.html").as_uri()) as (page, _):
        wait_until(page, IS_SHOWN, seconds=15)


def test_the_first_column_and_the_header_stay_in_view(browser: Browser, site: Path) -> None:
    with opened(browser, (site / f"tasks/{SHOWN}.html").as_uri(), viewport={"width": 360, "height": 260}) as (page, _):
        sides, heads, scrolled = page.evaluate("""() => {
          const box = document.querySelector("#heat").closest(".wide");
          const row = document.querySelector("#heat tbody tr:last-child th"), head = document.querySelector("#heat thead th:last-child");
          const rect = (one) => one.getBoundingClientRect();
          const before = [rect(row).left - rect(box).left, rect(head).top - rect(box).top];
          box.scrollTo(150, 60);
          const after = [rect(row).left - rect(box).left, rect(head).top - rect(box).top];
          return [[before[0], after[0]], [before[1], after[1]], [box.scrollLeft, box.scrollTop]];
        }""")  # noqa: E501
        assert scrolled == [150, 60]
        assert abs(sides[0] - sides[1]) < 1 and abs(heads[0] - heads[1]) < 1


def focused(page: Page) -> dict[str, Any]:
    """The focused element: what it is, whether one sees that it has the focus, and whether something covers it."""
    found: dict[str, Any] = page.evaluate("""() => {
      const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
      const top = document.elementFromPoint(Math.min(box.left + 8, box.right - 1), (box.top + box.bottom) / 2);
      return {
        place: [...document.querySelectorAll("*")].indexOf(one), html: one.outerHTML.slice(0, 90),
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 1,
        inside: box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1,
        covered: !(top && (one.contains(top) || top.contains(one))),
        isBox: one.matches(".wide, pre, main, body"),
      };
    }""")
    return found


def test_the_keyboard_walks_through_all_that_can_be_used(browser: Browser, site: Path, varied_site: Path) -> None:
    pages = [site / "index.html", site / f"tasks/{SHOWN}.html", varied_site / "compare/index.html"]
    pages.append(site / f"examples/{SHOWN}/ar.html")
    with opened(browser, pages[0].as_uri(), reduced_motion="reduce") as (page, faults):
        for path in pages:
            page.goto("about:blank")
            page.goto(path.as_uri())
            usable = page.evaluate("""() => [...document.querySelectorAll(
                "a[href], button:not(:disabled), select:not(:disabled), input, summary, [tabindex='0']")]
              .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0)
              .map((one) => [...document.querySelectorAll("*")].indexOf(one))""")
            reached, at = [], {}
            for _ in range(len(usable) + 5):
                page.keyboard.press("Tab")
                at = focused(page)
                if at["place"] in reached or not at["html"].startswith("<") or at["html"].startswith("<body"):
                    break
                reached.append(at["place"])
                assert at["marked"], (path.name, at["html"])
                assert at["isBox"] or (at["inside"] and not at["covered"]), (path.name, at["html"])
            assert set(usable) <= set(reached), path.name
        assert not faults


def test_the_keyboard_sorts_and_leaves_no_page_unasked(browser: Browser, site: Path) -> None:
    with opened(browser, (site / "index.html").as_uri()) as (page, _):
        page.focus('th[data-name="targets"] [role=button]')
        page.keyboard.press("Enter")
        wait_until(page, "location.hash.includes('sort=targets')")
        page.goto((site / f"examples/{SHOWN}/ar.html").as_uri())
        for name in ("system", "show", "gold", "answer", "bucket"):
            page.focus(f"[name={name}]")
            page.keyboard.press("ArrowDown")
            assert page.url.split("#")[0].endswith("/ar.html") and page.input_value(f"[name={name}]")


def test_printed_pages_have_all_and_nothing_to_click(browser: Browser, site: Path, varied_site: Path) -> None:
    with opened(browser, (site / "index.html").as_uri()) as (page, _):
        for place in ("index.html", f"tasks/{SHOWN}.html", "compare/index.html", f"examples/{SHOWN}/de.html"):
            page.goto((varied_site / place).as_uri())
            page.emulate_media(media="print")
            assert (
                not page.is_visible("header nav") and page.locator(".filters:visible, .dt-paging:visible").count() == 0
            )
            hidden = "() => [...document.querySelectorAll('main details dd')].filter((one) => !one.checkVisibility({ contentVisibilityAuto: true })).length"  # noqa: E501
            assert page.evaluate(hidden) == 0, place
            printed = page.pdf(prefer_css_page_size=True)
            assert b"/ShadingType" not in printed  # would make a page of a hundred times as many bytes
            size = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
            assert size is not None
            assert (float(size[1]) > float(size[2])) == (place == "index.html"), place
            page.emulate_media(media="screen")
