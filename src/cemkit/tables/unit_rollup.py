"""Rows to days to units: what each unit did per day, and then how many days, the first, the last, and their sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.factor import factor
from cemkit.tables.native_rollup import has_native_rollup, native_check, native_rollup
from cemkit.tables.periods import NO_TIME, Period, second_of

__all__ = ["EventColumns", "UnitRollup", "event_check", "later_days", "unit_rollup"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ORDERED = ("polars", "duckdb", "pyspark", "ibis")
"""Engines with an ordered window; the others hand over their table of days."""


@dataclass(frozen=True)
class EventColumns:
    """Which columns say who, when and how much, and the length of a "day" (any calendar period).

    `drop_negative` leaves out rows with a negative amount; otherwise they are summed with the others of their day.
    """

    unit: str
    at: str
    amount: str | None
    period: Period
    drop_negative: bool = False


@dataclass(frozen=True, eq=False)
class UnitRollup:
    """One row per unit with at least one day; days are numbers of periods.

    A day counts if it has a row whose amount is not negative (a day whose amounts sum to zero counts).

    Attributes
    ----------
    units
        The units, a list or an array.
    days, first, last
        How many different days count, the first and the last of them.
    amount, first_amount
        Σ amount from the first day on (days that do not count among them), and that of the first day.
    log_gaps
        Σ log(days between successive days that count); NaN if not asked for.
    alike
        Σ over days of the rows beyond the first, where all rows of the day have the same amount.
    """

    units: Any
    days: Ints
    first: Ints
    last: Ints
    amount: Floats
    first_amount: Floats
    log_gaps: Floats
    alike: Ints


@dataclass(frozen=True)
class EventCheck:
    """What is wrong with rows, counted, and how far their times reach (None: there are none)."""

    rows: int
    null_units: int
    null_times: int
    bad_amounts: int
    negative: int
    first: int | None
    last: int | None


def event_check(bound: Bound, columns: EventColumns) -> EventCheck:
    """Count rows without unit or time, with an amount that is no finite number, or a negative one."""
    if bound.in_memory_pandas:
        frame = bound.native
        day = _pandas_days(frame[columns.at], columns.period)
        amount = np.zeros(len(frame)) if columns.amount is None else float_values(frame[columns.amount])
        timed = day[day != NO_TIME]
        return EventCheck(
            len(frame),
            int(frame[columns.unit].isna().sum()),
            int((day == NO_TIME).sum()),
            int((~np.isfinite(amount)).sum()),
            int((amount < 0).sum()),
            int(timed.min()) if timed.size else None,
            int(timed.max()) if timed.size else None,
        )
    if has_native_rollup(bound, columns.unit, columns.at, columns.amount):
        return _native_check(bound, columns)
    frame = _selected(bound, columns)
    flags = {
        "_u": nw.col("_unit").is_null(),
        "_t": nw.col("_day") == NO_TIME,
        "_b": nw.col("_bad") == 1,
        "_g": nw.col("_amount") < 0,
    }
    frame = frame.with_columns(*(nw.when(rule).then(1).otherwise(0).alias(name) for name, rule in flags.items()))
    frame = frame.with_columns(nw.when(nw.col("_t") == 0).then(nw.col("_day")).alias("_timed"))
    table = collect(
        frame.select(
            nw.len().alias("_n"),
            *(nw.col(name).sum() for name in flags),
            nw.col("_timed").min().alias("_low"),
            nw.col("_timed").max().alias("_high"),
        )
    )
    counts = [int(table[name][0] or 0) for name in ("_n", *flags)]
    ends = [None if v is None or v != v else int(v) for v in (table["_low"][0], table["_high"][0])]
    return EventCheck(*counts, *ends)


def _native_check(bound: Bound, columns: EventColumns) -> EventCheck:
    found = native_check(bound, columns.unit, columns.at, columns.amount)
    ends = [
        None if found[name] is None else int(columns.period.index(second_of(found[name], name) // 86_400))
        for name in ("first", "last")
    ]
    counts = [int(found.get(name) or 0) for name in ("rows", "null_units", "null_times", "bad", "negative")]
    return EventCheck(*counts, *ends)


def unit_rollup(
    bound: Bound, columns: EventColumns, *, until: int, intervals: bool = True, refunds: bool = True
) -> UnitRollup:
    """Sum rows to days and days to units in the frame's own engine, up to the day `until`.

    Parameters
    ----------
    bound
        The table; rows without unit or time are not looked at.
    columns
        The columns.
    until
        The last day.
    intervals
        Whether to sum the logarithms of the gaps, which needs the days in order.
    refunds
        Whether there may be rows with a negative amount.
    """
    if bound.in_memory_pandas:
        return _finish(*_pandas_rows(bound.native, columns, until), intervals=intervals)
    names = (columns.unit, columns.at, columns.amount)
    if columns.period.days == 1 and has_native_rollup(bound, *names):
        netted = refunds and not columns.drop_negative
        table = native_rollup(bound, *names, until=until, refunds=netted, intervals=intervals)
        return _named_rollup(table)
    days = _days(bound, columns, until)
    if bound.engine in _ORDERED:
        return _ordered(days, intervals=intervals, negative=columns.amount is not None and not columns.drop_negative)
    table = collect(days)
    codes, units = factor(table["_unit"])
    return _finish(
        np.asarray(codes, dtype=np.int64),
        units,
        *(np.asarray(table[name], dtype=kind) for name, kind in _DAY_COLUMNS.items()),
        intervals=intervals,
    )


def _named_rollup(table: Mapping[str, Any]) -> UnitRollup:
    size = len(table["unit"])
    nothing = np.zeros(size)
    return UnitRollup(
        table["unit"],
        np.asarray(table["days"], dtype=np.int64),
        np.asarray(table["first"], dtype=np.int64),
        np.asarray(table["last"], dtype=np.int64),
        np.asarray(table.get("amount", nothing), dtype=np.float64),
        np.asarray(table.get("first_amount", nothing), dtype=np.float64),
        np.asarray(table.get("gaps", np.full(size, np.nan)), dtype=np.float64),
        np.asarray(table["alike"], dtype=np.int64),
    )


_DAY_COLUMNS: Mapping[str, type] = {
    "_day": np.int64,
    "_amount": np.float64,
    "_counts": np.int64,
    "_n": np.int64,
    "_low": np.float64,
    "_high": np.float64,
}


def later_days(bound: Bound, columns: EventColumns, *, until: int, first_until: int) -> tuple[Ints, Ints]:
    """Return days in order, and how many units had a day then that was not their first one.

    Only units whose first day is at most `first_until`, and days up to `until`.
    """
    if bound.in_memory_pandas:
        codes, _, day, _, counts, *_ = _by_day(*_pandas_rows(bound.native, columns, until))
        bought = counts > 0
        codes, day = codes[bought], day[bought]
        starts = _starts(codes)
        first = np.repeat(day[starts], np.diff(np.append(starts, codes.size)))
        found, number = np.unique(day[(first <= first_until) & (day > first)], return_counts=True)
        return found.astype(np.int64), number.astype(np.int64)
    days = _days(bound, columns, until).filter(nw.col("_counts") > 0)
    days = days.with_columns(_first=nw.col("_day").min().over("_unit"))
    days = days.filter((nw.col("_first") <= first_until) & (nw.col("_day") > nw.col("_first")))
    table = collect(days.group_by("_day").agg(nw.len().alias("_n")))
    found, number = (np.asarray(table[name], dtype=np.int64) for name in ("_day", "_n"))
    order = np.argsort(found)
    return found[order], number[order]


def _selected(bound: Bound, columns: EventColumns) -> Any:
    unit = key_expressions(bound, [columns.unit])[0].alias("_unit")
    amount: Any = nw.lit(0.0) if columns.amount is None else nw.col(columns.amount).cast(nw.Float64)
    frame = bound.frame.select(unit, columns.period.expression(columns.at).alias("_day"), amount.alias("_amount"))
    value = nw.col("_amount")
    good = ~value.is_null() & ~value.is_nan() & (value.abs() < float("inf"))
    frame = frame.with_columns(nw.when(good).then(nw.lit(0)).otherwise(nw.lit(1)).alias("_bad"))
    return frame.with_columns(nw.when(nw.col("_bad") == 0).then(value).otherwise(nw.lit(0.0)).alias("_amount"))


def _days(bound: Bound, columns: EventColumns, until: int) -> Any:
    """Return the query of one row per unit and day."""
    frame = _selected(bound, columns)
    day, amount = nw.col("_day"), nw.col("_amount")
    kept = ~nw.col("_unit").is_null() & (day != NO_TIME) & (day <= until)
    if columns.drop_negative:
        kept = kept & (amount >= 0)
    frame = frame.filter(kept).with_columns(nw.when(amount >= 0).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_counts"))
    frame = frame.with_columns(amount.alias("_low"), amount.alias("_high"))
    return frame.group_by("_unit", "_day").agg(
        nw.col("_amount").sum(),
        nw.col("_counts").sum(),
        nw.len().alias("_n"),
        nw.col("_low").min(),
        nw.col("_high").max(),
    )


def _ordered(days: Any, *, intervals: bool, negative: bool) -> UnitRollup:
    """Sum days to units in an engine with windows; days that do not count are few, and come by themselves."""
    day, amount = nw.col("_day"), nw.col("_amount")
    bought = days.filter(nw.col("_counts") > 0)
    steps = {"_first": day.min().over("_unit")}
    if intervals:
        steps["_before"] = day.shift(1).over("_unit", order_by="_day")
    bought = bought.with_columns(**steps)
    alike = nw.when(nw.col("_low") == nw.col("_high")).then(nw.col("_n") - 1).otherwise(nw.lit(0))
    first = nw.when(day == nw.col("_first")).then(amount).otherwise(nw.lit(0.0))
    made = {"_alike": alike.cast(nw.Int64), "_first_amount": first, "_last": day}
    if intervals:
        gap = nw.when(nw.col("_before").is_null()).then(nw.lit(1)).otherwise(day - nw.col("_before"))
        made["_gap"] = gap.cast(nw.Float64).log()
    bought = bought.with_columns(**made)
    sums = [nw.col("_amount").sum(), nw.col("_first_amount").sum(), nw.col("_alike").sum()]
    if intervals:
        sums.append(nw.col("_gap").sum())
    grouped = bought.group_by("_unit").agg(
        nw.len().alias("_days"), nw.col("_first").min(), nw.col("_last").max(), *sums
    )
    table = collect(grouped)
    units = list(table["_unit"].tolist() if isinstance(table["_unit"], np.ndarray) else table["_unit"])
    whole = {name: np.asarray(table[name], dtype=np.int64) for name in ("_days", "_first", "_last", "_alike")}
    total = np.array(table["_amount"], dtype=np.float64)
    if negative:
        rest = collect(days.filter(nw.col("_counts") == 0).select("_unit", "_day", "_amount"))
        _add_rest(total, units, whole["_first"], rest)
    return UnitRollup(
        units,
        whole["_days"],
        whole["_first"],
        whole["_last"],
        total,
        np.asarray(table["_first_amount"], dtype=np.float64),
        np.asarray(table["_gap"], dtype=np.float64) if intervals else np.full(len(units), np.nan),
        whole["_alike"],
    )


def _add_rest(total: Floats, units: list[Any], first: Ints, rest: Mapping[str, Any]) -> None:
    """Add the amounts of days that do not count and lie after the unit's first day."""
    if not len(rest["_unit"]):
        return
    place = pd.Index(units).get_indexer(pd.Index(list(rest["_unit"])))
    day, amount = np.asarray(rest["_day"], dtype=np.int64), np.asarray(rest["_amount"], dtype=np.float64)
    used = (place >= 0) & (day > first[place])
    np.add.at(total, place[used], amount[used])


