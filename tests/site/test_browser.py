"""The site in a real browser: it opens everywhere, does what it says, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas
import pytest

from tests.site.pages import column, every_page, opened, wait_until
from tests.site.stores import EVIL, HIDDEN, SHOWN, TEXTS, N
from xbench.analysis import load_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}}


def home(site: Path, state: str = "") -> str:
    return f"{(site / 'index.html').as_uri()}{state}"


def by_key(site: Path, label: str) -> str:
    (page,) = (site / "systems").glob(f"{label}-*.html")
    return page.stem


@pytest.fixture
def scores(store: Path) -> pandas.DataFrame:
    """The measured accuracies."""
    return load_results(store).to_pandas().query("metric == 'accuracy'")


@pytest.mark.parametrize("served", [False, True])
def test_every_page_opens_without_faults(browser: Browser, site: Path, address: str, served: bool) -> None:
    pages = every_page(site)
    assert len(pages) > 20
    start = f"{address}/" if served else f"{site.as_uri()}/"
    with opened(browser, start + "index.html") as (page, faults):
        for place in pages:
            page.goto(start + place)
            assert page.title()
            assert faults == [], place


def test_real_pages_open_without_faults(browser: Browser, real_site: Path) -> None:
    with opened(browser, home(real_site)) as (page, faults):
        for place in ("index.html", "sample/index.html", "about.html", "sample/compare/index.html"):
            page.goto((real_site / place).as_uri())
            assert faults == [], place


def test_sorting_orders_rows_and_stands_in_the_address(browser: Browser, site: Path, scores: pandas.DataFrame) -> None:
    means = scores.query("language != 'en'").groupby(["method", "language"])["value"].mean().groupby("method").mean()
    expected = list(means.sort_values(ascending=False).index)
    with opened(browser, home(site)) as (page, faults):
        page.click('th[data-name="targets"]')
        wait_until(page, "location.hash.includes('sort=targets%3Adesc')")
        assert column(page, "#systems", "system") == expected
        shown = [float(text) for text in column(page, "#systems", "targets")]
        assert shown == pytest.approx([round(100 * means[name], 1) for name in expected], abs=0.051)
        page.click('th[data-name="targets"]')
        wait_until(page, "location.hash.includes('sort=targets%3Aasc')")
        assert column(page, "#systems", "system") == expected[::-1]
        link = page.url
        assert not faults
    with opened(browser, link) as (page, _):
        assert column(page, "#systems", "system") == expected[::-1]


def test_filters_narrow_rows_and_means(browser: Browser, site: Path, scores: pandas.DataFrame) -> None:
    with opened(browser, home(site)) as (page, faults):
        page.select_option("[name=language]", "ar")
        arabic = scores.query("language == 'ar'").groupby("method")["value"].mean()
        names, shown = column(page, "#systems", "system"), column(page, "#systems", "targets")
        assert dict(zip(names, map(float, shown), strict=True)) == {
            name: pytest.approx(100 * value, abs=0.051) for name, value in arabic.items()
        }
        assert set(column(page, "#systems", "rank")) == {"–"}
        page.select_option("[name=task]", HIDDEN)
        arabic = scores.query("language == 'ar' and task == @HIDDEN").groupby("method")["value"].mean()
        assert float(column(page, "#systems", "targets")[0]) == pytest.approx(
            100 * arabic[column(page, "#systems", "system")[0]], abs=0.051
        )
        page.select_option("[name=method]", "soft")
        assert column(page, "#systems", "system") == ["soft"]
        assert "1 of 4 systems shown" in page.inner_text("#status")
        link = page.url
        assert not faults
    with opened(browser, link) as (page, _):
        assert column(page, "#systems", "system") == ["soft"]
        assert page.input_value("[name=language]") == "ar" and page.input_value("[name=task]") == HIDDEN
        page.click("button[type=reset]")
        wait_until(page, "document.querySelectorAll('#systems tbody tr').length === 4")
        assert "language" not in page.url


def test_one_task_shows_its_own_ranks(browser: Browser, site: Path, store: Path) -> None:
    from tests.site.test_ranking import only_group, systems_of
    from xbench.site.ranking import rank

    ranking = rank(systems_of(only_group(store)), [SHOWN])
    with opened(browser, home(site, f"#task={SHOWN}")) as (page, _):
        shown = dict(zip(column(page, "#systems", "system"), column(page, "#systems", "rank"), strict=True))
        assert {name: int(text.strip("=")) for name, text in shown.items()} == dict(ranking.ranks)


def test_search_and_hidden_columns(browser: Browser, site: Path) -> None:
    with opened(browser, home(site)) as (page, faults):
        page.fill("[name=q]", "fine")
        assert column(page, "#systems", "system") == ["fine-tune"]
        page.click("details.hide summary")
        page.uncheck('[name=column][value="gap"]')
        assert page.locator('#systems th[data-name="gap"]').count() == 0
        link = page.url
        assert "q=fine" in link and "hide=gap" in link and not faults
    with opened(browser, link) as (page, _):
        assert column(page, "#systems", "system") == ["fine-tune"]
        assert page.locator('#systems th[data-name="gap"]').count() == 0


def test_published_numbers_are_switched_on(browser: Browser, real_site: Path) -> None:
    with opened(browser, home(real_site)) as (page, faults):
        assert page.locator("#systems tr.published").count() == 0
        page.check("[name=published]")
        rows = page.locator("#systems tr.published")
        assert rows.count() > 0 and "published" in rows.first.inner_text()
        assert "4 of 4 systems shown" in page.inner_text("#status")
        assert "published=1" in page.url and not faults


def test_published_numbers_follow_the_chosen_language(browser: Browser, real_site: Path) -> None:
    from xbench.published.beside import published_results

    # The counterparts of what was measured: at 16 shots, on XLM-R base.
    printed = published_results().query("task == 'xnli' and language == 'de' and shots == '16'")
    printed = printed[printed["method"].isin(["fine-tune", "soft", "mpt"])]
    with opened(browser, home(real_site)) as (page, faults):
        page.check("[name=published]")
        page.select_option("[name=language]", "de")
        place = page.locator("#systems thead th").evaluate_all(
            "heads => heads.findIndex(head => head.dataset.name === 'targets')"
        )
        shown = page.locator("#systems tr.published").evaluate_all(
            f"rows => rows.map(row => row.cells[{place}].firstChild.textContent)"
        )
        assert sorted(shown) == sorted(f"{100 * value:.1f}" for value in printed["published"]) and len(shown) == 3
        assert not faults


def test_a_pair_is_chosen(browser: Browser, site: Path) -> None:
    keys = {label: by_key(site, label) for label in ("mpt", "soft", "prefix")}
    with opened(browser, (site / "compare/index.html").as_uri()) as (page, faults):
        page.select_option("[name=first]", keys["soft"])
        page.select_option("[name=second]", keys["mpt"])
        link = page.get_attribute("#chosen a", "href")
        assert link and (site / "compare" / link).is_file()
        state = page.url
        page.select_option("[name=first]", keys["prefix"])
        command = page.inner_text("#chosen pre")
        assert "xbench leaderboard build" in command and "--pair 'prefix,mpt'" in command
        assert not faults
    with opened(browser, state) as (page, _):
        page.click("#chosen a")
        assert "soft" in page.inner_text("h1") and "mpt" in page.inner_text("h1")


def example_rows(page: Page) -> list[tuple[str, str, str]]:
    """(id, gold, answer) of the rows shown."""
    script = """() => [...document.querySelectorAll("#examples tbody tr")].map((row) =>
      [row.cells[0].querySelector("bdi.note, .note bdi").innerText, row.cells[1].innerText, row.cells[2].innerText])"""
    return [tuple(row) for row in page.evaluate(script)]  # type: ignore[misc]


def stored(store: Path, method: str, language: str) -> pandas.DataFrame:
    """The first seed's predictions, with how many seeds are right."""
    cells = sorted(load_results(store, method=method, task=SHOWN), key=lambda cell: cell.record.seed)
    frames = [cell.store.predictions(cell.record, SHOWN, language) for cell in cells]
    right = sum((frame["gold"] == frame["prediction"]).astype(int) for frame in frames)
    return frames[0].assign(right=right)


