"""Differences of shares between groups whose members repeat, standardised over strata.

Standardised to the first group: Σ_s w_s (p₁s − p₀s), w_s the first group's share in stratum s, over the strata in which
the second has members. With one stratum it is the plain difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum

__all__ = ["Cells", "Standardised", "share_of", "standardised_difference"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Cells(NamedTuple):
    """Rows of counts: who, in which stratum, how many, and how many of them with the outcome."""

    unit: Codes
    stratum: Codes
    n: Floats
    yes: Floats


class Standardised(NamedTuple):
    """An estimate, and how far each unit moves it."""

    estimate: float
    influence: Floats
    """(units,)"""
    n: float
    reference: float
    """Members of the second group in the strata used."""
    covered: float
    """Share of the first group whose stratum the second has."""

    @property
    def std_error(self) -> float:
        """The standard error by unit; NaN where one unit alone moves the estimate."""
        moved = int(np.count_nonzero(self.influence))
        return float(np.sqrt(np.sum(self.influence**2) * moved / (moved - 1))) if moved > 1 else float("nan")


def share_of(cells: Cells, *, units: int) -> Standardised:
    """Return the share with the outcome.

    Examples
    --------
    >>> cells = Cells(np.array([0, 1]), np.array([0, 0]), np.array([2.0, 2.0]), np.array([2.0, 0.0]))
    >>> found = share_of(cells, units=2)
    >>> found.estimate, round(found.std_error, 4)
    (0.5, 0.5)
    """
    n = float(cells.n.sum())
    if not n > 0:
        return Standardised(float("nan"), np.zeros(units), 0.0, 0.0, 0.0)
    share = float(cells.yes.sum()) / n
    return Standardised(share, grouped_sum(cells.unit, (cells.yes - share * cells.n) / n, groups=units), n, 0.0, 1.0)


def standardised_difference(first: Cells, second: Cells, *, units: int, strata: int) -> Standardised:
    """Return the share of the first group less that of the second, standardised to the first."""
    size0, yes0 = (grouped_sum(second.stratum, x, groups=strata) for x in (second.n, second.yes))
    size1 = grouped_sum(first.stratum, first.n, groups=strata)
    used = (size0 > 0) & (size1 > 0)
    n, whole = float(size1[used].sum()), float(size1.sum())
    if not n > 0:
        return Standardised(float("nan"), np.zeros(units), 0.0, 0.0, 0.0)
    beside = np.divide(yes0, size0, out=np.zeros(strata), where=size0 > 0)
    inside, outside = used[first.stratum], used[second.stratum]
    gain = np.where(inside, first.yes - first.n * beside[first.stratum], 0.0)
    estimate = float(gain.sum()) / n
    moved = grouped_sum(first.unit, np.where(inside, gain - first.n * estimate, 0.0) / n, groups=units)
    weight = np.divide(size1, n * size0, out=np.zeros(strata), where=used)
    rest = (second.yes - second.n * beside[second.stratum]) * weight[second.stratum]
    moved = moved - grouped_sum(second.unit, np.where(outside, rest, 0.0), groups=units)
    return Standardised(estimate, moved, n, float(size0[used].sum()), n / whole)
