"""What single pages say: of adapted models, of answers that are no labels, of data, of uncertainty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site.pages import every_page
from tests.site.varied import LANGUAGES, SEEDS
from xbench.analysis import load_results
from xbench.site import Request, build


def text(site: Path, pattern: str) -> str:
    (path,) = site.glob(pattern)
    return path.read_text(encoding="utf-8")


def test_every_table_says_what_its_columns_are(varied_site: Path) -> None:
    """Each heading with words of its own has them on the page, and not only where a mouse hovers."""
    for place in every_page(varied_site):
        html = (varied_site / place).read_text(encoding="utf-8")
        headings = re.findall(r'<th scope="col" data-name="[^"]*"[^>]* title="([^"]*)"', html)
        said = set(re.findall(r"</dt><dd>(.*?)</dd>", html))
        for heading in headings:
            assert heading in said, f"{place}: {heading}"
        chips = html.count('<abbr class="chip"')
        assert not chips or "What the groups are" in html or "How the ranks were made" in html, place


def test_means_have_their_uncertainty(varied_site: Path) -> None:
    home = text(varied_site, "index.html")
    row = next(one for one in re.findall(r"<tr id=.*?</tr>", home, re.DOTALL) if ">soft<" in one)
    cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
    targets, gap, source = cells[1:4]
    assert all("±" in cell for cell in (targets, gap, source))
    assert all(" to " in cell and 'class="range"' in cell for cell in (targets, gap))
    families = re.search(
        r'<table data-sortable="sort-families".*?</table>', text(varied_site, "tasks/panx.html"), re.DOTALL
    )
    assert families is not None
    gaps = re.findall(r"<td[^>]*>([-+]?[\d.]+)(.*?)</td>", families[0])
    assert gaps and all("±" in rest for _, rest in gaps)


def test_adapted_models_are_marked_and_have_a_curve_each(varied_site: Path) -> None:
    page = text(varied_site, "systems/mad-x-*.html")
    assert "‡ gap of adapted models" in page and re.search(r'class="big">[-+][\d.]+‡', page)
    for language in LANGUAGES[1:]:
        assert f"paws-x, adapted to {language}" in page
    assert page.count("seed 1") >= len(LANGUAGES) - 1
    task = text(varied_site, "tasks/paws-x.html")
    assert re.search(r"[-+][\d.]+‡", task) and "mad-x: adapted to ar, de, zh" in task
    assert "‡" not in text(varied_site, "systems/soft-*.html")


def test_answers_in_part_are_named_by_their_metric(varied_site: Path) -> None:
    page = text(varied_site, "compare/soft-*--fine-tune-*.html")
    panx, paws = (page[page.index(f'tasks/{task}.html">') :].split("<h2>")[0] for task in ("panx", "paws-x"))
    assert "Examples that add most to a lead" in panx and "Some of these examples" in paws
    assert "span_f1 times 100" in panx and "Share of right answers" not in panx and "panx, span_f1:" in panx
    assert "Share of right answers" in paws
    assert "[&#34;O&#34;" not in page


def test_inputs_of_tasks_are_readable(varied_site: Path) -> None:
    panx, xquad = (text(varied_site, f"tasks/{task}.html") for task in ("panx", "xquad"))
    inputs = panx[panx.index("<h2>Example inputs") :]
    assert "The dog sleeps in Paris 0" in inputs and "O O O O B-LOC O" in inputs and "[&#34;" not in inputs
    gold = xquad[xquad.index("<h2>Example inputs") :]
    assert ">Paris 0<" in gold and "answer_start" not in gold


def test_the_profile_has_all_languages_of_models_for_one_each(varied_store: Path, tmp_path: Path) -> None:
    build(load_results(varied_store, method="mad-x"), Request(tmp_path / "site", deep=0))
    page = text(tmp_path / "site", "tasks/paws-x.html")
    profile = page[page.index('id="profile"') : page.index("</table>", page.index('id="profile"'))]
    for language in LANGUAGES:
        assert f'class="text">{language} ' in profile, language
    assert "Words in the first text." in page


def test_tasks_of_ones_own_have_a_profile(tmp_path: Path) -> None:
    from tests.diagnosis.kinds import write_system, write_task

    write_task(tmp_path / "tasks", "tagging")
    write_system(tmp_path / "runs", tmp_path / "tasks", "tagging", "good", lambda n: 0.9)
    build(load_results(tmp_path / "runs"), Request(tmp_path / "site", tasks_dirs=(tmp_path / "tasks",), deep=0))
    page = text(tmp_path / "site", "tasks/names.html")
    assert 'id="profile"' in page and "sLen" in page


def test_a_pair_far_apart_is_drawn_within_its_column(varied_site: Path) -> None:
    for place in every_page(varied_site):
        html = (varied_site / place).read_text(encoding="utf-8")
        for at, low, high in re.findall(r'class="range" style="--at:([^;]*);--low:([^;]*);--high:([^";]*)', html):
            assert 0 <= float(low) <= float(at) <= float(high) <= 1, place


def test_counts_that_differ_are_not_said_to_be_one(tmp_path: Path) -> None:
    from tests.store.synthetic import write_cell

    several = {("xnli", "en"): [True] * 40, ("xnli", "de"): [True, False] * 15}
    for seed in SEEDS:
        write_cell(tmp_path / "runs", "soft", seed, several)
    build(load_results(tmp_path / "runs"), Request(tmp_path / "site"))
    assert "30 to 40 examples a language" in text(tmp_path / "site", "systems/soft-*.html")


@pytest.mark.parametrize("count", [12, 14])
def test_left_out_inputs_are_told(tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.site.stores import TEXTS, fill

    languages = ("en", "de", "es", "fr", "ru", "tr", "sw", "zh", "ar", "bg", "el", "hi", "th", "ur")[:count]
    for language in languages:
        monkeypatch.setitem(TEXTS, language, TEXTS.get(language, language))
    fill(tmp_path / "runs", ("paws-x",), accuracy={"soft": 0.7}, languages=languages, seeds=(1,))
    build(load_results(tmp_path / "runs"), Request(tmp_path / "site"))
    page = text(tmp_path / "site", "tasks/paws-x.html")
    assert ("2 more, and all examples, are under" in page) == (count == 14)
