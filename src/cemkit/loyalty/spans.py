"""Lengths of time, such as ``"52w"``, in the unit of a fit."""

from __future__ import annotations

import numpy as np

from cemkit.errors import CemkitError
from cemkit.statistics.purchase_predictions import DAYS_OF_UNIT
from cemkit.tables.periods import parse_period

__all__ = ["require_unit", "span_of"]


def span_of(length: str | float, unit: str, argument: str = "horizon") -> float:
    """Return a length of time in the unit of a fit.

    Raises
    ------
    CemkitError
        If it is no length, negative or infinite, or a text where the unit is no time (opportunities).

    Examples
    --------
    >>> from cemkit.loyalty.spans import span_of
    >>> span_of("2y", "week").__round__(2), span_of(26, "week")
    (104.36, 26.0)
    """
    if isinstance(length, str) and unit in DAYS_OF_UNIT:
        period = parse_period(length, argument)
        days = period.days or period.months * DAYS_OF_UNIT["month"]
        return days / DAYS_OF_UNIT[unit]
    if isinstance(length, bool | str) or not isinstance(length, int | float | np.number) or not 0 <= length < np.inf:
        text = "a length such as '52w', or " if unit in DAYS_OF_UNIT else ""
        msg = f"{argument} must be {text}a finite number of {unit}s from 0, got {length!r}"
        raise CemkitError(msg)
    return float(length)


def require_unit(unit: object) -> None:
    """Raise where a unit is no unit of time."""
    if unit not in DAYS_OF_UNIT:
        msg = f"unit must be one of {', '.join(map(repr, DAYS_OF_UNIT))}, got {unit!r}"
        raise CemkitError(msg)
