"""The board in a browser: how it sorts, and what it computes for chosen tasks and languages, against the data frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
import pandas
import pytest

from tests.site.pages import column, opened, wait_until
from tests.site.varied import LANGUAGES, MODEL
from xbench.analysis import load_results
from xbench.site.text import DASH, value

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def scores(varied_store: Path) -> pandas.DataFrame:
    """The headline values of group A's systems that answer every kind of task."""
    frame = load_results(varied_store).to_pandas()
    headline = frame["metric"].isin(["accuracy", "span_f1", "f1", "rougeL"])
    return frame[headline & (frame["shots"] == "16") & frame["method"].isin(["soft", "fine-tune"])]


@pytest.fixture(scope="module")
def systems(varied_site: Path) -> pandas.DataFrame:
    """The download that has the intervals."""
    return pandas.read_parquet(varied_site / "downloads/systems.parquet")


def home(site: Path, state: str = "") -> str:
    return f"{(site / 'index.html').as_uri()}{state}"


def texts(page: Page, name: str, part: str = "") -> dict[str, str]:
    """What the cells of a column show in a part, or before all parts, by the key of the system."""
    script = """([name, part]) => {
      const table = document.querySelector("#systems");
      const place = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.name === name);
      const own = (cell) => part ? cell.querySelector(part)?.innerText ?? "" : cell.firstChild.textContent;
      return [...table.tBodies[0].rows].map((row) => [row.dataset.key, own(row.cells[place])]);
    }"""
    return {key: text.strip() for key, text in page.evaluate(script, [name, part])}


def of(found: dict[str, str], method: str) -> str:
    """The text of the group A system of a method."""
    keys = sorted(key for key in found if re.fullmatch(rf"{method}-[0-9a-f]{{6}}", key))
    return found[next(key for key in keys if key in A[method])]


A: dict[str, set[str]] = {}


@pytest.fixture(autouse=True, scope="module")
def _group_a(varied_store: Path) -> None:
    from xbench.site.collect import realms

    (realm,) = realms(load_results(varied_store))
    for system in realm.groups[0].systems:
        A[system.label] = {system.key}


def number(text: str) -> float | None:
    found = re.match(r"[-+]?[\d.]+", text.replace(",", ""))
    return float(found[0]) if found else None


def test_every_column_sorts_and_what_is_not_measured_stays_last(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site)) as (page, faults):
        names = page.eval_on_selector_all("#systems thead th", "heads => heads.map((head) => head.dataset.name)")
        words = {"system", "model", "shots", "setting"}
        unlike = 0
        for name in names:
            first = page.get_attribute(f'th[data-name="{name}"]', "data-first") or "asc"
            for direction in (first, "asc" if first == "desc" else "desc"):
                page.click(f'th[data-name="{name}"]')
                state = f"sort={name}%3A{direction}"
                wait_until(page, "state => location.hash.includes(state)", state)
                shown = column(page, "#systems", name)
                if name in words:
                    ordered = page.evaluate(
                        "texts => [...texts].sort((a, b) => a.localeCompare(b, 'en', {numeric: true}))", shown
                    )
                    expected = ordered if direction == "asc" else ordered[::-1]
                    assert shown == expected, (name, direction)
                    unlike += shown != shown[::-1]
                    continue
                orders = page.evaluate(
                    """name => { const table = document.querySelector("#systems");
                      const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.name === name);
                      return [...table.tBodies[0].rows].map((row) => row.cells[at].dataset.order); }""",
                    name,
                )
                known = [float(order) for order in orders if order]
                assert orders[len(known) :] == [""] * (len(orders) - len(known)), (name, direction, orders)
                assert all(text == DASH for text in shown[len(known) :])
                assert known == sorted(known, reverse=direction == "desc"), (name, direction)
        assert unlike == 2 * len(words) and not faults
        assert DASH in column(page, "#systems", "rank")


def test_sizes_sort_as_numbers(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site, "#sort=shots:asc")) as (page, _):
        shown = column(page, "#systems", "shots")
        assert list(dict.fromkeys(shown)) == ["16", "32", "128", "full"]


def expected_means(scores: pandas.DataFrame, method: str, tasks: list[str], languages: list[str]) -> dict[str, list]:
    """Targets, source and gap of each seed: tasks of a language averaged first, the source over the same pairs."""
    own = scores[(scores["method"] == method) & scores["task"].isin(tasks)]
    found: dict[str, list] = {"targets": [], "source": [], "gap": []}
    for _, rows in own.groupby("seed"):
        table = rows.pivot(index="task", columns="language", values="value")
        targets = float(table[languages].mean().mean())
        source = float(numpy.mean([table["en"].mean() for _ in languages]))
        for name, one in (("targets", targets), ("source", source), ("gap", source - targets)):
            found[name].append(one)
    return found


@pytest.mark.parametrize(
    ("state", "tasks", "languages"),
    [
        ("#task=panx", ["panx"], ["de", "ar", "zh"]),
        ("#language=ar", ["panx", "paws-x", "xlsum", "xquad"], ["ar"]),
        ("#language=zh&task=xquad", ["xquad"], ["zh"]),
        ("#family=IE%3A+Germanic", ["panx", "paws-x", "xlsum", "xquad"], ["de"]),
    ],
)
def test_means_of_a_choice_are_those_of_the_frame(
    browser: Browser, varied_site: Path, scores: pandas.DataFrame, state: str, tasks: list[str], languages: list[str]
) -> None:
    with opened(browser, home(varied_site, state)) as (page, faults):
        for method in ("soft", "fine-tune"):
            expected = expected_means(scores, method, tasks, languages)
            for name, sign in (("targets", ""), ("source", ""), ("gap", "+")):
                mean, spread = numpy.mean(expected[name]), numpy.std(expected[name], ddof=1)
                assert of(texts(page, name), method) == value(mean, sign), (method, name)
                assert of(texts(page, name, ".spread"), method) == f"±{value(spread)}", (method, name)
        assert page.locator("#systems tbody tr td .range").count() > 0 and not faults


