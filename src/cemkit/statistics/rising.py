"""Rising factorials log(base · (base+1) · ... · (base+n-1)) = log Γ(base+n) - log Γ(base), and their slope in the base.

By sums where the base is one number, so that nothing cancels when the base is huge and the homogeneous limit is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["rising", "rising_table"]


def rising_table(bases: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """Return log Γ(base + n) - log Γ(base) and ψ(base + n) - ψ(base) for n = 0 .. most, shape (bases, most + 1)."""
    factors = np.asarray(bases, dtype=np.float64)[:, None] + np.arange(-1.0, most)
    logs, slopes = np.zeros_like(factors), np.zeros_like(factors)
    np.cumsum(np.log(factors[:, 1:]), axis=1, out=logs[:, 1:])
    np.cumsum(1.0 / factors[:, 1:], axis=1, out=slopes[:, 1:])
    return logs, slopes


def rising(base: FloatArray, n: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Return log Γ(base + n) - log Γ(base) and ψ(base + n) - ψ(base) for whole n."""
    if np.ndim(base) == 0:
        logs, slopes = rising_table(np.array([base]), int(n.max(initial=0)))
        return logs[0][n], slopes[0][n]
    from scipy.special import digamma, gammaln

    return gammaln(base + n) - gammaln(base), digamma(base + n) - digamma(base)
