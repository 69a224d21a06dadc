"""The score interval of a net of a multinomial: Tango's interval for a paired difference.

Tango, T. (1998), Equivalence test and confidence interval for the difference in proportions for the paired-sample
design, *Statistics in Medicine* 17, 891-908.
"""

from __future__ import annotations

import numpy as np

from cemkit.statistics._arguments import FloatArray

__all__ = ["restricted_variance", "score_interval"]

_HALVINGS = 60


def restricted_variance(bottom: FloatArray, top: FloatArray, n: FloatArray, net: FloatArray) -> FloatArray:
    """Return p + d - net² under the maximum-likelihood shares p and d among those with p - d = net.

    The smaller of the two shares, q, solves 2n q² + b q - c = 0 with ``b = (2n - more + fewer)|net| - (more + fewer)`` and
    ``c = fewer |net| (1 - |net|)``, where `more` is the count at the end towards which the net points.
    """
    size = np.abs(net)
    fewer = np.where(net >= 0, bottom, top)
    more = np.where(net >= 0, top, bottom)
    linear = (2.0 * n - more + fewer) * size - (more + fewer)
    constant = fewer * size * (1.0 - size)
    root = np.sqrt(linear**2 + 8.0 * n * constant)
    # the form without cancellation for each sign of the linear term
    below = np.where(linear > 0, 2.0 * constant / np.where(linear > 0, linear + root, 1.0), (root - linear) / (4.0 * n))
    return np.asarray(2.0 * below + size * (1.0 - size), dtype=np.float64)


def score_interval(bottom: FloatArray, top: FloatArray, n: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Return the nets that the score test does not reject, by bisection to the last bit that matters."""
    size = np.where(n > 0, n, 1.0)
    estimate = (top - bottom) / size

    def bound(end: float) -> FloatArray:
        outside, inside = np.full(estimate.shape, end), estimate.copy()
        for _ in range(_HALVINGS):
            middle = (outside + inside) / 2.0
            rejected = size * (estimate - middle) ** 2 > z**2 * restricted_variance(bottom, top, size, middle)
            outside, inside = np.where(rejected, middle, outside), np.where(rejected, inside, middle)
        # the test never rejects an end of the scale that was observed throughout
        return np.where(n > 0, np.where(estimate == end, end, inside), np.nan)

    return bound(-1.0), bound(1.0)
