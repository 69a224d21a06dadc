"""How many units were seen in which period, by the period in which they were first seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import key_codes
from cemkit.tables.periods import Period, with_period

__all__ = ["PeriodPairs", "UnitPeriods", "unit_periods"]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PeriodPairs:
    """Counts of units per key and pair of periods.

    Attributes
    ----------
    keys
        The key columns, one value per row of the result.
    first, other
        Number of the period in which the units were first seen, and of another period.
    units
        Different units.
    """

    keys: Mapping[str, Sequence[Any]]
    first: Integers
    other: Integers
    units: Integers


@dataclass(frozen=True, eq=False)
class UnitPeriods:
    """``seen``: units seen in the other period. ``last``: units last seen in the other period."""

    seen: PeriodPairs
    last: PeriodPairs


def unit_periods(bound: Bound, *, keys: Sequence[str], unit: str, at: str, period: Period) -> UnitPeriods:
    """Count different units per first period and period, in the frame's own engine.

    Parameters
    ----------
    bound
        Rows that all have a unit and a time.
    keys
        Key columns, constant within a unit; a null is a key of its own.
    unit, at
        Columns of the unit and of the time.
    period
        The periods.
    """
    frame = with_period(bound, at, period, "_p")
    if bound.in_memory_pandas:
        return _numpy_periods(frame, keys, unit)
    once = frame.frame.select(*key_expressions(bound, (*keys, unit)), "_p")
    once = once.group_by(*keys, unit, "_p").agg(nw.len().alias("_n"))
    timed = once.with_columns(_f=nw.col("_p").min().over(unit), _l=nw.col("_p").max().over(unit))
    seen = timed.group_by(*keys, "_f", "_p").agg(nw.len().alias("_units"))
    ends = timed.filter(nw.col("_p") == nw.col("_f"))
    last = ends.group_by(*keys, "_f", "_l").agg(nw.len().alias("_units"))
    return UnitPeriods(_pairs(collect(seen), keys, "_p"), _pairs(collect(last), keys, "_l"))


def _pairs(table: Mapping[str, Any], keys: Sequence[str], other: str) -> PeriodPairs:
    first, second, units = (np.asarray(table[name], dtype=np.int64) for name in ("_f", other, "_units"))
    return PeriodPairs({name: table[name] for name in keys}, first, second, units)


def _numpy_periods(bound: Bound, keys: Sequence[str], unit: str) -> UnitPeriods:
    frame = bound.native
    codes, _, size = key_codes(frame, [unit])
    groups, levels, _ = key_codes(frame, keys)
    number = frame["_p"].to_numpy(dtype=np.int64)
    start = int(number.min()) if len(number) else 0
    width = int(number.max()) - start + 1 if len(number) else 1
    group_of = np.zeros(size, dtype=np.int64)
    group_of[codes] = groups
    once = np.unique(codes * width + (number - start))
    who, place = np.divmod(once, width)
    begins = np.flatnonzero(np.r_[True, who[1:] != who[:-1]]) if len(who) else np.zeros(0, dtype=np.int64)
    ends = np.r_[begins[1:], len(who)] - 1 if len(who) else begins
    first = np.repeat(place[begins], ends - begins + 1)
    seen = _cells(group_of[who], first, place, levels, width, start)
    last = _cells(group_of[who[begins]], place[begins], place[ends], levels, width, start)
    return UnitPeriods(seen, last)


def _cells(
    group: Integers, first: Integers, other: Integers, levels: Mapping[str, list[Any]], width: int, start: int
) -> PeriodPairs:
    cells, units = np.unique((group * width + first) * width + other, return_counts=True)
    rest, second = np.divmod(cells, width)
    which, begin = np.divmod(rest, width)
    kept = {name: [values[i] for i in which.tolist()] for name, values in levels.items()}
    return PeriodPairs(kept, begin + start, second + start, units.astype(np.int64))
