"""A log of events: the rows that have a unit and a time, and how many had not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.periods import days_expression

__all__ = ["EventLog", "event_log", "known_rows", "units_with_several"]

_TIMELESS, _NAMELESS, _NEGATIVE, _LATER = "_timeless", "_nameless", "_negative", "_later"


@dataclass(frozen=True, eq=False)
class EventLog:
    """The rows of a log that can be used.

    Attributes
    ----------
    bound
        The rows kept; only the columns asked for.
    rows
        How many there are.
    timeless, nameless, negative, later
        Rows left out: without a time; with a time but no unit; with a negative value; after the last day. A row is
        counted under the first of these that is true.
    first_day, last_day
        The first and last local day of the rows kept, in days since 1970-01-01; None without rows.
    """

    bound: Bound
    rows: int
    timeless: int
    nameless: int
    negative: int
    later: int
    first_day: int | None
    last_day: int | None


def event_log(
    bound: Bound,
    *,
    unit: str,
    at: str,
    columns: Sequence[str] = (),
    positive: str | None = None,
    until: int | None = None,
) -> EventLog:
    """Keep the rows with a unit and a time, and count the others, in one query of the frame's own engine.

    Parameters
    ----------
    bound
        The table.
    unit, at
        Columns of the unit (customer) and of the time.
    columns
        Further columns to keep.
    positive
        A column of numbers: rows in which it is below zero are left out.
    until
        The last day, in days since 1970-01-01: later rows are left out.
    """
    names = list(dict.fromkeys((unit, at, *columns)))
    wanted = dict.fromkeys((*names, *([positive] if positive is not None else [])))
    frame = bound.frame.select(*(nw.col(name) for name in wanted))
    frame = frame.with_columns(_day=days_expression(at).cast(nw.Int64))
    reasons = {_TIMELESS: nw.col(at).is_null(), _NAMELESS: is_null_or_nan(bound, unit)}
    if positive is not None:
        below = nw.when(is_null_or_nan(bound, positive)).then(nw.lit(0.0)).otherwise(nw.col(positive).cast(nw.Float64))
        frame = frame.with_columns(_value=below)
        reasons[_NEGATIVE] = nw.col("_value") < 0
    if until is not None:
        reasons[_LATER] = nw.col("_day") > until
    frame = frame.with_columns(_free=nw.lit(1))
    for name, reason in reasons.items():
        flag = nw.when(reason).then(nw.lit(1)).otherwise(nw.lit(0)).alias(name)
        frame = frame.with_columns(flag).with_columns((nw.col(name) * nw.col("_free")).alias(name))
        frame = frame.with_columns((nw.col("_free") - nw.col(name)).alias("_free"))
    frame = frame.with_columns(nw.when(nw.col("_free") == 1).then(nw.col("_day")).alias("_kept_day"))
    flags = [*reasons, "_free"]
    ends = frame.select(*flags, "_kept_day").select(
        *(nw.col(name).sum() for name in flags),
        nw.col("_kept_day").min().alias("_first"),
        nw.col("_kept_day").max().alias("_last"),
    )
    table = collect(ends)

    def number(name: str) -> int:
        return int(table[name][0] or 0) if name in table else 0

    rows = number("_free")
    left_out = sum(map(number, reasons))
    kept = frame.filter(nw.col("_free") == 1) if left_out else bound.frame
    return EventLog(
        replace(
            bound, frame=kept.select(*(nw.col(name) for name in names)), schema={n: bound.schema[n] for n in names}
        ),
        rows,
        number(_TIMELESS),
        number(_NAMELESS),
        number(_NEGATIVE),
        number(_LATER),
        int(table["_first"][0]) if rows else None,
        int(table["_last"][0]) if rows else None,
    )


def units_with_several(bound: Bound, *, unit: str, columns: Sequence[str]) -> int:
    """Return how many units have more than one combination of values in columns that should be constant per unit."""
    names = [name for name in dict.fromkeys(columns) if name != unit]
    if not names:
        return 0
    once = bound.frame.select(*key_expressions(bound, (unit, *names))).group_by(unit, *names)
    per_unit = once.agg(nw.len().alias("_n")).group_by(unit).agg(nw.len().alias("_different"))
    return int(collect(per_unit.filter(nw.col("_different") > 1).select(nw.len().alias("_n")))["_n"][0])


def known_rows(bound: Bound, unit: str, at: str) -> Any:
    """Return the frame of the rows that have a unit and a time."""
    return bound.frame.filter(~is_null_or_nan(bound, unit) & ~nw.col(at).is_null())
