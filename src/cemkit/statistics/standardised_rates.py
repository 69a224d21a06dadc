"""Rates of an exposed and a reference arm, standardised to where the exposed are, with errors over units.

Kitagawa, E. M. (1955), *JASA* 50, 1168-1194 (standardisation); the errors are those of the linearised estimate over units' totals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray, check_level, critical_value

__all__ = ["StandardisedRates", "standardised_rates"]

Integers = NDArray[np.int64]


class StandardisedRates(NamedTuple):
    """Each (3,): the exposed rate, the rate that the same time would have had in the reference arm, and their difference."""

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    df: float
    rows: int
    """Rows used."""
    left_out: int
    """Rows of strata that lack one of the arms."""


def standardised_rates(
    unit: Integers,
    stratum: Integers,
    exposed: NDArray[np.bool_],
    events: FloatArray,
    time: FloatArray,
    *,
    level: float = 0.95,
) -> StandardisedRates:
    """Return Σ D₁ₛ/Σ T₁ₛ, Σ T₁ₛ r₀ₛ/Σ T₁ₛ with r₀ₛ = D₀ₛ/T₀ₛ, and their difference.

    Parameters
    ----------
    unit, stratum : ndarray of int
        Codes per row from 0; units may be in several rows, strata and arms.
    exposed : ndarray of bool
        The arm.
    events, time : ndarray
        What happened, and the time (or number of occasions) in which it could.
    level : float
        Of the t intervals with units − 1 degrees of freedom.

    Notes
    -----
    A unit's influence on the difference is Σₛ (D₁ − T₁ r₀ − (T₁ₛ/T₀ₛ)(D₀ − r₀ T₀)) − Δ T₁ over Σ T₁ₛ, its own totals D,
    T. NaN where a stratum with both arms does not exist or only one unit is left.
    """
    check_level(level)
    strata = int(stratum.max(initial=-1)) + 1
    arm = exposed.astype(np.int64)
    total = np.zeros((2, 2, strata))
    np.add.at(total[0], (arm, stratum), time)
    np.add.at(total[1], (arm, stratum), events)
    both = (total[0] > 0).all(axis=0)
    used = both[stratum] & (time > 0)
    unit, stratum, arm, events, time = (x[used] for x in (unit, stratum, arm, events, time))
    left_out = int((~used).sum())
    nothing = np.full(3, np.nan)
    units = len(np.unique(unit))
    if units < 2:
        return StandardisedRates(nothing, nothing, nothing, nothing, np.nan, len(unit), left_out)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = total[1, 0] / total[0, 0]
        weight = total[0, 1] / total[0, 0]
    base = float(total[0, 1][both].sum())
    first = float(total[1, 1][both].sum()) / base
    second = float((total[0, 1] * rate)[both].sum()) / base
    own = np.where(arm == 1, events - first * time, 0.0)
    residual = np.where(arm == 1, (rate[stratum] - second) * time, weight[stratum] * (events - rate[stratum] * time))
    _, place = np.unique(unit, return_inverse=True)
    influence = (
        np.stack([np.bincount(place, own), np.bincount(place, residual), np.bincount(place, own - residual)]) / base
    )
    spread = ((influence - influence.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    error = np.sqrt(spread * units / (units - 1))
    estimate = np.array([first, second, first - second])
    half = float(critical_value(level, units - 1)) * error
    return StandardisedRates(estimate, error, estimate - half, estimate + half, float(units - 1), len(unit), left_out)
