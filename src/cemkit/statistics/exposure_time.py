"""Person-time, split at the moment an exposure starts or ends, and at the edges of bands of tenure.

'In force at any time in the month' would be immortal time, 'at the month's start' loses what happens at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["MOST_COLUMNS", "SplitTime", "split_time", "united"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Integers = npt.NDArray[np.int64]

MOST_COLUMNS = 62
"""Exposures told apart: bits of a whole number."""


class SplitTime(NamedTuple):
    """Intervals in order of units and time; unit i has rows offsets[i]:offsets[i + 1]."""

    offsets: Codes
    unit: Codes
    begin: Floats
    duration: Floats
    pattern: Integers
    """Bit c is set while exposure c is in force."""


def united(unit: Codes, column: Codes, start: Floats, stop: Floats) -> tuple[Codes, Codes, Floats, Floats]:
    """Return the union of intervals per unit and column, sorted."""
    if not unit.size:
        return unit, column, start, stop
    order = np.lexsort((start, column, unit))
    unit, column, start, stop = unit[order], column[order], start[order], stop[order]
    group = np.cumsum((np.diff(unit, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0))
    low = float(start.min())
    span = float(stop.max()) - low + 1.0
    reach = np.maximum.accumulate(stop - low + group * span)
    new = np.ones(unit.size, dtype=np.bool_)
    new[1:] = (start - low + group * span)[1:] > reach[:-1]
    first = np.flatnonzero(new)
    return unit[first], column[first], start[first], np.maximum.reduceat(stop, first)


def split_time(
    begin: npt.ArrayLike,
    end: npt.ArrayLike,
    exposures: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    *,
    width: float,
    cuts: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
) -> SplitTime:
    """Split the time at risk of units.

    Parameters
    ----------
    begin, end : (units,) arrays
        Tenure at which a unit comes under observation and at which it is last seen; each must last.
    exposures : (unit, column, start, stop) arrays
        When exposures are in force, in the unit's tenure; they may overlap and reach beyond the time at risk.
    width : float
        Length of a band of tenure: time is split at its multiples.
    cuts : (unit, time) arrays, optional
        Further moments at which time is split.

    Examples
    --------
    >>> found = split_time([0.0], [50.0], ([0, 0], [0, 0], [10.0, 15.0], [20.0, 25.0]), width=30.0)
    >>> found.duration.tolist(), found.pattern.tolist()
    ([10.0, 15.0, 5.0, 20.0], [0, 1, 0, 0])
    """
    first, last = np.asarray(begin, dtype=np.float64), np.asarray(end, dtype=np.float64)
    bad = int(np.count_nonzero(~(last > first)))
    unit, column = (np.asarray(x, dtype=np.intp) for x in exposures[:2])
    start, stop = (np.asarray(x, dtype=np.float64) for x in exposures[2:])
    if bad or not first.size or np.any(column >= MOST_COLUMNS):
        msg = (
            f"time at risk must last and have at most {MOST_COLUMNS} exposures: {bad} of {first.size} units do not last, "
            f"{int(column.max(initial=-1)) + 1} exposures"
        )
        raise CemkitError(msg)
    inside = (start < last[unit]) & (stop > first[unit]) & (stop > start)
    unit, column = unit[inside], column[inside]
    start, stop = np.maximum(start[inside], first[unit]), np.minimum(stop[inside], last[unit])
    unit, column, start, stop = united(unit, column, start, stop)
    everyone = np.arange(first.size)
    low = np.floor(first / width).astype(np.int64) + 1
    size = np.maximum(np.ceil(last / width).astype(np.int64) - low, 0)
    opening = np.repeat(np.concatenate([[0], np.cumsum(size)[:-1]]), size)
    edge = (np.repeat(low, size) + np.arange(int(size.sum())) - opening) * width
    more = (np.zeros(0, dtype=np.intp), np.zeros(0)) if cuts is None else cuts
    cut_unit, cut = np.asarray(more[0], dtype=np.intp), np.asarray(more[1], dtype=np.float64)
    used = (cut > first[cut_unit]) & (cut < last[cut_unit])
    owner = np.concatenate([everyone, everyone, np.repeat(everyone, size), cut_unit[used], unit, unit])
    time = np.concatenate([first, last, edge, cut[used], start, stop])
    toggle = np.zeros(time.size, dtype=np.int64)
    toggle[time.size - 2 * unit.size :] = np.tile(np.left_shift(1, column.astype(np.int64)), 2)
    order = np.lexsort((time, owner))
    owner, time = owner[order], time[order]
    # every exposure is switched on and off within its unit, so that one running sum serves all units
    state = np.bitwise_xor.accumulate(toggle[order])
    kept = np.flatnonzero((owner[1:] == owner[:-1]) & (time[1:] > time[:-1]))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner[kept], minlength=first.size))])
    return SplitTime(offsets.astype(np.intp), owner[kept], time[kept], time[kept + 1] - time[kept], state[kept])