def test_the_example_viewer_shows_what_was_predicted(browser: Browser, site: Path, store: Path) -> None:
    frame = stored(store, "prefix", "ar")
    with opened(browser, (site / f"examples/{SHOWN}/ar.html").as_uri()) as (page, faults):
        page.select_option("[name=system]", by_key(site, "prefix"))
        shown = example_rows(page)
        assert shown == list(frame[["id", "gold", "prediction"]].head(50).itertuples(index=False, name=None))
        for choice, kept in (("right", frame["right"] == 3), ("wrong", frame["right"] == 0)):
            page.select_option("[name=show]", choice)
            assert [row[0] for row in example_rows(page)] == list(frame.loc[kept, "id"])
        page.select_option("[name=show]", "")
        page.select_option("[name=gold]", label="same")
        page.select_option("[name=answer]", label="different")
        kept = (frame["gold"] == "same") & (frame["prediction"] == "different")
        assert [row[0] for row in example_rows(page)] == list(frame.loc[kept, "id"])
        assert f"{kept.sum()} of {N} examples shown" in page.inner_text("#status")
        link = page.url
        assert not faults
    with opened(browser, link) as (page, _):
        assert [row[0] for row in example_rows(page)] == list(frame.loc[kept, "id"])
        script = "(all, text) => getComputedStyle(all.find((one) => one.textContent.startsWith(text))).direction"
        assert page.eval_on_selector_all("#examples bdi", script, TEXTS["ar"]) == "rtl"


def test_the_viewer_has_buckets_search_parts_and_languages(browser: Browser, site: Path) -> None:
    with opened(browser, (site / f"examples/{SHOWN}/de.html").as_uri()) as (page, faults):
        assert len(example_rows(page)) == 50
        page.click(".dt-paging-button.next")
        assert len(example_rows(page)) == N - 50 and "page=2" in page.url
        names = page.eval_on_selector_all("[name=bucket] option", "all => all.map((one) => one.textContent)")
        assert any(name.startswith("t1Len") for name in names)
        page.select_option("[name=bucket]", index=1)
        assert 0 < len(example_rows(page)) < N
        page.select_option("[name=bucket]", "")
        page.fill("[name=q]", "schläft 17.")
        assert [row[0] for row in example_rows(page)] == ["de-17"]
        page.click("#languages a:text-is('zh')")
        page.wait_for_url("**/zh.html*")
        assert TEXTS["zh"] not in page.url and page.input_value("[name=q]") == "schläft 17."
        assert not faults


def test_harmful_text_does_nothing(browser: Browser, site: Path) -> None:
    with opened(browser, (site / f"examples/{SHOWN}/en.html").as_uri(), **PHONE) as (page, faults):
        assert page.title().startswith(f"{SHOWN} in en")
        text = page.inner_text("#examples")
        assert EVIL["script"] in text and EVIL["quotes"] in text
        assert page.locator("#examples script, #examples img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not faults
