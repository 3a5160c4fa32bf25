"""Figures: text as it is and in every script, colours that pages can change, and a size that fits a phone."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy
import pandas
import pytest

from xbench.diagnosis.calibration import Calibration
from xbench.report.diagnosis_figures import inline_panels, inline_svg
from xbench.report.figures import fonts
from xbench.report.figures.confusion import confusion_figure
from xbench.report.figures.curves import curve_figure
from xbench.report.figures.fonts import set_texts
from xbench.report.figures.gap import gap_figure
from xbench.report.figures.pair import GAIN, LOSS, pair_figure, pair_panels
from xbench.report.figures.reliability import reliability_figure
from xbench.report.figures.style import GREY, SMALL, Used, new_figure, save_figure
from xbench.report.transfer import GAP

POINTS_OF_A_PHONE = 0.75 * 360 * 1.25  # what is wider is drawn smaller than four fifths of its size


def gaps(*methods: str, low: float = 0.1, high: float = 0.3) -> pandas.DataFrame:
    common = {
        **dict.fromkeys(GAP),
        **{"data": "sample", "model": "micro", "profile": "demo", "setting": "zero-shot", "shots": "16"},
        **{"source": "en", "task": "xnli", "metric": "accuracy", "chance": 0.33, "source_value": 0.9},
        **{"targets_value": 0.7, "gap": 0.2, "gap_low": low, "gap_high": high, "relative_gap": 0.2},
    }
    return pandas.DataFrame([common | {"method": method} for method in methods], columns=list(GAP))


def pair(real: bool = True) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    names = ["language", "attribute", "first", "second", "difference", "low", "high", "real"]
    rows = [("de", "", 0.7, 0.6, 0.1, 0.05, 0.15, real), ("sw", "", 0.5, 0.6, -0.1, -0.15, -0.05, real)]
    gains = pandas.DataFrame(
        {
            "attribute": ["t1Len", "t1Len"],
            "language": ["de", "sw"],
            **{"gain": [0.2, numpy.nan], "gain_bucket": ["XL", ""], "gain_real": [real, False]},
            **{"loss": [numpy.nan, -0.3], "loss_bucket": ["", "XS"], "loss_real": [False, real]},
        }
    )
    return pandas.DataFrame(rows, columns=names), gains


def widths(svg: str) -> list[float]:
    return [float(width) for width in re.findall(r'<svg [^>]*width="([\d.]+)pt"', svg)]


def test_a_dollar_is_no_formula() -> None:
    svg = inline_svg(gap_figure(gaps("mpt[x=$a]", "soft[$\\frac{1}$]")), "gap")
    assert "mpt[x=$a]" in svg and "soft[$\\frac{1}$]" in svg


def test_a_dollar_in_panels_is_no_formula() -> None:
    """Also in text that is made while a panel is drawn, as in a legend."""
    svg = inline_panels(pair_panels(*pair(), ["mpt[x=$a$]", "soft"]), "pair")
    assert "mpt[x=$a$]" in re.sub("<!--.*?-->", "", svg)  # matplotlib repeats a formula's source in a comment


def test_steps_of_a_logarithmic_loss_are_numbers() -> None:
    curve = tuple({"step": step, "dev": 0.5, "loss": 10.0**-step} for step in range(1, 5))
    svg = inline_svg(curve_figure({"xnli": {1: (curve, 4)}}), "curve")
    assert "mathdefault" not in svg and ">0.01<" in svg


@pytest.mark.parametrize("text", ["狗在睡觉", "สุนัข", "ውሻ", "కుక్క", "נכון", "صحيح"])
def test_labels_of_any_script_have_glyphs(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [("en", gold, answer, 1, 0.5) for gold in (text, "other") for answer in (text, "other")]
    frame = pandas.DataFrame(rows, columns=["language", "gold", "prediction", "count", "share"])
    missing = set_texts(confusion_figure(frame))
    if missing:
        pytest.skip(f"no font of this machine has {missing}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in ("png", "pdf", "svg"):
            save_figure(confusion_figure(frame), tmp_path / f"figure.{kind}")
    assert text in inline_svg(confusion_figure(frame), "confusion")
    assert capfd.readouterr().err == ""


def test_a_script_without_a_font_is_said_for_files_and_left_to_the_browser_on_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {fonts.FONT: fonts._paths()[fonts.FONT]}
    monkeypatch.setattr(fonts, "_paths", lambda: known)
    figure, (axis,) = new_figure()
    axis.set_title("狗")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inline_svg(figure, "x")
        assert capsys.readouterr().err == ""
        save_figure(figure, tmp_path / "figure.png")
    assert "no font here has glyphs for '狗'" in capsys.readouterr().err


def test_characters_that_reorder_a_page_are_replaced() -> None:
    svg = inline_svg(gap_figure(gaps("a\u202eb\u0000c")), "gap")
    assert "a\ufffdb\ufffdc" in svg


def test_a_page_decides_on_font_and_colours() -> None:
    seeds = {
        seed: (({"step": 1, "dev": 0.5, "loss": 1.0}, {"step": 2, "dev": 0.6, "loss": 0.5}), 2) for seed in range(7)
    }
    drawn = [
        inline_svg(gap_figure(gaps("soft")), "gap"),
        inline_svg(curve_figure({"xnli": seeds}), "curve"),
        inline_panels(pair_panels(*pair(), ["a", "b"]), "pair"),
    ]
    for svg in drawn:
        assert "font-family" not in svg and "<style" not in svg
        assert "#000000" not in svg and "#ffffff" not in svg.replace("var(--paper, #ffffff)", "")
        assert GREY not in svg.replace(f"var(--soft, {GREY})", "")
        assert min(float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)) >= SMALL
    # Black markers, whose fill matplotlib leaves out, take the text's colour from the drawing.
    assert all(svg.count('<svg fill="currentColor"') == svg.count("<svg") for svg in drawn)


def test_figures_of_pages_fit_a_phone() -> None:
    curve = ({"step": 1, "dev": 0.5, "loss": 1.0}, {"step": 2, "dev": 0.6, "loss": 0.5})
    svg = inline_svg(gap_figure(gaps("prefix[length=8,depth=2,position=front]")), "gap")
    svg += inline_svg(curve_figure({"xnli": {1: (curve, 2)}}), "curve")
    svg += inline_panels(pair_panels(*pair(), ["a" * 80, "b"]), "pair")
    assert len(widths(svg)) == 4 and max(widths(svg)) <= POINTS_OF_A_PHONE
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert len(ids) == len(set(ids))


def test_blue_is_ahead_and_orange_behind_in_both_drawings_of_a_pair() -> None:
    from matplotlib.colors import to_hex

    for real, strong in ((True, 1.0), (False, 0.3)):
        figure = pair_figure(*pair(real), ["a", "b"])
        gain, loss = (figure.axes[1].patches[place] for place in (0, 1))
        assert (to_hex(gain.get_facecolor()), gain.get_facecolor()[3]) == (GAIN, strong)
        assert (to_hex(loss.get_facecolor()), loss.get_facecolor()[3]) == (LOSS, strong)
        assert gain.get_width() == pytest.approx(20) and loss.get_width() == pytest.approx(-30)  # type: ignore[attr-defined]
        assert {text.get_text() for text in figure.axes[1].texts} >= {"XL", "XS"}
    panels = list(pair_panels(*pair(), ["a", "b"]))
    assert len(panels) == 2 and all(len(panel.axes) == 1 for panel in panels)


def test_the_band_of_a_gap_is_its_interval_within_what_scores_can_be() -> None:
    for low, high, ends in ((0.1, 0.3, [60.0, 80.0]), (-0.3, 1.5, [0.0, 100.0])):
        axis = gap_figure(gaps("soft", low=low, high=high)).axes[0]
        (band,) = next(lines for lines in axis.collections if lines.get_alpha() == 0.25).get_segments()  # type: ignore[attr-defined]
        assert band[:, 0].tolist() == pytest.approx(ends)


def test_gaps_on_used_axes_are_the_same_as_on_new_ones() -> None:
    """Another set of conditions, without chance and without intervals."""
    other = gaps("mpt").assign(model="another", chance=numpy.nan, gap_low=numpy.nan, gap_high=numpy.nan)
    used: Used = {}
    inline_svg(gap_figure(gaps("soft"), used=used), "gap")
    (figure,) = used.values()
    again = gap_figure(other.replace("mpt", "soft"), used=used)
    assert again is figure
    assert inline_svg(again, "gap") == inline_svg(gap_figure(other.replace("mpt", "soft")), "gap")


def test_a_figure_made_on_used_axes_is_the_same_as_a_new_one() -> None:
    """Other data, a log scale, a legend, fewer bars: nothing of the figure before is left."""
    falling = tuple({"step": step, "dev": 0.5 + 0.01 * step, "loss": 10.0**-step} for step in range(1, 6))
    flat = ({"step": 1, "dev": 0.3, "loss": 1.0}, {"step": 2, "dev": 0.2, "loss": 0.9})
    first = {"xnli": dict.fromkeys((1, 2, 3), (falling, 4))}
    second = {"a task": dict.fromkeys(range(9), (flat, 2))}
    for one, other in ((first, second), (second, first)):
        used: Used = {}
        inline_svg(curve_figure(one, used=used), "curve")
        assert inline_svg(curve_figure(other, used=used), "curve") == inline_svg(curve_figure(other), "curve")
        assert len(used) == 1


def calibrated(name: str, count: int) -> Calibration:
    bins = [
        {"language": name, "bin": at, "lower": at / 15, "upper": (at + 1) / 15, "n": 5 + at, "accuracy": at / 20}
        for at in range(count)
    ]
    return Calibration(pandas.DataFrame([{"language": name, "ece": 0.1 * count}]), pandas.DataFrame(bins))


def test_reliability_on_used_axes_is_the_same_as_on_new_ones() -> None:
    used: Used = {}
    inline_svg(reliability_figure(calibrated("xnli", 9), used=used), "reliability")
    other = calibrated("marc", 2)
    assert inline_svg(reliability_figure(other, used=used), "one") == inline_svg(reliability_figure(other), "one")
    assert len(used) == 1


def test_panels_of_a_pair_on_used_axes_are_the_same_as_on_new_ones() -> None:
    differences, gains = pair()
    both = pandas.concat([gains, gains.assign(attribute="t2Len")], ignore_index=True)
    _, new, used = (inline_svg(figure, "one") for figure in pair_panels(differences, both, ["a", "b"]))
    assert used == new.replace("t1Len", "t2Len")
    shared: Used = {}
    list(pair_panels(differences, both, ["a", "b"], used=shared))
    other, larger = pair(real=False)
    larger = larger.assign(gain=2 * larger["gain"])
    ours, theirs = (
        [inline_svg(figure, "one") for figure in pair_panels(other, larger, ["c", "d"], used=given)]
        for given in (shared, None)
    )
    assert ours == theirs and len(shared) == 2
