"""Events sorted by unit, time and state in numpy: what the kernels of sequences start from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.codes import key_codes

__all__ = ["Packed", "SortedEvents", "pack", "packed_order", "sorted_events"]

Integers = npt.NDArray[np.int64]
_MOST = np.iinfo(np.int64).max
_WIDE = 1 << 32


@dataclass(frozen=True, eq=False)
class SortedEvents:
    """Events in order, a row each.

    Attributes
    ----------
    unit, state, stamp
        Code of the unit, code of the state (in the order of its values), microsecond.
    key
        Code of the key columns.
    states
        The states' values by code.
    levels
        The key columns' values by code.
    """

    unit: Integers
    state: Integers
    stamp: Integers
    key: Integers
    states: list[Any]
    levels: Mapping[str, list[Any]]

    def take(self, kept: npt.NDArray[Any]) -> SortedEvents:
        """Return some of the rows, in order."""
        return SortedEvents(
            self.unit[kept], self.state[kept], self.stamp[kept], self.key[kept], self.states, self.levels
        )

    @property
    def twin(self) -> npt.NDArray[np.bool_]:
        """Whether an event equals the one before it in unit, time and state."""
        found = np.zeros(self.unit.size, dtype=np.bool_)
        same = (self.unit[1:] == self.unit[:-1]) & (self.stamp[1:] == self.stamp[:-1])
        found[1:] = same & (self.state[1:] == self.state[:-1])
        return found


def sorted_events(frame: pd.DataFrame, *, unit: str, stamp: str, state: str, keys: Sequence[str] = ()) -> SortedEvents:
    """Sort the rows of a pandas frame, none of which lacks a unit, a time or a state.

    Parameters
    ----------
    frame
        The rows.
    unit, stamp, state
        Columns: who, the microsecond, and which state. Events of one moment come in the order of their states.
    keys
        Key columns; a null is a key of its own.
    """
    who, _, _ = key_codes(frame, [unit])
    place, named, _ = key_codes(frame, [state])
    states = named[state]
    order = sorted(range(len(states)), key=lambda i: _sort_key(states[i]))
    rank = np.empty(len(states), dtype=np.int64)
    rank[order] = np.arange(len(states))
    place, states = rank[place], [states[i] for i in order]
    at = frame[stamp].to_numpy(dtype=np.int64)
    group, levels, _ = key_codes(frame, keys)
    sort = packed_order(who, at, place)
    return SortedEvents(who[sort], place[sort], at[sort], group[sort] if keys else group, states, levels)


def _sort_key(value: Any) -> tuple[Any, ...]:
    return (1, "") if value is None else (0, str(value) if isinstance(value, str) else value)


def packed_order(*columns: Integers) -> Integers:
    """Return an order of rows by columns, the first one first; equal rows come in any order."""
    packed = pack(*columns)
    if packed is None:
        return np.lexsort(columns[::-1]).astype(np.int64, copy=False)
    return np.argsort(packed.codes).astype(np.int64, copy=False)


@dataclass(frozen=True, eq=False)
class Packed:
    """Columns as one number per row that sorts as they do, and what it takes to read them again."""

    codes: Integers
    lows: list[int]
    units: list[int]
    spans: list[int]

    def read(self, codes: Integers) -> list[Integers]:
        """Return the columns of some of the numbers."""
        found: list[Integers] = []
        rest = codes
        for low, unit, span in zip(self.lows[:0:-1], self.units[:0:-1], self.spans[:0:-1], strict=True):
            rest, place = np.divmod(rest, span)
            found.append(place * unit + low if unit > 1 else place + low)
        return [rest * self.units[0] + self.lows[0], *reversed(found)]


def pack(*columns: Integers) -> Packed | None:
    """Return columns packed into one number per row, or None where these do not fit into 64 bits."""
    if not columns[0].size:
        return Packed(np.zeros(0, dtype=np.int64), [0] * len(columns), [1] * len(columns), [1] * len(columns))
    lows = [int(column.min()) for column in columns]
    spans = [int(column.max()) - low + 1 for column, low in zip(columns, lows, strict=True)]
    # times are often whole seconds: a common divisor makes them fit
    units = [
        int(np.gcd.reduce(column - low)) or 1 if span > _WIDE else 1
        for column, low, span in zip(columns, lows, spans, strict=True)
    ]
    spans = [(span - 1) // unit + 1 for span, unit in zip(spans, units, strict=True)]
    if math.prod(spans) >= _MOST:
        return None
    packed = columns[0] - lows[0]
    if units[0] > 1:
        packed //= units[0]
    for column, low, unit, span in zip(columns[1:], lows[1:], units[1:], spans[1:], strict=True):
        packed *= span
        packed += (column - low) // unit if unit > 1 else column - low
    return Packed(packed, lows, units, spans)