def _pandas_days(values: pd.Series, period: Period) -> Ints:
    """Return the period of every time's own local date."""
    if getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_localize(None)
    if isinstance(values.dtype, pd.ArrowDtype):
        values = values.astype("timestamp[us][pyarrow]")
    stamp = values.to_numpy(dtype="datetime64[us]", na_value=np.datetime64("NaT"))
    missing = np.isnat(stamp)
    day = stamp.astype("datetime64[D]").astype(np.int64)
    if missing.any():
        day = np.where(missing, 0, day)
    number = day if period.days == 1 else period.index(day)
    return np.where(missing, NO_TIME, number) if missing.any() else number


def _pandas_rows(
    frame: pd.DataFrame, columns: EventColumns, until: int
) -> tuple[Ints, list[Any], Ints, Floats, Ints, Ints, Floats, Floats]:
    """Return what a row adds to its unit and day."""
    codes, levels, _ = key_codes(frame, [columns.unit])
    day = _pandas_days(frame[columns.at], columns.period)
    amount = np.zeros(len(frame)) if columns.amount is None else float_values(frame[columns.amount])
    kept = (day != NO_TIME) & (day <= until)
    missing = frame[columns.unit].isna().to_numpy()
    if missing.any():
        kept &= ~missing
    if columns.drop_negative:
        kept &= ~(amount < 0)
    if not kept.all():
        codes, day, amount = codes[kept], day[kept], amount[kept]
    one = np.ones(codes.size, dtype=np.int64)
    return codes, levels[columns.unit], day, amount, (amount >= 0).astype(np.int64), one, amount, amount


