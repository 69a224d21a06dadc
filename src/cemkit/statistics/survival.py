"""Kaplan–Meier curves with late entries, their quantiles and their restricted mean."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_level, critical_value
from cemkit.statistics.risk_sets import durations, risk_table

__all__ = [
    "KaplanMeier",
    "RestrictedMean",
    "SurvivalAt",
    "SurvivalQuantile",
    "curve_of_counts",
    "kaplan_meier",
    "kaplan_meier_by",
    "restricted_mean",
    "survival_at",
    "survival_quantile",
]

Floats = npt.NDArray[np.float64]


class KaplanMeier(NamedTuple):
    """A survival curve: one row per distinct time at which somebody left."""

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    """Share still there *after* this time."""
    std_error: Floats
    """Greenwood's; NaN where the curve has reached 0."""
    low: Floats
    high: Floats
    """log(−log) limits; where the curve has reached 0, low is 0 and high the last limit that exists."""
    hazard_variance: Floats
    """Σ d/(n(n − d)) up to this time: the variance of log survival."""
    last: float
    """The longest time observed; beyond it the curve is unknown, unless it has reached 0."""
    level: float


class SurvivalAt(NamedTuple):
    """The curve read at given times; NaN beyond the time observed."""

    time: Floats
    survival: Floats
    std_error: Floats
    low: Floats
    high: Floats


class SurvivalQuantile(NamedTuple):
    """The first time at which the curve is at or below 1 − p; NaN where it never is."""

    p: float
    time: float
    low: float
    high: float


class RestrictedMean(NamedTuple):
    """Mean time until leaving or ``until``, whichever comes first: the area under the curve."""

    until: float
    estimate: float
    std_error: float
    low: float
    high: float
    status: str
    """'ok' or 'beyond-follow-up' (``until`` exceeds the time observed; all NaN)."""


def kaplan_meier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    counts: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> KaplanMeier:
    r"""Estimate the share still there over time, :math:`\hat S(t) = \prod_{t_i \le t} (1 - d_i / n_i)`.

    Parameters
    ----------
    time : (n,) array
        Time at which a unit left or was last seen.
    event : (n,) array of bool
        True where it left.
    entry : (n,) array, optional
        Time from which it was watched (left truncation): it is at risk on (entry, time]. −∞ is from the beginning.
    counts : (n,) array, optional
        Number of units that a row stands for: a collapsed table gives the answer of its rows.
    level : float
        Confidence level of ``low, high``.

    Notes
    -----
    Kaplan & Meier (1958); the standard error is Greenwood's (1926), the limits are those of log(−log S) (Kalbfleisch &
    Prentice 1980). Units are independent, and when somebody was last seen says nothing about when they would leave.
    With late entries few are at risk early: a curve that reaches 0 there stays there, as the formula demands.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 5], [True, True, False, True, False])
    >>> curve.time.tolist(), curve.survival.round(4).tolist()
    ([1.0, 2.0, 3.0], [0.8, 0.6, 0.3])
    """
    check_level(level)
    units = durations(time, np.asarray(event, dtype=np.bool_), entry=entry, counts=counts)
    table = risk_table(units)
    return curve_of_counts(table.time, table.at_risk, table.events[:, 0], table.last, level=level)


