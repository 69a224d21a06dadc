"""What happens to units in spans of time: counts, sums and next moments, on packed keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["FAR", "Moments", "next_moment", "previous_moment"]

Integers = NDArray[np.int64]
FAR = 10**12
"""Seconds so far away that nothing is there."""


class Moments:
    """Events of units, ready to be summed over spans: the sum over (start, end] is a difference of two running sums."""

    def __init__(self, unit: Integers, second: Integers, value: FloatArray | None = None) -> None:
        order = np.lexsort((second, unit))
        self._unit, self._second = unit[order], second[order]
        amount = np.ones(len(unit)) if value is None else np.asarray(value, dtype=np.float64)[order]
        self._running = np.concatenate([[0.0], np.cumsum(amount)])

    def within(self, unit: Integers, start: Integers, end: Integers) -> FloatArray:
        """Return, per span, the sum of the unit's events in (start, end]."""
        return np.asarray(self._running[self._place(unit, end)] - self._running[self._place(unit, start)])

    def _place(self, unit: Integers, second: Integers) -> Integers:
        return _places(self._unit, self._second, unit, second, right=True)

    def after(self, unit: Integers, second: Integers) -> Integers:
        """Return the unit's first event strictly after each moment; ``FAR`` where there is none."""
        return self._near(unit, self._place(unit, second), FAR)

    def before(self, unit: Integers, second: Integers) -> Integers:
        """Return the unit's last event strictly before each moment; ``-FAR`` where there is none."""
        return self._near(unit, _places(self._unit, self._second, unit, second, right=False) - 1, -FAR)

    def _near(self, unit: Integers, place: Integers, otherwise: int) -> Integers:
        found = np.full(len(unit), otherwise, dtype=np.int64)
        inside = np.flatnonzero((place >= 0) & (place < len(self._unit)))
        mine = inside[self._unit[place[inside]] == unit[inside]]
        found[mine] = self._second[place[mine]]
        return found


def next_moment(unit: Integers, second: Integers, among: NDArray[np.bool_]) -> Integers:
    """Return each row's next moment, strictly later, among the unit's rows of a kind; ``FAR`` where there is none."""
    return Moments(unit[among], second[among]).after(unit, second)


def previous_moment(unit: Integers, second: Integers, among: NDArray[np.bool_]) -> Integers:
    """Return each row's last moment, strictly earlier, among the unit's rows of a kind; ``-FAR`` where there is none."""
    return Moments(unit[among], second[among]).before(unit, second)


def _places(unit: Integers, second: Integers, wanted: Integers, at: Integers, *, right: bool) -> Integers:
    """Return where (wanted, at) stands among sorted (unit, second)."""
    if not len(unit):
        return np.zeros(len(wanted), dtype=np.int64)
    low, high = int(second.min()), int(second.max())
    span = high - low + 3
    # what lies outside the events' own range stands just before or just behind them
    clipped = np.clip(at, low - 1, high + 1) - low + 1
    known, asked = unit * span + (second - low + 1), wanted * span + clipped
    place = np.searchsorted(known, asked, side="right") if right else np.searchsorted(known, asked, side="left")
    return np.asarray(place, dtype=np.int64)
