"""First and last times of the rows of each unit and key, by stretches of days: what windows after events are made of.

A window of d days opens with every row. The windows of two rows less than d days apart overlap, so within a stretch of d
calendar days the union of all windows is that from the first row's time to the last row's time + d, exactly. So first
and last per unit, key and stretch are all that windows need: as many rows as there are units × keys × stretches with
anything in them, however many events there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import key_codes
from cemkit.tables.factor import factor
from cemkit.tables.periods import days_expression

__all__ = ["KeySpan", "Spans", "key_spans", "spans"]

_SECONDS = 86_400
_AHEAD = 1_000_000
"""Days added before a division: engines differ in how they divide negative numbers."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KeySpan:
    """A row per key and level of rows that have a unit, a key and a time; and what was left out.

    Attributes
    ----------
    key, level
        The key and the level; None for null.
    rows, first, last
        Rows, and their first and last time in local seconds since 1970-01-01.
    nameless, keyless, timeless
        Rows without a unit; with a unit, but without a key; with both, but without a time.
    """

    key: list[Any]
    level: list[Any]
    rows: Integers
    first: Integers
    last: Integers
    nameless: int
    keyless: int
    timeless: int


@dataclass(frozen=True, eq=False)
class Spans:
    """A row per unit, key, level (wanted or null) and stretch of days; times in local seconds since 1970-01-01.

    Attributes
    ----------
    units, keys
        The values that `unit` and `key` are places in.
    unit, key
        Whose rows, and of which key.
    known
        False where the level is null.
    first, last
        The first and last of their times.
    rows
        How many rows.
    """

    units: list[Any]
    keys: list[Any]
    unit: Integers
    key: Integers
    known: npt.NDArray[np.bool_]
    first: Integers
    last: Integers
    rows: Integers


def _stamp(bound: Bound, at: str) -> nw.Expr:
    """Return the local second of a time since 1970-01-01; anything where it is null."""
    second: Any = days_expression(at).cast(nw.Int64) * _SECONDS
    if isinstance(bound.schema[at], nw.Datetime):
        parts = [getattr(nw.col(at).dt, part)().fill_null(0).cast(nw.Int64) for part in ("hour", "minute", "second")]
        second = second + parts[0] * 3600 + parts[1] * 60 + parts[2]
    found: nw.Expr = second.cast(nw.Int64)
    return found


def _level(level: str | None) -> nw.Expr:
    """Return the level as text; one level for all where there is no column."""
    if level is None:
        return nw.lit("")
    return nw.col(level).cast(nw.String)


def key_spans(bound: Bound, *, unit: str, key: str, level: str | None, at: str) -> KeySpan:
    """Count rows per key and level, and how far their times reach, in the frame's own engine.

    Parameters
    ----------
    bound
        The log.
    unit, key, level, at
        Columns of the unit, the key, the level (None: all rows have the level ``""``) and the time.
    """
    wanted = dict.fromkeys((unit, key))
    frame = bound.frame.select(
        *(nw.col(c).is_null().cast(nw.Int64).alias(f"_m{i}") for i, c in enumerate(wanted)),
        nw.col(at).is_null().cast(nw.Int64).alias("_t"),
        key_expressions(bound, [key])[0].alias("_k"),
        _level(level).alias("_v"),
        _stamp(bound, at).alias("_a"),
    )
    frame = frame.with_columns(nw.col("_a").alias("_b"), nw.col("_a").alias("_e"))
    flags = ["_m0", "_m1", "_t"]
    table = collect(
        frame.group_by("_k", "_v", *flags).agg(nw.len().alias("_n"), nw.col("_b").min(), nw.col("_e").max())
    )
    number, first, last = (np.asarray(table[c], dtype=np.int64) for c in ("_n", "_b", "_e"))
    nameless, keyless, timeless = (np.asarray(table[c], dtype=np.int64) > 0 for c in flags)
    good = np.flatnonzero(~nameless & ~keyless & ~timeless)
    keys, levels = list(table["_k"]), [None if v is None or v != v else str(v) for v in table["_v"]]
    return KeySpan(
        [keys[i] for i in good],
        [levels[i] for i in good],
        number[good],
        first[good],
        last[good],
        int(number[nameless].sum()),
        int(number[~nameless & keyless].sum()),
        int(number[~nameless & ~keyless & timeless].sum()),
    )


def spans(
    bound: Bound,
    *,
    unit: str,
    key: str,
    level: str | None,
    at: str,
    wanted: Sequence[str],
    keys: Sequence[Any],
    days: int,
) -> Spans:
    """Reduce a log to the first and last times of windows, in the frame's own engine.

    Parameters
    ----------
    bound
        The log; rows without unit, key or time are not looked at.
    unit, key, level, at
        Columns, as for :func:`key_spans`.
    wanted
        Levels that open a window; rows whose level is null are kept apart, all others are left out.
    keys
        Keys that are wanted.
    days
        Length of a stretch, at most that of the windows.
    """
    frame = bound.frame.filter(~nw.col(unit).is_null() & ~nw.col(at).is_null() & nw.col(key).is_in(list(keys)))
    if level is not None:
        text = nw.col(level).cast(nw.String)
        frame = frame.filter(text.is_null() | text.is_in(list(wanted)))
    unknown: Any = nw.lit(0) if level is None else nw.col(level).is_null().cast(nw.Int64)
    stretch = (days_expression(at) + (_AHEAD // days + 1) * days) // days
    frame = frame.select(
        key_expressions(bound, [unit])[0].alias("_u"),
        key_expressions(bound, [key])[0].alias("_k"),
        unknown.alias("_m"),
        stretch.cast(nw.Int64).alias("_s"),
        _stamp(bound, at).alias("_b"),
        _stamp(bound, at).alias("_e"),
    )
    if bound.in_memory_pandas:
        return _numpy_spans(frame.to_native())
    groups = frame.group_by("_u", "_k", "_m", "_s")
    table = collect(groups.agg(nw.col("_b").min(), nw.col("_e").max(), nw.len().alias("_n")))
    (who, units), (which, found) = factor(table["_u"]), factor(table["_k"])
    first, last, missing, rows = (np.asarray(table[c], dtype=np.int64) for c in ("_b", "_e", "_m", "_n"))
    return Spans(units, found, np.asarray(who, np.int64), np.asarray(which, np.int64), missing == 0, first, last, rows)


def _numpy_spans(frame: pd.DataFrame) -> Spans:
    who, units, _ = key_codes(frame, ["_u"])
    which, found, _ = key_codes(frame, ["_k"])
    if not len(frame):
        none = np.zeros(0, dtype=np.int64)
        return Spans([], [], none, none, none > 0, none, none, none)
    missing, stretch, stamp = (frame[c].to_numpy(dtype=np.int64) for c in ("_m", "_s", "_b"))
    stretch = stretch - stretch.min()
    code = ((who * len(found["_k"]) + which) * 2 + missing) * (int(stretch.max()) + 1) + stretch
    order = np.argsort(code, kind="stable")
    begin = np.flatnonzero(np.diff(code[order], prepend=-1))
    one, stamp = order[begin], stamp[order]
    first, last = np.minimum.reduceat(stamp, begin), np.maximum.reduceat(stamp, begin)
    rows = np.diff(np.append(begin, len(code)))
    return Spans(units["_u"], found["_k"], who[one], which[one], missing[one] == 0, first, last, rows.astype(np.int64))
