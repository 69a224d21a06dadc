"""Visits: runs of the same state of a unit, from entering it to entering the next one, counted and sorted into buckets of length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.tables.binding import collect
from cemkit.tables.sorted_events import sorted_events
from cemkit.tables.state_log import StateLog, each_part
from cemkit.tables.transition_kernel import BOUND, buckets

__all__ = ["VisitCounts", "visits"]

CELLS = ("_v", "_c", "_d", "_k", "_o", "_a", "_b")


@dataclass(frozen=True, eq=False)
class VisitCounts:
    """Sums over units per state, and the lengths of visits in buckets.

    Attributes
    ----------
    cells
        ``*keys, _s``, and with c a unit's completed visits there and d their microseconds: ``_v`` (units with a visit),
        ``_c`` Σc, ``_d`` Σd, ``_k`` (units with c > 0), ``_o`` Σ d², ``_a`` Σ cd, ``_b`` Σ c².
    lengths
        ``*keys, _s, _i`` (1 where the visit is still open), ``_b`` (bucket), ``_n`` (visits), ``_d`` (their microseconds, up
        to the end for those still open). Lengths of a bucket differ by at most the share ``transition_kernel.BOUND``.
    """

    cells: pd.DataFrame
    lengths: pd.DataFrame


def visits(log: StateLog, *, end: int) -> VisitCounts:
    """Count visits: a visit begins with an event in another state than the one before, and lasts until the next visit begins.

    Parameters
    ----------
    log
        Who was where when.
    end
        The microsecond until which the last visit of each unit is known to go on.
    """
    if not log.counts_itself:
        return _by_parts(log, end)
    order = {"order_by": ["_t", "_s"]}
    frame = log.frame.with_columns(_p=nw.col("_s").shift(1).over("_u", **order))
    frame = frame.filter(nw.col("_p").is_null() | (nw.col("_p") != nw.col("_s")))
    frame = frame.with_columns(_e=nw.col("_t").shift(-1).over("_u", **order))
    frame = frame.with_columns(_i=nw.when(nw.col("_e").is_null()).then(nw.lit(1)).otherwise(nw.lit(0)))
    length = nw.when(nw.col("_i") == 1).then(nw.lit(end) - nw.col("_t")).otherwise(nw.col("_e") - nw.col("_t"))
    frame = frame.with_columns(_d=length.cast(nw.Float64))
    return VisitCounts(_cells(frame, log.keys), _lengths(frame, log.keys))


def _cells(frame: Any, keys: tuple[str, ...]) -> pd.DataFrame:
    done = nw.col("_i") == 0
    frame = frame.with_columns(_c=nw.when(done).then(nw.lit(1)).otherwise(nw.lit(0)))
    frame = frame.with_columns(_d=nw.col("_d") * nw.col("_c"))
    units = frame.group_by("_u", *keys, "_s").agg(nw.col("_c").sum(), nw.col("_d").sum())
    units = units.with_columns(
        _k=nw.when(nw.col("_c") > 0).then(nw.lit(1)).otherwise(nw.lit(0)),
        _o=nw.col("_d") * nw.col("_d"),
        _a=nw.col("_d") * nw.col("_c"),
        _b=nw.col("_c") * nw.col("_c"),
    )
    sums = units.group_by(*keys, "_s").agg(
        nw.len().alias("_v"),
        nw.col("_c").sum(),
        nw.col("_d").sum(),
        nw.col("_k").sum(),
        nw.col("_o").sum(),
        nw.col("_a").sum(),
        nw.col("_b").sum(),
    )
    return _frame(collect(sums), [*keys, "_s"], CELLS)


def _lengths(frame: Any, keys: tuple[str, ...]) -> pd.DataFrame:
    floor = nw.when(nw.col("_d") > 0.5).then(nw.col("_d")).otherwise(nw.lit(0.5))
    frame = frame.with_columns(_x=floor.cast(nw.Float64).log() / float(np.log1p(BOUND)))
    frame = frame.with_columns(_b=nw.col("_x").floor().cast(nw.Int64))
    sums = frame.group_by(*keys, "_s", "_i", "_b").agg(nw.len().alias("_n"), nw.col("_d").sum())
    return _frame(collect(sums), [*keys, "_s", "_i", "_b"], ("_n", "_d"))


def _frame(table: Any, names: Sequence[str], sums: Sequence[str]) -> pd.DataFrame:
    columns = {n: pd.Series(list(table[n]), dtype=object) for n in names}
    return pd.DataFrame({**columns, **{n: np.asarray(table[n], dtype=np.float64) for n in sums}})


def _by_parts(log: StateLog, end: int) -> VisitCounts:
    parts = each_part(log, _numpy_visits, log.keys, end)
    if len(parts) == 1:
        return VisitCounts(*parts[0])

    def added(place: int, names: list[str]) -> pd.DataFrame:
        together = pd.concat([part[place] for part in parts], ignore_index=True)
        summed: pd.DataFrame = together.groupby(names, dropna=False, sort=False, as_index=False).sum()
        return summed

    return VisitCounts(added(0, [*log.keys, "_s"]), added(1, [*log.keys, "_s", "_i", "_b"]))


def _numpy_visits(frame: pd.DataFrame, keys: Sequence[str], end: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    events = sorted_events(frame, unit="_u", stamp="_t", state="_s", keys=keys)
    begins = np.ones(events.unit.size, dtype=np.bool_)
    begins[1:] = (events.unit[1:] != events.unit[:-1]) | (events.state[1:] != events.state[:-1])
    events = events.take(begins)
    last = np.ones(events.unit.size, dtype=np.bool_)
    last[:-1] = events.unit[1:] != events.unit[:-1]
    until = np.full(events.unit.size, end, dtype=np.int64)
    until[:-1] = np.where(last[:-1], end, events.stamp[1:])
    length = (until - events.stamp).astype(np.float64)
    width = max(len(events.states), 1)
    place = events.key * width + events.state
    unit, present = pd.factorize(events.unit * (int(place.max()) + 1 if place.size else 1) + place)
    owner = np.zeros(len(present), dtype=np.int64)
    owner[unit] = place
    c = np.bincount(unit, weights=~last, minlength=len(present))
    d = np.bincount(unit, weights=length * ~last, minlength=len(present))
    number, cells = pd.factorize(owner)
    sums = {
        "_v": np.ones_like(c),
        "_c": c,
        "_d": d,
        "_k": (c > 0).astype(np.float64),
        "_o": d * d,
        "_a": d * c,
        "_b": c * c,
    }
    named = _named(np.asarray(cells, dtype=np.int64), events.states, events.levels, keys)
    cell = named.assign(**{n: np.bincount(number, weights=w, minlength=len(cells)) for n, w in sums.items()})
    bucket, found = pd.factorize(buckets(length))
    wide = max(len(found), 1)
    number, cells = pd.factorize((place * 2 + last) * wide + bucket)
    rest, which = np.divmod(np.asarray(cells, dtype=np.int64), wide)
    lengths = _named(rest // 2, events.states, events.levels, keys)
    lengths["_i"], lengths["_b"] = rest % 2, np.asarray(found, dtype=np.int64)[which] if len(found) else which
    lengths["_n"] = np.bincount(number, minlength=len(cells)).astype(np.float64)
    lengths["_d"] = np.bincount(number, weights=length, minlength=len(cells))
    return cell, lengths


def _named(place: Any, states: list[Any], levels: Any, keys: Sequence[str]) -> pd.DataFrame:
    group, state = np.divmod(place, max(len(states), 1))
    columns = {name: [levels[name][i] for i in group.tolist()] for name in keys}
    columns["_s"] = [states[i] for i in state.tolist()]
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
