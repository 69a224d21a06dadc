"""The Dirichlet-multinomial distribution: its marginal likelihood, its fit, and draws of its hyperparameters.

Coordinates: the logarithm of the concentration A, then log(m_k / m_K) of the mean shares m.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cemkit.statistics._arguments import FloatArray

__all__ = ["draw_hyperparameters", "fit_concentration", "log_likelihood"]

_STARTS = (1.0, 10.0, 100.0, 1000.0)
_NOT_BETTER = 1e-6
_BOUND = 18.0
_CELLS = 2_000_000
_PROPOSAL_DF = 5.0
_STAGES = 3


def log_likelihood(table: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the marginal log likelihood of the counts at each row of `alphas`, but for a constant."""
    from scipy.special import gammaln

    total = table.sum(axis=1)
    result = np.empty(alphas.shape[0])
    step = max(_CELLS // table.size, 1)
    for begin in range(0, alphas.shape[0], step):
        alpha = alphas[begin : begin + step]
        size = alpha.sum(axis=1)
        cells = gammaln(table[None] + alpha[:, None, :]) - gammaln(alpha)[:, None, :]
        groups = gammaln(size)[:, None] - gammaln(total + size[:, None])
        result[begin : begin + step] = cells.sum(axis=(1, 2)) + groups.sum(axis=1)
    return result


def _alphas(points: FloatArray) -> FloatArray:
    """Return Dirichlet parameters from coordinates, row by row."""
    from scipy.special import log_softmax

    ratios = np.concatenate([points[:, 1:], np.zeros((points.shape[0], 1))], axis=1)
    return np.asarray(np.exp(np.maximum(points[:, :1] + log_softmax(ratios, axis=1), -600.0)), dtype=np.float64)


def _highest(height: Callable[[FloatArray], float], ratios: FloatArray, *, edge: float) -> tuple[FloatArray, float]:
    """Return the coordinates at which a function is highest, and its height, from several concentrations."""
    from scipy.optimize import Bounds, minimize

    limits = np.concatenate([[edge], np.full(ratios.size, 2.0 * _BOUND)])

    def depth(point: FloatArray) -> float:
        return -height(point)

    fits = [
        minimize(depth, np.concatenate([[np.log(start)], ratios]), method="L-BFGS-B", bounds=Bounds(-limits, limits))
        for start in _STARTS
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    return np.asarray(best.x, dtype=np.float64), -float(best.fun)


def fit_concentration(table: FloatArray) -> tuple[float, FloatArray]:
    """Return the maximum-likelihood concentration and mean shares; every category must have been answered.

    The concentration is infinite, and the shares are those of all answers, where no finite one is more likely.
    """
    from scipy.special import xlogy

    pooled = table.sum(axis=0) / table.sum()
    ratios = np.log(pooled[:-1] / pooled[-1])
    limit = float(xlogy(table.sum(axis=0), pooled).sum())
    best, height = _highest(lambda point: float(log_likelihood(table, _alphas(point[None]))[0]), ratios, edge=_BOUND)
    if height <= limit + _NOT_BETTER:
        return np.inf, pooled
    alpha = _alphas(best[None])[0]
    return float(alpha.sum()), alpha / alpha.sum()


def _log_posterior(table: FloatArray, points: FloatArray) -> FloatArray:
    """Return the log posterior density in the coordinates: uniform in 1 / (1 + A), flat in the mean shares."""
    from scipy.special import log_expit, log_softmax

    ratios = np.concatenate([points[:, 1:], np.zeros((points.shape[0], 1))], axis=1)
    prior = log_expit(points[:, 0]) + log_expit(-points[:, 0]) + log_softmax(ratios, axis=1).sum(axis=1)
    inside = np.abs(points[:, 0]) < _BOUND
    found = prior + log_likelihood(table, _alphas(np.clip(points, -_BOUND * 3.0, _BOUND * 3.0)))
    return np.where(inside, found, -np.inf)


def draw_hyperparameters(table: FloatArray, *, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return draws of A·m from the posterior, shape (draws, K), by adaptive importance resampling."""
    pooled = (table.sum(axis=0) + 1.0) / (table.sum() + table.shape[1])
    ratios = np.log(pooled[:-1] / pooled[-1])
    # a step inside the edge, beyond which the posterior density is zero
    centre, _ = _highest(lambda point: float(_log_posterior(table, point[None])[0]), ratios, edge=_BOUND - 1.0)
    spread = np.diag(np.concatenate([[1.0], 1.0 / (pooled[:-1] * table.sum()) + 1.0 / (pooled[-1] * table.sum())]))
    spread = spread * 2.0
    points, weights = centre[None], np.ones(1)
    for _ in range(_STAGES):
        root = np.linalg.cholesky(spread)
        normal = rng.standard_normal((draws, centre.size))
        scale = np.sqrt(_PROPOSAL_DF / rng.chisquare(_PROPOSAL_DF, size=draws))
        standard = normal * scale[:, None]
        points = centre + standard @ root.T
        log_proposal = -(_PROPOSAL_DF + centre.size) / 2.0 * np.log1p((standard**2).sum(axis=1) / _PROPOSAL_DF)
        log_weights = _log_posterior(table, points) - log_proposal
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        centre = weights @ points
        deviation = points - centre
        spread = (weights[:, None] * deviation).T @ deviation * 1.2 + np.eye(centre.size) * 1e-6
    # systematic resampling: the least random of the unbiased ways
    edges = np.cumsum(weights)
    chosen = np.searchsorted(edges / edges[-1], (np.arange(draws) + rng.random()) / draws)
    return _alphas(points[rng.permutation(np.minimum(chosen, draws - 1))])
