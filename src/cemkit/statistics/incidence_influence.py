"""What each unit adds to a cumulative incidence: variances of its ratios and differences, and of its quantiles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics._arguments import critical_value
from cemkit.statistics.risk_sets import durations, risk_table

__all__ = ["IncidenceAt", "IncidenceCurve", "half_time", "incidence_at", "incidence_curve"]

Floats = npt.NDArray[np.float64]


class IncidenceCurve(NamedTuple):
    """The incidence of cause 1 against every other, at the times of events."""

    unit_time: Floats
    unit_cause: npt.NDArray[np.intp]
    time: Floats
    at_risk: Floats
    own: Floats
    """Events of cause 1."""
    all: Floats
    """Events of any cause."""
    before: Floats
    """Share still there before each time."""
    incidence: Floats
    last: float


class IncidenceAt(NamedTuple):
    """The incidence at a time, and what each unit adds: the variance is the sum of squares of ``influence``."""

    estimate: float
    influence: Floats

    @property
    def variance(self) -> float:
        """Variance of the estimate."""
        return float(self.influence @ self.influence)


def incidence_curve(time: npt.ArrayLike, cause: npt.NDArray[np.integer]) -> IncidenceCurve:
    """Return the Aalen-Johansen curve of cause 1 (0 is still there, 2 and more are other causes)."""
    units = durations(time, np.asarray(cause))
    causes = max(int(units.cause.max(initial=1)), 1)
    table = risk_table(units, causes=causes)
    whole = table.events.sum(axis=1)
    after = np.cumprod(1.0 - whole / table.at_risk)
    before = np.concatenate([[1.0], after])[:-1]
    incidence = np.cumsum(before * table.events[:, 0] / table.at_risk)
    return IncidenceCurve(
        units.time, units.cause, table.time, table.at_risk, table.events[:, 0], whole, before, incidence, table.last
    )


def incidence_at(curve: IncidenceCurve, at: float) -> IncidenceAt:
    r"""Return the incidence by a time with each unit's influence.

    .. math:: \phi_i = \int_0^t \frac{S(u-)}{Y(u)} dM_{1i}(u) - \int_0^t \frac{F(t) - F(u)}{(1 - \Delta\Lambda(u)) Y(u)} dM_i(u)

    with the residuals :math:`dM = dN - Y_i\, d\Lambda`: the infinitesimal jackknife. Without censoring it is
    :math:`(1\{T_i \le t\} - F) / n`. NaN where nobody was watched for so long and some were still there.

    Examples
    --------
    >>> found = incidence_at(incidence_curve([1, 2, 3, 4], np.array([1, 0, 1, 0])), 3.5)
    >>> round(found.estimate, 4), round(found.variance**0.5, 4)
    (0.625, 0.2864)
    """
    used = curve.time <= at
    size = int(used.sum())
    left = float(curve.before[size] if size < curve.time.size else np.prod(1.0 - (curve.all / curve.at_risk)))
    if curve.unit_time.size == 0 or (not at <= curve.last and left > 0):
        return IncidenceAt(float("nan"), np.full(curve.unit_time.size, np.nan))
    if not size:
        return IncidenceAt(0.0, np.zeros(curve.unit_time.size))
    risk, own, whole = curve.at_risk[:size], curve.own[:size], curve.all[:size]
    estimate = float(curve.incidence[size - 1])
    direct = curve.before[:size] / risk
    stay = 1.0 - whole / risk
    rest = np.where(stay > 0, -(estimate - curve.incidence[:size]) / (np.where(stay > 0, stay, 1.0) * risk), 0.0)
    running = np.concatenate([[0.0], np.cumsum(direct * own / risk + rest * whole / risk)])
    place = np.searchsorted(curve.time[:size], curve.unit_time, side="right")
    influence = -running[place]
    event = (curve.unit_cause > 0) & (curve.unit_time <= at)
    index = place[event] - 1
    influence[event] += rest[index] + direct[index] * (curve.unit_cause[event] == 1)
    return IncidenceAt(estimate, influence)


def half_time(curve: IncidenceCurve, whole: IncidenceAt, *, level: float) -> tuple[float, float, float]:
    """Return the time by which half of those who get there by then have got there, with limits (Woodruff 1952).

    The limits are the times at which the curve is the half less and plus z standard errors of F(t) − F(whole)/2.
    """
    nothing = float("nan")
    if not whole.estimate > 0:
        return nothing, nothing, nothing

    def first(value: float) -> float:
        reached = curve.incidence >= value - 1e-12
        return float(curve.time[np.argmax(reached)]) if reached.any() else nothing

    half = whole.estimate / 2
    middle = first(half)
    influence = incidence_at(curve, middle).influence - whole.influence / 2
    reach = float(critical_value(level)) * float(np.sqrt(influence @ influence))
    high = first(half + reach) if half + reach <= whole.estimate else nothing
    return middle, first(max(half - reach, 1e-12)), high
