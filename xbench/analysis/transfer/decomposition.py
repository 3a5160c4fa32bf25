"""Where a gap comes from: another mix of examples, or worse behaviour on like examples, bucket by bucket.

The decomposition of Kitagawa (1955), Oaxaca (1973) and Blinder (1973) over buckets, two-fold with average weights and
rates, so that there is no interaction term; buckets that one language alone fills as Nopo (2008) treats men and women
without a match. In the buckets C that both fill, let v be a bucket's share of a language's examples in C, r its rate
(mean outcome there), and m the mean of the two languages' rates in all of C. With s the source and t the target:

    mix of a bucket        (v_s - v_t) * ((r_s + r_t) / 2 - m)      more examples in buckets that are easy for both
    behaviour of a bucket  (r_s - r_t) * (v_s + v_t) / 2            better answers on like examples
    unmatched              w * (r - rate in C), + for a bucket that the source alone fills, - for the target

w is the bucket's share of all examples of its language. The sum over all buckets is the gap, exactly. m moves parts
between buckets only, never the sum of the mix, since v_s - v_t sums to 0. Without a common bucket all is unmatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from xbench.errors import RequestError
from xbench.metrics import METRICS

TERMS = ("mix", "behaviour", "unmatched")


@dataclass(frozen=True)
class BucketParts:
    """One bucket's parts of a gap, in units of the metric. `bucket` is its code.

    `weights` are the shares of the source's and of the target's examples, `rates` their mean outcomes: NaN where the
    bucket is empty. `counts` are numbers of examples (means, where several decompositions were averaged).
    """

    bucket: int
    counts: tuple[float, float]
    weights: tuple[float, float]
    rates: tuple[float, float]
    mix: float
    behaviour: float
    unmatched: float

    @property
    def total(self) -> float:
        """What the bucket contributes to the gap."""
        return self.mix + self.behaviour + self.unmatched


@dataclass(frozen=True)
class Decomposition:
    """A gap (source - target) and its parts; the sum of the parts is the gap."""

    source: float
    target: float
    buckets: tuple[BucketParts, ...]

    @property
    def gap(self) -> float:
        """source - target."""
        return self.source - self.target

    def term(self, name: str) -> float:
        """The sum over buckets of one of `TERMS`."""
        return float(sum(getattr(part, name) for part in self.buckets))


def check_metric(metric: str) -> None:
    """Raises RequestError, with the reason, for a metric whose gap cannot be decomposed over examples."""
    means = [name for name, one in METRICS.items() if one.is_mean]
    if metric not in means:
        raise RequestError(
            f"The gap in {metric} cannot be decomposed: {metric} is not known to be a mean over examples, so that its "
            f"value is not the sum of what the buckets contribute. It can for {', '.join(means)}."
        )


def decompose(
    source: numpy.ndarray, source_buckets: numpy.ndarray, target: numpy.ndarray, target_buckets: numpy.ndarray
) -> Decomposition:
    """The decomposition of mean(source) - mean(target).

    Outcomes of examples [n] are 0 or 1, or any numbers whose mean is the metric; buckets [n] are codes on edges that
    both languages share. With edges per language the mix would be equal by construction.

    Raises:
        ValueError: no examples, or not as many buckets as outcomes.
    """
    codes = numpy.unique(numpy.concatenate([_checked(source, source_buckets), _checked(target, target_buckets)]))
    sums = [_sums(*pair, codes) for pair in ((source, source_buckets), (target, target_buckets))]
    (n_s, y_s), (n_t, y_t) = sums
    mix, behaviour, unmatched = parts(n_s, y_s, n_t, y_t)
    weights = (n_s / n_s.sum(), n_t / n_t.sum())
    rates = [numpy.divide(y, n, out=numpy.full(len(n), numpy.nan), where=n > 0) for n, y in sums]
    buckets = tuple(
        BucketParts(
            int(code),
            (float(n_s[at]), float(n_t[at])),
            (float(weights[0][at]), float(weights[1][at])),
            (float(rates[0][at]), float(rates[1][at])),
            *(float(term[at]) for term in (mix, behaviour, unmatched)),
        )
        for at, code in enumerate(codes)
    )
    return Decomposition(float(y_s.sum() / n_s.sum()), float(y_t.sum() / n_t.sum()), buckets)


def average(decompositions: Sequence[Decomposition]) -> Decomposition:
    """The mean of several decompositions, of targets or of seeds; a bucket that one of them lacks is 0 there.

    A bucket's rates are means over those decompositions in which a language fills it.
    """
    codes = sorted({part.bucket for one in decompositions for part in one.buckets})
    found = [{part.bucket: part for part in one.buckets} for one in decompositions]
    buckets = tuple(_averaged(code, [one[code] for one in found if code in one], len(found)) for code in codes)
    return Decomposition(
        float(numpy.mean([one.source for one in decompositions])),
        float(numpy.mean([one.target for one in decompositions])),
        buckets,
    )


def parts(
    n_s: numpy.ndarray, y_s: numpy.ndarray, n_t: numpy.ndarray, y_t: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Mix, behaviour and unmatched [..., buckets], from numbers of examples and sums of outcomes [..., buckets]."""
    both = (n_s > 0) & (n_t > 0)
    v_s, v_t = (_ratio(n * both, (n * both).sum(axis=-1, keepdims=True)) for n in (n_s, n_t))
    r_s, r_t = _ratio(y_s, n_s), _ratio(y_t, n_t)
    inside_s, inside_t = ((v * r).sum(axis=-1, keepdims=True) for v, r in ((v_s, r_s), (v_t, r_t)))
    mix = numpy.where(both, (v_s - v_t) * ((r_s + r_t) / 2 - (inside_s + inside_t) / 2), 0.0)
    behaviour = numpy.where(both, (r_s - r_t) * (v_s + v_t) / 2, 0.0)
    w_s, w_t = (n / n.sum(axis=-1, keepdims=True) for n in (n_s, n_t))
    unmatched = numpy.where(both, 0.0, w_s * (r_s - inside_s) - w_t * (r_t - inside_t))
    return mix, behaviour, unmatched


