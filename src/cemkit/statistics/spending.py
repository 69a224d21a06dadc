"""What a purchase is worth: the Gamma-Gamma model of mean spend per purchase (Fader and Hardie 2013).

A customer's purchases are Gamma(p, ν), ν ~ Gamma(q, v): the mean m of x purchases has the density

f(m) = Γ(px+q) / (Γ(px) Γ(q)) · v^q m^(px-1) x^(px) / (v + xm)^(px+q), and E[next | m, x] = p (v + xm) / (px + q - 1).

It assumes that what a customer spends does not depend on how often; :func:`independence` looks at that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, floats
from cemkit.statistics.maximum_likelihood import Optimum, Status, climb, limit, status_of

__all__ = ["Independence", "SpendingFit", "expected_spend", "fit_spending", "independence", "spending_log_likelihood"]

# log (p, q, v) = map @ (log p, log q, log pv/q): the size of both gammas, and the mean
_MAP = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 1.0, 1.0]])
_BOX = np.array([[-8.0, -6.0, -8.0], [14.0, 14.0, 8.0]])
_STARTS = ((0.5, 1.0, 0.0), (2.0, 2.0, 0.0), (-1.0, 1.0, -0.5), (4.0, 1.0, 0.0), (0.5, 4.0, 0.0))
_FACES = (
    ("p -> 0", "p -> infinity (every customer always spends the same)"),
    ("q -> 0", "q, v -> infinity (homogeneous: all customers spend alike)"),
    ("pv/q -> 0", "pv/q -> infinity"),
)


@dataclass(frozen=True)
class SpendingFit:
    """A fitted Gamma-Gamma model: `params` are (p, q, v), v in the unit of money.

    `covariance` is that of the log parameters; NaN where a parameter stands at a limit, which `detail` names.
    """

    params: FloatArray
    std_errors: FloatArray
    covariance: FloatArray
    log_likelihood: float
    n: float
    status: Status
    detail: str

    @property
    def mean(self) -> float:
        """The expected spend per purchase of a customer not seen yet, pv / (q - 1); infinite where q <= 1."""
        return float(expected_spend(self.params, 0.0, 0.0)[()])


@dataclass(frozen=True)
class Independence:
    """The correlation of frequency and mean spend: Pearson's r and Spearman's rank correlation with their p-values."""

    pearson: float
    pearson_p_value: float
    spearman: float
    spearman_p_value: float
    n: int


def _checked(frequency: ArrayLike, spend: ArrayLike, count: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the rows of customers with repeat purchases, or raise where a mean spend is not positive."""
    x, m, n = (np.atleast_1d(value) for value in floats(frequency, spend, count))
    used = (x > 0) & (n > 0)
    x, m, n = x[used], m[used], n[used]
    bad = ~(np.isfinite(m) & (m > 0))
    if bad.any():
        message = (
            f"The Gamma-Gamma model needs a positive mean spend of every customer with repeat purchases: {int(bad.sum())} of "
            f"{bad.size} have none, the first {m[bad][0]!r}; leave them out, or look at the refunds."
        )
        raise CemkitError(message)
    return x, m, n


