"""Raking of many replicates of the same cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["RakedReplicates", "rake_replicates"]

Floats = npt.NDArray[np.float64]


class RakedReplicates(NamedTuple):
    """Factors per replicate and cell, and which replicates meet their targets."""

    factor: Floats
    converged: npt.NDArray[np.bool_]


def rake_replicates(
    base: npt.ArrayLike,
    levels: Sequence[npt.NDArray[np.intp]],
    targets: Sequence[npt.NDArray[np.float64]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> RakedReplicates:
    """Find factors per cell that give the margins of every replicate the same targets.

    Parameters
    ----------
    base : (R, C) array
        Weights of each cell in each replicate.
    levels : list of (C,) integer arrays
        For each margin, the level of each cell.
    targets : list of arrays
        For each margin, the weight that each level is to have; all margins have the same sum.
    tolerance : float
        Largest difference allowed between a margin and its target, relative to the sum.
    max_iterations : int
        Passes over all margins.

    Examples
    --------
    >>> rake_replicates([[30.0, 10.0]], [np.array([0, 1])], [np.array([20.0, 20.0])]).factor.round(4).tolist()
    [[0.6667, 2.0]]
    """
    weight = np.asarray(base, dtype=np.float64)
    factor = np.ones_like(weight)
    converged = np.zeros(len(weight), dtype=bool)
    dummies = [
        (code[:, None] == np.arange(len(goal))).astype(np.float64) for code, goal in zip(levels, targets, strict=True)
    ]
    total = float(np.sum(targets[0]))
    for _ in range(max_iterations):
        waiting = np.flatnonzero(~converged)
        if not len(waiting):
            break
        own, found = weight[waiting], factor[waiting]
        for dummy, code, goal in zip(dummies, levels, targets, strict=True):
            now = (own * found) @ dummy
            found *= np.divide(np.broadcast_to(goal, now.shape), now, out=np.ones_like(now), where=now > 0)[:, code]
        gap = [np.abs((own * found) @ dummy - goal).max(axis=1) for dummy, goal in zip(dummies, targets, strict=True)]
        factor[waiting] = found
        converged[waiting] = np.max(gap, axis=0) <= tolerance * total
    return RakedReplicates(factor, converged)
