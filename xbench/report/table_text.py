"""Tables as Markdown and as LaTeX: how cells are escaped, and what surrounds them."""

from __future__ import annotations

from collections.abc import Sequence

_MARKDOWN = {**{sign: f"\\{sign}" for sign in "\\|*_`[]"}, "<": "&lt;"}
_LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    "·": r"\textperiodcentered{}",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "−": "$-$",
    "≤": r"$\leq$",
}


def markdown_text(text: str) -> str:
    """Text as Markdown shows it, on one line."""
    return "".join(_MARKDOWN.get(sign, sign) for sign in one_line(text))


def latex_text(text: str) -> str:
    """Text as LaTeX sets it, on one line."""
    return "".join(_LATEX.get(sign, sign) for sign in one_line(text))


def one_line(text: str) -> str:
    """A heading without its line breaks; one that was broken at a hyphen joins again."""
    return text.replace("-\n", "-").replace("\n", " ")


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """The lines of a Markdown table; `right` says which columns are aligned to the right."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    marks = ["--:" if side else "---" for side in right]
    return [line([*map(markdown_text, header)]), line(marks), *(line([*map(markdown_text, row)]) for row in rows)]


def latex_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], caption: str = ""
) -> list[str]:
    """The lines of a LaTeX table of the package booktabs; without a caption only the tabular."""

    def line(cells: Sequence[str]) -> str:
        return " & ".join(map(latex_text, cells)) + r" \\"

    tabular = [
        rf"\begin{{tabular}}{{{''.join('r' if side else 'l' for side in right)}}}",
        *(r"\toprule", line(header), r"\midrule", *map(line, rows), r"\bottomrule", r"\end{tabular}"),
    ]
    if not caption:
        return tabular
    return [r"\begin{table}", rf"\caption{{{latex_text(caption)}}}", *tabular, r"\end{table}"]


def after_first(header: Sequence[str]) -> list[bool]:
    """For tables of numbers: every column but the first is aligned to the right."""
    return [place > 0 for place in range(len(header))]


def sentences(*parts: str) -> str:
    """Parts of a caption, each ended by one full stop; empty ones are left out."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
