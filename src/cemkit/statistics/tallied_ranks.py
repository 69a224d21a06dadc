"""Ranks of totals, and their intervals from units drawn again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.statistics._arguments import FloatArray, check_level

__all__ = ["RankIntervals", "interval_ranks", "tallied_ranks"]

_CELLS = 2_000_000


class RankIntervals(NamedTuple):
    """Rank 1 has the largest total; equal totals share the smaller rank."""

    rank: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def tallied_ranks(
    totals: FloatArray, units: ArrayLike, rng: np.random.Generator, *, replicates: int, level: float = 0.95
) -> RankIntervals:
    """Return ranks of Σ units · totals with quantiles of the ranks when as many units are drawn again.

    Parameters
    ----------
    totals
        A row per different vector of a unit's totals, in sorted order: (profiles, items).
    units
        Units that have the vector.
    rng
        Source of the draws.
    replicates
        Draws from the multinomial distribution of the tally (Efron's bootstrap of units; Goldstein & Spiegelhalter 1996 for ranks).
    level
        Of the interval; low takes the best, high the worst rank of equal totals.
    """
    check_level(level)
    counts = np.asarray(units, dtype=np.int64)
    most = int(counts.sum())
    best, worst = [], []
    chunk = max(1, _CELLS // max(len(counts), 1))
    for start in range(0, replicates, chunk):
        size = min(chunk, replicates - start)
        drawn = rng.multinomial(most, counts / most, size=size) @ totals
        best.append(_rank(drawn))
        worst.append(drawn.shape[1] + 1 - _rank(-drawn))
    low = np.quantile(np.concatenate(best), (1 - level) / 2, axis=0, method="inverted_cdf")
    high = np.quantile(np.concatenate(worst), (1 + level) / 2, axis=0, method="inverted_cdf")
    return RankIntervals(_rank((counts @ totals)[None, :])[0], low.astype(np.int64), high.astype(np.int64))


def interval_ranks(estimate: ArrayLike, low: ArrayLike, high: ArrayLike) -> RankIntervals:
    """Return ranks with limits from intervals alone: surely behind those whose interval lies entirely above one's own.

    A NaN estimate has rank and limits 0.
    """
    value, bottom, top = (np.asarray(x, dtype=np.float64) for x in (estimate, low, high))
    known = np.isfinite(value)
    bottom, top = np.where(np.isfinite(bottom), bottom, -np.inf), np.where(np.isfinite(top), top, np.inf)
    rank, first, last = (np.zeros(len(value), dtype=np.int64) for _ in range(3))
    rank[known] = _rank(value[known][None, :])[0]
    first[known] = 1 + (bottom[known][None, :] > top[known][:, None]).sum(axis=1)
    last[known] = known.sum() - (top[known][None, :] < bottom[known][:, None]).sum(axis=1)
    return RankIntervals(rank, first, last)


def _rank(values: FloatArray) -> NDArray[np.int64]:
    """Return 1 + how many values in the row are larger."""
    order = np.sort(values, axis=1)
    found = np.empty(values.shape, dtype=np.int64)
    for i in range(len(values)):
        found[i] = values.shape[1] - np.searchsorted(order[i], values[i], side="right") + 1
    return found
