"""Restricted cubic splines: a smooth curve of a continuous confounder, straight beyond its outer knots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["restricted_cubic_spline", "spline_knots"]

Floats = npt.NDArray[np.float64]

QUANTILES = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975),
}
"""Harrell (2015), table 2.3."""


def spline_knots(values: npt.ArrayLike, *, knots: int = 4, counts: npt.ArrayLike | None = None) -> Floats:
    """Return up to ``knots`` distinct knots at Harrell's quantiles of the values that are there.

    ``counts`` is the number of units behind each value. Fewer than three distinct knots (a variable with few values)
    are returned as they are: enter such a variable as levels, or as a straight line.
    """
    if knots not in QUANTILES:
        msg = f"a spline has {min(QUANTILES)} to {max(QUANTILES)} knots, not {knots!r}"
        raise CemkitError(msg)
    x = np.asarray(values, dtype=np.float64)
    weight = np.ones_like(x) if counts is None else np.asarray(counts, dtype=np.float64)
    there = np.isfinite(x) & (weight > 0)
    if not there.any():
        msg = "a spline needs values: all are missing"
        raise CemkitError(msg)
    order = np.argsort(x[there], kind="stable")
    ordered, running = x[there][order], np.cumsum(weight[there][order])
    place = np.searchsorted(running, np.asarray(QUANTILES[knots]) * running[-1])
    return np.unique(ordered[np.minimum(place, ordered.size - 1)])


def restricted_cubic_spline(values: npt.ArrayLike, knots: npt.ArrayLike) -> Floats:
    r"""Return the basis (n, K − 1) of a restricted cubic spline, without a constant; the first column is the value.

    With :math:`d_j(x) = ((x - k_j)_+^3 - (x - k_K)_+^3) / (k_K - k_j)` the others are
    :math:`(d_j(x) - d_{K-1}(x)) / (k_K - k_1)`, j = 1..K − 2 (Harrell 2015, 2.25; Hastie et al. 2009, 5.4).

    Examples
    --------
    >>> restricted_cubic_spline([0.0, 1, 2, 3], [0.0, 1, 2]).round(4).tolist()
    [[0.0, 0.0], [1.0, 0.25], [2.0, 1.5], [3.0, 3.0]]
    """
    x, k = np.asarray(values, dtype=np.float64), np.asarray(knots, dtype=np.float64)
    if k.ndim != 1 or k.size < 2 or np.any(np.diff(k) <= 0):
        msg = f"a spline needs at least two knots that rise: found {k.tolist()}"
        raise CemkitError(msg)

    def bent(j: int) -> Floats:
        return np.asarray((np.maximum(x - k[j], 0) ** 3 - np.maximum(x - k[-1], 0) ** 3) / (k[-1] - k[j]))

    span = k[-1] - k[0]
    return np.column_stack([x, *((bent(j) - bent(k.size - 2)) / span for j in range(k.size - 2))])
