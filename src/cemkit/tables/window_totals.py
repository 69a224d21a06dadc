"""What units sum to in two windows of time: moments of the two totals, by where the unit was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.periods import Period, with_period

__all__ = ["Window", "WindowTotals", "equal_rows", "window_totals"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_SUMS = ("_n", "_b", "_a", "_bb", "_ab", "_aa")


@dataclass(frozen=True)
class Window:
    """Days since 1970-01-01, both included."""

    first: int
    last: int


@dataclass(frozen=True, eq=False)
class WindowTotals:
    """Moments of the units' totals b (first window) and a (second), a row per kind of unit.

    Attributes
    ----------
    before, after, earlier, marked, more
        Whether the units were seen in the first window; in the second; in neither but before the second; whether a row of their
        first day in the second window is marked; whether a >= b.
    n, b, a, bb, ab, aa
        Units, Σb, Σa, Σb², Σab, Σa².
    """

    before: npt.NDArray[np.bool_]
    after: npt.NDArray[np.bool_]
    earlier: npt.NDArray[np.bool_]
    marked: npt.NDArray[np.bool_]
    more: npt.NDArray[np.bool_]
    n: Floats
    b: Floats
    a: Floats
    bb: Floats
    ab: Floats
    aa: Floats


def window_totals(
    bound: Bound,
    *,
    unit: str,
    at: str,
    value: str,
    before: Window,
    after: Window,
    mark: str | None = None,
    marks: Sequence[Any] = (),
) -> WindowTotals:
    """Sum a value per unit in two windows, and the moments of these sums, in the frame's own engine.

    Parameters
    ----------
    bound
        Rows that all have a unit, a time and a value.
    unit, at, value
        Columns.
    before, after
        The windows; the second comes later.
    mark, marks
        A column, and the values that mark a row.
    """
    dated = with_period(bound, at, Period("1d", 1, 0), "_d")
    frame = dated.frame.with_columns(_m=nw.lit(0))
    if mark is not None:
        frame = dated.frame.with_columns(
            _m=nw.when(nw.col(mark).is_in(list(marks))).then(nw.lit(1)).otherwise(nw.lit(0))
        )
    if bound.in_memory_pandas:
        return _numpy_totals(frame.to_native(), unit, value, before, after)
    day = nw.col("_d")
    in_b, in_a = (day >= before.first) & (day <= before.last), (day >= after.first) & (day <= after.last)
    one, zero = nw.lit(1), nw.lit(0)
    frame = frame.select(nw.col(unit), "_d", "_m", _v=nw.col(value).cast(nw.Float64)).filter(day <= after.last)
    # A row per unit and day first: fewer rows for the window below, which Dask cannot line up with a frame as it was read.
    frame = frame.group_by(unit, "_d").agg(nw.col("_v").sum(), nw.col("_m").max())
    frame = frame.with_columns(
        _nb=nw.when(in_b).then(one).otherwise(zero),
        _na=nw.when(in_a).then(one).otherwise(zero),
        _ne=nw.when(day < after.first).then(one).otherwise(zero),
        _da=nw.when(in_a).then(day).otherwise(nw.lit(after.last + 1)),
    )
    frame = frame.with_columns(_b=nw.col("_v") * nw.col("_nb"), _a=nw.col("_v") * nw.col("_na"))
    frame = frame.with_columns(_first=nw.col("_da").min().over(unit))
    frame = frame.with_columns(_k=nw.when(nw.col("_d") == nw.col("_first")).then(nw.col("_m")).otherwise(zero))
    sums = [nw.col("_b").sum(), nw.col("_a").sum(), *(nw.col(c).max() for c in ("_nb", "_na", "_ne", "_k"))]
    units = frame.group_by(unit).agg(*sums)
    units = units.with_columns(
        _more=nw.when(nw.col("_a") >= nw.col("_b")).then(one).otherwise(zero),
        _bb=nw.col("_b") * nw.col("_b"),
        _ab=nw.col("_a") * nw.col("_b"),
        _aa=nw.col("_a") * nw.col("_a"),
    )
    kinds = ["_nb", "_na", "_ne", "_k", "_more"]
    table = collect(
        units.group_by(*kinds).agg(nw.len().alias("_n"), *(nw.col(c).sum() for c in ("_b", "_a", "_bb", "_ab", "_aa")))
    )
    flags = [np.asarray(table[c], dtype=np.int64) for c in kinds]
    return _kinds(flags, [np.asarray(table[c], dtype=np.float64) for c in _SUMS])


def _numpy_totals(frame: Any, unit: str, value: str, before: Window, after: Window) -> WindowTotals:
    frame = frame[frame["_d"].to_numpy() <= after.last]
    codes, _, size = key_codes(frame, [unit])
    day, mark = frame["_d"].to_numpy(dtype=np.int64), frame["_m"].to_numpy(dtype=np.int64)
    values = float_values(frame[value])
    in_b, in_a = (day >= before.first) & (day <= before.last), (day >= after.first) & (day <= after.last)
    first = np.full(size, after.last + 1)
    np.minimum.at(first, codes[in_a], day[in_a])
    marked = (mark == 1) & (day == first[codes])

    def any_of(where: npt.NDArray[np.bool_]) -> Integers:
        return (np.bincount(codes[where], minlength=size) > 0).astype(np.int64)

    b, a = (grouped_sum(codes, np.where(where, values, 0.0), groups=size) for where in (in_b, in_a))
    flags = [any_of(where) for where in (in_b, in_a, day < after.first, marked)] + [(a >= b).astype(np.int64)]
    kept = np.bincount(codes, minlength=size) > 0
    sums = [np.ones(size), b, a, b * b, a * b, a * a]
    return _kinds([flag[kept] for flag in flags], [x[kept] for x in sums])


def _kinds(flags: Sequence[Integers], sums: Sequence[Floats]) -> WindowTotals:
    code = np.zeros(len(sums[0]), dtype=np.int64)
    for flag in flags:
        code = 2 * code + flag
    kinds, place = np.unique(code, return_inverse=True)
    nb, na, ne, mark, more = (((kinds >> shift) & 1).astype(bool) for shift in (4, 3, 2, 1, 0))
    totals = [grouped_sum(place.reshape(-1), x, groups=len(kinds)) for x in sums]
    return WindowTotals(nb, na, ne & ~nb, mark, more, *totals)


def equal_rows(bound: Bound, columns: Sequence[str]) -> int:
    """Return how many rows repeat another one in all of these columns."""
    names = list(dict.fromkeys(columns))
    per_row = bound.frame.select(*(nw.col(c) for c in names)).group_by(*names).agg(nw.len().alias("_n"))
    table = collect(per_row.select(nw.col("_n").sum().alias("_rows"), nw.len().alias("_different")))
    return int(table["_rows"][0] or 0) - int(table["_different"][0])
