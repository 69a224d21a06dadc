"""How many units have the same total at every item: the tally from which units can be drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.codes import MOST_CELLS, float_values, key_codes

__all__ = ["UnitProfiles", "unit_profiles"]

_DIGITS = 9
_MOST_ITEMS = 300


@dataclass(frozen=True, eq=False)
class UnitProfiles:
    """Different vectors of totals, in sorted order.

    Attributes
    ----------
    totals
        A row per different vector, a column per item: (profiles, items).
    units
        Units that have it.
    """

    totals: npt.NDArray[np.float64]
    units: npt.NDArray[np.int64]


def unit_profiles(bound: Bound, *, unit: str, item: str, items: Sequence[Any], value: str) -> UnitProfiles:
    """Tally units by their vector of totals over the items, in the frame's own engine.

    Parameters
    ----------
    bound
        The table.
    unit, item
        Columns of the unit and of the item.
    items
        Values of ``item``, in the order of the vector.
    value
        Column of numbers; rows in which it is null do not count, and units without any other row are left out.

    Notes
    -----
    What is collected grows with the number of different vectors, never with the rows; the whole tally may have five million cells.
    """
    if len(items) > _MOST_ITEMS:
        msg = f"{item!r} has {len(items):,} different values, more than {_MOST_ITEMS}: group them first"
        raise CemkitError(msg)
    if bound.in_memory_pandas:
        return _finished(*_numpy_profiles(bound, unit, item, items, value))
    frame = bound.frame.filter(~is_null_or_nan(bound, value))
    frame = frame.select(*key_expressions(bound, [unit]), _i=nw.col(item), _v=nw.col(value).cast(nw.Float64))
    names = [f"_t{k}" for k in range(len(items))]
    hits = [nw.when(nw.col("_i") == each).then(nw.col("_v")).otherwise(nw.lit(0.0)) for each in items]
    frame = frame.with_columns(**dict(zip(names, hits, strict=True)))
    vectors = frame.group_by(unit).agg(*[nw.col(name).sum() for name in names])
    table = collect(vectors.group_by(*names).agg(nw.len().alias("_units")))
    units = np.asarray(table["_units"], dtype=np.int64)
    totals = np.column_stack([np.asarray(table[name], dtype=np.float64) for name in names])
    return _finished(totals.reshape(len(units), len(items)), units)


def _numpy_profiles(
    bound: Bound, unit: str, item: str, items: Sequence[Any], value: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    frame = bound.native
    x = float_values(frame[value])
    there = ~np.isnan(x)
    who, _, size = key_codes(frame, [unit])
    codes, levels, _ = key_codes(frame, [item])
    place = {each: k for k, each in enumerate(items)}
    column = np.array([place.get(level, -1) for level in levels[item]], dtype=np.int64)[codes]
    seen = np.bincount(who[there], minlength=size) > 0
    totals = np.empty((size, len(items)))
    for k in range(len(items)):
        mine = there & (column == k)
        totals[:, k] = grouped_sum(who[mine], x[mine], groups=size)
    totals = totals[seen]
    return totals, np.ones(len(totals), dtype=np.int64)


def _finished(totals: npt.NDArray[np.float64], units: npt.NDArray[np.int64]) -> UnitProfiles:
    """Sort, and bring together what engines' sums tell apart in the last bits."""
    rounded = np.round(totals, _DIGITS) + 0.0
    order = np.lexsort(rounded.T[::-1])
    rounded, units = rounded[order], units[order]
    new = np.r_[True, (rounded[1:] != rounded[:-1]).any(axis=1)] if len(rounded) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(new)
    if len(starts) * rounded.shape[1] > MOST_CELLS:
        msg = (
            f"{len(starts):,} different vectors of {rounded.shape[1]} items are more than {MOST_CELLS:,} numbers: take fewer "
            "items, or round the score"
        )
        raise CemkitError(msg)
    return UnitProfiles(rounded[starts], np.add.reduceat(units, starts) if len(starts) else units)
