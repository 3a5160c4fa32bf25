"""Draws the result table of a run store as an SVG: `python docs/result_picture.py RUNS OUT.svg`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from xbench.report import print_result_table

# rich's own frame asks a server for a font; this one takes what the reader has.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="xbench result table">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#191919"/>
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main(runs: str, out: str) -> None:
    """Writes the picture."""
    table = io.StringIO()
    print_result_table(runs, file=table)
    text = table.getvalue().strip("\n")
    console = Console(record=True, width=max(map(len, text.splitlines())), file=io.StringIO(), legacy_windows=False)
    console.print(Text(text))
    svg = console.export_svg(theme=DIMMED_MONOKAI, code_format=FRAME, unique_id="xbench")
    Path(out).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