def kaplan_meier_by(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.NDArray[np.integer],
    *,
    groups: int,
    entry: npt.ArrayLike | None = None,
    counts: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[KaplanMeier, ...]:
    """Return one curve per group 0, 1, …, groups − 1 (empty where a group has nobody)."""
    check_level(level)
    units = durations(time, np.asarray(event, dtype=np.bool_), entry=entry, counts=counts)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(np.asarray(group)[order], np.arange(groups + 1))
    tables = (risk_table(units.take(order[low:high])) for low, high in pairwise(bounds))
    return tuple(
        curve_of_counts(table.time, table.at_risk, table.events[:, 0], table.last, level=level) for table in tables
    )


def curve_of_counts(time: Floats, number: Floats, events: Floats, last: float, *, level: float) -> KaplanMeier:
    """Return the curve of the numbers at risk and of events at each distinct event time, sorted."""
    survival = np.asarray(np.cumprod(1.0 - events / number), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.asarray(np.cumsum(events / (number * (number - events))), dtype=np.float64)
        std_error = survival * np.sqrt(variance)
    low, high = _log_log_limits(survival, variance, level)
    return KaplanMeier(time, number, events, survival, std_error, low, high, variance, last, level)


def _log_log_limits(survival: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        # beyond 700 the power is 0 or 1 in any case
        theta = np.minimum(float(critical_value(level)) * np.sqrt(variance) / -np.log(survival), 700.0)
        low, high = survival ** np.exp(theta), survival ** np.exp(-theta)
    gone = survival <= 0
    if gone.any():
        first = int(np.argmax(gone))
        low[first:] = 0.0
        high[first:] = high[first - 1] if first else 1.0
    return low, high


def survival_at(curve: KaplanMeier, times: npt.ArrayLike) -> SurvivalAt:
    """Read the curve at times of one's own: 1 before anybody has left, NaN beyond the time observed."""
    asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
    place = np.searchsorted(curve.time, asked, side="right")
    known = (asked <= curve.last) | ((curve.survival.size > 0) and bool(np.any(curve.survival[-1:] <= 0)))

    def read(values: Floats, before: float) -> Floats:
        return np.where(known, np.concatenate([[before], values])[place], np.nan)

    return SurvivalAt(
        asked, read(curve.survival, 1.0), read(curve.std_error, 0.0), read(curve.low, 1.0), read(curve.high, 1.0)
    )


def survival_quantile(curve: KaplanMeier, p: float = 0.5) -> SurvivalQuantile:
    """Return the time by which the share ``p`` has left, with limits (Brookmeyer & Crowley 1982).

    The limits are the times at which the curve's own log(−log) limits cross 1 − p. NaN where a curve never does.
    """
    if not 0 < p < 1:
        msg = f"a quantile needs 0 < p < 1, not {p!r}: 0.5 is the median"
        raise CemkitError(msg)

    def first(values: Floats) -> float:
        # a product of ratios that is 1 − p on paper may lie an ulp above it
        reached = values <= 1 - p + 1e-12
        return float(curve.time[np.argmax(reached)]) if reached.any() else float("nan")

    return SurvivalQuantile(p, first(curve.survival), first(curve.low), first(curve.high))


def restricted_mean(curve: KaplanMeier, until: float) -> RestrictedMean:
    r"""Return the area under the curve up to ``until`` with its standard error.

    The variance is :math:`\sum_i \left[\int_{t_i}^\tau \hat S\right]^2 \frac{d_i}{n_i (n_i - d_i)}` (Klein &
    Moeschberger 2003, 4.5.2), not the variance of min(T, τ). Limits are normal, within 0 and ``until``. Time counts
    from 0.
    """
    nothing = float("nan")
    over = curve.survival.size == 0 or curve.survival[-1] > 0
    if not until > 0:
        msg = f"a restricted mean needs a time above 0, not {until!r}"
        raise CemkitError(msg)
    if (over and not until <= curve.last) or np.isnan(curve.last):
        return RestrictedMean(until, nothing, nothing, nothing, nothing, "beyond-follow-up")
    inside = (curve.time < until) & (curve.time > 0)
    start = float(np.prod(1.0 - (curve.events / curve.at_risk)[curve.time <= 0]))
    edges = np.concatenate([[0.0], curve.time[inside], [until]])
    area = np.concatenate([[start], curve.survival[inside]]) * np.diff(edges)
    rest = np.cumsum(area[::-1])[::-1]
    estimate = float(rest[0])
    number, events = curve.at_risk[inside], curve.events[inside]
    some = number > events
    term = rest[1:][some] ** 2 * events[some] / (number[some] * (number[some] - events[some]))
    std_error = float(np.sqrt(term.sum()))
    reach = float(critical_value(curve.level)) * std_error
    return RestrictedMean(until, estimate, std_error, max(estimate - reach, 0.0), min(estimate + reach, until), "ok")
