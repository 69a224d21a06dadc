"""Reach, frequency, severity, and their product: a few numbers from sums over units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cemkit.statistics._arguments import FloatArray, check_level, critical_value
from cemkit.statistics.delta_method import positive_limits
from cemkit.statistics.proportions import proportion_interval

__all__ = ["Losses", "Part", "losses"]


class Part(NamedTuple):
    """An estimate per item with its standard error and limits; NaN where it is not defined."""

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray


class Losses(NamedTuple):
    """Share of units affected, bad events per unit affected, loss per bad event, and loss per unit (their product)."""

    reach: Part
    episodes: Part
    severity: Part
    pain: Part


def losses(
    units: float,
    affected: FloatArray,
    bad: FloatArray,
    bad_squares: FloatArray,
    loss: FloatArray,
    loss_squares: FloatArray,
    products: FloatArray,
    *,
    most: float,
    level: float = 0.95,
) -> Losses:
    """Return the factors and their product per item, from sums over units.

    Parameters
    ----------
    units
        Units in all, N.
    affected, bad, loss
        Units with a bad event A, Σb of bad events, Σs of what was lost in them.
    bad_squares, loss_squares, products
        Σb², Σs², Σbs over units.
    most
        The largest loss of one event.
    level
        Of the limits.

    Notes
    -----
    Reach A/N: Wilson. Episodes Σb/A: limits symmetric in the logarithm of what goes beyond 1; where nobody repeats, up
    to Wilson's upper limit of repeating. Severity Σs/Σb: a ratio linearised over the units affected, limits symmetric
    in the logarithm and cut at ``most``; NaN where all units affected are alike or only one is, since nothing says how
    much units vary. Their product Σs/N is a mean over units with variance s²/N; limits symmetric in the logarithm.
    Where nobody is affected the product is 0 with limits 0 and ``most`` times the upper limit of the reach.
    """
    check_level(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = affected / units
        reach = Part(
            share,
            np.sqrt(share * (1 - share) / units),
            *proportion_interval(affected, np.full(len(affected), units), level=level),
        )
        often = np.where(affected > 0, bad / affected, np.nan)
        spread = bad_squares - 2 * often * bad + often**2 * affected
        episodes = _repeats(often, spread, affected, level)
        hurt = np.where(bad > 0, loss / bad, np.nan)
        spread = loss_squares - 2 * hurt * products + hurt**2 * bad_squares
        severity = _ratio(hurt, spread, bad, affected, most, level)
        mean = loss / units
        variance = np.maximum(loss_squares - units * mean**2, 0.0) / max(units - 1, 1) / units
        error = np.where(units > 1, np.sqrt(variance), np.nan)
        low, high = positive_limits(mean, error, level=level)
        none = affected == 0
        low, high = np.where(none, 0.0, low), np.where(none, most * reach.high, high)
    return Losses(reach, episodes, severity, Part(mean, error, low, high))


def _repeats(often: FloatArray, spread: FloatArray, units: FloatArray, level: float) -> Part:
    """Limits of a mean that is at least 1, symmetric in the logarithm of what goes beyond 1."""
    error = np.where(units > 1, np.sqrt(np.maximum(spread, 0.0) / np.maximum(units - 1, 1.0) / units), np.nan)
    low, high = positive_limits(often - 1, error, level=level)
    alike = (units > 0) & (spread <= 1e-9 * units) & (often <= 1)
    _, repeat = proportion_interval(np.zeros(len(units)), units, level=level)
    return Part(often, error, 1 + np.where(alike, 0.0, low), 1 + np.where(alike, repeat, high))


def _ratio(
    ratio: FloatArray, spread: FloatArray, base: FloatArray, units: FloatArray, most: float, level: float
) -> Part:
    """Σ(y − Rx)² over units, as a standard error of R = Σy/Σx with limits in the logarithm (t, units − 1)."""
    known = (units > 1) & (spread > 1e-9 * np.maximum(base, 1.0))
    error = np.where(known, np.sqrt(np.maximum(spread, 0.0) * units / np.maximum(units - 1, 1)) / base, np.nan)
    factor = np.exp(critical_value(level, np.maximum(units - 1, 1.0)) * error / ratio)
    return Part(ratio, error, ratio / factor, np.minimum(ratio * factor, most))
