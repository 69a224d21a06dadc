"""Sums of weights over all rows per key, with or without an answer: what margins are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect
from cemkit.tables.codes import key_codes
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["WeightSums", "weight_sums"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightSums:
    """Mergeable sums per key over all rows.

    Attributes
    ----------
    keys
        The key columns, one value per row of the result.
    n
        Rows.
    w, w2
        Σ weight and Σ weight² for every weight column asked for, shape (rows, weights).
    """

    keys: Mapping[str, Sequence[Any]]
    n: Floats
    w: Floats
    w2: Floats


def weight_sums(bound: Bound, *, keys: Sequence[str], weights: Sequence[str | None]) -> WeightSums:
    """Sum weights and their squares per key in the frame's own engine; None is a weight of one.

    Parameters
    ----------
    bound
        The table.
    keys
        At least one key column; a null is a key of its own.
    weights
        Weight columns.

    Raises
    ------
    DesignError
        If a weight is null, NaN, negative or infinite, or all are zero.
    """
    names = list(dict.fromkeys(keys))
    found = _numpy_sums(bound, names, weights) if bound.in_memory_pandas else _narwhals_sums(bound, names, weights)
    for j, name in enumerate(weights):
        if name is not None:
            require_good_weights(bound, name, found.w[:, j])
    return found


def _narwhals_sums(bound: Bound, keys: Sequence[str], weights: Sequence[str | None]) -> WeightSums:
    columns = {f"_w{j}": weight_expression(bound, name) for j, name in enumerate(weights) if name is not None}
    frame = bound.frame.select(*(nw.col(name) for name in keys), **columns)
    if columns:
        frame = frame.with_columns(*((nw.col(name) * nw.col(name)).alias(f"_s{name}") for name in columns))
    sums = [nw.col(name).sum() for name in (*columns, *(f"_s{name}" for name in columns))]
    table = collect(frame.group_by(*keys).agg(nw.len().alias("_n"), *sums))
    n = np.asarray(table["_n"], dtype=np.float64)
    parts = [
        (n, n)
        if name is None
        else (np.asarray(table[f"_w{j}"], dtype=np.float64), np.asarray(table[f"_s_w{j}"], dtype=np.float64))
        for j, name in enumerate(weights)
    ]
    return _stacked({name: table[name] for name in keys}, n, parts)


def _numpy_sums(bound: Bound, keys: Sequence[str], weights: Sequence[str | None]) -> WeightSums:
    frame = bound.native
    codes, levels, size = key_codes(frame, keys)
    n = np.bincount(codes, minlength=size).astype(np.float64)
    present = np.flatnonzero(n)
    parts = []
    for name in weights:
        if name is None:
            parts.append((n[present], n[present]))
            continue
        weight = weight_values(frame[name])
        with np.errstate(over="ignore"):  # such weights are refused later
            first, second = (grouped_sum(codes, x, groups=size)[present] for x in (weight, weight * weight))
        parts.append((first, second))
    kept = {name: [column[i] for i in present.tolist()] for name, column in levels.items()}
    return _stacked(kept, n[present], parts)


def _stacked(keys: Mapping[str, Sequence[Any]], n: Floats, parts: Sequence[tuple[Floats, Floats]]) -> WeightSums:
    shape = (len(n), len(parts))
    w, w2 = (
        np.column_stack([part[i] for part in parts]).reshape(shape) if parts else np.zeros(shape) for i in range(2)
    )
    return WeightSums(keys, n, w, w2)
