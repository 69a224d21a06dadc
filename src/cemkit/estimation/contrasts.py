"""One difference at a time: independent groups, or groups whose covariance a design gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, did_you_mean
from cemkit.estimation.counted import Counted
from cemkit.estimation.intervals import with_pseudo_answers
from cemkit.estimation.measure import Measure
from cemkit.estimation.variance import Variance, ratios_of_unions
from cemkit.statistics._arguments import is_one_of
from cemkit.statistics.differences import NET_PSEUDO, SHARE_PSEUDO, Moments, mean_difference
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.survey import WaldTest, wald_test

if TYPE_CHECKING:
    from cemkit.statistics.differences import DifferenceMethod

__all__ = ["Pair", "design_pairs", "independent_omnibus", "independent_pairs", "require_difference_method"]

Floats = npt.NDArray[np.float64]
_PSEUDO = {"net": NET_PSEUDO, "top": SHARE_PSEUDO}


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
    if not is_one_of(method, allowed):
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
    present = members >= 0
    counts = np.where(present[:, None], counted.counts[members], 0.0)
    n = np.where(present, counted.n[members], 0.0)
    sides = [_moments(measure, np.array([pair[side] for pair in pairs]), counts, n) for side in range(2)]
    found = mean_difference(
        sides[0],
        sides[1],
        level=level,
        method=cast("DifferenceMethod", method),
        pseudo=_PSEUDO.get(measure.statistic, NET_PSEUDO),
        unbiased=measure.statistic == "mean",
    )
    return [
        _pair(
            measure,
            (sides[0].mean[p], sides[1].mean[p]),
            found.estimate[p],
            (found.low[p], found.high[p]),
            found.std_error[p],
            found.statistic[p],
            found.df[p],
            found.p_value[p],
        )
        for p in range(len(pairs))
    ]


def _moments(measure: Measure, unions: Floats, counts: Floats, n: Floats) -> Moments:
    total, size = unions @ counts, unions @ n
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (total @ measure.numerator) / size
        variance = np.maximum((total @ measure.square) / size - mean**2, 0.0)
    return Moments(mean, variance, size)


def independent_omnibus(counted: Counted, measure: Measure, members: npt.NDArray[np.intp], *, method: str) -> WaldTest:
    """Chi-square test that independent groups are alike, with the centres and errors that the pairs use."""
    present = members[members >= 0]
    unit = np.eye(len(present))
    side = _moments(measure, unit, counted.counts[present], counted.n[present])
    if method == "adjusted-wald":
        pseudo = _PSEUDO[measure.statistic]
        size = side.n + pseudo.n
        mean = (side.n * side.mean + pseudo.n * pseudo.mean) / size
        square = (side.n * (side.variance + side.mean**2) + pseudo.n * pseudo.square) / size
        spread = (square - mean**2) / size
    else:
        fewer = 1.0 if method == "t" or measure.statistic == "mean" else 0.0
        mean, spread = side.mean, side.variance / np.where(side.n > fewer, side.n - fewer, np.nan)
    known = np.isfinite(mean) & np.isfinite(spread)
    return wald_test(mean[known], np.diag(spread[known]), df=np.inf)


def design_pairs(
    source: Variance,
    counted: Counted,
    measure: Measure,
    members: npt.NDArray[np.intp],
    pairs: Sequence[tuple[Floats, Floats]],
    *,
    df: float,
    level: float,
    method: str,
) -> tuple[list[Pair], Floats, Floats]:
    """Return the differences under a design, and the estimates of the levels with their covariance.

    A side whose answers are all alike has no variance of its own; it is given that of the adjusted interval. A difference
    has Satterthwaite's degrees of freedom from those of its sides, at most the ``df`` of the whole slice.
    """
    present = np.flatnonzero(members >= 0)
    sides = np.array([side for pair in pairs for side in pair])
    unions = np.vstack([np.eye(len(members)), sides])[:, present]
    estimate, covariance = ratios_of_unions(source, measure.numerator, measure.denominator, members[present], unions)
    floor = _variance_where_alike(counted, measure, members[present], unions)
    own = source.ratios(measure.numerator, measure.denominator).df[members[present]]
    side_df = np.array([own[row > 0][0] if (row > 0).sum() == 1 else df for row in unions])
    found = []
    for p in range(len(pairs)):
        i, j = len(members) + 2 * p, len(members) + 2 * p + 1
        parts = covariance[i, i] + floor[i], covariance[j, j] + floor[j]
        variance = parts[0] + parts[1] - 2 * covariance[i, j]
        std_error = float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else np.nan
        difference = float(estimate[i] - estimate[j])
        statistic = difference / std_error if std_error > 0 else np.nan
        free = min(df, _satterthwaite(parts, (side_df[i], side_df[j]))) if method == "t" else np.inf
        quantile, tail = _t_or_normal(free, level)
        limits = difference - quantile * std_error, difference + quantile * std_error
        sides_found = float(estimate[i]), float(estimate[j])
        found.append(_pair(measure, sides_found, difference, limits, std_error, statistic, free, tail(statistic)))
    size = len(members)
    return found, estimate[:size], covariance[:size, :size]


def _variance_where_alike(counted: Counted, measure: Measure, members: npt.NDArray[np.intp], unions: Floats) -> Floats:
    """Return per union the variance of the adjusted interval where all answers are alike, else zero."""
    sums = np.zeros((len(counted.groups), counted.sums.shape[1]))
    np.add.at(sums, counted.group, counted.sums)
    clusters = grouped_sum(counted.group, counted.answering, groups=len(counted.groups))
    total = unions @ sums[members]
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = (total @ measure.numerator) / (total @ measure.denominator)
        spread = (total @ measure.square) / (total @ measure.denominator) - theta**2
    _, error = with_pseudo_answers(theta, np.maximum(unions @ clusters[members], 1.0), *measure.raw_limits)
    return np.where(np.isfinite(theta) & (np.abs(spread) < 1e-14), error**2, 0.0)


def _satterthwaite(variances: tuple[float, float], df: tuple[float, float]) -> float:
    below = sum(v**2 / d if v > 0 else 0.0 for v, d in zip(variances, df, strict=True) if d > 0 or v == 0)
    if any(d <= 0 < v for v, d in zip(variances, df, strict=True)):
        return 0.0
    return float(sum(variances) ** 2 / below) if below > 0 else np.inf


def _t_or_normal(df: float, level: float) -> tuple[float, Callable[[float], float]]:
    """Return the quantile of the interval and the function from a statistic to its two-sided p-value."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    if df < 1:
        return np.nan, lambda _: np.nan
    if np.isfinite(df):
        return float(stdtrit(df, (1 + level) / 2)), lambda z: float(2 * stdtr(df, -abs(z)))
    return float(ndtri((1 + level) / 2)), lambda z: float(2 * ndtr(-abs(z)))


def _pair(
    measure: Measure,
    estimates: tuple[float, float],
    difference: float,
    limits: tuple[float, float],
    std_error: float,
    statistic: float,
    df: float,
    p_value: float,
) -> Pair:
    """Put a difference into the unit of the measure, clipped to what a difference can be."""
    factor, origin = measure.factor, measure.origin
    reach = measure.limits[1] - measure.limits[0]
    low, high = np.clip(np.sort(factor * np.asarray(limits)), -reach, reach)
    return Pair(
        float(origin + factor * estimates[0]),
        float(origin + factor * estimates[1]),
        float(factor * difference),
        float(abs(factor) * std_error),
        float(low),
        float(high),
        float(np.sign(factor) * statistic),
        float(df),
        float(p_value),
    )
