"""Numbers as people read them: one decimal, no minus before nothing, and equal ones alike."""

from __future__ import annotations

import numpy
import pytest

from xbench.report.numbers import number


@pytest.mark.parametrize(
    ("fraction", "sign", "shown"), [(0.8534, "", "85.3"), (-0.00001, "+", "0.0"), (0.05, "+", "+5.0"), (None, "", "")]
)
def test_numbers_for_people(fraction: float | None, sign: str, shown: str) -> None:
    assert number(fraction, sign) == shown


def test_means_in_another_order_are_printed_alike() -> None:
    """Where the mean lies between two decimals the last bits of a sum would decide."""
    generator = numpy.random.default_rng(0)
    values = numpy.array([0.5145] * 10) + numpy.array([-0.1, 0.1] * 5)
    printed = {number(float(sum(generator.permutation(values))) / 10) for _ in range(200)}
    assert len({float(sum(generator.permutation(values))) / 10 for _ in range(200)}) > 1 and len(printed) == 1
