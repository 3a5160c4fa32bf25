"""Tests of paired and of independent observations: Student's t, Welch's t, and the sign test."""

from __future__ import annotations

import warnings

import numpy

from xbench.analysis.significance.p_value import Numbers, PValue, least_of_signs

SAME = 12  # decimals; fractions that are equal on paper differ in the last bits


def paired_t(first: Numbers, second: Numbers, paired: str = "pairs") -> PValue | None:
    """Student's t-test of paired differences, two-sided (scipy's `ttest_rel`).

    Exact for normal differences. p = 1 where all are zero; None for fewer than two pairs, and where all differences
    are the same number other than zero: t is then infinite, and says nothing.
    """
    from scipy import stats

    differences = differences_of(first, second)
    n = len(differences)
    if n < 2 or (_constant(differences) and differences.any()):
        return None
    p = 1.0 if not differences.any() else float(stats.ttest_1samp(differences, 0.0).pvalue)
    return PValue("paired t-test", p, n, paired)


def independent_t(
    first: Numbers, second: Numbers, paired: str = "observations", *, equal_variances: bool = False
) -> PValue | None:
    """The t-test of two independent samples, two-sided: Welch's, or Student's with pooled variance.

    n counts both samples. It ignores which observations belong together, and so wastes what pairing gains. None for
    fewer than two observations in a sample, and where neither sample varies.
    """
    from scipy import stats

    name = "Student's t-test, independent" if equal_variances else "Welch's t-test, independent"
    if min(len(first), len(second)) < 2 or (_constant(first) and _constant(second)):
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Precision loss")  # of a sample that does not vary
        p = float(stats.ttest_ind(first, second, equal_var=equal_variances).pvalue)
    return PValue(name, p, len(first) + len(second), f"{paired}, none paired")


def sign_test(first: Numbers, second: Numbers, paired: str = "pairs") -> PValue:
    """The sign test, two-sided and exact (scipy's `binomtest`); pairs that do not differ take no part."""
    from scipy import stats

    differences = differences_of(first, second)
    n, positive = int((differences != 0).sum()), int((differences > 0).sum())
    p = float(stats.binomtest(positive, n).pvalue) if n else 1.0
    return PValue("sign test", p, n, paired, least_of_signs(n))


def differences_of(first: Numbers, second: Numbers) -> numpy.ndarray:
    """first - second, with differences that are only rounding set to zero. Raises ValueError for unequal lengths."""
    one, other = numpy.asarray(first, dtype=float), numpy.asarray(second, dtype=float)
    if one.shape != other.shape:
        raise ValueError(f"pairs were expected, not {one.shape} and {other.shape} values")
    return numpy.round(one - other, SAME)


def _constant(values: Numbers) -> bool:
    """Whether the values are one, up to rounding: equal ones may lie on both sides of where it turns."""
    return float(numpy.ptp(numpy.asarray(values, dtype=float))) < 2 * 10**-SAME
