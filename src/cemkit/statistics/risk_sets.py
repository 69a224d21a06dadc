"""Who is at risk when: the sorted arrays under every survival estimate.

A unit is at risk on the half-open interval (entry, time]. Units that were watched from their beginning have the entry
−∞, so that a unit may leave at time 0. All sums are counts: tables that a database has already collapsed to distinct
(entry, time, event) with their number are as good as rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["Durations", "RiskTable", "at_risk", "durations", "risk_table"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Durations(NamedTuple):
    """Checked durations: float times, integer causes (0 is still there), entries or None, counts or None."""

    time: Floats
    cause: Codes
    entry: Floats | None
    counts: Floats | None

    def take(self, place: npt.NDArray[np.bool_] | Codes) -> Durations:
        """Return the durations at a place."""
        entry = None if self.entry is None else self.entry[place]
        counts = None if self.counts is None else self.counts[place]
        return Durations(self.time[place], self.cause[place], entry, counts)


class RiskTable(NamedTuple):
    """One row per distinct time with an event, sorted."""

    time: Floats
    at_risk: Floats
    events: Floats
    """(times, causes): events of each cause."""
    last: float
    """The longest time observed, event or not; NaN without units."""


def durations(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    counts: npt.ArrayLike | None = None,
) -> Durations:
    """Check and convert durations; raise where no risk set could be formed.

    Parameters
    ----------
    time : (n,) array
        Time at which the unit left or was last seen.
    event : (n,) array of bool or int
        True (or the number of the cause, from 1) where it left, False or 0 where it was still there.
    entry : (n,) array, optional
        Time from which it was watched; it is at risk on (entry, time]. −∞ is from the beginning.
    counts : (n,) array, optional
        Number of units that the row stands for.
    """
    t = np.asarray(time, dtype=np.float64)
    cause = np.asarray(event)
    start = None if entry is None else np.asarray(entry, dtype=np.float64)
    number = None if counts is None else np.asarray(counts, dtype=np.float64)
    if t.ndim != 1 or any(a is not None and a.shape != t.shape for a in (cause, start, number)):
        shapes = [None if a is None else a.shape for a in (t, cause, start, number)]
        msg = f"durations need one time, event, entry and count per unit: found shapes {shapes}"
        raise CemkitError(msg)
    bad = int(np.count_nonzero(~np.isfinite(t)))
    if bad:
        msg = f"durations must be numbers: {bad} of {t.size} are missing or infinite; leave these units out"
        raise CemkitError(msg)
    if cause.dtype.kind not in "bui" or (cause.size and cause.min() < 0):
        msg = f"event must be true or false, or the number of a cause from 1 with 0 for none: found {cause.dtype}"
        raise CemkitError(msg)
    if start is not None and not np.all(start < t):
        wrong = int(np.count_nonzero(~(start < t)))
        msg = f"every unit must enter before it leaves: {wrong} of {t.size} have an entry at or after their time"
        raise CemkitError(msg)
    if number is not None and not np.all(number >= 0):
        msg = f"counts must not be negative or missing: {int(np.count_nonzero(~(number >= 0)))} of {t.size} are"
        raise CemkitError(msg)
    return Durations(t, cause.astype(np.intp, copy=False), start, number)


def at_risk(times: Floats, units: Durations) -> Floats:
    """Return the number at risk at each of the sorted times."""
    left = _number_below(np.sort(units.time) if units.counts is None else units.time, times, units.counts)
    total = float(units.time.size) if units.counts is None else float(units.counts.sum())
    if units.entry is None:
        return total - left
    entry = np.sort(units.entry) if units.counts is None else units.entry
    return _number_below(entry, times, units.counts) - left


def _number_below(values: Floats, times: Floats, counts: Floats | None) -> Floats:
    """Return how many values lie strictly below each time; without counts the values must be sorted."""
    if counts is None:
        return np.searchsorted(values, times, side="left").astype(np.float64)
    order = np.argsort(values, kind="stable")
    running = np.concatenate([[0.0], np.cumsum(counts[order])])
    return np.asarray(running[np.searchsorted(values[order], times, side="left")])


def risk_table(units: Durations, *, causes: int = 1) -> RiskTable:
    """Return the number at risk and the events of each cause at each distinct event time."""
    happened = units.cause > 0
    if units.counts is not None:
        happened &= units.counts > 0
    moments = units.time[happened]
    if causes == 1 and units.counts is None:
        times, number = np.unique(moments, return_counts=True)
        events = number.astype(np.float64)[:, None]
    else:
        times = np.unique(moments)
        edges = np.append(times, np.inf)
        events = np.empty((times.size, causes))
        for k in range(causes):
            mine = happened & (units.cause == k + 1)
            weights = None if units.counts is None else units.counts[mine]
            own = np.sort(units.time[mine]) if weights is None else units.time[mine]
            # sorting each cause apart is faster than numbering all moments by their time
            events[:, k] = np.diff(_number_below(own, edges, weights))
    last = float(units.time.max()) if units.time.size else float("nan")
    return RiskTable(times, at_risk(times, units), events, last)
