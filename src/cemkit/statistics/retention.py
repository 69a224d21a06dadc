"""Contracts and their renewals: the shifted-beta-geometric and the beta-discrete-Weibull (Fader and Hardie 2007; 2018).

At every renewal a customer leaves with probability θ ~ Beta(α, β) (sBG); in the BdW the t-th renewal weighs t^c - (t-1)^c, so that
the same customer may become more (c > 1) or less (c < 1) likely to leave:

S(t) = B(α, β + t^c) / B(α, β), c = 1 for the sBG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level, check_method
from cemkit.statistics.maximum_likelihood import Status, climb, limit, status_of
from cemkit.statistics.purchase_predictions import continuous_rate

__all__ = [
    "CONTRACTS",
    "ContractModel",
    "ContractModelFit",
    "discounted_lifetime",
    "fit_contract",
    "hazard",
    "lifetime_limits",
    "log_survival",
    "renewals",
    "survival",
]

ContractModel: TypeAlias = Literal["sbg", "bdw"]
CONTRACTS = ("sbg", "bdw")

# log (α, β, c) = map @ (log β, log α/β, log c)
_MAP = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
_BOX = np.array([[-8.0, -14.0, -4.0], [12.0, 12.0, 3.0]])
_STARTS = ((0.5, -1.0, 0.0), (2.0, -2.0, 0.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.5), (0.0, -1.0, -0.5), (5.0, -1.5, 0.3))
_FACES = (
    ("alpha, beta -> 0 (polarised: leave at once or never)", "alpha, beta -> infinity (homogeneous: one probability)"),
    ("alpha/beta -> 0 (nobody leaves)", "alpha/beta -> infinity (everybody leaves at once)"),
    ("c -> 0 (only the first renewal counts)", "c -> infinity"),
)
_MOST_PERIODS = 5_000_000


@dataclass(frozen=True)
class ContractModelFit:
    """A fitted contract model: `params` are (alpha, beta), and c for the BdW.

    `covariance` is that of the log parameters; NaN where a parameter stands at a limit, which `detail` names.
    """

    model: ContractModel
    names: tuple[str, ...]
    params: FloatArray
    std_errors: FloatArray
    covariance: FloatArray
    log_likelihood: float
    n: float
    status: Status
    detail: str

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * len(self.names) - 2.0 * self.log_likelihood


def renewals(survivors: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return who left at every renewal, and who was still there when observation ended, summed over cohorts.

    Parameters
    ----------
    survivors
        Shape (cohorts, periods + 1): customers still there after 0, 1, 2, ... renewals; NaN where not yet observed.

    Raises
    ------
    CemkitError
        Where a cohort grows, or was not observed at its start.
    """
    table = np.atleast_2d(np.asarray(survivors, dtype=np.float64))
    seen = np.isfinite(table)
    gap = (seen[:, 1:] & ~seen[:, :-1]).any(axis=1) | ~seen[:, 0]
    grown = (np.diff(table, axis=1) > 0).any(axis=1) | (np.where(seen, table, 0.0) < 0).any(axis=1)
    if gap.any() or grown.any():
        row = int(np.flatnonzero(gap | grown)[0])
        message = (
            f"A cohort is observed from its start without gaps, and only shrinks: {int((gap | grown).sum())} of {table.shape[0]} "
            f"cohorts do not, the first at position {row}: {table[row].tolist()}."
        )
        raise CemkitError(message)
    lost = np.where(seen[:, 1:], -np.diff(table, axis=1), 0.0).sum(axis=0)
    last = seen.sum(axis=1) - 1
    kept = np.bincount(last, weights=table[np.arange(table.shape[0]), last], minlength=table.shape[1])[1:]
    return np.asarray(lost, dtype=np.float64), np.asarray(kept, dtype=np.float64)


def log_survival(params: ArrayLike, t: ArrayLike) -> FloatArray:
    """Return log S(t), the log share of customers still there after t renewals."""
    from scipy.special import gammaln

    alpha, beta, c = _three(params)
    u = np.asarray(t, dtype=np.float64) ** c
    return np.asarray(gammaln(beta + u) - gammaln(beta) - gammaln(alpha + beta + u) + gammaln(alpha + beta))


def _three(params: ArrayLike) -> FloatArray:
    """Return (alpha, beta, c), c = 1 where there is none."""
    given = np.asarray(params, dtype=np.float64)
    return given if given.size == 3 else np.append(given, 1.0)


def survival(params: ArrayLike, t: ArrayLike) -> FloatArray:
    """Return S(t), the share of customers still there after t renewals."""
    return np.asarray(np.exp(log_survival(params, t)), dtype=np.float64)


def hazard(params: ArrayLike, t: ArrayLike) -> FloatArray:
    """Return the share of those still there after t - 1 renewals who leave at the t-th; retention is one minus that."""
    periods = np.asarray(t, dtype=np.float64)
    return np.asarray(-np.expm1(log_survival(params, periods) - log_survival(params, periods - 1.0)))


