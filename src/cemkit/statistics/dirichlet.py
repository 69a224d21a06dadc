"""The exact posterior of a net share under a Dirichlet distribution, by quadrature.

With shares (d, m, p) ~ Dirichlet, s = p + d and u = p / (p + d) are independent betas and the net is s(2u - 1). In
the angles s = sin²φ, u = sin²θ every density is smooth, so that Gauss-Legendre over φ is exact to about 1e-10.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray, floats

__all__ = ["net_cdf", "net_quantile"]

_NODES = 64
_CHUNK = 4096
_TAIL = 1e-15
_STEPS = 60
_TOLERANCE = 1e-12
_EXTREME = 9.0


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0


def _exceeds(bottom: FloatArray, middle: FloatArray, top: FloatArray, net: FloatArray) -> FloatArray:
    """Return P(p - d > net) for 0 <= net < 1 and one-dimensional arrays."""
    from scipy.special import betainc, betaincinv, betaln

    both = bottom + top
    start = np.arcsin(np.sqrt(net))
    first = np.arcsin(np.sqrt(betaincinv(both, middle, _TAIL)))
    last = np.pi / 2.0 - np.arcsin(np.sqrt(betaincinv(middle, both, _TAIL)))
    # the inner probability rises like a root of the distance from `start`: integrate over that root
    low = np.sqrt(np.maximum(first - start, 0.0))
    width = np.maximum(np.sqrt(np.maximum(last - start, 0.0)) - low, 0.0)
    nodes, weights = _rule()
    root = low[:, None] + width[:, None] * nodes
    angle = np.clip(start[:, None] + root**2, 1e-300, np.pi / 2.0)
    sine, cosine = np.sin(angle), np.maximum(np.cos(angle), 1e-300)
    share = np.clip((1.0 - net[:, None] / np.maximum(sine**2, 1e-300)) / 2.0, 0.0, 0.5)
    log_density = (2.0 * both[:, None] - 1.0) * np.log(sine) + (2.0 * middle[:, None] - 1.0) * np.log(cosine)
    density = 2.0 * np.exp(log_density - betaln(both, middle)[:, None])
    inner = betainc(bottom[:, None], top[:, None], share)
    return np.asarray((weights * density * inner * 2.0 * root).sum(axis=1) * width, dtype=np.float64)


def net_cdf(bottom: FloatArray, middle: FloatArray, top: FloatArray, net: FloatArray) -> FloatArray:
    """Return P(p - d <= net) for (d, m, p) ~ Dirichlet(bottom, middle, top); nan where a parameter is not positive."""
    bottom, middle, top, net = floats(bottom, middle, top, net)
    shape = bottom.shape
    bottom, middle, top, net = (array.ravel() for array in (bottom, middle, top, net))
    result = np.where(net >= 1.0, 1.0, 0.0)
    usable = (bottom > 0) & (middle > 0) & (top > 0) & ~np.isnan(net)
    rows = np.flatnonzero(usable & (np.abs(net) < 1.0))
    for begin in range(0, rows.size, _CHUNK):
        row = rows[begin : begin + _CHUNK]
        at = net[row]
        positive = at >= 0
        tail = _exceeds(
            np.where(positive, bottom[row], top[row]),
            middle[row],
            np.where(positive, top[row], bottom[row]),
            np.abs(at),
        )
        result[row] = np.clip(np.where(positive, 1.0 - tail, tail), 0.0, 1.0)
    return np.where(usable, result, np.nan).reshape(shape)


def net_quantile(bottom: FloatArray, middle: FloatArray, top: FloatArray, probability: float) -> FloatArray:
    """Return the net below which lies the given probability, by bracketed secants on the probit scale."""
    from scipy.special import ndtri

    bottom, middle, top = (array.ravel() for array in floats(bottom, middle, top))
    target = float(ndtri(probability))

    def distance(rows: NDArray[np.intp], net: FloatArray) -> FloatArray:
        return np.clip(ndtri(net_cdf(bottom[rows], middle[rows], top[rows], net)), -_EXTREME, _EXTREME) - target

    usable = (bottom > 0) & (middle > 0) & (top > 0)
    before = moved = np.zeros(0)
    low, high = np.full(bottom.size, -1.0), np.full(bottom.size, 1.0)
    total = bottom + middle + top
    guess = (top - bottom) / total
    spread = np.sqrt(np.maximum((top + bottom) / total - guess**2, 0.0) / (total + 1.0))
    guess = np.clip(guess + target * spread, -1.0 + 1e-9, 1.0 - 1e-9)
    # near the normal the probit of the distribution function rises by 1 / spread
    slope = 1.0 / np.maximum(spread, 1e-12)
    rows = np.flatnonzero(usable)
    for step in range(_STEPS):
        value = distance(rows, guess[rows])
        low[rows] = np.where(value < 0, guess[rows], low[rows])
        high[rows] = np.where(value < 0, high[rows], guess[rows])
        if step:
            chord = (value - before) / np.where(moved == 0, np.nan, moved)
            slope[rows] = np.where(chord > 0, chord, slope[rows])
        following = guess[rows] - value / slope[rows]
        # outside the bracket, and now and then inside it, a plain bisection, so that the bracket is sure to shrink
        bisect = (following <= low[rows]) | (following >= high[rows]) | (step % 8 == 7)
        following = np.where(bisect, (low[rows] + high[rows]) / 2.0, following)
        moved = following - guess[rows]
        guess[rows] = following
        moving = np.abs(moved) > _TOLERANCE
        rows, before, moved = rows[moving], value[moving], moved[moving]
        if not rows.size:
            break
    return np.where(usable, guess, np.nan)
