"""A p-value that is never alone: with the test's name, n, what was paired, and the least p that n allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

LEVEL = 0.05
Numbers = Sequence[float] | numpy.ndarray


@dataclass(frozen=True)
class PValue:
    """A two-sided p of `test` over `n` pairs (or observations); `paired` says in words what was paired.

    `least` is the smallest p that the test could give with this n: discrete tests cannot reach 0.05 with few pairs.
    """

    test: str
    p: float
    n: int
    paired: str
    least: float = 0.0

    @property
    def too_few(self) -> bool:
        """Whether there are too few pairs for any p < 0.05."""
        return self.least >= LEVEL

    def __str__(self) -> str:
        few = "; too few for any p < 0.05" if self.too_few else ""
        return f"{self.test}: p = {self.p:.3g}, n = {self.n} {self.paired}{few}"


def least_of_signs(n: int) -> float:
    """The smallest two-sided p of a test over the signs of n differences: all of one sign."""
    return min(1.0, 2.0 ** (1 - n))
