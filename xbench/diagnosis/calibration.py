"""Calibration: whether a system that is 80 % sure is right 80 % of the time (Guo et al. 2017, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy

from xbench.diagnosis.answers import Answers

if TYPE_CHECKING:
    import pandas

BINS = 15
"""Bins of equal width over confidences from 0 to 1; a bin holds its upper end. As many as Guo et al. have."""


@dataclass(frozen=True)
class Calibration:
    """`summary` has a row for each language, `bins` a row for each language and bin that holds an answer."""

    summary: pandas.DataFrame
    bins: pandas.DataFrame


def calibration(answers: Mapping[str, Answers], bins: int = BINS) -> Calibration:
    """The expected calibration error of each language, and the reliability diagram's bins.

    summary: language, scores, n (answers with a confidence, over all seeds), without (answers that have none),
    confidence, accuracy (means over those n), ece, ece_if_calibrated. ECE (Guo et al., equation 3) is computed for each
    seed and averaged. A calibrated system has an ECE above 0 too, by chance: `ece_if_calibrated` is what to expect of
    one with the same confidences. Languages without confidences have no row.
    bins: language, bin, lower, upper, n, confidence, accuracy; over all seeds.
    """
    import pandas

    summary, rows = [], []
    for language, one in answers.items():
        if one.confidence is None or numpy.isnan(one.confidence).all():
            continue
        tables = numpy.stack([_bins(*pair, bins) for pair in zip(one.confidence, one.right, strict=True)])
        errors = [_error(table) for table in tables]
        total = tables.sum(axis=0)  # [bins, (n, confidences, right, variances)]
        n, confidences, right = total[:, :3].sum(axis=0)
        summary.append(
            {
                "language": language,
                "scores": one.scores,
                "n": int(n),
                "without": int(one.right.size - n),
                "confidence": confidences / n,
                "accuracy": right / n,
                "ece": _mean(errors, 0),
                "ece_if_calibrated": _mean(errors, 1),
            }
        )
        for number in numpy.flatnonzero(total[:, 0]):
            count, confidence, correct, _ = total[number]
            rows.append(
                {
                    "language": language,
                    "bin": int(number),
                    "lower": number / bins,
                    "upper": (number + 1) / bins,
                    "n": int(count),
                    "confidence": confidence / count,
                    "accuracy": correct / count,
                }
            )
    return Calibration(
        pandas.DataFrame(
            summary,
            columns=["language", "scores", "n", "without", "confidence", "accuracy", "ece", "ece_if_calibrated"],
        ),
        pandas.DataFrame(rows, columns=["language", "bin", "lower", "upper", "n", "confidence", "accuracy"]),
    )


def _bins(confidence: numpy.ndarray, right: numpy.ndarray, bins: int) -> numpy.ndarray:
    """[bins, 4]: n, the sums of confidences and of right answers, and the variance of the latter if calibrated."""
    known = ~numpy.isnan(confidence)
    sure, correct = confidence[known].astype(float), right[known].astype(float)
    place = numpy.clip(numpy.ceil(sure * bins - 1e-9).astype(int) - 1, 0, bins - 1)
    weights = (None, sure, correct, sure * (1 - sure))
    return numpy.stack([numpy.bincount(place, weights=weight, minlength=bins) for weight in weights], axis=1)


def _error(table: numpy.ndarray) -> tuple[float, float]:
    """(ECE, its mean if calibrated) of one seed. A sum of right answers is near normal: its mean size is known."""
    n, confidence, right, variance = table.T
    if n.sum() == 0:
        return numpy.nan, numpy.nan
    by_chance = numpy.sqrt(2 / numpy.pi * numpy.clip(variance, 0, None))
    return float(numpy.abs(right - confidence).sum() / n.sum()), float(by_chance.sum() / n.sum())


def _mean(errors: list[tuple[float, float]], place: int) -> float:
    return float(numpy.nanmean([error[place] for error in errors]))
