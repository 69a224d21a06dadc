"""The few checks and quantiles that the closed-form statistics share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.errors import CemkitError, did_you_mean

__all__ = [
    "HIGHEST_LEVEL",
    "FloatArray",
    "check_level",
    "check_method",
    "check_seed",
    "critical_value",
    "floats",
    "is_one_of",
]

HIGHEST_LEVEL = 1 - 1e-12
"""Beyond it (1 + level) / 2 rounds to 1, whose quantile is infinite."""

FloatArray: TypeAlias = NDArray[np.float64]


def floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    """Return the values as float arrays of one shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def check_level(level: float) -> None:
    """Raise unless the level of confidence lies strictly between 0 and 1."""
    number = isinstance(level, int | float | np.integer | np.floating) and not isinstance(level, bool)
    if not number or not 0.0 < level < HIGHEST_LEVEL:
        message = f"level must lie between 0 and 1, not {level!r}: 0.95 gives a 95 % interval."
        raise CemkitError(message)


def is_one_of(value: object, choices: Iterable[str]) -> bool:
    """Whether a value is one of the choices, whatever it is: a list does not hash, and a table is neither true nor false."""
    return isinstance(value, str) and value in tuple(choices)


def check_method(method: str, methods: Iterable[str]) -> None:
    """Raise unless the method is one of the methods."""
    known = tuple(methods)
    if not is_one_of(method, known):
        message = f"method {method!r} is not one of {', '.join(map(repr, known))}.{did_you_mean(method, known)}"
        raise CemkitError(message)


def check_seed(seed: int | None) -> int:
    """Return the seed, 0 for None; raise unless it is a whole number that every generator takes."""
    if seed is None:
        return 0
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        message = f"seed must be a whole number from 0 to 4294967295 or None, not {seed!r}."
        raise CemkitError(message)
    return int(seed)


def critical_value(level: float, df: ArrayLike = np.inf) -> FloatArray:
    """Return the two-sided quantile of Student's t with ``df`` degrees of freedom (normal where infinite)."""
    from scipy.special import ndtri, stdtrit

    freedom = np.asarray(df, dtype=np.float64)
    tail = (1.0 + level) / 2.0
    usable = np.isfinite(freedom) & (freedom > 0)
    quantile = np.where(usable, stdtrit(np.where(usable, freedom, 1.0), tail), np.nan)
    return np.asarray(np.where(np.isposinf(freedom), ndtri(tail), quantile), dtype=np.float64)
