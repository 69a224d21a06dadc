"""Bins of nearly equal size that never part equal values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["settled", "tied_bins"]

Floats = npt.NDArray[np.float64]
_DIGITS = 10


def settled(values: npt.ArrayLike) -> Floats:
    """Return values to ten significant digits: sums that differ by the order of their terms alone are equal then."""
    x = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(x))))
        return np.where(np.isfinite(power) & (x != 0), np.round(x * power) / power, x)


def tied_bins(values: npt.ArrayLike, counts: npt.ArrayLike, *, bins: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the bin (from 0) of every value, and the lowest value of every bin.

    Without ties the bins are quantiles. A value that more units have than a bin would hold has its bin to itself, and
    what is left is divided anew, so that as many bins exist as were asked for, or as there are different values.

    Parameters
    ----------
    values, counts
        Finite values, and how many units have each.
    bins
        The most bins.

    Examples
    --------
    >>> tied_bins([0, 0, 0, 0, 0, 0, 1, 1, 2, 3], [1] * 10, bins=4)[0].tolist()
    [0, 0, 0, 0, 0, 0, 1, 1, 2, 3]
    """
    x, n = np.asarray(values, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    if not (x.size and np.isfinite(x).all() and bins >= 1):
        message = f"bins need finite values and at least one bin, not {x.size} values and {bins} bins."
        raise CemkitError(message)
    levels, place = np.unique(x, return_inverse=True)
    running = np.cumsum(np.bincount(place.reshape(-1), weights=n))
    number = min(int(bins), levels.size)
    starts = [0]
    for k in range(1, number):
        done = running[starts[-1] - 1] if starts[-1] else 0.0
        goal = done + (running[-1] - done) / (number - k + 1)
        # the end (exclusive) nearest to the goal that leaves a level for this bin and for each one after it
        after = int(np.searchsorted(running, goal)) + 1
        if after >= 2 and goal - running[after - 2] < running[min(after, levels.size) - 1] - goal:
            after -= 1
        starts.append(min(max(after, starts[-1] + 1), levels.size - (number - k)))
    bin_of_level = np.searchsorted(np.asarray(starts), np.arange(levels.size), side="right") - 1
    return bin_of_level[place.reshape(-1)].astype(np.int64), levels[starts]
