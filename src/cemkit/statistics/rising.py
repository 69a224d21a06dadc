"""Rising factorials log(base · (base+1) · ... · (base+n-1)) = log Γ(base+n) - log Γ(base), and their slope in the base.

By sums where the base is one number, so that nothing cancels when the base is huge and the homogeneous limit is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["rising", "rising_slope"]


def _prefix(values: FloatArray, n: NDArray[np.int64]) -> FloatArray:
    """Return the sums of the first n values."""
    return np.asarray(np.concatenate([[0.0], np.cumsum(values)])[n], dtype=np.float64)


def rising(base: FloatArray, n: NDArray[np.int64]) -> FloatArray:
    """Return log Γ(base + n) - log Γ(base) for whole n."""
    if np.ndim(base) == 0:
        return _prefix(np.log(base + np.arange(int(n.max(initial=0)))), n)
    from scipy.special import gammaln

    return np.asarray(gammaln(base + n) - gammaln(base), dtype=np.float64)


def rising_slope(base: FloatArray, n: NDArray[np.int64]) -> FloatArray:
    """Return ψ(base + n) - ψ(base) for whole n."""
    if np.ndim(base) == 0:
        return _prefix(1.0 / (base + np.arange(int(n.max(initial=0)))), n)
    from scipy.special import digamma

    return np.asarray(digamma(base + n) - digamma(base), dtype=np.float64)
