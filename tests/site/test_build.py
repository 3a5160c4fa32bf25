"""The built files: the same bytes each time, valid, complete, and nothing in them that must not be."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path

import pandas
import pytest

from tests.site.pages import every_page
from tests.site.stores import EVIL, HIDDEN, SECRET, SHOWN, TEXTS, fill
from xbench.analysis import load_results
from xbench.cli import _run
from xbench.errors import RequestError
from xbench.report.sample import SAMPLE
from xbench.site import Request, build


def test_two_builds_are_the_same_bytes(store: Path, site: Path, tmp_path: Path) -> None:
    build(load_results(store), Request(tmp_path / "again", workers=2))
    ours, theirs = (
        {path.relative_to(root): path.read_bytes() for path in _files(root)} for root in (site, tmp_path / "again")
    )
    assert set(ours) == set(theirs)
    assert [str(path) for path in ours if ours[path] != theirs[path]] == []


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_html_is_valid(site: Path, real_site: Path, varied_site: Path) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    for root in (site, real_site, varied_site):
        for place in every_page(root):
            html = (root / place).read_text(encoding="utf-8")
            html5lib.HTMLParser(strict=True).parse(html)
            ids = re.findall(r'\bid="([^"]*)"', html)
            assert len(ids) == len(set(ids)), place


def test_every_link_leads_to_a_file(site: Path, real_site: Path, varied_site: Path) -> None:
    for root in (site, real_site, varied_site):
        _links_lead_to_files(root)


def _links_lead_to_files(root: Path) -> None:
    for place in every_page(root):
        html = (root / place).read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"]*)"', html):
            if not link.startswith(("#", "data:")):
                assert ((root / place).parent / link.partition("#")[0]).resolve().is_file(), f"{place}: {link}"


def test_no_page_names_another_host(site: Path) -> None:
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        assert not re.search(r'(?:href|src|url\()\s*=?\s*["\']?(?:https?:)?//', path.read_text(encoding="utf-8")), path


def test_texts_that_may_not_be_passed_on_are_nowhere(site: Path) -> None:
    assert all(SECRET.encode() not in path.read_bytes() for path in _files(site))
    shown = (site / f"examples/{SHOWN}/ar.html").read_text(encoding="utf-8")
    assert TEXTS["ar"] in shown
    hidden = (site / f"examples/{HIDDEN}/ar.html").read_text(encoding="utf-8")
    assert "Ids only" in hidden and "ar-7" in hidden


def test_text_from_data_is_inert_in_the_files(site: Path) -> None:
    page = (site / f"examples/{SHOWN}/en.html").read_text(encoding="utf-8")
    assert EVIL["script"] not in page and "&lt;script&gt;document.title" in page
    assert "\u202e" not in page and "⟨U+202E⟩" in page
    assert EVIL["long"] not in page and "more characters" in page
    data = (site / f"examples/{SHOWN}/en.js").read_text(encoding="utf-8")
    assert "<script>" not in data and "\u202e" not in data


def test_downloads_hold_the_measured_numbers(store: Path, site: Path) -> None:
    expected = load_results(store).to_pandas()
    read = pandas.read_csv(site / "downloads/results.csv", keep_default_na=False)
    assert len(read) == len(expected) == 4 * 2 * 3 * 5 * 2
    assert read["value"].tolist() == pytest.approx(expected["value"].tolist())
    for kind, frame in (
        ("json", pandas.read_json(site / "downloads/systems.json")),
        ("parquet", pandas.read_parquet(site / "downloads/systems.parquet")),
    ):
        assert len(frame) == 8, kind
    soft = pandas.read_parquet(site / "downloads/systems.parquet").set_index(["system", "task"])
    wanted = expected.query("method == 'soft' and task == @SHOWN and metric == 'accuracy' and language != 'en'")
    assert soft.loc[("soft", SHOWN), "targets"] == pytest.approx(wanted["value"].mean())


def test_sample_and_real_results_never_share_a_page(real_site: Path) -> None:
    for place in every_page(real_site):
        html = (real_site / place).read_text(encoding="utf-8")
        is_sample = place.startswith("sample/")
        assert (SAMPLE in html) == is_sample, place
        assert ("hub data" in html and is_sample) is False, place
        assert ("sample data ·" in html and not is_sample) is False, place


def test_published_numbers_are_marked_unranked_and_never_beside_sample_data(real_site: Path) -> None:
    real = (real_site / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr class="published".*?</tr>', real, re.DOTALL)
    assert rows and all(">published</abbr>" in row for row in rows)
    ranks = [re.findall(r"<td.*?</td>", row, re.DOTALL)[0] for row in rows]
    assert all('data-order=""' in rank and "–" in rank for rank in ranks)
    assert 'class="published"' not in (real_site / "sample/index.html").read_text(encoding="utf-8")


def test_an_empty_store_gives_a_clear_page(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert _run(["leaderboard", "build", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "site")]) == 0
    html = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert "There are no results here yet" in html and "xbench eval" in html
    assert len(every_page(tmp_path / "site")) == 5
    _links_lead_to_files(tmp_path / "site")


def test_the_command_on_the_page_builds_the_same_site_again(tmp_path: Path) -> None:
    path = fill(tmp_path / "runs", (HIDDEN,), languages=("en", "de", "es"), seeds=(1, 2))
    given = ["leaderboard", "build", "--runs", str(path), "--out", str(tmp_path / "site"), "--title", "Our own"]
    assert _run([*given, "--deep", "1", "--pair", "prefix,mpt", "--tasks-dir", str(tmp_path)]) == 0
    html = (tmp_path / "site/compare/index.html").read_text(encoding="utf-8")
    command = re.search(r'data-command="([^"]*)"', html)
    assert command is not None
    words = shlex.split(unescape(command[1]))
    before = {name: (tmp_path / "site" / name).read_bytes() for name in every_page(tmp_path / "site")}
    assert _run(words[1:]) == 0
    assert {name: (tmp_path / "site" / name).read_bytes() for name in every_page(tmp_path / "site")} == before
    assert list((tmp_path / "site/compare").glob("mpt-*--prefix-*"))


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(RequestError, match="no site of xbench"):
        build(load_results(fill(tmp_path.parent / "few", (HIDDEN,), seeds=(1,))), Request(tmp_path))
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_conflicts_of_two_stores_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = {"languages": ("en", "de"), "seeds": (1,), "tasks": (HIDDEN,)}
    first = fill(tmp_path / "a", accuracy={"soft": 0.8}, **small)  # type: ignore[arg-type]
    second = fill(tmp_path / "b", accuracy={"soft": 0.5, "mpt": 0.7}, **small)  # type: ignore[arg-type]
    out = tmp_path / "site"
    assert _run(["leaderboard", "build", "--runs", str(first), "--runs", str(second), "--out", str(out)]) == 0
    assert "in conflict" in capsys.readouterr().err
    about = (out / "about.html").read_text(encoding="utf-8")
    assert "disagree" in about and "in a, which is shown" in about
    assert "2 systems" in (out / "index.html").read_text(encoding="utf-8")


def test_a_pair_asked_for_gets_its_page(tmp_path: Path) -> None:
    path = fill(tmp_path / "runs", (HIDDEN,), languages=("en", "de", "es"), seeds=(1, 2))
    out = tmp_path / "site"
    assert _run(["leaderboard", "build", "--runs", str(path), "--out", str(out)]) == 0
    assert not list((out / "compare").glob("mpt-*--prefix-*"))
    assert _run(["leaderboard", "build", "--runs", str(path), "--out", str(out), "--pair", "prefix,mpt"]) == 0
    (page,) = (out / "compare").glob("mpt-*--prefix-*")
    assert "By language" in page.read_text(encoding="utf-8")
    assert _run(["leaderboard", "build", "--runs", str(path), "--out", str(out), "--pair", "prefix"]) == 2


def test_systems_of_one_label_are_compared_wherever_their_pairs_are_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told apart by what a name leaves out, also where only one of them is in a process' share."""
    path = fill(tmp_path / "runs", (HIDDEN,), accuracy={"fine-tune": 0.5, "mpt": 0.7}, languages=("en", "de"))
    fill(path, (HIDDEN,), accuracy={"mpt": 0.9}, languages=("en", "de"), formulation="another")
    monkeypatch.setattr("xbench.site.pairs.CHUNK", 1)
    build(load_results(path), Request(tmp_path / "site"))
    pages = [page.read_text(encoding="utf-8") for page in (tmp_path / "site/compare").glob("*--*.html")]
    assert len(pages) == 3 and all("<svg" in page for page in pages)


