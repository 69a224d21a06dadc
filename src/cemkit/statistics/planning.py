"""How many answers are needed, and what a number of answers can show.

Variances are those of one answer, p + d - (p - d)² for a net and p(1 - p) for a share; they, half widths and
differences must be on one scale: all in shares, or all in points (a variance in points is 10,000 times one in shares).
"""

from __future__ import annotations

import math

import numpy as np

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_level, critical_value
from cemkit.statistics.multinomial import PSEUDO_ANSWERS

__all__ = ["power_of_difference", "sample_size_difference", "sample_size_half_width"]

_NOISE = 1e-9
_EXTREME = 1e60


def sample_size_half_width(
    variance: float,
    half_width: float,
    *,
    level: float = 0.95,
    adjusted: bool = True,
    design_effect: float = 1.0,
    population: float | None = None,
) -> int:
    """Return the answers needed for an interval of the given half width.

    n = s²z²/d², less the three pseudo-answers of the adjusted interval of a net, times the design effect; with a
    finite population N, n / (1 + n/N). Rounded up, at least 1.

    Parameters
    ----------
    variance : float
        Variance s² of one answer.
    half_width : float
        Half width d of the interval (the figure after '±').
    level : float
        Level of confidence.
    adjusted : bool
        Whether the interval is the adjusted Wald interval of a net.
    design_effect : float
        Variance under the design over that of as many independent answers.
    population : float, optional
        Size of the population.

    Returns
    -------
    int
        Number of answers (not of invitations).

    Raises
    ------
    CemkitError
        If an argument is out of its range.
    """
    check_level(level)
    _check_positive(half_width=half_width, design_effect=design_effect)
    _check_variance(variance=variance)
    answers = variance * float(critical_value(level)) ** 2 / half_width**2
    if adjusted:
        answers -= sum(PSEUDO_ANSWERS)
    return _round_up(max(answers, 0.0) * design_effect, population)


def sample_size_difference(
    variance_group: float,
    variance_reference: float,
    difference: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: float | None = None,
) -> int:
    """Return the answers needed *in each of two groups* to find a difference with the given power.

    n = λ²(s₁² + s₂²)/δ², where λ is the shift at which the two-sided test has the power, Φ(λ - z) + Φ(-λ - z). The
    variances add: with their mean the test would have half the power.

    Parameters
    ----------
    variance_group, variance_reference : float
        Variances of one answer.
    difference : float
        True difference δ to be found, of either sign.
    power : float
        Probability of finding it, above 1 - level.
    level : float
        Level of confidence of the two-sided test.
    design_effect : float
        As in `sample_size_half_width`.
    population : float, optional
        Size of each group's population.

    Returns
    -------
    int
        Answers per group, rounded up.

    Raises
    ------
    CemkitError
        If an argument is out of its range.
    """
    from scipy.optimize import brentq

    check_level(level)
    _check_difference(difference)
    _check_positive(difference=abs(difference), design_effect=design_effect)
    _check_variance(variance_group=variance_group, variance_reference=variance_reference)
    if not _is_number(power) or not 1.0 - level < power < 1.0:
        message = f"power must lie between 1 - level = {1.0 - level:g} (what chance gives) and 1, not {power!r}."
        raise CemkitError(message)
    z = float(critical_value(level))
    shift = brentq(lambda trial: _two_sided(trial, z) - power, 0.0, z + 40.0, xtol=1e-13)
    answers = float(shift) ** 2 * (variance_group + variance_reference) / difference**2
    return _round_up(answers * design_effect, population)


def power_of_difference(
    variance_group: float,
    variance_reference: float,
    difference: float,
    *,
    n: float,
    n_reference: float | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: float | None = None,
) -> float:
    """Return the probability that a two-sided test finds a difference with ``n`` answers in each group.

    Parameters
    ----------
    variance_group, variance_reference : float
        Variances of one answer.
    difference : float
        True difference, of either sign.
    n : float
        Answers in the group, and in the reference unless `n_reference` is given.
    n_reference : float, optional
        Answers in the reference.
    level : float
        Level of confidence.
    design_effect, population : float
        As in `sample_size_difference`.

    Returns
    -------
    float
        Power, 0..1; it is 1 - level where the difference is zero.

    Raises
    ------
    CemkitError
        If an argument is out of its range.
    """
    check_level(level)
    other = n if n_reference is None else n_reference
    _check_difference(difference)
    _check_positive(n=n, n_reference=other, design_effect=design_effect)
    _check_variance(variance_group=variance_group, variance_reference=variance_reference)
    parts = ((variance_group, n), (variance_reference, other))
    unseen = [1.0 if population is None else max(1.0 - answers / population, 0.0) for _, answers in parts]
    error = math.sqrt(
        design_effect * sum(variance / answers * part for (variance, answers), part in zip(parts, unseen, strict=True))
    )
    if error == 0:
        return 1.0 if difference else 1.0 - level
    return _two_sided(abs(difference) / error, float(critical_value(level)))


def _two_sided(shift: float, z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(shift - z) + ndtr(-shift - z))


def _round_up(answers: float, population: float | None) -> int:
    if population is not None:
        _check_positive(population=population)
        answers /= 1.0 + answers / population
    # what is whole but for the last bits stays whole
    return max(math.ceil(answers * (1.0 - _NOISE)), 1)


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not _is_number(value) or not value > 0:
            message = f"{name} must be a finite number above 0, not {value!r}."
            raise CemkitError(message)


def _check_variance(**values: float) -> None:
    for name, value in values.items():
        if not _is_number(value) or not value >= 0:
            message = f"{name} must be a finite number from 0, not {value!r}."
            raise CemkitError(message)


def _check_difference(difference: float) -> None:
    if not _is_number(difference):
        message = f"difference must be a finite number, not {difference!r}."
        raise CemkitError(message)


def _is_number(value: object) -> bool:
    """Whether a value is a finite number (true and false are none) whose square is one, too."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return False
    try:
        return value == 0 or 1 / _EXTREME <= abs(float(value)) <= _EXTREME
    except (OverflowError, TypeError):  # a whole number beyond floats, a complex number
        return False
