"""Predictions of rows by their group's mean in the other folds, and what they gain."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["Loss", "assign_folds", "held_out_losses"]

Loss: TypeAlias = Literal["squared", "log"]
Codes = NDArray[np.intp]


def assign_folds(unit: Codes, rank: Codes, *, folds: int, rng: np.random.Generator) -> Codes:
    """Return each row's fold; a unit's rows are in one.

    Units are drawn in the order of their lowest ``rank``, so that the order of the rows does not matter.
    """
    units = int(unit.max()) + 1
    first = np.full(units, np.iinfo(np.intp).max, dtype=np.intp)
    np.minimum.at(first, unit, rank)
    fold = np.empty(units, dtype=np.intp)
    fold[np.argsort(first, kind="stable")] = rng.permutation(units) % folds
    return np.asarray(fold[unit])


def held_out_losses(
    y: FloatArray, group: Codes, fold: Codes, weight: FloatArray, *, folds: int, loss: Loss = "squared"
) -> tuple[FloatArray, FloatArray]:
    """Return each row's loss under its group's mean, and under the mean of all, both of the other folds.

    A group that the other folds do not have is predicted by the mean of all. For the log loss the group's mean counts one more row with the
    mean of all, so that no outcome is held impossible.
    """
    groups = int(group.max()) + 1
    size, total = np.zeros((groups, folds)), np.zeros((groups, folds))
    np.add.at(size, (group, fold), weight)
    np.add.at(total, (group, fold), weight * y)
    rest = size.sum(axis=1, keepdims=True) - size
    rest_total = total.sum(axis=1, keepdims=True) - total
    every = (rest_total.sum(axis=0) / np.maximum(rest.sum(axis=0), 1e-300))[None, :]
    extra = 1.0 if loss == "log" else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (rest_total + extra * every) / (rest + extra)
    mean = np.where(rest > 1e-12 * weight.sum(), mean, every)
    return _loss(y, mean[group, fold], loss), _loss(y, np.broadcast_to(every, mean.shape)[group, fold], loss)


def _loss(y: FloatArray, predicted: FloatArray, loss: Loss) -> FloatArray:
    if loss == "squared":
        return np.asarray((y - predicted) ** 2)
    p = np.clip(predicted, 1e-12, 1 - 1e-12)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)))
