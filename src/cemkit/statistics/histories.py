"""Customers' purchase histories as the purchase models see them: frequency, recency, age, and how many are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray

__all__ = ["Histories", "compress", "histories", "new_customer"]

_MIXER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Histories:
    """Rows of customers, each standing for `count` customers who are alike.

    Attributes
    ----------
    frequency
        Repeat purchases x.
    recency
        Time t_x from the first to the last purchase; 0 where there was no repeat purchase.
    age
        Time T from the first purchase to the end of observation; for BG/BB, the number of opportunities.
    count
        How many customers the row stands for.
    log_interval
        Sum of the logarithms of the times between purchases (CNBD-k).
    covariates
        Shape (rows, q): what is known of the customers and does not change.
    """

    frequency: NDArray[np.int64]
    recency: FloatArray
    age: FloatArray
    count: FloatArray
    log_interval: FloatArray
    covariates: FloatArray

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.frequency.size)

    @property
    def customers(self) -> float:
        """The number of customers."""
        return float(self.count.sum())

    def take(self, index: NDArray[np.int64] | slice) -> Histories:
        """Return some of the rows."""
        return Histories(
            self.frequency[index],
            self.recency[index],
            self.age[index],
            self.count[index],
            self.log_interval[index],
            self.covariates[index],
        )

    def rescaled(self, unit: float) -> Histories:
        """Return the same histories in another unit of time, `unit` of the old ones long."""
        return Histories(
            self.frequency,
            self.recency / unit,
            self.age / unit,
            self.count,
            self.log_interval - self.frequency * np.log(unit),
            self.covariates,
        )

    def pieces(self, size: int) -> Iterator[Histories]:
        """Yield the rows in pieces that fit a processor's cache."""
        for begin in range(0, self.rows, size):
            yield self.take(slice(begin, begin + size))


def _column(values: ArrayLike | None, rows: int, fill: float, name: str) -> FloatArray:
    """Return a float column, or a constant one where there are no values."""
    if values is None:
        return np.full(rows, fill)
    column = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if column.shape != (rows,):
        message = f"{name} must be as long as frequency ({rows} rows), but has the shape {column.shape}."
        raise CemkitError(message)
    return column


def _refuse(rule: ArrayLike, what: str) -> None:
    """Raise where any row breaks a rule."""
    bad = np.asarray(rule, dtype=np.bool_)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        message = f"{what}: {int(bad.sum())} of {bad.size} rows break this, the first at position {first}."
        raise CemkitError(message)


def histories(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    *,
    count: ArrayLike | None = None,
    log_interval: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> Histories:
    """Check and return the histories of customers.

    Raises
    ------
    CemkitError
        Where the columns differ in length, or a row is no possible history: frequency a whole number of at least 0,
        recency between 0 and age, and positive exactly where frequency is.
    """
    x = np.atleast_1d(np.asarray(frequency, dtype=np.float64))
    rows = x.size
    if not rows:
        message = "There is no customer: frequency has 0 rows."
        raise CemkitError(message)
    tx, T = _column(recency, rows, 0.0, "recency"), _column(age, rows, 0.0, "age")
    n = _column(count, rows, 1.0, "count")
    interval = _column(log_interval, rows, np.nan if log_interval is None else 0.0, "log_interval")
    z = np.zeros((rows, 0)) if covariates is None else np.asarray(covariates, dtype=np.float64).reshape(rows, -1)
    _refuse(~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(T) & np.isfinite(n)), "Histories must be finite numbers")
    _refuse(~np.isfinite(z).all(axis=1), "Covariates must be finite numbers")
    _refuse((x < 0) | (x != np.round(x)), "frequency must be a whole number of at least 0")
    _refuse((tx < 0) | (tx > T), "recency must lie between 0 and age")
    _refuse((x > 0) != (tx > 0), "recency must be 0 where frequency is 0, and positive where it is positive")
    _refuse(n < 0, "count must be at least 0")
    return Histories(x.astype(np.int64), tx, T, n, interval, z)


def new_customer(covariates: FloatArray | None = None) -> Histories:
    """Return a customer at the moment of the first purchase (a row for each row of covariates)."""
    z = np.zeros((1, 0)) if covariates is None else np.atleast_2d(covariates)
    zero = np.zeros(z.shape[0])
    return Histories(zero.astype(np.int64), zero, zero, zero + 1.0, zero, z)


def compress(data: Histories) -> tuple[Histories, NDArray[np.int64]]:
    """Return the unique rows with their summed counts, and the unique row of every row.

    The sums that follow are those over all customers: compression changes nothing but the time they take.
    """
    columns = [data.recency, data.age, *data.covariates.T]
    if not np.isnan(data.log_interval).all():
        columns.append(data.log_interval)
    # one sort of a hash; neighbours are compared in full, so that a collision costs compression, never correctness
    key = data.frequency.astype(np.uint64) * _MIXER
    for column in columns:
        key ^= (column + 0.0).view(np.uint64)
        key *= _MIXER
        key ^= key >> np.uint64(29)
    order = np.argsort(key)
    new = np.ones(data.rows, dtype=bool)
    new[1:] = np.diff(data.frequency[order]) != 0
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(new)
    inverse = np.empty(data.rows, dtype=np.int64)
    inverse[order] = np.cumsum(new) - 1
    found = data.take(order[starts])
    return replace(found, count=np.add.reduceat(data.count[order], starts)), inverse
