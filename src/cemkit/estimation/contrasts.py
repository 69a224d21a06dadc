"""One difference at a time: independent groups, or groups whose covariance a design gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, did_you_mean
from cemkit.estimation.counted import Counted
from cemkit.estimation.measure import Measure
from cemkit.estimation.variance import Variance, ratios_of_unions
from cemkit.statistics.survey import WaldTest, wald_test

__all__ = ["Pair", "design_pairs", "independent_omnibus", "independent_pairs", "require_difference_method"]

Floats = npt.NDArray[np.float64]


class Pair(NamedTuple):
    """One difference in the unit of the measure; ``std_error`` and limits are those of the method."""

    estimate_group: float
    estimate_reference: float
    difference: float
    std_error: float
    low: float
    high: float
    statistic: float
    df: float
    p_value: float


def require_difference_method(measure: Measure, method: str | None, *, with_design: bool, against: Any) -> str:
    """Return the method of the difference, or raise where it is unknown or does not go with a design."""
    if with_design:
        allowed: tuple[str, ...] = ("t", "wald")
    elif against == "total":
        allowed = ("wald",)
    elif measure.statistic == "mean":
        allowed = ("t", "wald")
    else:
        allowed = ("adjusted-wald", "wald", "t")
    if method is None:
        return allowed[0]
    if method not in allowed:
        why = " under a design" if with_design else " against the total" if against == "total" else ""
        msg = (
            f"method={method!r} is not one of {', '.join(allowed)} for differences{why}.{did_you_mean(method, allowed)}"
        )
        raise CemkitError(msg)
    return method


def independent_pairs(
    counted: Counted,
    measure: Measure,
    members: npt.NDArray[np.intp],
    pairs: Sequence[tuple[Floats, Floats]],
    *,
    level: float,
    method: str,
) -> list[Pair]:
    """Return the differences of unions of independent groups."""
    sums = np.where((members >= 0)[:, None], counted.counts[members], 0.0)
    n = np.where(members >= 0, counted.n[members], 0.0)
    return [
        _independent_pair(measure, left @ sums, float(left @ n), right @ sums, float(right @ n), level, method)
        for left, right in pairs
    ]


def _independent_pair(
    measure: Measure, left: Floats, n_left: float, right: Floats, n_right: float, level: float, method: str
) -> Pair:
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    estimates = [_mean(measure, counts, n)[0] for counts, n in ((left, n_left), (right, n_right))]
    moments = [_moments(measure, counts, n, method) for counts, n in ((left, n_left), (right, n_right))]
    centre = moments[0][0] - moments[1][0]
    parts = [moments[0][1], moments[1][1]]
    std_error = float(np.sqrt(sum(parts)))
    df = np.inf
    if method == "t":
        spread = [v**2 / (n - 1) if n > 1 else np.nan for v, n in zip(parts, (n_left, n_right), strict=True)]
        df = sum(parts) ** 2 / sum(spread) if sum(spread) > 0 else np.nan
    quantile = ndtri((1 + level) / 2) if not np.isfinite(df) else stdtrit(df, (1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.float64(centre) / std_error
    p_value = 2 * (ndtr(-abs(statistic)) if not np.isfinite(df) else stdtr(df, -abs(statistic)))
    difference = estimates[0] - estimates[1]
    return _pair(
        measure, estimates, difference, centre, std_error, float(quantile), float(statistic), df, float(p_value)
    )


def _mean(measure: Measure, counts: Floats, n: float) -> tuple[float, float]:
    if n <= 0:
        return np.nan, np.nan
    mean = float(counts @ measure.numerator) / n
    return mean, max(float(counts @ measure.square) / n - mean**2, 0.0)


def _moments(measure: Measure, counts: Floats, n: float, method: str) -> tuple[float, float]:
    """Return the centre and the variance of the mean that interval and test share."""
    if method == "adjusted-wald":
        # Half a pseudo answer at either end and one between them for a net score (3/4, 3/2, 3/4); one success and one
        # failure for a share (Agresti & Caffo, 2000).
        extra = np.zeros(len(counts))
        extra[0], extra[-1] = (0.75, 0.75) if measure.statistic == "net" else (1.0, 1.0)
        more = 3.0 if measure.statistic == "net" else 2.0
        if n <= 0:
            return np.nan, np.nan
        mean, variance = _mean(measure, counts + extra, n + more)
        return mean, variance / (n + more)
    mean, variance = _mean(measure, counts, n)
    if method == "wald" and measure.statistic != "mean":
        return mean, variance / n if n > 0 else np.nan
    return mean, variance / (n - 1) if n > 1 else np.nan


def independent_omnibus(counted: Counted, measure: Measure, members: npt.NDArray[np.intp], *, method: str) -> WaldTest:
    """Chi-square test that independent groups are alike, with the estimates and errors of the method."""
    present = members[members >= 0]
    moments = np.array([_moments(measure, counted.counts[g], counted.n[g], method) for g in present]).reshape(-1, 2)
    known = np.isfinite(moments).all(axis=1)
    return wald_test(moments[known, 0], np.diag(moments[known, 1]), df=np.inf)


def design_pairs(
    source: Variance,
    measure: Measure,
    members: npt.NDArray[np.intp],
    pairs: Sequence[tuple[Floats, Floats]],
    *,
    df: float,
    level: float,
    method: str,
) -> tuple[list[Pair], Floats, Floats]:
    """Return the differences under a design, and the estimates of the levels with their covariance."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    present = np.flatnonzero(members >= 0)
    sides = np.array([side for pair in pairs for side in pair])
    unions = np.vstack([np.eye(len(members)), sides])[:, present]
    estimate, covariance = ratios_of_unions(source, measure.numerator, measure.denominator, members[present], unions)
    free = df if method == "t" else np.inf
    if free < 1:
        quantile = np.nan
    else:
        quantile = float(stdtrit(free, (1 + level) / 2) if np.isfinite(free) else ndtri((1 + level) / 2))
    found = []
    for p in range(len(pairs)):
        i, j = len(members) + 2 * p, len(members) + 2 * p + 1
        variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
        std_error = float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else np.nan
        difference = float(estimate[i] - estimate[j])
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = float(np.float64(difference) / std_error) if std_error > 0 else np.nan
        if free < 1:
            p_value = np.nan
        else:
            p_value = float(2 * (stdtr(free, -abs(statistic)) if np.isfinite(free) else ndtr(-abs(statistic))))
        sides_found = [float(estimate[i]), float(estimate[j])]
        found.append(_pair(measure, sides_found, difference, difference, std_error, quantile, statistic, free, p_value))
    size = len(members)
    return found, estimate[:size], covariance[:size, :size]


def _pair(
    measure: Measure,
    estimates: Sequence[float],
    difference: float,
    centre: float,
    std_error: float,
    quantile: float,
    statistic: float,
    df: float,
    p_value: float,
) -> Pair:
    """Put a difference into the unit of the measure, clipped to what a difference can be."""
    factor, origin = measure.factor, measure.origin
    low, high = centre - quantile * std_error, centre + quantile * std_error
    ends = sorted((factor * low, factor * high)) if np.isfinite(low) and np.isfinite(high) else [np.nan, np.nan]
    reach = measure.limits[1] - measure.limits[0]
    return Pair(
        origin + factor * estimates[0],
        origin + factor * estimates[1],
        factor * difference,
        abs(factor) * std_error,
        max(ends[0], -reach) if np.isfinite(ends[0]) else np.nan,
        min(ends[1], reach) if np.isfinite(ends[1]) else np.nan,
        float(np.sign(factor)) * statistic,
        df,
        p_value,
    )
