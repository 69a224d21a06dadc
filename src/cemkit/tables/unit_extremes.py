"""The best, worst, most intense and last value of every unit, summed over units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.periods import seconds_expression
from cemkit.tables.preceding import NO_MOMENT

__all__ = ["EXTREMES", "UnitExtremes", "unit_extremes"]

EXTREMES = ("high", "low", "intense", "last", "intense_and_last", "mean")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitExtremes:
    """Mergeable sums over units per key, (rows, ``EXTREMES``), of values less the origin.

    Attributes
    ----------
    keys
        The key columns.
    n
        Units that have the quantity.
    sums, squares
        Σ(x − origin) and Σ(x − origin)² over units.
    """

    keys: Mapping[str, Sequence[Any]]
    n: Floats
    sums: Floats
    squares: Floats


def unit_extremes(
    bound: Bound, *, keys: Sequence[str], unit: str, value: str, at: str | None, origin: float, sign: float = 1.0
) -> UnitExtremes:
    """Sum what every unit's own values were like, in the frame's own engine.

    Parameters
    ----------
    bound
        The table.
    keys
        Key columns; a unit is one unit per key.
    unit
        Column of the unit; rows in which it is null do not count.
    value
        Column of numbers; rows in which it is null do not count.
    at
        Column of times, by the second; None: nobody has a last value.
    origin
        The value from which intensity is measured.
    sign
        1 where high is good; -1 where low is, which decides between two equally intense values (the worse one counts).

    Notes
    -----
    The most intense value is the unit's largest or smallest one, whichever is farther from the origin. The last is the
    mean of the unit's values in its last second.
    """
    if bound.in_memory_pandas:
        return _numpy_extremes(bound, keys, unit, value, at, origin, sign)
    second: Any = nw.lit(NO_MOMENT) if at is None else seconds_expression(bound, at, missing=NO_MOMENT)
    frame = bound.frame.filter(~is_null_or_nan(bound, value) & ~is_null_or_nan(bound, unit))
    frame = frame.select(*key_expressions(bound, [*keys, unit]), _x=nw.col(value).cast(nw.Float64) - origin, _s=second)
    # joined and not a window, which Dask cannot align; by text that has no nulls, because a join finds none
    parts = {f"_k{i}": nw.col(name).cast(nw.String).fill_null("") for i, name in enumerate(keys)}
    flags = {
        f"_n{i}": nw.when(nw.col(name).is_null()).then(nw.lit(1)).otherwise(nw.lit(0)) for i, name in enumerate(keys)
    }
    frame = frame.with_columns(**parts, **flags) if keys else frame
    on = [*parts, *flags, unit]
    ends = frame.group_by(*on).agg(nw.col("_s").max().alias("_l"))
    frame = frame.join(ends, on=on, how="left")
    is_last = (nw.col("_s") == nw.col("_l")) & (nw.col("_s") > NO_MOMENT)
    frame = frame.with_columns(
        _e=nw.when(is_last).then(nw.col("_x")).otherwise(nw.lit(0.0)),
        _f=nw.when(is_last).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        _a=nw.col("_x"),
        _b=nw.col("_x"),
    )
    sums = [nw.col("_a").max(), nw.col("_b").min(), nw.col("_x").sum(), nw.col("_e").sum(), nw.col("_f").sum()]
    each = frame.group_by(*keys, unit).agg(nw.len().alias("_m"), *sums)
    high, low = nw.col("_a"), nw.col("_b")
    upper = high > -low if sign > 0 else high >= -low
    each = each.with_columns(
        _i=nw.when(upper).then(high).otherwise(low),
        _d=nw.when(nw.col("_f") > 0).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        _g=nw.when(nw.col("_f") > 0).then(nw.col("_f")).otherwise(nw.lit(1.0)),
    )
    each = each.with_columns(_e=nw.col("_e") / nw.col("_g"), _x=nw.col("_x") / nw.col("_m"))
    each = each.with_columns(_j=(nw.col("_i") + nw.col("_e")) / 2 * nw.col("_d"))
    order = ("_a", "_b", "_i", "_e", "_j", "_x")
    each = each.with_columns(**{f"_q{i}": nw.col(name) * nw.col(name) for i, name in enumerate(order)})
    names = [*order, *(f"_q{i}" for i in range(len(order))), "_d"]
    group = list(keys) or ["_all"]
    if not keys:
        each = each.with_columns(nw.lit(0).alias("_all"))
    table = collect(each.group_by(*group).agg(nw.len().alias("_units"), *[nw.col(name).sum() for name in names]))
    units, dated = (np.asarray(table[name], dtype=np.float64) for name in ("_units", "_d"))
    return UnitExtremes(
        {name: table[name] for name in keys},
        np.column_stack([units, units, units, dated, dated, units]),
        np.column_stack([np.asarray(table[name], dtype=np.float64) for name in order]),
        np.column_stack([np.asarray(table[f"_q{i}"], dtype=np.float64) for i in range(len(order))]),
    )


def _numpy_extremes(
    bound: Bound, keys: Sequence[str], unit: str, value: str, at: str | None, origin: float, sign: float
) -> UnitExtremes:
    frame = bound.native
    x = float_values(frame[value]) - origin
    there = ~np.isnan(x) & ~frame[unit].isna().to_numpy()
    key, levels, size = key_codes(frame, keys)
    who, _, people = key_codes(frame, [unit])
    pairs, place = np.unique((key * people + who)[there], return_inverse=True)
    x, many = x[there], len(pairs)
    second = np.full(len(x), NO_MOMENT)
    if at is not None:
        stamps = bound.frame.select(_s=seconds_expression(bound, at, missing=NO_MOMENT)).to_native()["_s"]
        second = stamps.to_numpy(dtype=np.int64)[there]
    high, low, last = np.full(many, -np.inf), np.full(many, np.inf), np.full(many, NO_MOMENT)
    np.maximum.at(high, place, x)
    np.minimum.at(low, place, x)
    np.maximum.at(last, place, second)
    is_last = (second == last[place]) & (second > NO_MOMENT)
    ends = np.bincount(place[is_last], minlength=many)
    dated = ends > 0
    end = np.bincount(place[is_last], weights=x[is_last], minlength=many) / np.maximum(ends, 1)
    upper = high > -low if sign > 0 else high >= -low
    intense = np.where(upper, high, low)
    mean = np.bincount(place, weights=x, minlength=many) / np.maximum(np.bincount(place, minlength=many), 1)
    values = np.column_stack([high, low, intense, end, (intense + end) / 2 * dated, mean])
    group = pairs // people
    present = np.flatnonzero(np.bincount(group, minlength=size))
    units, known = (grouped_sum(group, w, groups=size)[present] for w in (np.ones(many), dated))

    def total(table: Floats) -> Floats:
        columns = [grouped_sum(group, column, groups=size)[present] for column in table.T]
        return np.column_stack(columns)

    return UnitExtremes(
        {name: [column[i] for i in present.tolist()] for name, column in levels.items()},
        np.column_stack([units, units, units, known, known, units]),
        total(values),
        total(values**2),
    )
