"""From each state of a unit to its next: counts of the steps, and their moments over units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.factor import factor
from cemkit.tables.periods import Period

__all__ = ["UnitSteps", "unit_steps"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_PARTS = "udkr"
_ORDERED = ("polars", "duckdb", "pyspark", "ibis")
"""Engines with an ordered window; the others hand over units, times and states."""


@dataclass(frozen=True, eq=False)
class StepMoments:
    """Moments of steps over units.

    With k the steps of a unit between two states, and m its steps from the first of them:

    Attributes
    ----------
    k, kk, km
        (states, states): Σk, Σk², Σkm over units.
    units
        (states,): units with a step from there.
    sums, products
        (states + 1, 4) and (states + 1, 4, 4): per state, and over all states last, the sums over units of (steps up, steps down, all
        steps, change of state), and of the products of any two of these.
    movers
        Units with a step.
    """

    k: Floats
    kk: Floats
    km: Floats
    units: Floats
    sums: Floats
    products: Floats
    movers: int


@dataclass(frozen=True, eq=False)
class UnitSteps:
    """Steps from a state to a unit's next one; states are numbered from 0.

    Attributes
    ----------
    moments
        Of the steps, over units.
    times
        (times, states, states): the steps by the time at which they end; none where there are too many times.
    ends
        The values of these times, in order.
    units, repeated, unclear
        Units with a state; rows that repeat a unit, a time and a state; pairs of unit and time with several states.
    """

    moments: StepMoments
    times: Floats
    ends: list[Any]
    units: int
    repeated: int
    unclear: int


def unit_steps(
    bound: Bound, *, unit: str, at: str, state: str, states: int, most_times: int, period: Period | None = None
) -> UnitSteps:
    """Count steps in the frame's own engine.

    Parameters
    ----------
    bound
        Rows; those without a unit, a time or a state are left out.
    unit, at, state
        Columns; the state is a whole number from 0 to ``states`` - 1, or null.
    states
        How many states there are.
    most_times
        No counts per time are made of more times than this.
    period
        Times in the same one are one, a unit's state the last in it; ``at`` is then the number of the period.
    """
    given = bound.frame.select(
        *(e.alias(n) for e, n in zip(key_expressions(bound, (unit, at)), ("_unit", "_at"), strict=True)),
        nw.col(state).alias("_s"),
    )
    there = ~nw.col("_unit").is_null() & ~nw.col("_at").is_null() & ~nw.col("_s").is_null()
    number = nw.col("_s").cast(nw.Int64)
    given = given.filter(there).with_columns(_lo=number, _hi=number)
    once = given.group_by("_unit", "_at").agg(nw.len().alias("_n"), nw.col("_lo").min(), nw.col("_hi").max())
    if period is not None:
        latest = once.with_columns(_p=period.expression("_at"))
        latest = latest.with_columns(_last=nw.col("_at").max().over("_unit", "_p")).filter(
            nw.col("_at") == nw.col("_last")
        )
        once = latest.select("_unit", nw.col("_p").alias("_at"), "_n", "_lo", "_hi")
    if bound.engine not in _ORDERED:
        table = collect(once)
        return _numpy_steps(table, states, most_times)
    twice = nw.when(nw.col("_lo") == nw.col("_hi")).then(nw.lit(0)).otherwise(nw.lit(1))
    checked = once.with_columns(_twice=twice, _more=nw.col("_n") - 1)
    faults = collect(checked.select(nw.col("_twice").sum(), nw.col("_more").sum()))
    unclear = int(faults["_twice"][0] or 0)
    repeated = int(faults["_more"][0] or 0)
    seen = int(collect(once.group_by("_unit").agg(nw.len().alias("_n")).select(nw.len().alias("_u")))["_u"][0])
    ordered = once.with_columns(_from=nw.col("_lo").shift(1).over("_unit", order_by="_at"))
    steps = ordered.filter(~nw.col("_from").is_null()).select("_unit", "_at", _a=nw.col("_from"), _b=nw.col("_lo"))
    by_time = steps.group_by("_at", "_a", "_b").agg(nw.len().alias("_k"))
    times = int(collect(steps.group_by("_at").agg(nw.len().alias("_n")).select(nw.len().alias("_u")))["_u"][0])
    ends: list[Any] = []
    dense = np.zeros((0, states, states))
    if times <= most_times:
        ends, dense = _dense(collect(by_time), states)
    pairs = steps.group_by("_unit", "_a", "_b").agg(nw.len().alias("_k"))
    return UnitSteps(_moments_in_engine(pairs, states), dense, ends, seen, repeated, unclear)


def _moments_in_engine(pairs: Any, states: int) -> StepMoments:
    """Return the moments over units, from a query of unit, from, to and steps."""
    k, zero = nw.col("_k"), nw.lit(0)
    up = nw.when(nw.col("_b") > nw.col("_a")).then(k).otherwise(zero)
    down = nw.when(nw.col("_b") < nw.col("_a")).then(k).otherwise(zero)
    pairs = pairs.with_columns(_m=k.sum().over("_unit", "_a"), _u=up, _d=down, _r=k * (nw.col("_b") - nw.col("_a")))
    cells = pairs.with_columns(_kk=k * k, _km=k * nw.col("_m"))
    table = collect(cells.group_by("_a", "_b").agg(nw.col("_k").sum(), nw.col("_kk").sum(), nw.col("_km").sum()))
    place = tuple(np.asarray(table[name], dtype=np.int64) for name in ("_a", "_b"))

    def square(name: str) -> Floats:
        made = np.zeros((states, states))
        made[place] = np.asarray(table[name], dtype=np.float64)
        return made

    parts = [nw.col(f"_{name}").sum() for name in _PARTS]
    apart = pairs.group_by("_unit", "_a").agg(*parts)
    whole = pairs.group_by("_unit").agg(*parts).with_columns(_a=nw.lit(states))
    sums, products, units = np.zeros((states + 1, 4)), np.zeros((states + 1, 4, 4)), np.zeros(states + 1)
    for per_unit in (apart, whole):
        found = _products(per_unit)
        at = np.asarray(found["_a"], dtype=np.int64)
        units[at] = np.asarray(found["_n"], dtype=np.float64)
        for i, one in enumerate(_PARTS):
            sums[at, i] = np.asarray(found[f"_{one}"], dtype=np.float64)
            for j in range(i, len(_PARTS)):
                products[at, i, j] = products[at, j, i] = np.asarray(found[f"_{one}{_PARTS[j]}"], dtype=np.float64)
    return StepMoments(square("_k"), square("_kk"), square("_km"), units[:states], sums, products, int(units[states]))


def _products(per_unit: Any) -> dict[str, Any]:
    pairs = [(one, two) for i, one in enumerate(_PARTS) for two in _PARTS[i:]]
    made = per_unit.with_columns(**{f"_{a}{b}": nw.col(f"_{a}") * nw.col(f"_{b}") for a, b in pairs})
    columns = [*(f"_{a}" for a in _PARTS), *(f"_{a}{b}" for a, b in pairs)]
    return collect(made.group_by("_a").agg(nw.len().alias("_n"), *(nw.col(name).sum() for name in columns)))


def _dense(table: dict[str, Any], states: int) -> tuple[list[Any], Floats]:
    """Return the times in order, and the steps that end at each."""
    codes, levels = factor(table["_at"])
    order = sorted(range(len(levels)), key=lambda i: levels[i])
    rank = np.empty(len(levels), dtype=np.int64)
    rank[order] = np.arange(len(levels))
    found = np.zeros((len(levels), states, states))
    place = (
        rank[np.asarray(codes, dtype=np.int64)],
        *(np.asarray(table[name], dtype=np.int64) for name in ("_a", "_b")),
    )
    np.add.at(found, place, np.asarray(table["_k"], dtype=np.float64))
    return [levels[i] for i in order], found


def _numpy_steps(table: dict[str, Any], states: int, most_times: int) -> UnitSteps:
    """Count steps of a collected table: a row per unit and time."""
    unit = np.asarray(factor(table["_unit"])[0], dtype=np.int64)
    codes, levels = factor(table["_at"])
    order = sorted(range(len(levels)), key=lambda i: levels[i])
    rank = np.empty(len(levels), dtype=np.int64)
    rank[order] = np.arange(len(levels))
    time = rank[np.asarray(codes, dtype=np.int64)] if len(levels) else np.zeros(0, dtype=np.int64)
    low, high, n = (np.asarray(table[name], dtype=np.int64) for name in ("_lo", "_hi", "_n"))
    sort = np.lexsort((time, unit))
    unit, time, state = unit[sort], time[sort], low[sort]
    next_ = np.flatnonzero(unit[1:] == unit[:-1]) + 1
    who, a, b, when = unit[next_], state[next_ - 1], state[next_], time[next_]
    ended = np.unique(when)
    dense = np.zeros((0, states, states))
    ends: list[Any] = []
    if ended.size <= most_times:
        dense = np.zeros((ended.size, states, states))
        np.add.at(dense, (np.searchsorted(ended, when), a, b), 1.0)
        ends = [levels[order[i]] for i in ended.tolist()]
    seen = int(np.unique(unit).size)
    return UnitSteps(_numpy_moments(who, a, b, states), dense, ends, seen, int((n - 1).sum()), int((low != high).sum()))


def _numpy_moments(who: Integers, a: Integers, b: Integers, states: int) -> StepMoments:
    key, back = np.unique((who * states + a) * states + b, return_inverse=True)
    k = np.bincount(back.reshape(-1), minlength=key.size).astype(np.float64)
    pair, to = key // states, key % states
    owner, start = pair // states, pair % states
    _, home = np.unique(pair, return_inverse=True)
    home = home.reshape(-1)
    m = np.bincount(home, weights=k)[home] if key.size else k

    def square(values: Floats) -> Floats:
        made = np.zeros((states, states))
        np.add.at(made, (start, to), values)
        return made

    parts = np.stack([np.where(to > start, k, 0.0), np.where(to < start, k, 0.0), k, k * (to - start)])

    def per_unit(which: Integers) -> tuple[Integers, Floats]:
        ids, place = np.unique(which, return_inverse=True)
        return ids, np.stack([np.bincount(place.reshape(-1), weights=part, minlength=ids.size) for part in parts])

    ids, apart = per_unit(pair)
    groups = [apart[:, ids % states == s] for s in range(states)]
    movers, whole = per_unit(owner)
    groups.append(whole)
    return StepMoments(
        square(k),
        square(k * k),
        square(k * m),
        np.array([group.shape[1] for group in groups[:-1]], dtype=np.float64),
        np.stack([group.sum(axis=1) for group in groups]),
        np.stack([group @ group.T for group in groups]),
        int(movers.size),
    )
