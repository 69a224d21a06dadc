"""Shrunken means: the posterior of each channel's true mean, with the uncertainty of τ in it.

y = θ + e, e ~ N(0, V); θ ~ N(μ1, τ²I); μ flat, τ uniform on [0, most] (Gelman 2006, *Bayesian Analysis* 1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, check_level
from cemkit.statistics.variance_components import Profile

__all__ = ["ShrunkenChannels", "shrink_channels"]

_GRID = 81
_STEPS = 60
_NEGLIGIBLE = 25.0


class ShrunkenChannels(NamedTuple):
    """Posterior mean, standard deviation and equal-tailed interval per channel (k,), and draws (draws, k)."""

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    draws: FloatArray


def shrink_channels(
    estimate: ArrayLike,
    covariance: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    most: float,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = 4000,
) -> ShrunkenChannels:
    """Return the posterior of the true means.

    Parameters
    ----------
    estimate : array_like of shape (k,)
        Observed means.
    covariance : array_like of shape (k, k)
        Their covariance.
    df : array_like
        Degrees of freedom of the variances, which are made those of a t distribution, f/(f − 2) times as large (at most doubled);
        infinite where they are known.
    most : float
        The largest τ that can be.
    rng : numpy.random.Generator
        Source of the draws; the estimate, its error and its interval need none.
    level : float
        Level of credibility.
    draws : int
        Draws of all channels together, for ranks.
    """
    from scipy.special import ndtr

    check_level(level)
    y, v = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    free = np.broadcast_to(np.asarray(df, dtype=np.float64), y.shape)
    wider = np.sqrt(np.where(np.isinf(free), 1.0, free / np.where(np.isinf(free), 1.0, np.maximum(free - 2, free / 2))))
    v = v * np.outer(wider, wider)
    tau, weight = _grid(y, v, most)
    k = len(y)
    centres, spreads, roots = np.empty((len(tau), k)), np.empty((len(tau), k)), np.empty((len(tau), k, k))
    for i, t in enumerate(tau**2):
        inverse = np.linalg.inv(v + t * np.eye(k))
        each = inverse.sum(axis=1)
        total = each.sum()
        # P y and V − VPV, P = W − W11'W/1'W1
        residual = inverse @ (y - each @ y / total)
        pull = v @ each
        spread = v - v @ inverse @ v + np.outer(pull, pull) / total
        centres[i], spreads[i] = y - v @ residual, np.sqrt(np.diagonal(spread))
        roots[i] = np.linalg.cholesky(spread + 1e-10 * np.trace(spread) / k * np.eye(k))
    mean = weight @ centres
    error = np.sqrt(weight @ (spreads**2 + (centres - mean) ** 2))
    low, high = centres.min(axis=0) - 9 * spreads.max(axis=0), centres.max(axis=0) + 9 * spreads.max(axis=0)
    limits = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        bottom, top = low.copy(), high.copy()
        for _ in range(_STEPS):
            middle = (bottom + top) / 2
            below = weight @ ndtr((middle - centres) / spreads) < tail
            bottom, top = np.where(below, middle, bottom), np.where(below, top, middle)
        limits.append((bottom + top) / 2)
    place = np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(draws) + 0.5) / draws), len(tau) - 1)
    normal = rng.standard_normal((draws, k))
    sample = centres[place]
    for i in np.unique(place):
        here = place == i
        sample[here] += normal[here] @ roots[i].T
    # the grid is walked in order of τ: ranks must not depend on how draws of several units are laid side by side
    return ShrunkenChannels(mean, error, limits[0], limits[1], rng.permutation(sample))


def _grid(y: FloatArray, v: FloatArray, most: float) -> tuple[FloatArray, FloatArray]:
    """Return values of τ and their posterior weights, over the range that is not negligible."""
    profile = Profile(y, v, np.full(len(y), np.inf))
    tau = np.linspace(0.0, most, 2 * _GRID - 1)
    for _ in range(3):
        log = np.array([profile.log_likelihood(t**2) for t in tau])
        there = tau[log > log.max() - _NEGLIGIBLE]
        step = tau[1] - tau[0]
        tau = np.linspace(max(there[0] - step, 0.0), min(there[-1] + step, most), _GRID)
    log = np.array([profile.log_likelihood(t**2) for t in tau])
    weight = np.exp(log - log.max())
    weight[[0, -1]] /= 2
    return tau, weight / weight.sum()
