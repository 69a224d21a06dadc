"""Bounds of a share where some answers are missing for reasons unknown, and an interval for the share itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, check_level, floats

__all__ = ["bounded_interval", "missing_bounds"]


def missing_bounds(successes: ArrayLike, answered: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest share that the missing answers allow: none of them, or all, a success (Manski 1989).

    Examples
    --------
    >>> [float(b) for b in missing_bounds(30, 40, 100)]
    [0.3, 0.9]
    """
    successes, answered, n = floats(successes, answered, n)
    size = np.where(n > 0, n, np.nan)
    return successes / size, (successes + n - answered) / size


def bounded_interval(
    low: ArrayLike, high: ArrayLike, low_error: ArrayLike, high_error: ArrayLike, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the interval that holds a share between two estimated bounds (Imbens and Manski 2004), clipped to 0..1.

    With width Δ and σ the larger standard error the limits lie c errors beyond the bounds, where
    Φ(c + Δ/σ) − Φ(−c) is the level: c runs from the two-sided quantile (Δ = 0) to the one-sided one.
    """
    from scipy.special import ndtr

    check_level(level)
    low, high, low_error, high_error = floats(low, high, low_error, high_error)
    error = np.maximum(low_error, high_error)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(error > 0, (high - low) / error, np.inf)
    below, above = np.zeros(width.shape), np.full(width.shape, 10.0)
    for _ in range(60):
        middle = (below + above) / 2
        enough = ndtr(middle + width) - ndtr(-middle) >= level
        below, above = np.where(enough, below, middle), np.where(enough, middle, above)
    return np.clip(low - above * low_error, 0.0, 1.0), np.clip(high + above * high_error, 0.0, 1.0)