def _slopes(params: FloatArray, t: FloatArray) -> FloatArray:
    """Return the gradient of log S(t) in the log parameters, shape (3, periods)."""
    from scipy.special import digamma

    alpha, beta, c = params
    u = t**c
    all_ = digamma(alpha + beta) - digamma(alpha + beta + u)
    log_t = np.log(np.maximum(t, 1.0))
    return np.stack(
        [
            alpha * all_,
            beta * (digamma(beta + u) - digamma(beta) + all_),
            (digamma(beta + u) - digamma(alpha + beta + u)) * u * log_t * c,
        ]
    )


def fit_contract(model: ContractModel, lost: ArrayLike, kept: ArrayLike) -> ContractModelFit:
    """Fit a contract model by maximum likelihood.

    Parameters
    ----------
    model
        "sbg" or "bdw".
    lost, kept
        Customers who left at the t-th renewal, and who were still there after it when observation ended, t = 1, 2, ...
        (:func:`renewals` makes them of cohorts).
    """
    check_method(model, CONTRACTS)
    size = 2 if model == "sbg" else 3
    names = ("alpha", "beta", "c")[:size]
    gone, stayed = (np.asarray(value, dtype=np.float64) for value in (lost, kept))
    n = float(gone.sum() + stayed.sum())
    map_, box = _MAP[:size, :size], _BOX[:, :size]
    t = np.arange(gone.size + 1.0)

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        params = _three(np.exp(map_ @ point))
        log_s, slopes = log_survival(params, t), _slopes(params, t)[:size]
        rise = np.minimum(log_s[1:] - log_s[:-1], -1e-300)
        log_p = log_s[:-1] + np.log(-np.expm1(rise))
        in_p = slopes[:, :-1] - np.diff(slopes, axis=1) * (1.0 / np.expm1(-rise))
        height = float(gone @ log_p + stayed @ log_s[1:])
        return height / n, map_.T @ (in_p @ gone + slopes[:, 1:] @ stayed) / n

    observed = int(((gone + stayed)[::-1].cumsum()[::-1] > 0).sum())
    why = ""
    if n <= 0:
        why = "there are no customers"
    elif observed < size:
        why = f"{observed} renewals do not identify {size} parameters"
    if why:
        nothing = np.full(size, np.nan)
        return ContractModelFit(
            model, names, nothing, nothing, np.full((size, size), np.nan), np.nan, n, "unidentified", why
        )
    starts = [np.array(start[:size]) for start in (_STARTS if size == 3 else _STARTS[:3])]
    optimum = climb(objective, starts, box, n=n)
    if not optimum.sharp(n):
        optimum = limit(objective, optimum, box, faces=size, n=n)
    params = np.exp(map_ @ optimum.point)
    covariance = np.full((size, size), np.nan)
    if optimum.clean:
        covariance = map_ @ np.linalg.inv(-optimum.hessian * n) @ map_.T
    status, detail = status_of(optimum, _FACES[:size])
    errors = params * np.sqrt(np.diag(covariance))
    return ContractModelFit(model, names, params, errors, covariance, optimum.height * n, n, status, detail)


def lifetime_limits(params: ArrayLike, *, discount: float, unit: str, level: float) -> FloatArray:
    """Return the limits between which one new customer's discounted periods lie with probability `level`, the first period included.

    A customer who leaves at renewal j has paid j periods; their number is found in the survival curve.
    """
    check_level(level)
    rate = continuous_rate(discount, unit=unit)
    tail = (1.0 - level) / 2.0
    farthest = int(min(np.ceil(40.0 / rate) + 1, _MOST_PERIODS))
    curve = survival(params, np.arange(farthest + 1, dtype=np.float64))
    # the smallest j with P(leaves by renewal j) = 1 - S(j) at least the probability
    paid = [int(np.searchsorted(1.0 - curve, p)) for p in (tail, 1.0 - tail)]
    periods = np.minimum(np.asarray(paid, dtype=np.float64), farthest)
    return np.asarray(np.expm1(-rate * periods) / np.expm1(-rate))


def discounted_lifetime(params: ArrayLike, *, discount: float, unit: str, renewed: int | None = None) -> float:
    """Return the discounted expected (residual) lifetime in periods: DEL, or DERL of a customer `renewed` times.

    Parameters
    ----------
    params
        (alpha, beta) or (alpha, beta, c).
    discount
        Effective per year of 365.25 days.
    unit
        The time between renewals: "month", "year", ...
    renewed
        None: Σ S(t) v^t, t = 0, 1, ... of a new customer, the first period included. k: Σ S(t)/S(k) v^(t-k-1), t = k+1, ... of a
        customer who has renewed k times and is about to be asked again (Fader and Hardie 2010, their n = k + 1).
    """
    rate = continuous_rate(discount, unit=unit)
    periods = np.ceil(37.0 / rate)
    if periods > _MOST_PERIODS:
        message = (
            f"discount {discount!r} per year is too small for a sum over renewals every {unit}: take a larger one."
        )
        raise CemkitError(message)
    t = np.arange(periods)
    if renewed is None:
        return float(survival(params, t) @ np.exp(-rate * t))
    log_s = log_survival(params, t + renewed + 1.0) - log_survival(params, float(renewed))
    return float(np.exp(log_s - rate * t).sum())