def _starts(sorted_: Ints) -> Ints:
    """Return where runs of equal values begin."""
    new = np.ones(sorted_.size, dtype=bool)
    np.not_equal(sorted_[1:], sorted_[:-1], out=new[1:])
    return np.flatnonzero(new)


def _by_day(
    codes: Ints, units: list[Any], day: Ints, amount: Floats, counts: Ints, n: Ints, low: Floats, high: Floats
) -> tuple[Ints, list[Any], Ints, Floats, Ints, Ints, Floats, Floats]:
    """Sort by unit and day (one packed key), and sum to one row per unit and day."""
    if not codes.size:
        return codes, units, day, amount, counts, n, low, high
    earliest = int(day.min())
    span = int(day.max()) - earliest + 1
    key = codes * span + (day - earliest)
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = _starts(key)
    one = key[starts]
    total, number, rows = (np.add.reduceat(values[order], starts) for values in (amount, counts, n))
    least, most = np.minimum.reduceat(low[order], starts), np.maximum.reduceat(high[order], starts)
    return one // span, units, one % span + earliest, total, number, rows, least, most


def _finish(
    codes: Ints,
    units: list[Any],
    day: Ints,
    amount: Floats,
    counts: Ints,
    n: Ints,
    low: Floats,
    high: Floats,
    *,
    intervals: bool,
) -> UnitRollup:
    """Return the rollup of rows, or of days that an engine has summed."""
    codes, units, day, amount, counts, n, low, high = _by_day(codes, units, day, amount, counts, n, low, high)
    bought = counts > 0
    owner, when = codes[bought], day[bought]
    if not owner.size:
        nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
        return UnitRollup([], none, none, none, nothing, nothing, nothing, none)
    starts = _starts(owner)
    sizes = np.diff(np.append(starts, owner.size))
    first = when[starts]
    paid = amount[bought]
    total = np.add.reduceat(paid, starts)
    if not bought.all():
        place = np.full(int(codes.max()) + 1, -1)
        place[owner[starts]] = np.arange(starts.size)
        rest = place[codes[~bought]]
        used = (rest >= 0) & (day[~bought] > first[rest])
        total += np.bincount(rest[used], weights=amount[~bought][used], minlength=starts.size)
    gaps = np.full(starts.size, np.nan)
    if intervals:
        gap = np.ones(owner.size)
        gap[1:] = np.diff(when)
        gap[starts] = 1.0
        gaps = np.add.reduceat(np.log(gap), starts)
    alike = np.add.reduceat(np.where(low == high, n - 1, 0)[bought], starts)
    names = [units[i] for i in owner[starts].tolist()]
    return UnitRollup(names, sizes, first, when[starts + sizes - 1], total, paid[starts], gaps, alike)
