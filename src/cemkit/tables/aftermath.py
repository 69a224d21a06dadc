"""What units did after events, beside moments of theirs without one: counts per unit, kind of event and sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.tables.around_totals import around_totals
from cemkit.tables.binding import Bound, bind, collect

__all__ = ["NEVER", "Aftermath", "Counts", "Windows", "aftermath"]

NEVER = 10_000_000
"""The day of leaving of those who stayed."""
EVENTS, MOMENTS, MET = 0, 1, 2
_FLAGS = ("_y0", "_y1", "_y2", "_y3")
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """Lengths in days, the first and last day of the log, and the change of spending that counts."""

    before: int
    after: int
    first: int
    last: int
    change: float

    @property
    def moments(self) -> list[int]:
        """Days, at least 30 apart and at most 12, around which both windows lie in the log."""
        begin, end = self.first + self.before, self.last - self.after
        step = self.step
        return list(range(begin, end + 1, step)) if end >= begin else []

    @property
    def step(self) -> int:
        """Days from one moment to the next."""
        return max(30, -(-(self.last - self.after - self.first - self.before + 1) // 12))


@dataclass(frozen=True, eq=False)
class Counts:
    """Per row, how many moments ended in more, same, less and left, (rows, 4)."""

    keys: dict[str, Any]
    number: Integers


@dataclass(frozen=True, eq=False)
class Aftermath:
    """Counts of moments.

    Attributes
    ----------
    events
        Per unit (``_unit``), kind (``_p``), sign (``_r``) and stratum (``_s0`` …).
    moments
        Moments of units, per unit and stratum, whatever they met.
    met
        Of these, the ones before which the unit met a kind of event, per unit, kind and stratum.
    status
        Per kind and sign: events in all (of known units), and why some were left out: ``outside`` (not in a spell),
        ``short`` (the window before is not whole), ``open`` (the window after is not whole).
    strangers
        Events of units that are not in the table of units.
    """

    events: Counts
    moments: Counts
    met: Counts
    status: dict[str, Any]
    strangers: int


def aftermath(events: Bound, log: Bound, units: Bound, *, windows: Windows, strata: int) -> Aftermath:
    """Count what followed events and moments without one, in the frames' own engine.

    Parameters
    ----------
    events
        ``_unit, _day, _p`` (kind), ``_r`` (sign, a whole number).
    log
        ``_unit, _day, _value``.
    units
        A row per spell: ``_unit``, ``_first`` (first day), ``_last`` (day of leaving, `NEVER` for those who stayed), ``_k`` (1
        where leaving counts), ``_s0`` … (strata).
    windows
        The windows.
    strata
        Number of columns of strata.
    """
    if events.engine in ("pyarrow", "dask"):
        events, log, units = (_in_pandas(bound) for bound in (events, log, units))
    groups = [f"_s{i}" for i in range(strata)]
    people = units.frame.select("_unit", "_first", "_last", "_k", *groups)
    known = people.group_by("_unit").agg(nw.len().alias("_n")).select("_unit")
    mine = events.frame.join(known, on="_unit", how="inner")
    strangers = _rows(events.frame) - _rows(mine)
    day = nw.col("_day")
    inside = mine.join(people, on="_unit", how="inner").filter((nw.col("_first") <= day) & (day < nw.col("_last")))
    begin = nw.when(nw.col("_first") > windows.first).then(nw.col("_first")).otherwise(nw.lit(windows.first))
    inside = inside.with_columns(_begin=begin).with_columns(
        _short=_flag(day - windows.before < nw.col("_begin")),
        _late=_flag((day + windows.after > windows.last) | _gone_otherwise(windows)),
    )
    inside = inside.with_columns(
        _good=(1 - nw.col("_short")) * (1 - nw.col("_late")), _open=(1 - nw.col("_short")) * nw.col("_late")
    )
    status = _status(mine, inside)
    kept = inside.filter(nw.col("_good") == 1).select("_unit", "_day", "_last", "_p", "_r", *groups)
    frames = [_marked(kept, EVENTS, groups)]
    if windows.moments:
        calendar = _calendar(log.frame, windows)
        there = _moments(people, calendar, windows, groups)
        met = _met(mine, calendar, windows).join(there, on=["_unit", "_day"], how="inner")
        nothing = {"_p": nw.lit(None, dtype=events.schema["_p"]), "_r": nw.lit(0).cast(nw.Int64)}
        frames.append(_marked(there.with_columns(**nothing), MOMENTS, groups))
        frames.append(_marked(met.with_columns(_r=nothing["_r"]), MET, groups))
    every = nw.concat(frames) if len(frames) > 1 else frames[0]
    # one query for all three, so that the windows are summed once
    totals = around_totals(bind(every.select("_unit", "_day")), log, before=windows.before, after=windows.after).frame
    followed = _outcomes(every, totals, windows)
    keys = ["_q", "_unit", "_p", "_r", *groups]
    counted = followed.select(*keys, *_FLAGS).group_by(*keys).agg(*(nw.col(name).sum() for name in _FLAGS))
    table = collect(counted)
    after, beside, before = (_part(table, which, keys[1:]) for which in (EVENTS, MOMENTS, MET))
    return Aftermath(after, beside, before, status, strangers)


def _in_pandas(bound: Bound) -> Bound:
    """Return the few columns in pandas.

    PyArrow widens texts when it joins and then cannot join them again; Dask loses the columns that were grouped by when a
    grouped table is joined and grouped once more.
    """
    native = bound.native
    return bind(native.to_pandas() if bound.engine == "pyarrow" else native.compute())


def _marked(frame: Any, which: int, groups: Sequence[str]) -> Any:
    return frame.select("_unit", "_day", "_last", "_p", "_r", *groups, _q=nw.lit(which))


def _part(table: dict[str, Any], which: int, keys: Sequence[str]) -> Counts:
    rows = np.flatnonzero(np.asarray(table["_q"], dtype=np.int64) == which)
    number = np.column_stack([np.asarray(table[name], dtype=np.int64)[rows] for name in _FLAGS])
    return Counts({key: [table[key][i] for i in rows.tolist()] for key in keys}, number)


def _flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def _gone_otherwise(windows: Windows) -> nw.Expr:
    """Return whether the unit leaves within the window for a reason that does not count."""
    return (nw.col("_last") <= nw.col("_day") + windows.after) & (nw.col("_k") == 0)


def _rows(frame: Any) -> int:
    return int(collect(frame.select(nw.len().alias("_n")))["_n"][0])


def _status(mine: Any, inside: Any) -> dict[str, Any]:
    whole = collect(mine.select("_p", "_r").group_by("_p", "_r").agg(nw.len().alias("_n")))
    flags = inside.select("_p", "_r", "_short", "_open", "_good").group_by("_p", "_r")
    part = collect(flags.agg(nw.len().alias("_n"), *(nw.col(name).sum() for name in ("_short", "_open", "_good"))))
    found = {
        (p, int(r)): (int(n), int(short), int(late), int(good))
        for p, r, n, short, late, good in zip(
            *(part[c] for c in ("_p", "_r", "_n", "_short", "_open", "_good")), strict=True
        )
    }
    rows = []
    for p, r, n in zip(whole["_p"], whole["_r"], whole["_n"], strict=True):
        there, short, late, good = found.get((p, int(r)), (0, 0, 0, 0))
        rows.append((p, int(r), int(n), int(n) - there, short, late, good))
    names = ("_p", "_r", "events", "outside", "short", "open", "used")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _calendar(log: Any, windows: Windows) -> Any:
    """Return a row per moment: ``_at``. One row of a table is the ground on which every engine can put numbers."""
    ground = log.select("_day").head(1)
    return nw.concat([ground.select(_at=(nw.col("_day") * 0 + day).cast(nw.Int64)) for day in windows.moments])


def _moments(people: Any, calendar: Any, windows: Windows, groups: Sequence[str]) -> Any:
    """Return every unit at every moment at which both its windows are whole."""
    there = people.join(calendar, how="cross").with_columns(_day=nw.col("_at"))
    there = there.filter((nw.col("_first") <= nw.col("_day") - windows.before) & (nw.col("_last") > nw.col("_day")))
    return there.filter(~_gone_otherwise(windows)).select("_unit", "_day", "_last", *groups)


def _met(mine: Any, calendar: Any, windows: Windows) -> Any:
    """Return which kinds a unit met in the window before a moment or on its day: ``_unit, _day, _p``."""
    near = (nw.col("_at") >= nw.col("_day")) & (nw.col("_at") - nw.col("_day") <= windows.before)
    every = mine.select("_unit", "_day", "_p").join(calendar, how="cross").filter(near)
    every = every.select("_unit", "_p", _day=nw.col("_at"))
    return every.group_by("_unit", "_day", "_p").agg(nw.len().alias("_n")).select("_unit", "_day", "_p")


def _outcomes(frame: Any, totals: Any, windows: Windows) -> Any:
    """Return the moments with what followed as four flags: more, same, less, left."""
    joined = frame.join(totals, on=["_unit", "_day"], how="inner")
    zero, one = nw.lit(0.0), nw.lit(1)
    for name, length in (("_before", windows.before), ("_after", windows.after)):
        joined = joined.with_columns(
            (nw.when(nw.col(name) > 0).then(nw.col(name)).otherwise(zero) / length).alias(name)
        )
    gone = nw.col("_last") <= nw.col("_day") + windows.after
    joined = joined.with_columns(
        _y3=_flag(gone),
        _y0=_flag(nw.col("_after") > nw.col("_before") * (1 + windows.change)),
        _y2=_flag(nw.col("_after") < nw.col("_before") * (1 - windows.change)),
    )
    stays = one - nw.col("_y3")
    joined = joined.with_columns(_y0=nw.col("_y0") * stays, _y2=nw.col("_y2") * stays)
    return joined.with_columns(_y1=stays - nw.col("_y0") - nw.col("_y2"))
