"""Intervals of a share of answers.

Brown, L. D., Cai, T. T. and DasGupta, A. (2001), Interval estimation for a binomial proportion, *Statistical Science*
16, 101-133.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, check_level, check_method, critical_value, floats

__all__ = [
    "PROPORTION_METHODS",
    "ProportionMethod",
    "logit_interval",
    "proportion_estimate",
    "proportion_interval",
    "proportion_probability_at_least",
]

ProportionMethod: TypeAlias = Literal["wilson", "beta", "jeffreys", "wald", "agresti-coull", "t"]
PROPORTION_METHODS: tuple[ProportionMethod, ...] = ("wilson", "beta", "jeffreys", "wald", "agresti-coull", "t")


def proportion_estimate(successes: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the share and its Wald standard error sqrt(p(1 - p) / n); nan where n is 0."""
    successes, n = floats(successes, n)
    size = np.where(n > 0, n, np.nan)
    share = successes / size
    return share, np.sqrt(successes * (n - successes) / size) / size


def proportion_interval(
    successes: ArrayLike, n: ArrayLike, *, level: float = 0.95, method: ProportionMethod = "wilson"
) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a share, clipped to 0..1.

    Parameters
    ----------
    successes, n : array_like
        Answers in the category and answers in all, per group; they need not be whole.
    level : float
        Level of confidence.
    method : str
        ``wilson``: inverts the score test. ``beta``: Clopper-Pearson, never below its level. ``jeffreys``: equal-tailed
        quantiles of the posterior under Beta(½, ½), reaching to the end of the scale where all answers are alike.
        ``wald``: p ± z·sqrt(p(1 - p) / n). ``agresti-coull``: Wald about Wilson's centre with n + z² answers.
        ``t``: p ± t(n - 1)·sqrt(p(1 - p) / (n - 1)), nan for n below 2.

    Returns
    -------
    low, high : ndarray
        0..1; nan where n is 0. ``wald`` and ``t`` collapse where all answers are alike.

    Raises
    ------
    CemkitError
        If the level or the method is unknown.
    """
    check_level(level)
    check_method(method, PROPORTION_METHODS)
    successes, n = floats(successes, n)
    share, error = proportion_estimate(successes, n)
    size = np.where(n > 0, n, np.nan)
    if method in {"beta", "jeffreys"}:
        low, high = _beta_interval(successes, size, level=level, prior=0.5 if method == "jeffreys" else None)
    elif method in {"wilson", "agresti-coull"}:
        z2 = critical_value(level) ** 2
        centre = (successes + z2 / 2.0) / (size + z2)
        if method == "wilson":
            half = np.sqrt(z2 * (successes * (size - successes) / size + z2 / 4.0)) / (size + z2)
        else:
            half = np.sqrt(z2 * centre * (1.0 - centre) / (size + z2))
        low, high = np.minimum(centre - half, share), np.maximum(centre + half, share)
    elif method == "wald":
        half = critical_value(level) * error
        low, high = share - half, share + half
    else:
        fewer = np.where(size > 1, size - 1.0, np.nan)
        half = critical_value(level, fewer) * error * np.sqrt(size / fewer)
        low, high = share - half, share + half
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _beta_interval(
    successes: FloatArray, size: FloatArray, *, level: float, prior: float | None
) -> tuple[FloatArray, FloatArray]:
    """Return beta quantiles: with a prior those of one posterior, without those of Clopper and Pearson."""
    from scipy.special import betaincinv

    more, less = (1.0, 0.0) if prior is None else (prior, prior)
    failures = size - successes
    tail = (1.0 - level) / 2.0
    some, lacking = successes > 0, failures > 0
    low = betaincinv(np.where(some, successes + less, 1.0), failures + more, tail)
    # the upper quantile as a lower one of the mirror image keeps its digits near 1
    high = 1.0 - betaincinv(np.where(lacking, failures + less, 1.0), successes + more, tail)
    known = ~np.isnan(size)
    return (
        np.where(known, np.where(some, low, 0.0), np.nan),
        np.where(known, np.where(lacking, high, 1.0), np.nan),
    )


def logit_interval(
    share: ArrayLike, std_error: ArrayLike, df: ArrayLike = np.inf, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a share under a design, symmetric on the logit scale.

    expit(logit p ± t(df)·std_error / (p(1 - p))), as R's ``svyciprop(method="logit")``.

    Parameters
    ----------
    share, std_error : array_like
        Share (0..1) and its standard error under the design.
    df : array_like
        Design degrees of freedom; infinite for the normal.
    level : float
        Level of confidence.

    Returns
    -------
    low, high : ndarray
        Strictly inside 0..1; nan where the share is 0 or 1 (there the logit knows no interval: substitute another).
    """
    from scipy.special import expit, logit

    check_level(level)
    share, std_error, df = floats(share, std_error, df)
    inner = np.where((share > 0) & (share < 1), share, np.nan)
    centre = logit(inner)
    half = critical_value(level, df) * std_error / (inner * (1.0 - inner))
    return expit(centre - half), expit(centre + half)


def proportion_probability_at_least(successes: ArrayLike, n: ArrayLike, target: ArrayLike) -> FloatArray:
    """Return the posterior probability, under the prior Beta(½, ½), that the true share is at least the target.

    Parameters
    ----------
    successes, n : array_like
        Answers in the category and answers in all, per group.
    target : array_like
        Share, 0..1.

    Returns
    -------
    ndarray
        0..1; nan where n is 0.
    """
    from scipy.special import betainc

    successes, n, target = floats(successes, n, target)
    found = betainc(n - successes + 0.5, successes + 0.5, 1.0 - np.clip(target, 0.0, 1.0))
    return np.where(n > 0, found, np.nan)
