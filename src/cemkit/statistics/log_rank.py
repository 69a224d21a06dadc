"""The log-rank test between groups."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics.risk_sets import at_risk, durations, risk_table

__all__ = ["LogRank", "log_rank"]

Floats = npt.NDArray[np.float64]

CELLS = 4_000_000
"""Groups × times that are held at once."""


class LogRank(NamedTuple):
    """A test that all groups leave at the same pace."""

    statistic: float
    df: int
    p_value: float
    observed: Floats
    """(groups,) events."""
    expected: Floats
    """(groups,) events expected if all groups had the pooled hazard."""
    covariance: Floats
    """(groups, groups) of observed − expected."""
    status: str
    """'ok', 'no-events' or 'one-group' (fewer than two groups were ever at risk when somebody left)."""


def log_rank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.NDArray[np.integer],
    *,
    groups: int,
    entry: npt.ArrayLike | None = None,
    counts: npt.ArrayLike | None = None,
) -> LogRank:
    r"""Test whether the groups' survival curves differ (Mantel 1966; Peto & Peto 1972).

    :math:`\chi^2 = (O - E)' V^- (O - E)`, E and V hypergeometric at each event time. Entries and counts are those of
    `survival.kaplan_meier`; the groups are numbered from 0.

    Examples
    --------
    >>> found = log_rank([1, 2, 3, 4], [True] * 4, np.array([0, 0, 1, 1]), groups=2)
    >>> round(found.statistic, 4), found.df
    (2.8824, 1)
    """
    from scipy.special import chdtrc

    units = durations(time, np.asarray(event, dtype=np.bool_), entry=entry, counts=counts)
    pooled = risk_table(units)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(np.asarray(group)[order], np.arange(groups + 1))
    own = [units.take(order[low:high]) for low, high in pairwise(bounds)]
    observed = np.array([float(np.sum(u.cause if u.counts is None else u.cause * u.counts)) for u in own])
    expected, covariance = np.zeros(groups), np.zeros((groups, groups))
    width = max(CELLS // max(groups, 1), 1)
    for low in range(0, pooled.time.size, width):
        part = slice(low, low + width)
        share = np.stack([at_risk(pooled.time[part], u) for u in own]) / pooled.at_risk[part]
        events = pooled.events[part, 0]
        expected += share @ events
        spread = events * (pooled.at_risk[part] - events) / np.maximum(pooled.at_risk[part] - 1.0, 1.0)
        covariance += np.diag(share @ spread) - (share * spread) @ share.T
    present = np.diag(covariance) > 1e-12 * max(float(observed.sum()), 1.0)
    df = int(present.sum()) - 1
    if not pooled.time.size or df < 1:
        status = "one-group" if pooled.time.size else "no-events"
        return LogRank(float("nan"), max(df, 0), float("nan"), observed, expected, covariance, status)
    # the deviations sum to zero over the groups present: one of them is left out
    kept = np.flatnonzero(present)[:-1]
    deviation = (observed - expected)[kept]
    statistic = float(deviation @ np.linalg.lstsq(covariance[np.ix_(kept, kept)], deviation, rcond=None)[0])
    return LogRank(statistic, df, float(chdtrc(df, statistic)), observed, expected, covariance, "ok")
