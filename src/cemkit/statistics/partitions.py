"""Partitions compared: the adjusted Rand index and Jaccard's; and how many clusters a cloud has.

Hubert, L. & Arabie, P. (1985), *Journal of Classification* 2; Hennig, C. (2007), *Computational Statistics & Data Analysis*
52; Tibshirani, R., Walther, G. & Hastie, T. (2001), *JRSS B* 63.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["adjusted_rand", "best_jaccard", "gap_choice", "gap_statistic"]

Codes = NDArray[np.intp]


def adjusted_rand(left: Codes, right: Codes) -> float:
    """Return the adjusted Rand index of two partitions of the same rows: 1 where they agree, 0 on average by chance."""
    table = _crossed(left, right)

    def pairs(counts: FloatArray) -> float:
        return float((counts * (counts - 1)).sum() / 2)

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    every = pairs(np.array([table.sum()]))
    expected, most = rows * columns / every if every else 0.0, (rows + columns) / 2
    return 1.0 if most == expected else float((both - expected) / (most - expected))


def best_jaccard(left: Codes, right: Codes, *, segments: int) -> FloatArray:
    """Return, for each of the segments of ``left``, the largest ``|A ∩ B| / |A ∪ B|`` with one of ``right``; nan for an empty one."""
    table = np.zeros((segments, int(right.max(initial=0)) + 1))
    np.add.at(table, (left, right), 1.0)
    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    with np.errstate(invalid="ignore"):
        found = (table / union).max(axis=1)
    return np.asarray(np.where(table.sum(axis=1) > 0, found, np.nan))


def gap_statistic(
    z: FloatArray,
    within: Callable[[FloatArray, int], float],
    *,
    candidates: Sequence[int],
    rng: np.random.Generator,
    references: int = 20,
) -> tuple[FloatArray, FloatArray]:
    """Return the gap of every candidate and its error s.

    Gap(k) = mean log W*(k) − log W(k), W the within sum of squares, W* that of a uniform cloud in the box of the principal
    axes; s is the references' standard deviation times √(1 + 1/references).
    """
    centred = z - z.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    clouds = [rng.uniform(low, high, size=turned.shape) for _ in range(references)]
    log = np.array([[np.log(within(cloud, k)) for k in candidates] for cloud in clouds])
    own = np.array([np.log(within(z, k)) for k in candidates])
    return log.mean(axis=0) - own, log.std(axis=0) * np.sqrt(1 + 1 / references)


def gap_choice(gap: FloatArray, error: FloatArray) -> int:
    """Return the place of the first candidate whose gap is at least the next one's less its error; else the last."""
    for i in range(len(gap) - 1):
        if gap[i] >= gap[i + 1] - error[i + 1]:
            return i
    return len(gap) - 1


def _crossed(left: Codes, right: Codes) -> FloatArray:
    table = np.zeros((int(left.max(initial=0)) + 1, int(right.max(initial=0)) + 1))
    np.add.at(table, (left, right), 1.0)
    return table