def test_every_pair_has_differences_by_language_with_the_intervals_of_the_analysis(store: Path, tmp_path: Path) -> None:
    from xbench.analysis.intervals import interval
    from xbench.analysis.outcomes import load_outcomes
    from xbench.analysis.systems import task_scores

    results = load_results(store)
    build(results, Request(tmp_path / "site", deep=0))
    read = pandas.read_parquet(tmp_path / "site/downloads/languages.parquet")
    assert set(read["language"]) == set(TEXTS)
    row = read.query("first == 'mpt' and second == 'soft' and task == @SHOWN and language == 'de'").iloc[0]
    scores = {one.label: one for one in task_scores(results)[SHOWN]}
    expected = load_outcomes([scores["mpt"], scores["soft"]], (1, 2, 3), ["de"])
    assert expected is not None
    found = interval(expected, [1.0, -1.0])
    assert (row["low"], row["high"]) == pytest.approx((found.low, found.high))
    assert row["value_first"] - row["value_second"] == pytest.approx(found.value)
    (page,) = (tmp_path / "site/compare").glob("mpt-*--soft-*.html")
    html = page.read_text(encoding="utf-8")
    assert html.count("differences by language") == 2 and html.count('<span class="range"') >= 2 * len(TEXTS)


def test_a_card_has_every_language(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ruamel.yaml import YAML

    assert _run(["leaderboard", "card", "soft", "--runs", str(store)]) == 0
    card = YAML(typ="safe").load(capsys.readouterr().out.strip().strip("-"))
    (index,) = card["model-index"]
    results = index["results"]
    assert {one["dataset"]["config"] for one in results} == set(TEXTS) and len(results) == 10
    assert all("sample data" in one["dataset"]["name"] for one in results)
    expected = load_results(store, method="soft", task=SHOWN, language="de").to_pandas().query("metric == 'accuracy'")
    (german,) = [one for one in results if one["dataset"]["config"] == "de" and one["dataset"]["type"] == SHOWN]
    assert german["metrics"][0]["value"] == pytest.approx(100 * expected["value"].mean(), abs=0.005)
    assert _run(["leaderboard", "card", "sofd", "--runs", str(store)]) == 2
    assert "soft" in capsys.readouterr().err
