"""Moments over rows, for continuous scales: what the rating tally is for scales with points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.factor import key_rows
from cemkit.tables.tally import RatingTally, rating_tally, value_expression
from cemkit.tables.terms import Term
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["RowMoments", "moments_of_tally", "row_moments"]

_TOLERANCE = 1e-9
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowMoments:
    """Mergeable sums per key over the rows with a valid answer.

    Attributes
    ----------
    keys
        The key columns, one value per row of the result.
    n, missing, invalid
        Rows with a valid answer, without one, and with one outside the scale.
    counts
        Σ term, unweighted: (rows, terms).
    sums, products
        Σ w·term, (rows, terms), and Σ w²·term·term', (rows, terms, terms).
    least, most
        Smallest and largest answer on a scale with points; NaN on a continuous one.
    """

    keys: Mapping[str, Sequence[Any]]
    n: Floats
    missing: Floats
    invalid: Floats
    counts: Floats
    sums: Floats
    products: Floats
    least: float = float("nan")
    most: float = float("nan")


def row_moments(
    bound: Bound, *, keys: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weights: str | None = None
) -> RowMoments:
    """Sum the terms of every valid answer and their products per key, in the frame's own engine."""
    if scale.step is not None:
        tally = rating_tally(bound, keys=keys, value=value, scale=scale, weights=weights)
        return moments_of_tally(tally, terms)
    if bound.in_memory_pandas:
        return _numpy_moments(bound, keys, value, scale, terms, weights)
    return _narwhals_moments(bound, keys, value, scale, terms, weights)


def moments_of_tally(tally: RatingTally, terms: Sequence[Term]) -> RowMoments:
    """Return the moments that a rating tally implies."""
    place, keys, rows = key_rows(tally.keys, len(tally))
    good = np.isfinite(tally.value)
    point = np.where(good, tally.value, 0.0)
    values = np.column_stack([np.where(good, term.values(point), 0.0) for term in terms])

    def total(x: npt.ArrayLike) -> Floats:
        return grouped_sum(place, np.asarray(x, dtype=np.float64), groups=rows)

    count = len(terms)
    products = np.zeros((rows, count, count))
    for i in range(count):
        for j in range(i, count):
            products[:, i, j] = products[:, j, i] = total(tally.w2 * values[:, i] * values[:, j])
    answered = tally.value[good]
    return RowMoments(
        keys,
        total(tally.n * good),
        total(tally.n * np.isnan(tally.value)),
        total(tally.n * np.isinf(tally.value)),
        np.column_stack([total(tally.n * values[:, i]) for i in range(count)]).reshape(rows, count),
        np.column_stack([total(tally.w * values[:, i]) for i in range(count)]).reshape(rows, count),
        products,
        float(answered.min()) if len(answered) else float("nan"),
        float(answered.max()) if len(answered) else float("nan"),
    )


def _narwhals_moments(
    bound: Bound, keys: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weights: str | None
) -> RowMoments:
    x = nw.col("_x")
    weight = nw.lit(1.0) if weights is None else weight_expression(bound, weights)
    rating = value_expression(bound, value, scale).cast(nw.Float64)
    frame = bound.frame.select(*key_expressions(bound, keys), _x=rating, _w=weight)
    missing = x.is_null() | x.is_in(list(scale.missing_codes)) if scale.missing_codes else x.is_null()
    inside = (x >= scale.low - _TOLERANCE) & (x <= scale.high + _TOLERANCE)
    frame = frame.with_columns(
        nw.when(missing).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_missing"),
        nw.when(~missing & inside).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_good"),
    )
    good = nw.col("_good") == 1
    count = len(terms)
    frame = frame.with_columns(
        *(nw.when(good).then(t.expression(x)).otherwise(nw.lit(0.0)).alias(f"_c{i}") for i, t in enumerate(terms))
    )
    frame = frame.with_columns(*((nw.col(f"_c{i}") * nw.col("_w")).alias(f"_s{i}") for i in range(count)))
    pairs = [(i, j, f"_p{i}_{j}") for i in range(count) for j in range(i, count)]
    frame = frame.with_columns(*((nw.col(f"_s{i}") * nw.col(f"_s{j}")).alias(name) for i, j, name in pairs))
    group = list(keys) or ["_all"]
    if not keys:
        frame = frame.with_columns(nw.lit(0).alias("_all"))
    weighed = [] if weights is None else ["_w"]
    flags = [
        nw.col(c).sum()
        for c in ("_missing", "_good", *weighed, *(f"_c{i}" for i in range(count)), *(f"_s{i}" for i in range(count)))
    ]
    table = collect(
        frame.group_by(*group).agg(nw.len().alias("_n"), *flags, *(nw.col(name).sum() for *_, name in pairs))
    )
    rows = len(table["_n"])
    products = np.zeros((rows, count, count))
    for i, j, name in pairs:
        products[:, i, j] = products[:, j, i] = np.asarray(table[name], dtype=np.float64)
    stacked = {
        kind: np.column_stack([np.asarray(table[f"_{kind}{i}"], dtype=np.float64) for i in range(count)])
        for kind in "cs"
    }
    if weights is not None:
        require_good_weights(bound, weights, table["_w"])
    n, missing_rows = (np.asarray(table[name], dtype=np.float64) for name in ("_good", "_missing"))
    invalid = np.asarray(table["_n"], dtype=np.float64) - n - missing_rows
    return RowMoments(
        {name: table[name] for name in keys}, n, missing_rows, invalid, stacked["c"], stacked["s"], products
    )


def _numpy_moments(
    bound: Bound, keys: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weights: str | None
) -> RowMoments:
    frame = bound.native
    codes, levels, size = key_codes(frame, keys)
    x = float_values(frame[value])
    w = np.ones(len(x)) if weights is None else weight_values(frame[weights])
    if weights is not None:
        require_good_weights(bound, weights, w)
    good, missing = scale.valid(x), scale.missing(x)

    def total(values: npt.ArrayLike) -> Floats:
        return grouped_sum(codes, np.asarray(values, dtype=np.float64), groups=size)

    filled = np.where(good, x, scale.midpoint)
    values = [np.where(good, term.values(filled), 0.0) for term in terms]
    present = np.flatnonzero(np.bincount(codes, minlength=size))
    count = len(terms)
    products = np.zeros((len(present), count, count))
    for i in range(count):
        for j in range(i, count):
            products[:, i, j] = products[:, j, i] = total(w * w * values[i] * values[j])[present]
    return RowMoments(
        {name: [column[i] for i in present.tolist()] for name, column in levels.items()},
        total(good)[present],
        total(missing)[present],
        total(~good & ~missing)[present],
        np.column_stack([total(v)[present] for v in values]).reshape(len(present), count),
        np.column_stack([total(w * v)[present] for v in values]).reshape(len(present), count),
        products,
    )