def _ratio(above: numpy.ndarray, below: numpy.ndarray) -> numpy.ndarray:
    above, below = numpy.broadcast_arrays(above, below)
    return numpy.divide(above, below, out=numpy.zeros(above.shape), where=below > 0)


def _checked(outcomes: numpy.ndarray, buckets: numpy.ndarray) -> numpy.ndarray:
    if not len(outcomes) or len(outcomes) != len(buckets):
        raise ValueError(f"{len(outcomes)} outcomes and {len(buckets)} buckets; as many of both, and some, are needed")
    return numpy.asarray(buckets)


def _sums(outcomes: numpy.ndarray, buckets: numpy.ndarray, codes: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    at = numpy.searchsorted(codes, buckets)
    counts = numpy.bincount(at, minlength=len(codes)).astype(float)
    return counts, numpy.bincount(at, weights=numpy.asarray(outcomes, dtype=float), minlength=len(codes))


def _averaged(code: int, found: Sequence[BucketParts], of: int) -> BucketParts:
    counts = numpy.sum([part.counts for part in found], axis=0) / of
    weights = numpy.sum([part.weights for part in found], axis=0) / of
    rates = numpy.array([part.rates for part in found])
    filled = ~numpy.isnan(rates)
    means = _ratio(numpy.where(filled, rates, 0).sum(axis=0), filled.sum(axis=0))
    means = numpy.where(filled.any(axis=0), means, numpy.nan)
    terms = (float(sum(getattr(part, term) for part in found)) / of for term in TERMS)
    return BucketParts(code, _pair(counts), _pair(weights), _pair(means), *terms)


def _pair(values: numpy.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
