"""Shares of what units did, where a unit did it several times: units are the clusters.

Franco, C., Little, R. J. A., Louis, T. A. and Slud, E. V. (2019), Comparative study of confidence intervals for proportions in
complex sample surveys, *Journal of Survey Statistics and Methodology* 7, 334-364.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, check_level, critical_value, floats

__all__ = ["ClusteredShares", "clustered_shares", "effective_interval", "effective_size"]


class ClusteredShares(NamedTuple):
    """A share with its standard error, effective size and limits; NaN where there is nothing."""

    share: FloatArray
    std_error: FloatArray
    n_eff: FloatArray
    low: FloatArray
    high: FloatArray


def clustered_shares(
    x: ArrayLike,
    n: ArrayLike,
    *,
    xx: ArrayLike,
    xn: ArrayLike,
    nn: ArrayLike,
    units: ArrayLike,
    level: float = 0.95,
) -> ClusteredShares:
    r"""Estimate p = Σx / Σn over units with Wilson limits at the effective size.

    .. math:: \widehat{var}(p) = \frac{U}{U-1} \frac{\sum (x_u - p\,n_u)^2}{(\sum n_u)^2},
        \quad n_{eff} = \min\left(\frac{p (1 - p)}{\widehat{var}(p)}, \sum n_u\right)

    Parameters
    ----------
    x, n : array_like
        Σx and Σn: how often, and out of how many.
    xx, xn, nn : array_like
        Σx², Σxn and Σn² over units.
    units : array_like
        Number U of units with n > 0.
    level : float
        Of the limits, which invert the score test with n_eff and Student's t with U − 1 degrees of freedom. Where all or none are alike,
        n_eff is U; with a single unit the limits are 0 and 1 and there is no standard error.

    Examples
    --------
    Two units with one in two, and three in four:

    >>> found = clustered_shares(4, 6, xx=10, xn=14, nn=20, units=2)
    >>> round(float(found.share), 4), round(float(found.std_error), 4)
    (0.6667, 0.1111)
    """
    check_level(level)
    x, n, xx, xn, nn, units = floats(x, n, xx, xn, nn, units)
    size = np.where(n > 0, n, np.nan)
    share = x / size
    several = np.where(units > 1, units, np.nan)
    squares = np.maximum(xx - 2 * share * xn + share**2 * nn, 0.0)
    # what differences of sums leave where all units are alike is no spread
    squares = np.where(squares <= 1e-12 * nn, 0.0, squares)
    variance = several / (several - 1) * squares / size**2
    effective = effective_size(share, variance, most=n, alike=np.minimum(units, n))
    low, high = effective_interval(share, effective, df=np.where(units > 1, units - 1.0, np.nan), level=level)
    single = (units <= 1) & (n > 0)
    low, high = np.where(single, 0.0, low), np.where(single, 1.0, high)
    return ClusteredShares(share, np.sqrt(variance), np.where(single, np.nan, effective), low, high)


def effective_size(share: FloatArray, variance: FloatArray, *, most: ArrayLike, alike: ArrayLike) -> FloatArray:
    """Return how many independent answers a share is worth: p(1 - p) / variance, at most ``most``; ``alike`` where nothing varies."""
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.minimum(share * (1 - share) / variance, most)
    return np.where((variance <= 0) | (share <= 0) | (share >= 1), alike, worth)


def effective_interval(
    share: FloatArray, size: FloatArray, *, df: ArrayLike = np.inf, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's limits of a share that is worth ``size`` independent answers, with Student's t where ``df`` is finite."""
    z2 = critical_value(level, df) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share * size + z2 / 2) / (size + z2)
        half = np.sqrt(z2 * (size * share * (1 - share) + z2 / 4)) / (size + z2)
    low, high = np.minimum(centre - half, share), np.maximum(centre + half, share)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