def test_a_chosen_task_keeps_its_intervals(browser: Browser, varied_site: Path, systems: pandas.DataFrame) -> None:
    with opened(browser, home(varied_site, "#task=xlsum")) as (page, _):
        for method in ("soft", "fine-tune"):
            row = systems[
                (systems["system"] == method) & (systems["task"] == "xlsum") & (systems["shots"] == "16")
            ].iloc[0]
            targets = f"{value(row['targets_low'])} to {value(row['targets_high'])}"
            gap = f"{value(row['gap_low'], '+')} to {value(row['gap_high'], '+')}"
            assert of(texts(page, "targets", ".bounds"), method) == targets
            assert of(texts(page, "gap", ".bounds"), method) == gap
        script = """() => [...document.querySelectorAll("#systems tbody tr")].map((row) => {
          const style = row.querySelector(".range").style;
          return ["--low", "--at", "--high"].map((name) => Number(style.getPropertyValue(name)));
        })"""
        drawn = page.evaluate(script)
        assert all(low < at < high for low, at, high in drawn)
        assert min(low for low, _, _ in drawn) == 0 and max(high for _, _, high in drawn) == 1


def test_a_filter_and_back_prints_the_same_board(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site)) as (page, _):
        before = re.sub(r">\s+<", "><", page.inner_html("#systems tbody"))
        page.select_option("[name=task]", "panx")
        page.select_option("[name=language]", "de")
        page.select_option("[name=language]", "")
        page.select_option("[name=task]", "")
        assert re.sub(r">\s+<", "><", page.inner_html("#systems tbody")) == before
        # One task of one system is all there is of it: recomputed by the script it reads as built.
        page.select_option("[name=shots]", "full")
        names = ("targets", "gap", "source")
        built = [texts(page, name, part) for name in names for part in ("", ".spread", ".bounds")]
        page.select_option("[name=task]", "paws-x")
        assert [texts(page, name, part) for name in names for part in ("", ".spread", ".bounds")] == built


def test_the_source_as_a_language_shows_its_scores(
    browser: Browser, varied_site: Path, scores: pandas.DataFrame
) -> None:
    with opened(browser, home(varied_site, "#language=en")) as (page, _):
        assert page.inner_text("[name=language] option:checked") == "en English (source)"
        for method in ("soft", "fine-tune"):
            rows = scores[(scores["method"] == method) & (scores["language"] == "en")]
            assert of(texts(page, "source"), method) == value(rows.groupby("seed")["value"].mean().mean())
            panx = rows[rows["task"] == "panx"]["value"].mean()
            assert of(texts(page, "task-panx"), method) == value(panx)
        assert set(texts(page, "targets").values()) == {DASH} == set(texts(page, "gap").values())
        assert "trained on this language" in page.inner_text("#status")
        assert not page.is_visible("#intervals-say")


def test_backbones_sizes_and_settings_are_filtered(browser: Browser, varied_site: Path) -> None:
    cases = {"model": (MODEL, 2), "shots": ("full", 1), "setting": ("in-language", 2), "method": ("mad-x", 1)}
    for name, (choice, count) in cases.items():
        with opened(browser, home(varied_site)) as (page, faults):
            page.select_option(f"[name={name}]", choice)
            assert page.locator("#systems tbody tr").count() == count, name
            assert f"{count} of 8 systems shown" in page.inner_text("#status")
            link = page.url
            assert not faults
        with opened(browser, link) as (page, _):
            assert page.input_value(f"[name={name}]") == choice
            assert page.locator("#systems tbody tr").count() == count, name


def test_gaps_of_adapted_models_are_marked(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site)) as (page, _):
        for state in ("", "#task=paws-x", "#language=de"):
            page.goto("about:blank")
            page.goto(home(varied_site, state))
            gaps = texts(page, "gap")
            assert of(gaps, "mad-x").endswith("‡") and not of(gaps, "soft").endswith("‡")
        assert "‡ gap of adapted models" in page.inner_text("main")


def test_the_state_survives_the_skip_link_and_other_links(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site, "#task=panx&sort=targets%3Adesc")) as (page, _):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        assert "task=panx" in page.url and "sort=targets" in page.url
        page.evaluate("location.hash = 'task=panx'")
        wait_until(page, "document.querySelector('th[data-name=targets]').ariaSort === null")
        assert "sort" not in page.url


def test_numbers_are_printed_as_by_python(browser: Browser, varied_site: Path) -> None:
    generator = numpy.random.default_rng(1)
    given = [*generator.random(2000).round(4).tolist(), *generator.random(500).tolist(), 0.6225, 0.6275, 0.0, 1.0, 1e-5]
    given += [-one for one in given] + [numpy.mean([0.1, 0.2, 0.3]), 1 / 3]
    with opened(browser, home(varied_site)) as (page, _):
        for sign in ("", "+"):
            shown = page.evaluate(
                "([values, sign]) => values.map((one) => xbench.number(one, sign))", [given, sign == "+"]
            )
            wrong = [
                (one, text, value(one, sign))
                for one, text in zip(given, shown, strict=True)
                if text != value(one, sign)
            ]
            assert wrong == []


def test_all_languages_are_filters(browser: Browser, varied_site: Path) -> None:
    with opened(browser, home(varied_site)) as (page, _):
        values = page.eval_on_selector_all("[name=language] option", "all => all.map((one) => one.value)")
        assert values == ["", *sorted(LANGUAGES)]
