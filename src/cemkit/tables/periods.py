"""Calendar periods of times, as whole numbers that every engine can group by."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.tables.binding import Bound, collect, is_null_or_nan

__all__ = [
    "NO_TIME",
    "Period",
    "Reach",
    "days_expression",
    "keep_answered",
    "parse_days",
    "parse_period",
    "require_one_zone",
    "second_of",
    "seconds_expression",
    "time_reach",
    "with_period",
    "with_window",
]

NO_TIME = -1_000_000_000
"""The period of a row without a time: a number, because nulls change a column's type on some engines."""

_SHAPE = re.compile(r"\s*(\d*)\s*(d|w|mo|q|y)\s*")
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_DAYS = {"d": 1, "w": 7}
_MONDAY = 3
"""Days from the Monday of the first week, 1969-12-29, to 1970-01-01."""
_EPOCH = 719_468
"""Days from 0000-03-01 to 1970-01-01."""
_SECONDS = 86_400


@dataclass(frozen=True)
class Period:
    """A calendar period: so many days (weeks start on Monday), or so many months.

    Multiples are counted from 1970-01-01 (days), from Monday 1969-12-29 (weeks) and from January of the year 0
    (months, quarters, years), so that the same date is in the same period whatever the data.
    """

    every: str
    days: int
    months: int

    def index(self, days: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the number of the period in which days (since 1970-01-01) lie."""
        day = np.asarray(days, dtype=np.int64)
        if self.days:
            return (day + self._shift) // self.days
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
        return month // self.months

    def first_day(self, index: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the first day of periods, in days since 1970-01-01."""
        number = np.asarray(index, dtype=np.int64)
        if self.days:
            return number * self.days - self._shift
        month = (number * self.months - 1970 * 12).astype("datetime64[M]")
        return month.astype("datetime64[D]").astype(np.int64)

    def last_day(self, index: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the last day of periods, in days since 1970-01-01."""
        return self.first_day(np.asarray(index, dtype=np.int64) + 1) - 1

    @property
    def _shift(self) -> int:
        return _MONDAY if self.days % 7 == 0 and self.every.strip().endswith("w") else 0

    def expression(self, at: str) -> nw.Expr:
        """Return the number of a row's period; ``NO_TIME`` where it has no time."""
        if self.days:
            # every dividend is positive: engines differ in how they divide negative numbers
            ahead = (1_000_000 // self.days + 1) * self.days
            number = (days_expression(at) + (ahead + self._shift)) // self.days - ahead // self.days
        else:
            number = (_part(at, "year") * 12 + _part(at, "month") - 1) // self.months
        return nw.when(nw.col(at).is_null()).then(nw.lit(NO_TIME)).otherwise(number).cast(nw.Int64)


def parse_period(every: object, argument: str = "every") -> Period:
    """Read ``"1d"``, ``"1w"``, ``"1mo"``, ``"1q"``, ``"1y"`` and their multiples."""
    found = _SHAPE.fullmatch(every) if isinstance(every, str) else None
    count = int(found[1] or 1) if found else 0
    if found is None or not isinstance(every, str) or not 1 <= count <= 1000:
        msg = f"{argument} must be a number and a unit: '1d', '1w', '1mo', '1q', '1y' or a multiple such as '2w', got {every!r}"
        raise CemkitError(msg)
    unit = found[2]
    return Period(f"{count}{unit}", count * _DAYS.get(unit, 0), count * _MONTHS.get(unit, 0))


def parse_days(window: object, argument: str = "window") -> int:
    """Read a length in days or weeks, such as ``"28d"`` or ``"4w"``."""
    found = _SHAPE.fullmatch(window) if isinstance(window, str) else None
    if found is None or found[2] not in _DAYS or not 1 <= int(found[1] or 1) <= 10_000:
        msg = f"{argument} must be a length in days or weeks, such as '28d' or '4w', got {window!r}"
        raise CemkitError(msg)
    return int(found[1] or 1) * _DAYS[found[2]]


def _part(at: str, part: str) -> nw.Expr:
    found: nw.Expr = getattr(nw.col(at).dt, part)()
    return found.fill_null(1).cast(nw.Int64)


def days_expression(at: str) -> nw.Expr:
    """Return days since 1970-01-01 of a time's own local date; anything where it is null.

    From year, month and day, because no engine's truncation is every engine's. Years start in March here, so that
    the leap day is their last.
    """
    year, month, day = (_part(at, part) for part in ("year", "month", "day"))
    over = (month + 9) // 12
    year, month = year - 1 + over, month + 9 - over * 12
    before = (month * 153 + 2) // 5
    return year * 365 + year // 4 - year // 100 + year // 400 + before + day - (1 + _EPOCH)


def seconds_expression(bound: Bound, at: str, *, missing: int) -> nw.Expr:
    """Return local seconds since 1970-01-01 of a column of times or dates; ``missing`` where it is null."""
    second = days_expression(at).cast(nw.Int64) * _SECONDS
    if isinstance(bound.schema[at], nw.Datetime):
        second = second + _part(at, "hour") * 3600 + _part(at, "minute") * 60 + _part(at, "second")
    return nw.when(~nw.col(at).is_null()).then(second).otherwise(nw.lit(missing)).cast(nw.Int64)


def require_one_zone(bound: Bound, *columns: str) -> None:
    """Raise where columns of times that are compared with each other are not in the same time zone."""
    zones = {name: getattr(bound.schema[name], "time_zone", None) for name in columns}
    if len(set(zones.values())) > 1:
        shown = ", ".join(f"{name!r} is in {zone or 'no zone'}" for name, zone in zones.items())
        msg = f"times that are compared need one time zone: {shown}; bring them to one first"
        raise CemkitError(msg)


def with_period(bound: Bound, at: str, period: Period, name: str) -> Bound:
    """Return the table with the number of every row's period as one more column."""
    frame = bound.frame.with_columns(period.expression(at).alias(name))
    return bound.with_derived(frame, name)


def with_window(bound: Bound, at: str, *, last_day: int, length: int, number: int, name: str) -> Bound:
    """Return the table with ``number`` as a column for the ``length`` days until ``last_day``, ``NO_TIME`` elsewhere."""
    frame = bound.frame.with_columns(_day=Period("1d", 1, 0).expression(at))
    inside = (nw.col("_day") > last_day - length) & (nw.col("_day") <= last_day)
    label = nw.when(inside).then(nw.lit(number)).otherwise(nw.lit(NO_TIME)).cast(nw.Int64)
    frame = frame.with_columns(label.alias(name)).select(*(nw.col(c) for c in dict.fromkeys((*bound.schema, name))))
    return bound.with_derived(frame, name)


def keep_answered(bound: Bound, score: str, at: str) -> Bound:
    """Return the rows that have an answer and a time."""
    return replace(bound, frame=bound.frame.filter(~is_null_or_nan(bound, score) & ~nw.col(at).is_null()))


class Reach(NamedTuple):
    """How far a column of times reaches; None where it has no time."""

    first_day: int | None
    last_second: int | None
    """Local seconds since 1970-01-01 of the latest time."""


def time_reach(bound: Bound, at: str) -> Reach:
    """Return the first local day and the last local second of a column of times."""
    frame = bound.frame.filter(~nw.col(at).is_null())
    frame = frame.select(_day=days_expression(at).cast(nw.Int64), _stamp=seconds_expression(bound, at, missing=0))
    table = collect(frame.select(nw.col("_day").min(), nw.col("_stamp").max()))
    first, last = table["_day"][0], table["_stamp"][0]
    if first is None or first != first:
        return Reach(None, None)
    return Reach(int(first), int(last))


def second_of(value: object, argument: str) -> int:
    """Return the local second (since 1970-01-01) of a date, a time or a text that is one."""
    stamp: Any = None
    if not isinstance(value, bool | int | float):
        try:
            stamp = pd.Timestamp(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            stamp = None
    if stamp is None or stamp is pd.NaT:
        msg = f"{argument} must be a date or a time, such as '2025-03-31', got {value!r}"
        raise CemkitError(msg)
    local = stamp.tz_localize(None)
    return int((local - pd.Timestamp(0)) // pd.Timedelta(seconds=1))
