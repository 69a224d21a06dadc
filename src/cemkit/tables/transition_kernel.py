"""The numpy kernel of transitions: sorted events, packed pairs, bincounts; parts of disjoint units add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.sorted_events import SortedEvents, pack, sorted_events

__all__ = ["BOUND", "PAIR_SUMS", "Part", "buckets", "merge_parts", "sketch_medians", "transition_part"]

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PAIR_SUMS = ("_x", "_u", "_d", "_xx", "_xn", "_f")
BOUND = 0.01
"""The most by which a median of buckets can miss the exact one, as a share of it."""
_LOG_RATIO = np.log1p(BOUND)


@dataclass(frozen=True, eq=False)
class Part:
    """What one part of the units gives; see ``transitions.TransitionCounts``.

    ``sketch`` holds ``*keys, _s0, .., _s{k}, _b`` (bucket of the time), ``_n`` (transitions), ``_d`` (Σ microseconds).
    """

    pairs: pd.DataFrame
    starts: pd.DataFrame
    ends: pd.DataFrame
    sketch: pd.DataFrame
    twins: int


def buckets(length: npt.NDArray[Any]) -> Integers:
    """Return the bucket of each length: those of one bucket differ by at most the share ``BOUND``."""
    found: Integers = np.floor(np.log(np.maximum(length, 0.5)) / _LOG_RATIO).astype(np.int64)
    return found


def transition_part(frame: pd.DataFrame, keys: Sequence[str], order: int, drop_twins: bool, exact: bool) -> Part:
    """Count the transitions of rows that hold all events of their units (``*keys, _u, _s, _t``)."""
    events = sorted_events(frame, unit="_u", stamp="_t", state="_s", keys=keys)
    twin = events.twin
    twins = int(twin.sum())
    if drop_twins and twins:
        events = events.take(~twin)
    unit, n = events.unit, events.unit.size
    whole = _runs_on(unit, order - 1)
    context, contexts = _contexts(events, order)
    first = np.ones(whole.size, dtype=np.bool_)
    first[1:] = unit[1 : whole.size] != unit[: max(whole.size - 1, 0)]
    more = np.zeros(whole.size, dtype=np.bool_)
    more[: max(n - order, 0)] = unit[order:] == unit[: max(n - order, 0)]
    made = _Namer(events, contexts, keys, order)
    starts = made.ends(np.flatnonzero(whole & first), context)
    ends = made.ends(np.flatnonzero(whole & ~more), context)
    row = np.flatnonzero(whole & more)
    length = events.stamp[row + order] - events.stamp[row + order - 1]
    pair = context[row] * len(events.states) + events.state[row + order]
    return Part(
        *made.pairs(row, pair, length, exact=exact), starts, ends, *made.sketch(row, pair, length, exact=exact), twins
    )


def _runs_on(unit: Integers, steps: int) -> npt.NDArray[np.bool_]:
    """Return whether the row ``steps`` ahead is of the same unit."""
    found = np.zeros(unit.size, dtype=np.bool_)
    size = max(unit.size - steps, 0)
    found[:size] = unit[steps:] == unit[:size]
    return found


def _contexts(events: SortedEvents, order: int) -> tuple[Integers, Integers]:
    """Return each row's source as a code (meaningless at the last rows of a unit), and the states of each code."""
    width, n = max(len(events.states), 1), events.unit.size
    code, known = events.state, np.arange(width, dtype=np.int64)[:, None]
    for step in range(1, order):
        ahead = np.zeros(n, dtype=np.int64)
        ahead[: max(n - step, 0)] = events.state[step:]
        code, found = pd.factorize(code * width + ahead, sort=True)
        code = code.astype(np.int64, copy=False)
        known = np.column_stack([known[found // width], found % width])
    return code, known


class _Namer:
    """Turns codes back into values."""

    def __init__(self, events: SortedEvents, contexts: Integers, keys: Sequence[str], order: int) -> None:
        self.events, self.contexts, self.keys, self.order = events, contexts, tuple(keys), order
        self.width = max(len(events.states), 1)
        self.groups = int(events.key.max()) + 1 if events.key.size else 1

    def _frame(self, group: Integers, columns: Sequence[Integers]) -> pd.DataFrame:
        states = np.empty(len(self.events.states), dtype=object)
        states[:] = self.events.states
        found: dict[str, Any] = {}
        for name in self.keys:
            values = np.empty(len(self.events.levels[name]), dtype=object)
            values[:] = self.events.levels[name]
            found[name] = values[group]
        found |= {f"_s{i}": states[column] for i, column in enumerate(columns)}
        return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in found.items()})

    def ends(self, row: Integers, context: Integers) -> pd.DataFrame:
        size = max(len(self.contexts), 1)
        code, number = np.unique(self.events.key[row] * size + context[row], return_counts=True)
        group, source = np.divmod(code, size)
        return self._frame(group, list(self.contexts[source].T)).assign(_u=number.astype(np.float64))

    def _named(self, code: Integers) -> pd.DataFrame:
        rest, target = np.divmod(code, self.width)
        group, source = np.divmod(rest, max(len(self.contexts), 1))
        return self._frame(group, [*self.contexts[source].T, target])

    def pairs(self, row: Integers, pair: Integers, length: Integers, *, exact: bool) -> tuple[pd.DataFrame]:
        """Return the sums over units: sorted by unit and pair, a unit's transitions from one source stand together."""
        unit, size = self.events.unit[row], max(len(self.contexts), 1) * self.width
        code = self.events.key[row] * size + pair if self.keys else pair
        number, present = pd.factorize(code)
        owner, cell, x = _cells(unit, code)
        blocks = _begins(owner, cell // self.width)
        width = np.diff(np.append(blocks, x.size))
        n = np.repeat(np.add.reduceat(x, blocks), width) if x.size else x
        place = _places(np.asarray(present, dtype=np.int64), cell)
        sums = {"_x": x, "_u": np.ones_like(x), "_xx": x * x, "_xn": x * n, "_f": x / n}
        table = self._named(np.asarray(present, dtype=np.int64))
        found = {name: np.bincount(place, weights=w, minlength=len(present)) for name, w in sums.items()}
        found["_d"] = np.bincount(number, weights=length.astype(np.float64), minlength=len(present))
        median = _medians(number, length, len(present)) if exact else np.full(len(present), np.nan)
        return (table.assign(**{name: found[name] for name in PAIR_SUMS}, _m=median),)

    def sketch(self, row: Integers, pair: Integers, length: Integers, *, exact: bool) -> tuple[pd.DataFrame]:
        """Return the number and the sum of the times per pair and bucket; no rows where medians are exact."""
        if exact:
            row, pair, length = row[:0], pair[:0], length[:0]
        size = max(len(self.contexts), 1) * self.width
        place, bucket = pd.factorize(buckets(length))
        wide = max(len(bucket), 1)
        number, present = pd.factorize((self.events.key[row] * size + pair) * wide + place)
        code, which = np.divmod(np.asarray(present, dtype=np.int64), wide)
        table = self._named(code)
        table["_b"] = np.asarray(bucket, dtype=np.int64)[which] if len(bucket) else which
        table["_n"] = np.bincount(number, minlength=len(present)).astype(np.float64)
        table["_d"] = np.bincount(number, weights=length.astype(np.float64), minlength=len(present))
        return (table,)


def _begins(*columns: Integers) -> Integers:
    """Return where runs of equal rows begin."""
    new = np.ones(columns[0].size, dtype=np.bool_)
    if new.size:
        new[1:] = False
        for column in columns:
            new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _cells(unit: Integers, code: Integers) -> tuple[Integers, Integers, Floats]:
    """Return the different pairs of each unit, sorted by both: the unit, the pair, and how often."""
    packed = pack(unit, code)
    if packed is None:
        order = np.lexsort((code, unit))
        owner, pair = unit[order], code[order]
        begins = _begins(owner, pair)
        owner, pair = owner[begins], pair[begins]
    else:
        codes = np.sort(packed.codes)
        begins = _begins(codes)
        owner, pair = packed.read(codes[begins])
    return owner, pair, np.diff(np.append(begins, unit.size)).astype(np.float64)


def _places(present: Integers, codes: Integers) -> Integers:
    """Return where each code stands among those present."""
    order = np.argsort(present)
    return order[np.searchsorted(present[order], codes)].astype(np.int64, copy=False)


def _medians(group: Integers, values: Integers, groups: int) -> Floats:
    if not groups:
        return np.zeros(0)
    sizes = np.bincount(group, minlength=groups)
    ends = np.cumsum(sizes)
    low, high = ends - sizes + (sizes - 1) // 2, ends - sizes + sizes // 2
    packed = pack(group, values)
    if packed is None:
        ordered = values[np.lexsort((values, group))]
        found: Floats = (ordered[low].astype(np.float64) + ordered[high].astype(np.float64)) / 2
        return found
    codes = np.sort(packed.codes)
    first, second = packed.read(codes[low])[1], packed.read(codes[high])[1]
    return np.asarray((first.astype(np.float64) + second.astype(np.float64)) / 2)


def merge_parts(parts: Sequence[Part], keys: Sequence[str], order: int) -> Part:
    """Add up parts of disjoint units; medians are kept where there is only one part."""
    if len(parts) == 1:
        return parts[0]
    source = [*keys, *(f"_s{i}" for i in range(order))]
    pair = [*source, f"_s{order}"]

    def added(tables: Sequence[pd.DataFrame], names: list[str]) -> pd.DataFrame:
        together = pd.concat(tables, ignore_index=True)
        return together.groupby(names, dropna=False, sort=False, as_index=False).sum()

    return Part(
        added([p.pairs for p in parts], pair),
        added([p.starts for p in parts], source),
        added([p.ends for p in parts], source),
        added([p.sketch for p in parts], [*pair, "_b"]),
        sum(p.twins for p in parts),
    )


def sketch_medians(part: Part, keys: Sequence[str], order: int) -> pd.DataFrame:
    """Return the pairs with the mean time of the bucket in which the median lies."""
    names = [*keys, *(f"_s{i}" for i in range(order + 1))]
    table = part.sketch.sort_values("_b", kind="stable")
    number = table.groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    groups = int(number.max()) + 1 if number.size else 0
    sort = np.lexsort((table["_b"].to_numpy(), number))
    number, table = number[sort], table.iloc[sort]
    n = table["_n"].to_numpy()
    running = np.cumsum(n)
    total = np.bincount(number, weights=n, minlength=groups)
    before = np.cumsum(total) - total
    mean = table["_d"].to_numpy() / n
    low = np.searchsorted(running, before + np.floor((total - 1) / 2), side="right")
    high = np.searchsorted(running, before + np.floor(total / 2), side="right")
    median = table.iloc[np.unique(number, return_index=True)[1]][names].assign(_m=(mean[low] + mean[high]) / 2)
    return part.pairs.drop(columns="_m").merge(median, on=names, how="left")
