"""The rating tally: per key and scale point the count, the sum of weights and the sum of squared weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import CHUNK, MOST_CELLS, key_codes, numbers, present_codes
from cemkit.tables.factor import key_rows
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["RatingTally", "classify", "rating_tally", "value_expression"]

_TOLERANCE = 1e-9
_VALUE, _N, _W, _W2 = "_value", "_n", "_w", "_w2"
# Engines that stop counting out cells at a limit (Dask would look at its first partition only).
_ONE_LIMIT = ("polars", "duckdb", "pyarrow", "pyspark")


@dataclass(frozen=True, eq=False)
class RatingTally:
    """Mergeable counts of ratings.

    Attributes
    ----------
    keys
        The key columns, one value per cell.
    value
        The scale point of the cell; NaN is missing, infinite is outside the scale.
    n, w, w2
        Rows, sum of weights, and sum of squared weights of the cell. Without weights all three are the count.
    """

    keys: Mapping[str, Sequence[Any]]
    value: npt.NDArray[np.float64]
    n: npt.NDArray[np.int64]
    w: npt.NDArray[np.float64]
    w2: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.value)

    def __add__(self, other: RatingTally) -> RatingTally:
        if not isinstance(other, RatingTally):
            return NotImplemented
        if tuple(self.keys) != tuple(other.keys):
            msg = f"tallies by {list(self.keys)} and by {list(other.keys)} cannot be added"
            raise CemkitError(msg)
        keys = {name: [*self.keys[name], *other.keys[name]] for name in self.keys}
        stacked = (np.concatenate(pair) for pair in zip(self._arrays(), other._arrays(), strict=True))
        return _compressed(keys, *stacked)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RatingTally):
            return NotImplemented
        return tuple(self.keys) == tuple(other.keys) and _sorted_cells(self) == _sorted_cells(other)

    __hash__ = None  # type: ignore[assignment]

    def _arrays(self) -> tuple[npt.NDArray[Any], ...]:
        return self.value, self.n, self.w, self.w2


def rating_tally(
    bound: Bound, *, keys: Sequence[str], value: str, scale: Scale, weights: str | None = None
) -> RatingTally:
    """Count ratings per key and scale point in the frame's own engine.

    Missing codes and NaN become missing; values outside the scale share one cell per key.
    """
    if bound.in_memory_pandas:
        tally = _numpy_tally(bound.native, keys, value, scale, weights)
    else:
        tally = _narwhals_tally(bound, keys, value, scale, weights)
    if weights is not None:
        require_good_weights(bound, weights, tally.w)
    return tally


def value_expression(bound: Bound, value: str, scale: Scale) -> nw.Expr:
    """Return the rating with all values that no cell should be made for brought together.

    Whole numbers stay whole (grouping by them is faster) and everything beyond scale and missing codes becomes one
    number outside both; floats become null where NaN and infinite where outside. ``classify`` tells them apart later.
    """
    raw, dtype = nw.col(value), bound.schema[value]
    if dtype.is_integer() and _whole(scale):
        *_, outside = _integer_bounds(scale)
        if dtype in (nw.Int8, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64):
            raw = raw.cast(nw.Int64)  # neither the number outside nor one below zero need fit into a small type
        inside = (raw >= math.ceil(scale.low)) & (raw <= math.floor(scale.high))
        if codes := [int(c) for c in scale.missing_codes if c.is_integer()]:
            inside = inside | raw.is_in(codes)
        return nw.when(raw.is_null() | inside).then(raw).otherwise(nw.lit(outside))
    x = raw.cast(nw.Float64)
    inside = (x >= scale.low - _TOLERANCE) & (x <= scale.high + _TOLERANCE)
    if scale.step is not None:
        steps = (x - scale.low) / scale.step
        inside = inside & ((steps - steps.round()).abs() < _TOLERANCE)
    if scale.missing_codes:
        inside = inside | x.is_in(list(scale.missing_codes))
    kept = nw.when(inside).then(x).otherwise(nw.lit(float("inf")))
    return nw.when(~(x.is_null() | x.is_nan())).then(kept)


def _whole(scale: Scale) -> bool:
    """Whether every whole number from low to high is a point of the scale."""
    return scale.step is None or bool(scale.valid(np.arange(math.ceil(scale.low), math.floor(scale.high) + 1)).all())


def _integer_bounds(scale: Scale) -> tuple[int, int, int]:
    """Return the smallest and largest whole number of scale and missing codes, and a number beyond both."""
    codes = [c for c in scale.missing_codes if c.is_integer()]
    low, high = math.floor(min([scale.low, *codes])), math.ceil(max([scale.high, *codes]))
    return low, high, high + 1


def classify(values: Sequence[Any] | npt.NDArray[Any], scale: Scale) -> npt.NDArray[np.float64]:
    """Return collected ratings as scale points, NaN where missing and infinite where outside the scale."""
    x = np.asarray(
        [np.nan if v is None else v for v in values] if isinstance(values, list) else values, dtype=np.float64
    )
    point = np.where(scale.valid(x), x, np.inf)
    if scale.step is not None:
        on_grid = np.isfinite(point)
        point[on_grid] = scale.points[np.rint((point[on_grid] - scale.low) / scale.step).astype(np.intp)]
    point[scale.missing(x)] = np.nan
    return point


def _narwhals_tally(bound: Bound, keys: Sequence[str], value: str, scale: Scale, weights: str | None) -> RatingTally:
    """Group by the values as they are, which costs nothing; where that makes too many cells, bring them together first."""
    if bound.engine in _ONE_LIMIT:
        query = _cells(bound, keys, nw.col(value), weights).head(MOST_CELLS + 1)
        tally = _collected(query, keys, scale, weights)
        if len(tally) <= MOST_CELLS:
            outside = np.isinf(tally.value)
            return _compressed(tally.keys, tally.value, tally.n, tally.w, tally.w2) if outside.any() else tally
    return _collected(_cells(bound, keys, value_expression(bound, value, scale), weights), keys, scale, weights)


def _cells(bound: Bound, keys: Sequence[str], rating: nw.Expr, weights: str | None) -> Any:
    columns: dict[str, nw.Expr] = {_VALUE: rating}
    sums = [nw.len().alias(_N)]
    if weights is not None:
        columns[_W] = weight_expression(bound, weights)
        sums += [nw.col(_W).sum(), nw.col(_W2).sum()]
    frame = bound.frame.select(*key_expressions(bound, keys), **columns)
    if weights is not None:
        frame = frame.with_columns((nw.col(_W) * nw.col(_W)).alias(_W2))
    return frame.group_by(*keys, _VALUE).agg(*sums)


def _collected(query: Any, keys: Sequence[str], scale: Scale, weights: str | None) -> RatingTally:
    table = collect(query)
    n = np.asarray(table[_N], dtype=np.int64)
    w = n.astype(np.float64) if weights is None else np.asarray(table[_W], dtype=np.float64)
    w2 = w if weights is None else np.asarray(table[_W2], dtype=np.float64)
    keys_found = {name: table[name] for name in keys}
    return RatingTally(keys_found, classify(table[_VALUE], scale), n, w, w2)


def _numpy_tally(
    frame: pd.DataFrame, keys: Sequence[str], value: str, scale: Scale, weights: str | None
) -> RatingTally:
    codes, levels, groups = key_codes(frame, keys)
    points = np.array([*scale.points, np.inf, np.nan])
    if groups * len(points) > MOST_CELLS:
        codes, levels, groups = present_codes(codes, levels)
    size = groups * len(points)
    if size > MOST_CELLS:
        msg = (
            f"{groups:,} groups of {', '.join(map(repr, keys))} times {len(points)} scale points are more than "
            f"{MOST_CELLS:,} cells: group by a coarser column"
        )
        raise CemkitError(msg)
    raw = numbers(frame[value])
    weight = None if weights is None else weight_values(frame[weights])
    n = np.zeros(size, dtype=np.int64)
    w = np.zeros(size if weight is not None else 0)
    w2 = np.zeros_like(w)
    look_up = _integer_codes(scale)
    for start in range(0, len(raw), CHUNK):
        part = slice(start, start + CHUNK)
        cell = codes[part] * len(points)
        cell += look_up(raw[part]) if raw.dtype.kind in "iu" else _float_codes(raw[part], scale)
        n += np.bincount(cell, minlength=size)
        if weight is not None:
            chunk = weight[part]
            w += grouped_sum(cell, chunk, groups=size)
            with np.errstate(over="ignore"):  # such weights are refused later, with counts
                w2 += grouped_sum(cell, chunk * chunk, groups=size)
    occupied = np.flatnonzero(n)
    group, point = np.divmod(occupied, len(points))
    kept = {name: [values[i] for i in group.tolist()] for name, values in levels.items()}
    count = n[occupied]
    total = count.astype(np.float64) if weight is None else w[occupied]
    return RatingTally(kept, points[point], count, total, total if weight is None else w2[occupied])


def _integer_codes(scale: Scale) -> Any:
    """Return a function from integers to cell codes by one table look-up."""
    low, high, _ = _integer_bounds(scale)
    low, high = low - 1, high + 1
    if high - low > MOST_CELLS:
        return lambda values: _float_codes(values.astype(np.float64), scale)
    table = _float_codes(np.arange(low, high + 1, dtype=np.float64), scale)
    return lambda values: table[np.clip(values, low, high).astype(np.int64) - low]


def _float_codes(values: npt.NDArray[np.float64], scale: Scale) -> npt.NDArray[np.int64]:
    count = len(scale.points)
    with np.errstate(invalid="ignore", over="ignore"):
        steps = (values - scale.low) / scale.step  # type: ignore[operator]
        whole = np.rint(steps)
        good = (np.abs(steps - whole) < _TOLERANCE) & (whole >= 0) & (whole < count)
        codes = np.where(good, whole, count).astype(np.int64)
    codes[scale.missing(values)] = count + 1
    return codes


def _compressed(
    keys: Mapping[str, Sequence[Any]],
    value: npt.NDArray[np.float64],
    n: npt.NDArray[np.int64],
    w: npt.NDArray[np.float64],
    w2: npt.NDArray[np.float64],
) -> RatingTally:
    place, kept, size = key_rows({**keys, _VALUE: value}, len(value))
    points = np.array([np.nan if v is None else v for v in kept.pop(_VALUE)], dtype=np.float64)
    count, total, squares = (grouped_sum(place, x, groups=size) for x in (n, w, w2))
    return RatingTally(kept, points, count.astype(np.int64), total, squares)


def _sorted_cells(tally: RatingTally) -> list[tuple[Any, ...]]:
    tally = _compressed(tally.keys, tally.value, tally.n, tally.w, tally.w2)
    labels = ["missing" if v != v else v for v in tally.value.tolist()]
    columns = [list(tally.keys[name]) for name in tally.keys]
    rows = zip(*columns, labels, tally.n.tolist(), tally.w.tolist(), tally.w2.tolist(), strict=True)
    return sorted(rows, key=repr)
