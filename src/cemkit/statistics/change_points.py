"""Change points: the periods at which the level of a series of estimates shifted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["ChangePoints", "change_points"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]

_MOST_PERIODS = 2000
_CHUNK = 65_536
"""Numbers handled at a time, few enough for a processor's cache."""
_TRIMMED_SHARE = 0.2


class ChangePoints(NamedTuple):
    """Where the level changed, and the levels between."""

    position: Integers
    """(K,) place, from 0, of the first period of each new level."""
    mean: Floats
    """(K + 1,) level of each segment, weighted by precision; NaN if no period has an estimate."""
    std_error: Floats
    """(K + 1,) of the levels, over-dispersion included; taken as if the change points had been known beforehand."""
    p_value: Floats
    """One for each test made: of no change, then of one change against more, ...; all but the last led to a change."""
    dispersion: float
    """Standard deviation of the series within segments relative to its standard errors; at least 1."""


def change_points(
    estimate: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    level: float = 0.95,
    max_changes: int = 5,
    min_periods: int = 2,
    replicates: int = 999,
    seed: int = 0,
) -> ChangePoints:
    r"""Split a series into segments of constant level.

    The best K change points minimise the weighted sum of squares :math:`\sum_t (x_t - \mu_{k(t)})^2 / s_t^2` over all
    segmentations (exact dynamic programming). K starts at 0 and grows by one as long as a test finds another change:
    the statistic is the largest fall of that sum, over all segments found so far, from giving one interval of a segment
    a level of its own (so that a shift that goes back is found as well), relative to the dispersion; its p-value is the
    share of `replicates` simulated series without change, with these standard errors, that reach it. A series without
    change is split with a probability of at most 1 − level.

    The dispersion is the mean absolute difference of successive standardised values, the largest fifth left out so that
    the changes themselves do not count, and never under 1. The simulated series estimate it likewise, without that
    floor, which keeps the probability where the series varies more than its standard errors say, by any factor.

    Parameters
    ----------
    estimate, std_error : (T,) arrays
        One per period, in order. A period whose estimate is NaN or whose standard error is NaN or 0 is a gap.
    level : float
        1 − the largest probability of splitting a series without change.
    max_changes : int
        Most change points looked for.
    min_periods : int
        Fewest periods, gaps not counted, of a segment.
    replicates, seed : int
        Number of simulated series, and the seed they come from: the same input gives the same answer.

    Returns
    -------
    ChangePoints
        None where there are too few periods for two segments and a dispersion (under 4).

    Notes
    -----
    Periods are taken as independent within a segment; a steady trend is answered with steps. Time is quadratic in T.

    References
    ----------
    Auger and Lawrence (1989), segment neighbourhood; Olshen et al. (2004), circular binary segmentation.

    Examples
    --------
    >>> found = change_points([30.0, 32, 31, 29, 30, 41, 39, 40, 42, 41], [2.0] * 10)
    >>> found.position.tolist(), found.mean.round(6).tolist()
    ([5], [30.4, 40.6])
    """
    x, s = np.asarray(estimate, dtype=np.float64), np.asarray(std_error, dtype=np.float64)
    _check(x, s, level=level, max_changes=max_changes, min_periods=min_periods, replicates=replicates)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(s) & (s > 0))
    x, s = x[usable], s[usable]
    if x.size == 0:
        return ChangePoints(usable, np.array([np.nan]), np.array([np.nan]), np.array([]), np.nan)
    weight = 1 / s**2
    x_centred = x - weight @ x / weight.sum()
    dispersion = max(1.0, float(_moving_dispersion(x_centred[None, :], s)[0]))
    starts = np.array([0], dtype=np.intp)
    p_values: list[float] = []
    if x.size >= max(4, 2 * min_periods) and max_changes > 0:
        noise = np.random.default_rng(seed).standard_normal((replicates, x.size)) * s
        noise_variance = _moving_dispersion(noise, s) ** 2
        solutions = _segmentations(x_centred, weight, max_changes, min_periods)
        while starts.size <= max_changes:
            observed = _largest_fall(x_centred[None, :], weight, starts, min_periods)[0] / dispersion**2
            simulated = _largest_fall(noise, weight, starts, min_periods) / noise_variance
            p_values.append(float((1 + np.sum(simulated >= observed)) / (1 + replicates)))
            if p_values[-1] > 1 - level or starts.size >= len(solutions):
                break
            starts = solutions[starts.size]
    total = np.add.reduceat(weight, starts)
    mean = np.add.reduceat(weight * x, starts) / total
    return ChangePoints(usable[starts[1:]], mean, dispersion / np.sqrt(total), np.array(p_values), dispersion)


