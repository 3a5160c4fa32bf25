"""Tables of the site: columns that say what they are, cells, and means drawn with their intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xbench.languages import facts
from xbench.site.text import missing, value

if TYPE_CHECKING:
    from xbench.analysis.intervals import Interval


@dataclass(frozen=True)
class Column:
    """A column: what it is called (and, in small letters, `below`), what it says, how it sorts.

    Text is sorted as words, all else as numbers, high ones first where `high_first`. `apart` draws a line before it.
    """

    name: str
    text: str
    says: str = ""
    is_text: bool = False
    high_first: bool = False
    below: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Range:
    """Where on its column's line, from 0 to 1, a mean and the ends of its interval are drawn."""

    at: str
    low: str
    high: str


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by ("": last). `below` are the bounds of its interval, in words."""

    text: str
    order: str = ""
    spread: str = ""
    below: str = ""
    title: str = ""
    is_text: bool = False
    range: Range | None = None


@dataclass(frozen=True)
class Axis:
    """The line that a column's means and intervals are drawn on."""

    low: float
    high: float

    @classmethod
    def over(cls, means: Iterable[float | None], intervals: Iterable[Interval | None]) -> Axis:
        """The line that holds them all."""
        ends = [one for one in means if one is not None]
        ends += [end for one in intervals if one is not None for end in (one.low, one.high)]
        return cls(min(ends, default=0.0), max(ends, default=1.0))

    @classmethod
    def around_zero(cls, ends: Iterable[float | None]) -> Axis:
        """The line with 0 in its middle that holds them all."""
        reach = max((abs(one) for one in ends if not missing(one)), default=0.0) or 0.01  # type: ignore[arg-type]
        return cls(-reach, reach)

    def range(self, mean: float | None, low: float | None = None, high: float | None = None) -> Range | None:
        """The drawing of a mean and its interval; None where there is no mean."""
        if missing(mean):
            return None
        bounds = (mean, mean) if missing(low) or missing(high) else (low, high)
        return Range(*(self._place(one) for one in (mean, *bounds)))  # type: ignore[arg-type]

    def mean(self, mean: float | None, interval: Interval | None) -> Range | None:
        """The same of a mean whose interval is one of the analysis."""
        return self.range(mean) if interval is None else self.range(mean, interval.low, interval.high)

    @property
    def zero(self) -> str:
        """Where 0 lies; "" where it is not on the line."""
        return self._place(0.0) if self.low < 0 < self.high else ""

    def _place(self, one: float) -> str:
        return f"{(one - self.low) / (self.high - self.low):.4f}" if self.high > self.low else "0.5"


def plus_minus(spread: float | None) -> str:
    """A standard deviation behind its mean; "" where there is none."""
    return "" if spread is None else f"±{value(spread)}"


def bounds(interval: Interval | None, sign: str = "") -> str:
    """An interval in words, below its mean; "" where there is none."""
    return "" if interval is None else f"{value(interval.low, sign)} to {value(interval.high, sign)}"


def language_column(code: str, *, is_source: bool = False) -> Column:
    """A column of one language, that says which."""
    about = facts(code)
    says = ", ".join(part for part in (about.name, about.group) if part) + (" (the source)" if is_source else "")
    return Column(code, code, says, high_first=True, below="source" if is_source else "", apart=is_source)
