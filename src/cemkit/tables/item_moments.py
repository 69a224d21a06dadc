"""Means and cross-products of several columns over the rows that have them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics.moments import Moments
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import CHUNK, float_values, key_codes
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["ItemMoments", "item_moments"]

_MOST = 1e150  # beyond, squares overflow; infinite and NaN lie beyond on every engine
_HEAD = 1000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ItemMoments:
    """Sums per key; those of parts of a table with the same ``origin`` add.

    Attributes
    ----------
    keys
        The key columns, one value per row of the result.
    rows, observed
        All rows, and the rows with a number in each item, (rows, items).
    n, size
        Complete rows and their Σw.
    sums, products
        Σ w·(x − origin), (rows, items), and Σ w·(x − origin)(x − origin)', (rows, items, items), over complete rows.
    origin
        What the items were shifted by, so that their squares stay small.
    """

    keys: Mapping[str, Sequence[Any]]
    rows: Floats
    observed: Floats
    n: Floats
    size: Floats
    sums: Floats
    products: Floats
    origin: Floats

    @property
    def moments(self) -> Moments:
        """Means, and covariances Σ w (x − x̄)(x − x̄)'/Σw · n/(n − 1); nan where there are no two complete rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = self.sums / self.size[:, None]
            spread = self.products / self.size[:, None, None] - shift[:, :, None] * shift[:, None, :]
            covariance = spread * (self.n / (self.n - 1))[:, None, None]
        return Moments(self.origin + shift, covariance, self.size)


def item_moments(
    bound: Bound,
    *,
    keys: Sequence[str],
    items: Sequence[str],
    weights: str | None = None,
    origin: npt.ArrayLike | None = None,
) -> ItemMoments:
    """Sum the items and their products per key over the rows with a number in all of them, in the frame's own engine.

    Null, NaN and infinite are no number. Without ``origin`` the items are shifted by their means over the first rows.
    """
    centre = None if origin is None else np.asarray(origin, dtype=np.float64)
    if bound.in_memory_pandas:
        return _numpy_moments(bound, keys, items, weights, centre)
    return _narwhals_moments(bound, keys, items, weights, _origin(bound, items) if centre is None else centre)


def _origin(bound: Bound, items: Sequence[str]) -> Floats:
    names = {f"_x{i}": nw.col(name).cast(nw.Float64) for i, name in enumerate(items)}
    table = collect(bound.frame.select(**names).head(_HEAD))
    return _centre(np.column_stack([np.asarray(table[name], dtype=np.float64) for name in names]))


def _centre(head: Floats) -> Floats:
    """Return the means of the numbers in the first rows, zero without any."""
    there = np.abs(head) < _MOST
    return np.asarray(np.where(there, head, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1))


