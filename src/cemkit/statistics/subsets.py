"""The fits of all 2^p subsets of predictors, in constant work each, and sums over them.

Schur-complement doubling: take the blocks of predictors one at a time, keeping for every subset of those behind the
covariance of the variables still to come (and of the outcome), given the subset. A new block doubles the subsets:
without it, its rows are dropped; with it, they are swept out. Work and memory fall by half per step back, so that the
whole costs about six multiplications per subset however many predictors there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb

import numpy as np

from cemkit.statistics._arguments import FloatArray

__all__ = ["complete_dominance", "contributions_by_size", "subset_fits"]

# blocks that are doubled inside the processor's cache, and how many columns go together
_TAIL = 10
_COLUMNS = 64


def subset_fits(covariance: FloatArray, *, sizes: Sequence[int]) -> FloatArray:
    """Return the outcome's variance that each subset of blocks explains.

    Parameters
    ----------
    covariance : ndarray
        (B, p + 1, p + 1), positive definite in the predictors, the outcome last.
    sizes : sequence of int
        Consecutive columns of each block; they sum to p.

    Returns
    -------
    ndarray
        (B, 2^G): subset t holds block g where bit g of t is set.
    """
    batch, count = len(covariance), len(sizes)
    tail = min(_TAIL, count)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    split = int(starts[tail])
    order = np.concatenate([np.arange(split, starts[-1]), np.arange(split), starts[-1:]]).astype(int)
    variables = len(order)
    row, column = np.triu_indices(variables)
    state = np.ascontiguousarray(np.moveaxis(covariance[:, order[row], order[column]], 0, -1))[:, None, :]
    state, variables = _double(state, variables, sizes[tail:])
    state = state.reshape(len(state), -1)
    rest = np.empty((state.shape[1], 1 << tail))
    for start in range(0, state.shape[1], _COLUMNS):
        piece = np.ascontiguousarray(state[:, None, start : start + _COLUMNS])
        rest[start : start + _COLUMNS] = _double(piece, variables, sizes[:tail])[0][0].T
    head = 1 << (count - tail)
    unexplained = np.moveaxis(rest.reshape(head, batch, -1), 0, 1).reshape(batch, -1)
    return np.asarray(unexplained[:, :1] - unexplained)


def _double(state: FloatArray, variables: int, sizes: Sequence[int]) -> tuple[FloatArray, int]:
    """Double (entries of the triangle, subsets, columns) by each block in turn."""
    for size in sizes:
        dropped = sum(variables - i for i in range(size))
        doubled = np.empty((len(state) - dropped, 2, *state.shape[1:]))
        doubled[:, 0] = state[dropped:]
        swept = state
        for i in range(size):
            target = doubled[:, 1] if i == size - 1 else np.empty((len(swept) - variables + i, *state.shape[1:]))
            _sweep(swept, variables - i, target)
            swept = target
        variables -= size
        state = doubled.reshape(len(doubled), -1, state.shape[2])
    return state, variables


def _sweep(state: FloatArray, variables: int, target: FloatArray) -> None:
    """Write the triangle without its first variable, given that variable."""
    column = state[1:variables]
    slope = column / state[0]
    place = 0
    for i in range(variables - 1):
        width = variables - 1 - i
        piece = target[place : place + width]
        np.multiply(column[i:], slope[i], out=piece)
        np.subtract(state[variables + place : variables + place + width], piece, out=piece)
        place += width


def contributions_by_size(fits: FloatArray) -> FloatArray:
    """Return each block's mean increase of the fit over the subsets of each size: (B, G, G), the sizes 0 to G − 1.

    Its mean over the sizes is the Shapley value (LMG); its rows are conditional dominance.
    """
    count = int(fits.shape[-1]).bit_length() - 1
    holding = _sums_by_size(fits, count)
    sizes = np.arange(1, count + 1)
    total = np.concatenate([fits[:, :1], holding[:, :, 1:].sum(axis=1) / sizes], axis=1)
    without = total[:, None, :count] - holding[:, :, :count]
    ways = np.array([comb(count - 1, size) for size in range(count)], dtype=np.float64)
    return np.asarray((holding[:, :, 1:] - without) / ways)


def _sums_by_size(fits: FloatArray, count: int) -> FloatArray:
    """Σ of the fits over the subsets that hold a block, by size: (B, G, G + 1), as products with 0/1 matrices.

    The bits of a subset are split in two halves, so that the 0/1 matrices stay as small as the root of the subsets.
    """
    low = count // 2
    high = count - low
    table = fits.reshape(len(fits), 1 << high, 1 << low)
    sums = np.zeros((len(fits), count, count + 1))
    if low:
        part = (_of_size(high).T @ table) @ _holding(low)
        part = part.reshape(len(fits), high + 1, low, low + 1)
        for size in range(high + 1):
            sums[:, :low, size : size + low + 1] += part[:, size]
    part = _holding(high).T @ (table @ _of_size(low))
    part = part.reshape(len(fits), high, high + 1, low + 1)
    for size in range(low + 1):
        sums[:, low:, size : size + high + 1] += part[:, :, :, size]
    return sums


def _bits(count: int) -> FloatArray:
    return ((np.arange(1 << count)[:, None] >> np.arange(count)) & 1).astype(np.float64)


@cache
def _of_size(count: int) -> FloatArray:
    """(2^count, count + 1): 1 where the subset has the size."""
    return np.asarray(_bits(count).sum(axis=1)[:, None] == np.arange(count + 1), dtype=np.float64)


@cache
def _holding(count: int) -> FloatArray:
    """(2^count, count · (count + 1)): 1 where the subset holds the block and has the size."""
    return np.asarray((_bits(count)[:, :, None] * _of_size(count)[:, None, :]).reshape(1 << count, -1))


def complete_dominance(fits: FloatArray, *, conditional: FloatArray, tolerance: float = 1e-12) -> FloatArray:
    """Return (B, G, G): 1 where the row's block adds at least as much as the column's to every subset of the others.

    0 where it never adds more, ½ where neither holds (or the two are alike throughout) and on the diagonal. As complete
    dominance implies conditional dominance, of which 1, 0 and ½ are given, only pairs that have that are looked at.
    """
    batch, count = len(fits), int(fits.shape[-1]).bit_length() - 1
    found = np.full((batch, count, count), 0.5)
    for j in range(count):
        for i in range(j):
            likely = conditional[:, i, j]
            rows = np.flatnonzero(likely != 0.5)
            if not len(rows):
                continue
            table = (fits if len(rows) == batch else fits[rows]).reshape(
                len(rows), 1 << (count - 1 - j), 2, 1 << (j - 1 - i), 2, 1 << i
            )
            more = table[:, :, 0, :, 1] - table[:, :, 1, :, 0]
            axes = (1, 2, 3)
            ahead = more.min(axis=axes) >= -tolerance if (likely[rows] == 1).any() else np.zeros(len(rows), dtype=bool)
            behind = more.max(axis=axes) <= tolerance if (likely[rows] == 0).any() else np.zeros(len(rows), dtype=bool)
            found[rows, i, j] = np.where(
                (likely[rows] == 1) & ahead, 1.0, np.where((likely[rows] == 0) & behind, 0.0, 0.5)
            )
            found[rows, j, i] = 1.0 - found[rows, i, j]
    return found


def pair_dominance(least: FloatArray, most: FloatArray, *, tolerance: float) -> FloatArray:
    """1, ½ or 0 from the least and the most by which the one is ahead of the other."""
    ahead = (least >= -tolerance) & (most > tolerance)
    behind = (most <= tolerance) & (least < -tolerance)
    return np.where(ahead, 1.0, np.where(behind, 0.0, 0.5))
