"""Which of several noisy means is the largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, floats

__all__ = ["probability_largest"]

_POINTS = 801
_REACH = 8.0


def probability_largest(estimate: ArrayLike, std_error: ArrayLike) -> FloatArray:
    """Return, per mean, the probability that it is the largest if each is normal about its estimate, independently.

    ∫ φ_k(x) Π_{j≠k} Φ_j(x) dx, by the trapezoidal rule in each mean's own units. A mean without a standard error is
    left out and gets NaN; if all of them lack one, so does everybody. Equal means without spread share the probability.

    Examples
    --------
    >>> probability_largest([1.0, 1.0, 0.0], [0.1, 0.1, 0.1]).round(3).tolist()
    [0.5, 0.5, 0.0]
    """
    from scipy.special import log_ndtr

    mean, error = floats(estimate, std_error)
    known = np.isfinite(mean) & np.isfinite(error)
    found = np.full(mean.shape, np.nan)
    if not known.any():
        return found
    mean, error = mean[known], error[known]
    least = 1e-9 * max(float(np.abs(mean).max()), 1.0)
    error = np.maximum(error, least)
    z = np.linspace(-_REACH, _REACH, _POINTS)
    density = np.exp(-(z**2) / 2)
    chance = np.empty(len(mean))
    for k in range(len(mean)):
        x = mean[k] + error[k] * z
        others = np.arange(len(mean)) != k
        below = log_ndtr((x[:, None] - mean[others]) / error[others]).sum(axis=1)
        chance[k] = (density * np.exp(below)).sum()
    found[known] = chance / chance.sum()
    return found
