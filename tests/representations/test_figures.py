"""The figures: what they draw, and the same bytes whenever they are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas
import pytest
from matplotlib.colors import to_hex

from tests.representations.test_boundaries import clouds
from xbench.report.figures import prompt_change, representations
from xbench.report.figures.style import COLORS, save_figure
from xbench.representations.projection import plane_boundaries


def panel(title: str = "before") -> representations.Panel:
    """Two languages whose boundaries are turned against each other."""
    given = {"en": clouds(noise=0.1), "de": clouds(1.0, noise=0.1)}
    points = {name: each.vectors[:, :2] for name, each in given.items()}
    labels = {name: each.labels for name, each in given.items()}
    return representations.Panel(title, "note", points, labels, plane_boundaries(points, given))


def test_every_language_has_its_points_and_its_lines() -> None:
    figure = representations.draw([panel(), panel("after")], "caption")
    assert len(figure.axes) == 2
    for ax in figure.axes:
        assert sum(len(line.get_xdata()) for line in ax.lines) == 180
        assert [to_hex(each.get_edgecolor()[0]) for each in ax.collections] == [COLORS[0]] * 3 + [COLORS[1]] * 3
    assert "conclude from the numbers" in figure.get_supxlabel()


def test_a_line_runs_between_its_labels() -> None:
    """Two clouds left and right of x = 0 have one boundary, a vertical line there."""

    def scores(points: numpy.ndarray) -> numpy.ndarray:
        return numpy.column_stack([-points[:, 0], points[:, 0]])

    points = {"en": numpy.array([[-1.0, 0.0], [1.0, 1.0]])}
    figure = representations.draw([representations.Panel("t", "", points, {"en": ("a", "b")}, {"en": scores})])
    (line,) = figure.axes[0].collections
    (path,) = line.get_paths()
    numpy.testing.assert_allclose(path.vertices[:, 0], 0, atol=1e-9)
    assert path.vertices[:, 1].min() < 0 < 1 < path.vertices[:, 1].max()


def test_more_languages_than_colours_are_refused() -> None:
    points = {f"l{number}": numpy.zeros((2, 2)) for number in range(8)}
    labels = dict.fromkeys(points, ("a", "b"))
    with pytest.raises(ValueError, match="8 languages"):
        representations.draw([representations.Panel("t", "", points, labels, {})])


def test_bars_are_the_changes_and_faded_where_nothing_trained() -> None:
    rows = [(1, "key", 0.0, False), (1, "value", 0.0, False), (2, "key", 0.5, True), (2, "value", 0.25, True)]
    change = pandas.DataFrame(rows, columns=["layer", "part", "change", "trained"])
    (ax,) = prompt_change.draw(change, "title").axes
    heights = {bar.get_height(): bar.get_alpha() for bar in ax.patches}
    assert heights == {0.0: prompt_change.FADED, 0.5: 1.0, 0.25: 1.0}
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "2"]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_bytes_twice(tmp_path: Path, kind: str) -> None:
    change = pandas.DataFrame([(0, "prompt", 0.5, True)], columns=["layer", "part", "change", "trained"])
    for draw in (lambda: representations.draw([panel()]), lambda: prompt_change.draw(change, "title")):
        first, second = (save_figure(draw(), tmp_path / f"{name}.{kind}").read_bytes() for name in "ab")
        assert first == second