def spending_log_likelihood(params: ArrayLike, frequency: ArrayLike, spend: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the log density of every mean spend and its gradient in the log parameters, shape (3, rows)."""
    from scipy.special import digamma, gammaln

    p, q, v = np.asarray(params, dtype=np.float64)
    x, m = floats(frequency, spend)
    a = p * x
    log_all = np.log(v + x * m)
    both = digamma(a + q)
    ll = (
        gammaln(a + q) - gammaln(a) - gammaln(q) + q * (np.log(v) - log_all) - np.log(m) + a * (np.log(x * m) - log_all)
    )
    return ll, np.stack(
        [
            a * (both - digamma(a) + np.log(x * m) - log_all),
            q * (both - digamma(q) + np.log(v) - log_all),
            q - (a + q) * v / (v + x * m),
        ]
    )


def _fit_scaled(x: FloatArray, m: FloatArray, n: FloatArray) -> Optimum:
    """Return the optimum for spends with a mean of one."""
    total = float(n.sum())

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        ll, gradient = spending_log_likelihood(np.exp(_MAP @ point), x, m)
        return float(ll @ n) / total, _MAP.T @ (gradient @ n) / total

    best = climb(objective, [np.array(start) for start in _STARTS], _BOX, n=total)
    return best if best.sharp(total) else limit(objective, best, _BOX, faces=3, n=total)


def fit_spending(frequency: ArrayLike, spend: ArrayLike, *, count: ArrayLike = 1.0) -> SpendingFit:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    frequency, spend
        Repeat purchases, and the mean spend of these, of every customer; customers without a repeat purchase do not count.
    count
        How many customers a row stands for.

    Raises
    ------
    CemkitError
        Where a customer with repeat purchases has no positive mean spend.
    """
    x, m, n = _checked(frequency, spend, count)
    nothing, no_matrix = np.full(3, np.nan), np.full((3, 3), np.nan)
    rows = np.unique(np.column_stack([x, m]), axis=0).shape[0] if x.size < 4 else x.size
    if rows < 3:
        why = f"{rows} different customers with repeat purchases do not identify 3 parameters"
        return SpendingFit(nothing, nothing, no_matrix, np.nan, float(n.sum()), "unidentified", why)
    unit = float(n @ m / n.sum())
    optimum = _fit_scaled(x, m / unit, n)
    log_params = _MAP @ optimum.point + np.array([0.0, 0.0, np.log(unit)])
    params = np.exp(log_params)
    covariance = no_matrix
    if optimum.clean:
        covariance = _MAP @ np.linalg.inv(-optimum.hessian * n.sum()) @ _MAP.T
    status, detail = status_of(optimum, _FACES)
    return SpendingFit(
        params,
        params * np.sqrt(np.diag(covariance)),
        covariance,
        optimum.height * float(n.sum()) - float(n.sum()) * np.log(unit),
        float(n.sum()),
        status,
        detail,
    )


def expected_spend(params: ArrayLike, frequency: ArrayLike, spend: ArrayLike) -> FloatArray:
    """Return E[spend of the next purchase | mean of x repeat purchases]; infinite where px + q <= 1.

    A customer without repeat purchases (x = 0; the spend is not looked at) is expected to spend what the population does.
    """
    p, q, v = np.asarray(params, dtype=np.float64)
    x, m = floats(frequency, spend)
    paid = x * np.where(x > 0, m, 0.0)
    below = p * x + q - 1.0
    return np.where(below > 0, p * (v + paid) / np.where(below > 0, below, 1.0), np.inf)


def independence(frequency: ArrayLike, spend: ArrayLike) -> Independence:
    """Return how far spend goes with frequency among customers with repeat purchases; the model assumes that it does not.

    p-values are two-sided, by Student's t with n - 2 degrees of freedom; NaN where a column is constant or n < 3.
    """
    from scipy.special import stdtr

    x, m, _ = _checked(frequency, spend, 1.0)
    n = int(x.size)

    def correlation(one: FloatArray, two: FloatArray) -> tuple[float, float]:
        if n < 3 or np.ptp(one) == 0 or np.ptp(two) == 0:
            return float("nan"), float("nan")
        r = float(np.clip(np.corrcoef(one, two)[0, 1], -1.0, 1.0))
        if abs(r) == 1.0:
            return r, 0.0
        statistic = abs(r) * np.sqrt((n - 2) / (1.0 - r * r))
        return r, float(2.0 * stdtr(n - 2, -statistic))

    def ranks(values: FloatArray) -> FloatArray:
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[inverse], dtype=np.float64)

    pearson, spearman = correlation(x, m), correlation(ranks(x), ranks(m))
    return Independence(*pearson, *spearman, n)
