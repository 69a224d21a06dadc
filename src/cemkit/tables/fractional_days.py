"""Times as days with a fraction: the same floats from every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, collect
from cemkit.tables.periods import days_expression

__all__ = ["DAY", "MICROSECONDS", "fractional_days", "stamp_expression", "zone_of"]

Floats = npt.NDArray[np.float64]

DAY = 86_400.0
"""Seconds of a day."""
MICROSECONDS = 86_400_000_000
"""Microseconds of a day."""


def zone_of(bound: Bound, column: str) -> str | None:
    """Return the time zone of a column of times; None where they have none."""
    dtype = bound.schema[column]
    return dtype.time_zone if isinstance(dtype, nw.Datetime) else None


def fractional_days(
    bound: Bound, times: Sequence[str], *, others: Sequence[str] = ()
) -> tuple[dict[str, Floats], dict[str, Any]]:
    """Collect columns of dates or times as days since 1970-01-01 of their own local time (NaN where null), and others as they are.

    It is one query: a lazy table need not give its rows in the same order twice.
    """
    names, kept = list(dict.fromkeys(times)), list(dict.fromkeys(others))
    if bound.in_memory_pandas:
        days = {name: _pandas_days(bound.native[name]) for name in names}
        return days, collect(bound.frame.select(*(nw.col(name) for name in kept))) if kept else {}
    made: dict[str, Any] = {f"_x{i}": nw.col(name) for i, name in enumerate(kept)}
    for i, name in enumerate(names):
        made[f"_a{i}"] = days_expression(name).cast(nw.Int64)
        made[f"_b{i}"] = _microsecond(bound, name)
        made[f"_n{i}"] = nw.col(name).is_null().cast(nw.Int64)
    table = collect(bound.frame.select(**made))
    return {name: _days(table, i) for i, name in enumerate(names)}, {n: table[f"_x{i}"] for i, n in enumerate(kept)}


def _days(table: Mapping[str, Any], i: int) -> Floats:
    day, micro, null = (np.asarray(table[f"{part}{i}"], dtype=np.int64) for part in ("_a", "_b", "_n"))
    return np.where(null > 0, np.nan, (day * MICROSECONDS + micro) / MICROSECONDS)


def _microsecond(bound: Bound, name: str) -> Any:
    """Return microseconds since midnight."""
    if not isinstance(bound.schema[name], nw.Datetime):
        return nw.col(name).is_null().cast(nw.Int64) * 0

    def part(which: str) -> Any:
        return getattr(nw.col(name).dt, which)().fill_null(0).cast(nw.Int64)

    return ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1_000_000 + part("microsecond")


def _pandas_days(values: pd.Series) -> Floats:
    if isinstance(values.dtype, pd.ArrowDtype) and str(values.dtype).startswith("date"):
        values = values.astype("datetime64[us]")
    if getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_localize(None)
    if isinstance(values.dtype, pd.ArrowDtype):
        values = values.astype("timestamp[us][pyarrow]")
    stamp = values.to_numpy(dtype="datetime64[us]", na_value=np.datetime64("NaT"))
    return np.where(np.isnat(stamp), np.nan, stamp.astype(np.int64) / MICROSECONDS)


def stamp_expression(bound: Bound, name: str) -> Any:
    """Return whole microseconds since 1970-01-01 of a column's own local time; anything where it is null."""
    return days_expression(name).cast(nw.Int64) * MICROSECONDS + _microsecond(bound, name)
