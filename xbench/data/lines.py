"""The text of a file and its lines, exactly as they are."""

from __future__ import annotations

from pathlib import Path

from xbench.errors import DataError


def file_text(path: Path) -> str:
    """The file's text without a byte order mark at its begin. Raises DataError, with the line, for what is no UTF-8."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None


def line_end(text: str) -> str:
    """'\\r\\n' where the first line ends so, else '\\n'. A carriage return elsewhere is content."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def lines_of(text: str) -> list[str]:
    """The lines, without their ends; what stands after the last end is a line where it is not empty."""
    lines = text.split(line_end(text))
    if lines[-1] == "":
        lines.pop()
    return lines
