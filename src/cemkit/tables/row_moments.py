"""Moments over rows, for continuous scales: what the rating tally is for scales with points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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

__all__ = ["Rated", "RowMoments", "moments_of_tally", "row_moments", "several_row_moments"]

_TOLERANCE = 1e-9
_TOGETHER = 24  # columns per query: each takes about a dozen sums
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


class Rated(NamedTuple):
    """A column of answers, its scale, and the terms that are wanted of it."""

    value: str
    scale: Scale
    terms: Sequence[Term]


def several_row_moments(
    bound: Bound, *, keys: Sequence[str], columns: Sequence[Rated], weights: str | None = None
) -> list[RowMoments]:
    """Return the row moments of several columns by the same keys, many columns in one query.

    Unlike `row_moments` it makes no tally of scales with points, so that ``least`` and ``most`` are not known.
    """
    if bound.in_memory_pandas:
        return [_numpy_moments(bound, keys, *column, weights) for column in columns]
    found: list[RowMoments] = []
    for start in range(0, len(columns), _TOGETHER):
        found += _narwhals_moments(bound, keys, columns[start : start + _TOGETHER], weights)
    return found


def row_moments(
    bound: Bound, *, keys: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weights: str | None = None
) -> RowMoments:
    """Sum the terms of every valid answer and their products per key, in the frame's own engine."""
    if scale.step is not None:
        tally = rating_tally(bound, keys=keys, value=value, scale=scale, weights=weights)
        return moments_of_tally(tally, terms)
    if bound.in_memory_pandas:
        return _numpy_moments(bound, keys, value, scale, terms, weights)
    return _narwhals_moments(bound, keys, [Rated(value, scale, terms)], weights)[0]


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
    bound: Bound, keys: Sequence[str], columns: Sequence[Rated], weights: str | None
) -> list[RowMoments]:
    weight = nw.lit(1.0) if weights is None else weight_expression(bound, weights)
    ratings = {f"_x{k}": value_expression(bound, c.value, c.scale).cast(nw.Float64) for k, c in enumerate(columns)}
    frame = bound.frame.select(*key_expressions(bound, keys), **ratings, _w=weight)
    flags: dict[str, nw.Expr] = {}
    terms: dict[str, nw.Expr] = {}
    weighed: dict[str, nw.Expr] = {}
    products: dict[str, nw.Expr] = {}
    for k, (_, scale, wanted) in enumerate(columns):
        x, good = nw.col(f"_x{k}"), nw.col(f"_good{k}") == 1
        missing = x.is_null() | x.is_in(list(scale.missing_codes)) if scale.missing_codes else x.is_null()
        inside = (x >= scale.low - _TOLERANCE) & (x <= scale.high + _TOLERANCE)
        flags[f"_missing{k}"] = nw.when(missing).then(nw.lit(1)).otherwise(nw.lit(0))
        flags[f"_good{k}"] = nw.when(~missing & inside).then(nw.lit(1)).otherwise(nw.lit(0))
        for i, term in enumerate(wanted):
            terms[f"_c{k}_{i}"] = nw.when(good).then(term.expression(x)).otherwise(nw.lit(0.0))
            weighed[f"_s{k}_{i}"] = nw.col(f"_c{k}_{i}") * nw.col("_w")
            for j in range(i, len(wanted)):
                products[f"_p{k}_{i}_{j}"] = nw.col(f"_s{k}_{i}") * nw.col(f"_s{k}_{j}")
    for made in (flags, terms, weighed, products):
        frame = frame.with_columns(**made)
    group = list(keys) or ["_all"]
    if not keys:
        frame = frame.with_columns(nw.lit(0).alias("_all"))
    names = [*([] if weights is None else ["_w"]), *flags, *terms, *weighed, *products]
    table = collect(frame.group_by(*group).agg(nw.len().alias("_n"), *(nw.col(name).sum() for name in names)))
    if weights is not None:
        require_good_weights(bound, weights, table["_w"])

    def of(name: str) -> Floats:
        return np.asarray(table[name], dtype=np.float64)

    rows, found = of("_n"), []
    for k, (_, _, wanted) in enumerate(columns):
        count = len(wanted)
        squares = np.zeros((len(rows), count, count))
        for i in range(count):
            for j in range(i, count):
                squares[:, i, j] = squares[:, j, i] = of(f"_p{k}_{i}_{j}")
        n, missing_rows = of(f"_good{k}"), of(f"_missing{k}")
        counts, sums = (np.column_stack([of(f"_{kind}{k}_{i}") for i in range(count)]) for kind in "cs")
        columns_of = {name: table[name] for name in keys}
        found.append(RowMoments(columns_of, n, missing_rows, rows - n - missing_rows, counts, sums, squares))
    return found


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
