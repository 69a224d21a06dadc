"""Quadrature over the mixing distributions of customers: nodes and weights for Beta and Gamma expectations.

The trapezoid rule in y = y0 + σ sinh(u), y the logit of a beta or the logarithm of a gamma variable, whose density in y
is analytic and falls at least exponentially on both sides: the rule converges exponentially (Trefethen and Weideman 2014).
The weights are divided by their own sum, so that an expectation of a constant is exact.
"""

from __future__ import annotations

import numpy as np

from cemkit.statistics._arguments import FloatArray, floats

__all__ = ["beta_nodes", "gamma_nodes"]

_DROP = 37.0  # exp(-37) is below the resolution of a float
_NORMAL = 8.7  # so is exp(-8.7² / 2)


def _places(low: FloatArray, high: FloatArray, nodes: int) -> FloatArray:
    """Return equidistant places between two limits, row by row."""
    return low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, nodes)


def _normalised(log_weights: FloatArray) -> FloatArray:
    """Return weights that sum to one in every row."""
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def beta_nodes(a: FloatArray, b: FloatArray, *, nodes: int = 128) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights, shape (rows, nodes), of an expectation over Beta(a, b) variables."""
    from scipy.special import expit, log_expit

    a, b = (np.atleast_1d(value) for value in floats(a, b))
    # where the density bends: left of the mode there is only the tail p^a if a < 1
    centre = np.log(np.maximum(a, 1.0)) - np.log(np.maximum(b, 1.0))
    sigma = np.minimum(np.sqrt(1.0 / a + 1.0 / b), 1.0)
    low = -np.arcsinh(_DROP / (a * sigma) + _NORMAL * np.sqrt(1.0 / a + 1.0 / b) / sigma)
    high = np.arcsinh(_DROP / (b * sigma) + _NORMAL * np.sqrt(1.0 / a + 1.0 / b) / sigma)
    u = _places(low, high, nodes)
    y = centre[:, None] + sigma[:, None] * np.sinh(u)
    log_weights = a[:, None] * log_expit(y) + b[:, None] * log_expit(-y) + np.log(np.cosh(u))
    return np.asarray(expit(y), dtype=np.float64), _normalised(log_weights)


def gamma_nodes(shape: FloatArray, *, nodes: int = 64) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights, shape (rows, nodes), of an expectation over Gamma(shape) variables of rate one."""
    (shape,) = floats(np.atleast_1d(shape))
    least = np.maximum(shape, 1.0)
    centre = np.log(least)
    sigma = 1.0 / np.sqrt(least)
    low = -np.arcsinh(_DROP / (shape * sigma) + _NORMAL)
    # on the right the density falls as exp(-e^y)
    high = np.arcsinh(np.minimum(np.log1p(_DROP / least + _NORMAL * sigma) / sigma, _NORMAL + 1.0))
    u = _places(low, high, nodes)
    y = sigma[:, None] * np.sinh(u)
    log_weights = shape[:, None] * y - least[:, None] * np.expm1(y) + np.log(np.cosh(u))
    return np.asarray(np.exp(centre[:, None] + y), dtype=np.float64), _normalised(log_weights)
