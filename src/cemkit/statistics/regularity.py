"""How regular the times between purchases are: k = 1 is the Poisson process of the NBD models, k > 1 is more regular.

Given the time from first to last purchase, the shares of the intervals in it are Dirichlet(k, ..., k) whatever the customer's
rate: the conditional likelihood of k needs the sum of their logarithms only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics.histories import Histories
from cemkit.statistics.purchasing import TimingFit, fit_timing, purchase_model

__all__ = ["Regularity", "choose_k", "regularity", "wheat_morrison"]


@dataclass(frozen=True)
class Regularity:
    """The shape k of the times between purchases, and the test of k = 1.

    `k` is infinite where all intervals of each customer are equal; NaN, as the rest, where no customer has two intervals.
    """

    k: float
    std_error: float
    statistic: float
    p_value: float
    customers: float


def regularity(data: Histories) -> Regularity:
    """Return the conditional maximum-likelihood shape, and the likelihood-ratio test that purchases are Poisson (k = 1).

    Every customer with at least two intervals counts; rates may differ between customers in any way.
    """
    from scipy.optimize import brentq
    from scipy.special import digamma, gammaincc, gammaln, polygamma

    used = (data.frequency >= 2) & np.isfinite(data.log_interval)
    n = data.count[used]
    if not n.sum() > 0:
        return Regularity(np.nan, np.nan, np.nan, np.nan, 0.0)
    x = data.frequency[used].astype(np.float64)
    shares = float(n @ (data.log_interval[used] - x * np.log(data.recency[used])))

    def height(k: float) -> float:
        return float(n @ (gammaln(k * x) - x * gammaln(k))) + (k - 1.0) * shares

    def slope(k: float) -> float:
        return float(n @ (x * digamma(k * x) - x * digamma(k))) + shares

    low, high = 1e-6, 1e6
    if slope(high) >= 0:
        return Regularity(np.inf, np.nan, np.inf, 0.0, float(n.sum()))
    k = float(brentq(slope, low, high, xtol=1e-12, rtol=1e-12))
    curvature = float(n @ (x**2 * polygamma(1, k * x) - x * polygamma(1, k)))
    statistic = max(2.0 * (height(k) - height(1.0)), 0.0)
    return Regularity(k, (-curvature) ** -0.5, statistic, float(gammaincc(0.5, statistic / 2.0)), float(n.sum()))


def wheat_morrison(first: ArrayLike, second: ArrayLike) -> float:
    """Return k by the method of Wheat and Morrison (1990) from two successive intervals of every customer.

    M = first / (first + second) is Beta(k, k), so that k = (1 − 4 Var M) / (8 Var M).
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.size < 2 or one.shape != two.shape or not ((one > 0) & (two > 0)).all():
        message = "wheat_morrison needs two positive intervals of each of at least two customers."
        raise CemkitError(message)
    variance = float(np.mean((one / (one + two) - 0.5) ** 2))
    return (1.0 - 4.0 * variance) / (8.0 * variance) if variance > 0 else float("inf")


def choose_k(name: str, data: Histories, *, most: int = 12) -> tuple[TimingFit, Sequence[float]]:
    """Return the fit of "mbg/cnbd-k" or "bg/cnbd-k" with the most likely k, and the log likelihoods of k = 1, 2, ...

    k grows until the likelihood has fallen twice (Reutterer, Platzer and Schröder 2021).
    """
    best = fit_timing(purchase_model(name, k=1), data)
    heights = [best.log_likelihood]
    for k in range(2, most + 1):
        found = fit_timing(purchase_model(name, k=k), data)
        heights.append(found.log_likelihood)
        if not found.log_likelihood <= best.log_likelihood:
            best = found
        if len(heights) > 2 and heights[-1] < heights[-2] < heights[-3]:
            break
    return best, heights
