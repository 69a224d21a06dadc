"""Cumulative incidence of competing causes (Aalen–Johansen)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics._arguments import check_level, check_method, critical_value
from cemkit.statistics.risk_sets import durations, risk_table

__all__ = ["VARIANCES", "CumulativeIncidence", "cumulative_incidence"]

Floats = npt.NDArray[np.float64]

VARIANCES = ("aalen", "greenwood")


class CumulativeIncidence(NamedTuple):
    """One row per distinct time at which somebody left for any cause, one column per cause."""

    time: Floats
    at_risk: Floats
    events: Floats
    """(times, causes)"""
    survival: Floats
    """Share still there after this time: 1 less the incidence of all causes."""
    incidence: Floats
    """(times, causes): share that has left for this cause by this time."""
    std_error: Floats
    low: Floats
    high: Floats
    variance: str
    last: float


def cumulative_incidence(
    time: npt.ArrayLike,
    cause: npt.NDArray[np.integer],
    *,
    causes: int,
    entry: npt.ArrayLike | None = None,
    counts: npt.ArrayLike | None = None,
    variance: str = "aalen",
    level: float = 0.95,
) -> CumulativeIncidence:
    r"""Estimate the share that has left for each cause, :math:`F_k(t) = \sum_{t_i \le t} S(t_i-)\, d_{ki} / n_i`.

    Exact with ties: units that leave at one time for different causes are all at risk there. 1 − Kaplan–Meier of one
    cause, the others taken as censored, would answer another question and adds up to more than everybody.

    Parameters
    ----------
    time, entry, counts
        As in `survival.kaplan_meier`.
    cause : (n,) array of int
        0 where the unit was still there, 1..causes where it left.
    variance : {"aalen", "greenwood"}
        Aalen (1978), with the correction for ties of Gray's `cmprsk`: increments of causes are independent, each with
        variance d(n − d)/((n − 1)n²). 'greenwood': multinomial increments, the delta method of Dinse & Larson (1986),
        which is Greenwood's formula when there is one cause. They agree to first order.
    level : float
        Of the limits on log(−log F) (Choudhury 2002); 0 and 0 before the first event of the cause;
        where everybody has left for it, low is the highest that came before.

    Examples
    --------
    >>> found = cumulative_incidence([1, 2, 3, 4], np.array([1, 2, 0, 1]), causes=2)
    >>> found.incidence.tolist()
    [[0.25, 0.0], [0.25, 0.25], [0.75, 0.25]]
    """
    check_level(level)
    check_method(variance, VARIANCES)
    units = durations(time, np.asarray(cause), entry=entry, counts=counts)
    table = risk_table(units, causes=causes)
    number, events = table.at_risk, table.events
    whole = events.sum(axis=1)
    after = np.cumprod(1.0 - whole / number)
    before = np.concatenate([[1.0], after])[:-1]
    incidence = np.cumsum((before / number)[:, None] * events, axis=0)
    spread = _aalen if variance == "aalen" else _greenwood
    squared = np.empty_like(incidence)
    # where nobody is left, nothing can change any more: the factor of later changes is 0
    ratio = np.divide(before, after, out=np.zeros_like(after), where=after > 0)
    for k in range(causes):
        squared[:, k] = spread(incidence[:, k], before, ratio, number, events[:, k], whole)
    std_error = np.sqrt(np.maximum(squared, 0.0))
    low, high = np.zeros_like(incidence), np.zeros_like(incidence)
    inside = (incidence > 0) & (incidence < 1 - 1e-12)
    share = incidence[inside]
    # beyond 700 the power is 0 or 1 in any case
    theta = np.minimum(float(critical_value(level)) * std_error[inside] / (share * -np.log(share)), 700.0)
    low[inside], high[inside] = share ** np.exp(theta), share ** np.exp(-theta)
    everybody = incidence >= 1 - 1e-12
    low[everybody], high[everybody] = np.maximum.accumulate(low, axis=0)[everybody], 1.0
    return CumulativeIncidence(table.time, number, events, after, incidence, std_error, low, high, variance, table.last)


def _aalen(incidence: Floats, before: Floats, ratio: Floats, number: Floats, events: Floats, whole: Floats) -> Floats:
    def increment(d: Floats) -> Floats:
        return np.where(number > 1, d * (number - d) / (np.maximum(number - 1.0, 1.0) * number**2), d / number**2)

    own, other = increment(events), increment(whole - events)
    # weight of an increment at u for the incidence at t: of the cause S(u−) + (F(u) − F(t)) S(u−)/S(u), of the others
    # without the first term; with c = S(u−) + F(u) S(u−)/S(u) both are straight lines in F(t)
    shifted = before + ratio * incidence
    constant = np.cumsum(shifted**2 * own + (ratio * incidence) ** 2 * other)
    linear = np.cumsum(ratio * (shifted * own + ratio * incidence * other))
    square = np.cumsum(ratio**2 * (own + other))
    return constant - 2 * incidence * linear + incidence**2 * square


def _greenwood(
    incidence: Floats, before: Floats, ratio: Floats, number: Floats, events: Floats, whole: Floats
) -> Floats:
    term = np.where(ratio > 0, whole / (number * np.maximum(number - whole, 1e-300)), 0.0)
    jump = np.cumsum(before**2 * events * (number - events) / number**3)
    cross = before * events / number**2 * (ratio > 0)
    square = np.cumsum(term) * incidence**2 - 2 * incidence * np.cumsum(term * incidence)
    square += np.cumsum(term * incidence**2)
    return square + jump - 2 * (incidence * np.cumsum(cross) - np.cumsum(cross * incidence))
