"""The last event of a unit strictly before a moment: an as-of join that every engine can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.tables.binding import Bound, bind, collect, is_null_or_nan
from cemkit.tables.fractional_days import MICROSECONDS, stamp_expression, zone_of
from cemkit.tables.joining import keys_agree

__all__ = ["AT", "UNIT", "VALUE", "AsofLast", "asof_last", "check_joinable", "last_before", "stamped"]

Floats = npt.NDArray[np.float64]
UNIT, AT, VALUE = "_unit", "_stamp", "_value"


@dataclass(frozen=True, eq=False)
class AsofLast:
    """A row per moment that had an event before it, in no order.

    Attributes
    ----------
    units, at
        The unit and the moment, in days since 1970-01-01.
    value
        The event's value; the mean of several at the same time.
    age
        Days from the event to the moment, above 0.
    """

    units: Sequence[Any]
    at: Floats
    value: Floats
    age: Floats


def check_joinable(left: Bound, right: Bound, *, names: tuple[str, str], unit: str, times: tuple[str, str]) -> None:
    """Raise unless two tables are of one engine, their units of one kind, and their times of one zone."""
    if left.engine != right.engine:
        msg = f"{names[0]} ({left.engine}) and {names[1]} ({right.engine}) are tables of different engines: bring both to one engine first"
        raise CemkitError(msg)
    if not keys_agree(left, right, unit):
        msg = (
            f"{unit} is {left.schema[unit]} in {names[0]} and {right.schema[unit]} in {names[1]}: make both text or both whole numbers, "
            "otherwise no row finds its match"
        )
        raise ColumnError(msg)
    zones = [zone_of(bound, at) for bound, at in zip((left, right), times, strict=True)]
    timed = all(isinstance(bound.schema[at], nw.Datetime) for bound, at in zip((left, right), times, strict=True))
    if timed and zones[0] != zones[1]:
        shown = " and ".join("none" if zone is None else repr(zone) for zone in zones)
        msg = (
            f"{times[0]!r} of {names[0]} and {times[1]!r} of {names[1]} have different time zones ({shown}): bring both to one zone first, "
            "for example with pandas.to_datetime(..., utc=True)"
        )
        raise ColumnError(msg)


def stamped(bound: Bound, *, unit: str, at: str, value: nw.Expr | None = None) -> Bound:
    """Return the rows that have a unit, a time and a value, as ``_unit``, ``_stamp`` (microseconds) and ``_value``."""
    key = nw.col(unit)
    if isinstance(bound.schema[unit], nw.Categorical | nw.Enum):
        key = key.cast(nw.String)
    frame = bound.frame.filter(~nw.col(at).is_null() & ~is_null_or_nan(bound, unit))
    worth = nw.lit(1.0) if value is None else value
    frame = frame.select(_unit=key, _stamp=stamp_expression(bound, at), _value=worth)
    found = bind(frame.filter(~nw.col(VALUE).is_null()))
    return Bound(found.frame, found.engine, found.schema, frozenset({UNIT, AT, VALUE}))


def asof_last(moments: Bound, events: Bound, *, within: float | None = None) -> AsofLast:
    """Find each moment's last event strictly before it, at most ``within`` days old, in the frames' own engine.

    Parameters
    ----------
    moments, events
        What `stamped` returned, of one engine; a unit may have several of both.
    within
        Days.
    """
    if moments.in_memory_pandas:
        return _numpy_asof(moments.native, events.native, within)
    try:
        table = collect(_joined(moments, events, within))
    except Exception as error:
        if "different connections" in str(error):
            msg = "the tables come from different DuckDB connections: make both relations on one connection"
            raise CemkitError(msg) from None
        raise
    at, stamp = (np.asarray(table[name], dtype=np.int64) for name in ("_at", "_stamp"))
    value = np.asarray(table["_value"], dtype=np.float64) / np.asarray(table["_n"], dtype=np.float64)
    return AsofLast(list(table[UNIT]), at / MICROSECONDS, value, (at - stamp) / MICROSECONDS)


def _joined(moments: Bound, events: Bound, within: float | None) -> Any:
    asked = moments.frame.select(UNIT, _at=nw.col(AT)).group_by(UNIT, "_at").agg(nw.len().alias("_n"))
    given = events.frame.select(UNIT, _stamp=nw.col(AT), _value=nw.col(VALUE))
    pairs = asked.select(UNIT, "_at").join(given, on=UNIT, how="inner").filter(nw.col("_stamp") < nw.col("_at"))
    if within is not None:
        pairs = pairs.filter(nw.col("_at") - nw.col("_stamp") <= round(within * MICROSECONDS))
    # several events at one time are one, so that the latest can be told by its time alone
    once = pairs.group_by(UNIT, "_at", "_stamp").agg(nw.col("_value").sum(), nw.len().alias("_n"))
    last = once.group_by(UNIT, "_at").agg(nw.col("_stamp").max())
    return last.join(once, on=[UNIT, "_at", "_stamp"], how="inner")


def _numpy_asof(moments: pd.DataFrame, events: pd.DataFrame, within: float | None) -> AsofLast:
    units = pd.concat([moments[UNIT], events[UNIT]], ignore_index=True)
    codes, levels = pd.factorize(units)
    who, unit = codes[: len(moments)], codes[len(moments) :]
    at, stamp = (frame[AT].to_numpy(dtype=np.int64) for frame in (moments, events))
    asked = np.unique(np.stack([who, at]), axis=1)
    who, at = asked[0], asked[1]
    value, when = last_before(who, at, unit, stamp, events[VALUE].to_numpy(dtype=np.float64))
    found = ~np.isnan(value)
    age = (at - when) / MICROSECONDS
    if within is not None:
        found &= at - when <= round(within * MICROSECONDS)
    return AsofLast(
        np.asarray(levels, dtype=object)[who[found]].tolist(), at[found] / MICROSECONDS, value[found], age[found]
    )


def last_before(
    who: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    unit: npt.NDArray[np.int64],
    stamp: npt.NDArray[np.int64],
    value: Floats,
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the mean value of each moment's last events strictly before it (NaN without), and their time."""
    order = np.lexsort((stamp, unit))
    unit, stamp, value = unit[order], stamp[order], value[order]
    edge = (
        np.flatnonzero(np.r_[True, (unit[1:] != unit[:-1]) | (stamp[1:] != stamp[:-1])])
        if unit.size
        else np.zeros(0, dtype=np.intp)
    )
    mean = np.add.reduceat(value, edge) / np.diff(np.r_[edge, unit.size]) if edge.size else np.zeros(0)
    unit, stamp = unit[edge], stamp[edge]
    # a moment sorts before the events at its own time: the one before it in the common order is the last strictly before
    both = np.lexsort((np.r_[np.zeros(who.size), np.ones(unit.size)], np.r_[at, stamp], np.r_[who, unit]))
    is_event = both >= who.size
    place = np.cumsum(is_event) - 1
    asked = both[~is_event]
    last = np.full(who.size, -1, dtype=np.intp)
    last[asked] = place[~is_event]
    good = last >= 0
    good[good] = unit[last[good]] == who[good]
    found, when = np.full(who.size, np.nan), at.copy()
    found[good], when[good] = mean[last[good]], stamp[last[good]]
    return found, when