def _narwhals_moments(
    bound: Bound, keys: Sequence[str], items: Sequence[str], weights: str | None, origin: Floats
) -> ItemMoments:
    count = len(items)
    weight = nw.lit(1.0) if weights is None else weight_expression(bound, weights)
    columns = {f"_x{i}": nw.col(name).cast(nw.Float64) for i, name in enumerate(items)}
    frame = bound.frame.select(*key_expressions(bound, keys), **columns, _v=weight)
    there = [(nw.col(name) > -_MOST) & (nw.col(name) < _MOST) for name in columns]
    frame = frame.with_columns(
        *(nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0)).alias(f"_o{i}") for i, flag in enumerate(there))
    )
    complete = reduce(and_, (nw.col(f"_o{i}") == 1 for i in range(count)))
    frame = frame.with_columns(
        nw.when(complete).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_g"),
        nw.when(complete).then(nw.col("_v")).otherwise(nw.lit(0.0)).alias("_w"),
        *(
            nw.when(complete).then(nw.col(f"_x{i}") - float(origin[i])).otherwise(nw.lit(0.0)).alias(f"_d{i}")
            for i in range(count)
        ),
    )
    frame = frame.with_columns(*((nw.col(f"_d{i}") * nw.col("_w")).alias(f"_s{i}") for i in range(count)))
    pairs = [(i, j, f"_p{i}_{j}") for i in range(count) for j in range(i, count)]
    frame = frame.with_columns(*((nw.col(f"_s{i}") * nw.col(f"_d{j}")).alias(name) for i, j, name in pairs))
    group = list(keys) or ["_all"]
    if not keys:
        frame = frame.with_columns(nw.lit(0).alias("_all"))
    names = ["_g", "_w", "_v", *(f"_{kind}{i}" for kind in "os" for i in range(count)), *(name for *_, name in pairs)]
    table = collect(frame.group_by(*group).agg(nw.len().alias("_n"), *(nw.col(name).sum() for name in names)))

    def of(name: str) -> Floats:
        return np.asarray(table[name], dtype=np.float64)

    rows = len(table["_n"])
    if weights is not None and rows:
        require_good_weights(bound, weights, table["_v"])
    products = np.zeros((rows, count, count))
    for i, j, name in pairs:
        products[:, i, j] = products[:, j, i] = of(name)
    stacked = {kind: np.column_stack([of(f"_{kind}{i}") for i in range(count)]) for kind in "os"}
    return ItemMoments(
        {name: table[name] for name in keys},
        of("_n"),
        stacked["o"],
        of("_g"),
        of("_w"),
        stacked["s"],
        products,
        origin,
    )


def _pieces(frame: pd.DataFrame, items: Sequence[str], start: int, stop: int) -> Floats:
    """Return some rows of the items as one array of floats, nulls as NaN."""
    if list(frame.columns) == list(items) and all(isinstance(d, np.dtype) and d.kind in "fiu" for d in frame.dtypes):
        return frame.iloc[start:stop].to_numpy(dtype=np.float64)
    return np.column_stack([float_values(frame[name].iloc[start:stop]) for name in items])


def _numpy_moments(
    bound: Bound, keys: Sequence[str], items: Sequence[str], weights: str | None, origin: Floats | None
) -> ItemMoments:
    frame, count = bound.native, len(items)
    codes, levels, size = key_codes(frame, keys)
    weight = None if weights is None else weight_values(frame[weights])
    if weights is not None and weight is not None and len(weight):
        require_good_weights(bound, weights, weight)
    rows, n, total = np.bincount(codes, minlength=size).astype(np.float64), np.zeros(size), np.zeros(size)
    observed, sums, products = np.zeros((size, count)), np.zeros((size, count)), np.zeros((size, count, count))
    centre = np.zeros(count) if origin is None else origin
    for start in range(0, len(frame), CHUNK):
        piece = slice(start, start + CHUNK)
        x = _pieces(frame, items, start, start + CHUNK)
        if origin is None and not start:
            centre = _centre(x[:_HEAD])
        there = np.abs(x) < _MOST
        complete = there.all(axis=1)
        if size == 1:
            observed[0] += there.sum(axis=0)
        else:
            for i in range(count):
                observed[:, i] += np.bincount(codes[piece], weights=there[:, i], minlength=size)
        if size > 1 or not complete.all():
            order = np.flatnonzero(complete)
            order = order[np.argsort(codes[piece][order], kind="stable")] if size > 1 else order
            x = x[order]
        else:
            order = np.arange(len(x))
        about = x - centre
        own = np.ones(len(about)) if weight is None else weight[piece][order]
        present, first = np.unique(codes[piece][order], return_index=True)
        for code, low, high in zip(present, first, [*first, len(about)][1:], strict=True):
            part, w = about[low:high], own[low:high]
            n[code] += high - low
            total[code] += w.sum()
            sums[code] += w @ part
            products[code] += (part * w[:, None]).T @ part
    kept = np.flatnonzero(rows)
    return ItemMoments(
        {name: [column[i] for i in kept.tolist()] for name, column in levels.items()},
        rows[kept],
        observed[kept],
        n[kept],
        total[kept],
        sums[kept],
        products[kept],
        centre,
    )
