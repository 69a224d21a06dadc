"""A log of states with everything that bites, and slow, obvious answers about it, one event at a time."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

EPOCH = dt.datetime(1970, 1, 1)
SECOND = dt.timedelta(seconds=1)


def random_log(rows: int = 220, seed: int = 3) -> dict[str, list[Any]]:
    """Return events of units, one called 'NA', with ties, twins, and rows without a unit, a time or a state."""
    rng = np.random.default_rng(seed)
    names = ["NA", "a", "b", "c", "가", "", "10", "9"]
    groups = dict(zip(names, ["x", None, "y", "x", "NA", None, "y", "x"], strict=True))
    who = [names[i] for i in rng.integers(0, len(names), rows)]
    # half an hour apart at least, a few at one moment, and one with a fraction of a second
    at = [dt.datetime(2024, 1, 1) + dt.timedelta(minutes=30 * int(i)) for i in rng.integers(0, 150, rows)]
    at[0] = at[0] + dt.timedelta(microseconds=250_000)
    state = [["shop", "bill", "NA", "call"][i] for i in rng.integers(0, 4, rows)]
    columns: dict[str, list[Any]] = {"who": who, "at": at, "state": state, "group": [groups[w] for w in who]}
    for name, place in (("who", 7), ("at", 11), ("state", 13), ("at", 17), ("state", 17)):
        columns[name][place] = None
    for place in (30, 31, 32):
        for values in columns.values():
            values[place] = values[29]
    left = {name: (None if i % 2 else dt.datetime(2024, 1, 3, i)) for i, name in enumerate(names)}
    return {**columns, "left": [left.get(w) for w in columns["who"]]}


def usable(columns: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    rows = zip(columns["who"], columns["at"], columns["state"], columns["group"], columns["left"], strict=True)
    return [row for row in rows if None not in row[:3]]


def sequences(columns: Mapping[str, Sequence[Any]]) -> dict[Any, list[tuple[int, Any]]]:
    """Return each unit's events in order, as (microsecond, state)."""
    found = defaultdict(list)
    for who, at, state, _, _ in usable(columns):
        found[who].append(((at - EPOCH) // dt.timedelta(microseconds=1), state))
    return {who: sorted(events) for who, events in found.items()}


def group_of(columns: Mapping[str, Sequence[Any]]) -> dict[Any, Any]:
    return {row[0]: row[3] for row in usable(columns)}


def pair_sums(
    columns: Mapping[str, Sequence[Any]], order: int = 1, *, drop: bool = False
) -> dict[Any, dict[str, float]]:
    """Return the sums of the primitive per (group, states): a loop over units."""
    x: dict[Any, Counter] = defaultdict(Counter)
    times: dict[Any, list[float]] = defaultdict(list)
    group = group_of(columns)
    for who, events in sequences(columns).items():
        kept = sorted(set(events)) if drop else events
        for i in range(len(kept) - order):
            states = tuple(state for _, state in kept[i : i + order + 1])
            x[who][states] += 1
            times[group[who], *states].append(float(kept[i + order][0] - kept[i + order - 1][0]))
    found: dict[Any, dict[str, float]] = defaultdict(lambda: dict.fromkeys(("_x", "_u", "_d", "_xx", "_xn", "_f"), 0.0))
    for who, counts in x.items():
        for states, k in counts.items():
            n = sum(v for other, v in counts.items() if other[:-1] == states[:-1])
            sums = found[group[who], *states]
            for name, value in (("_x", k), ("_u", 1), ("_xx", k * k), ("_xn", k * n), ("_f", k / n)):
                sums[name] += value
    for key, lengths in times.items():
        found[key]["_d"] = math.fsum(lengths)
        found[key]["_m"] = float(np.median(lengths))
    return dict(found)


def twins(columns: Mapping[str, Sequence[Any]]) -> int:
    return sum(len(events) - len(set(events)) for events in sequences(columns).values())
