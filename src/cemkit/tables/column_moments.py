"""Moments of several columns at once: per key and column the count, Σw, Σwx and Σwx², and cross products of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["ColumnMoments", "column_moments"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ColumnMoments:
    """Mergeable sums per key; a column counts in the rows in which it has a value.

    Attributes
    ----------
    keys
        The key columns (group, stratum, cluster: whatever was asked for), one value per row of the result.
    rows
        Rows of the table.
    n, weight
        Rows in which the column has a value, and their Σw: (rows, columns).
    sums, squares
        Σw(x − origin) and Σw(x − origin)²: (rows, columns).
    products
        Σw(x − origin)(y − origin) over the rows in which both columns of a pair have a value: (rows, pairs).
    """

    keys: Mapping[str, Sequence[Any]]
    rows: Floats
    n: Floats
    weight: Floats
    sums: Floats
    squares: Floats
    products: Floats


def column_moments(
    bound: Bound,
    *,
    keys: Sequence[str] = (),
    columns: Sequence[str],
    pairs: Sequence[tuple[str, str]] = (),
    weights: str | None = None,
    origin: float = 0.0,
) -> ColumnMoments:
    """Sum several number columns per key in the frame's own engine, in one pass.

    Parameters
    ----------
    bound
        A table.
    keys
        Key columns; a null is a key of its own.
    columns
        Number columns; null and NaN are no value.
    pairs
        Pairs of ``columns`` whose products are summed.
    weights
        Column of weights, at least zero; without it every row counts one.
    origin
        What is taken from every value first, so that squares stay small.
    """
    if bound.in_memory_pandas:
        return _numpy_moments(bound, keys, columns, pairs, weights, origin)
    x = {f"_x{i}": nw.col(name).cast(nw.Float64) - origin for i, name in enumerate(columns)}
    weight = nw.lit(1.0) if weights is None else weight_expression(bound, weights)
    frame = bound.frame.select(*key_expressions(bound, keys), nw.col(columns[0]).alias("_anchor"), **x, _w=weight)
    frame = frame.with_columns(**{name: nw.when(~nw.col(name).is_nan()).then(nw.col(name)) for name in x})
    made: dict[str, nw.Expr] = {}
    zero = nw.lit(0.0)
    for i, name in enumerate(x):
        value, there, w = nw.col(name), ~nw.col(name).is_null(), nw.col("_w")
        made[f"_n{i}"] = nw.when(there).then(nw.lit(1)).otherwise(nw.lit(0))
        made[f"_v{i}"] = nw.when(there).then(w).otherwise(zero)
        made[f"_s{i}"] = nw.when(there).then(w * value).otherwise(zero)
        made[f"_q{i}"] = nw.when(there).then(w * value * value).otherwise(zero)
    place = {name: i for i, name in enumerate(columns)}
    for k, (left, right) in enumerate(pairs):
        a, b = nw.col(f"_x{place[left]}"), nw.col(f"_x{place[right]}")
        made[f"_p{k}"] = nw.when(~a.is_null() & ~b.is_null()).then(nw.col("_w") * a * b).otherwise(zero)
    frame = frame.with_columns(**made)
    group = list(keys) or ["_all"]
    if not keys:
        frame = frame.with_columns(nw.lit(0).alias("_all"))
    table = collect(
        frame.group_by(*group).agg(nw.len().alias("_rows"), nw.col("_w").sum(), *(nw.col(name).sum() for name in made))
    )
    if weights is not None:
        require_good_weights(bound, weights, table["_w"])
    rows = len(table["_rows"])

    def stacked(kind: str, count: int) -> Floats:
        found = [np.asarray(table[f"{kind}{i}"], dtype=np.float64) for i in range(count)]
        return np.column_stack(found) if found else np.zeros((rows, 0))

    many = len(columns)
    return ColumnMoments(
        {name: table[name] for name in keys},
        np.asarray(table["_rows"], dtype=np.float64),
        stacked("_n", many),
        stacked("_v", many),
        stacked("_s", many),
        stacked("_q", many),
        stacked("_p", len(pairs)),
    )


def _numpy_moments(
    bound: Bound,
    keys: Sequence[str],
    columns: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    weights: str | None,
    origin: float,
) -> ColumnMoments:
    frame = bound.native
    codes, levels, size = key_codes(frame, keys)
    present = np.flatnonzero(np.bincount(codes, minlength=size))
    w = np.ones(len(codes)) if weights is None else weight_values(frame[weights])
    if weights is not None:
        require_good_weights(bound, weights, w)
    values = {name: float_values(frame[name]) - origin for name in columns}
    there = {name: ~np.isnan(x) for name, x in values.items()}
    filled = {name: np.where(there[name], x, 0.0) for name, x in values.items()}

    def total(x: npt.ArrayLike) -> Floats:
        return grouped_sum(codes, np.asarray(x, dtype=np.float64), groups=size)[present]

    def stacked(found: list[Floats]) -> Floats:
        return np.column_stack(found) if found else np.zeros((len(present), 0))

    return ColumnMoments(
        {name: [column[i] for i in present.tolist()] for name, column in levels.items()},
        total(np.ones(len(codes))),
        stacked([total(there[name]) for name in columns]),
        stacked([total(w * there[name]) for name in columns]),
        stacked([total(w * filled[name]) for name in columns]),
        stacked([total(w * filled[name] ** 2) for name in columns]),
        stacked([total(w * filled[left] * filled[right]) for left, right in pairs]),
    )