def _check(x: Floats, s: Floats, *, level: float, max_changes: int, min_periods: int, replicates: int) -> None:
    if x.ndim != 1 or x.shape != s.shape:
        msg = f"a series needs an estimate and a standard error per period: found shapes {x.shape} and {s.shape}"
        raise CemkitError(msg)
    if np.any(s < 0):
        msg = f"standard errors must not be negative: {int(np.sum(s < 0))} of {s.size} are"
        raise CemkitError(msg)
    if x.size > _MOST_PERIODS:
        msg = f"change points are looked for in at most {_MOST_PERIODS} periods, not {x.size}: take longer periods"
        raise CemkitError(msg)
    if not 0 < level < 1 or max_changes < 0 or min_periods < 1 or replicates < 1 / (1 - level) - 1 - 1e-9:
        msg = (
            f"change points need 0 < level < 1, max_changes >= 0, min_periods >= 1 and at least 1 / (1 - level) - 1 "
            f"replicates: got {level}, {max_changes}, {min_periods} and {replicates}"
        )
        raise CemkitError(msg)


def _moving_dispersion(x: Floats, s: Floats) -> Floats:
    """Estimate the standard deviation relative to `s` from successive differences, per row of x (R, T)."""
    from scipy.special import ndtri

    size = s.size - 1
    if size < 1:
        return np.zeros(x.shape[0])
    difference = np.sort(np.abs(np.diff(x, axis=1)) / np.sqrt(s[1:] ** 2 + s[:-1] ** 2), axis=1)
    kept = size - int(_TRIMMED_SHARE * size)
    cut = ndtri((1 + kept / size) / 2)
    expected = np.sqrt(2 / np.pi) * (1 - np.exp(-(cut**2) / 2)) * size / kept
    return np.asarray(difference[:, :kept].mean(axis=1) / expected, dtype=np.float64)


def _largest_fall(x: Floats, weight: Floats, starts: Integers, min_periods: int) -> Floats:
    """Find how far the weighted sum of squares can fall by giving one interval its own level, per row of x (R, T)."""
    best = np.zeros(x.shape[0])
    rows = max(1, _CHUNK // x.shape[1])
    for first in range(0, x.shape[0], rows):
        part = x[first : first + rows]
        for start, stop in zip(starts, [*starts[1:], x.shape[1]], strict=True):
            fall = _fall_in_segment(part[:, start:stop], weight[start:stop], min_periods)
            best[first : first + rows] = np.maximum(best[first : first + rows], fall)
    return best


def _fall_in_segment(x: Floats, weight: Floats, min_periods: int) -> Floats:
    size, total = weight.size, weight.sum()
    centred = weight * (x - (x @ weight / total)[:, None])
    sums = np.concatenate([np.zeros((x.shape[0], 1)), np.cumsum(centred, axis=1)], axis=1)
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    best = np.zeros(x.shape[0])
    # an interval that reaches the end splits the segment as the one before it does, so it need not be tried
    for start in (0, *range(min_periods, size - 2 * min_periods + 1)):
        stops = slice(start + min_periods, size - min_periods + 1)
        inside = weights[stops] - weights[start]
        fall = sums[:, stops] - sums[:, start : start + 1]
        fall *= fall
        fall *= total / (inside * (total - inside))
        best = np.maximum(best, fall.max(axis=1, initial=0.0))
    return best


def _segmentations(x: Floats, weight: Floats, max_changes: int, min_periods: int) -> list[Integers]:
    """Find the starts of the best segmentation for each number of changes, 0 to as many as fit."""
    size = x.size
    segments = min(max_changes + 1, size // min_periods)
    w, wx, wxx = (np.concatenate([[0.0], np.cumsum(v)]) for v in (weight, weight * x, weight * x * x))
    best = np.full((segments + 1, size + 1), np.inf)
    best[0, 0] = 0.0
    last = np.zeros((segments + 1, size + 1), dtype=np.intp)
    for stop in range(min_periods, size + 1):
        start = np.arange(stop - min_periods + 1)
        cost = wxx[stop] - wxx[start] - (wx[stop] - wx[start]) ** 2 / (w[stop] - w[start])
        candidate = best[:-1, start] + cost
        last[1:, stop] = np.argmin(candidate, axis=1)
        best[1:, stop] = np.min(candidate, axis=1)
    found = []
    for count in range(1, segments + 1):
        starts = [int(last[count, size])]
        for left in range(count - 1, 0, -1):
            starts.append(int(last[left, starts[-1]]))
        found.append(np.array(starts[::-1], dtype=np.intp))
    return found
