"""How many answers a survey needs, and what a number of answers can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cemkit.errors import CemkitError
from cemkit.estimation.measure import Measure
from cemkit.scores.measured import Measured

__all__ = ["Planned", "power", "sample_size"]


def sample_size(
    measure: Measure,
    *,
    half_width: float | None = None,
    difference: float | None = None,
    shares: Sequence[float] | None = None,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
    metric_variance: float | None = None,
) -> int:
    """Return how many answers are needed; the arguments are those of :meth:`cemkit.scores.ScoreMetric.sample_size`."""
    from cemkit.statistics.planning import sample_size_difference, sample_size_half_width

    variance = _variance(measure, shares, metric_variance)
    if (half_width is None) == (difference is None):
        msg = "give exactly one of half_width= (margin of error) and difference= (change to be found)"
        raise CemkitError(msg)
    if half_width is not None:
        return sample_size_half_width(
            variance,
            half_width,
            level=level,
            adjusted=measure.statistic == "net",
            design_effect=design_effect,
            population=population,
        )
    return sample_size_difference(
        variance,
        variance,
        float(difference or 0.0),
        power=power,
        level=level,
        design_effect=design_effect,
        population=population,
    )


def power(
    measure: Measure,
    *,
    difference: float,
    n: int,
    shares: Sequence[float] | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
    metric_variance: float | None = None,
) -> float:
    """Return the probability that a two-sided test finds a true ``difference`` with ``n`` answers in either group."""
    from cemkit.statistics.planning import power_of_difference

    variance = _variance(measure, shares, metric_variance)
    return power_of_difference(variance, variance, difference, n=n, level=level, design_effect=design_effect)


def _variance(measure: Measure, shares: Sequence[float] | None, metric_variance: float | None) -> float:
    if metric_variance is not None:
        if shares is not None:
            msg = "give shares= or metric_variance=, not both"
            raise CemkitError(msg)
        number = isinstance(metric_variance, int | float | np.number) and not isinstance(metric_variance, bool)
        if not number or not 0 <= metric_variance < np.inf:
            msg = f"metric_variance must be a finite number of at least 0, got {metric_variance!r}"
            raise CemkitError(msg)
        return float(metric_variance)
    if measure.statistic == "mean":
        msg = f"{measure.name!r} is a mean: give metric_variance=, the variance of one answer in squared units"
        raise CemkitError(msg)
    names = measure.scale.band_names
    if shares is None:
        shares = [0.5, *([0.0] * (len(names) - 2)), 0.5]
    try:
        found = np.asarray(shares, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array([np.nan])
    if found.shape != (len(names),) or not np.isfinite(found).all() or (found < 0).any() or abs(found.sum() - 1) > 1e-6:
        msg = f"shares are {len(names)} numbers ({', '.join(names)}) from 0 to 1 that sum to 1, got {shares!r}"
        raise CemkitError(msg)
    mean = float(found @ measure.numerator)
    return float((found @ measure.square - mean**2) * measure.factor**2)


class Planned:
    """What a metric can say before there are answers."""

    def sample_size(
        self: Measured,
        *,
        half_width: float | None = None,
        difference: float | None = None,
        shares: Sequence[float] | None = None,
        power: float = 0.8,
        level: float = 0.95,
        design_effect: float = 1.0,
        population: int | None = None,
        metric_variance: float | None = None,
    ) -> int:
        """Return how many answers a survey needs (for a difference, in each of two equal groups), rounded up.

        Parameters
        ----------
        half_width, difference
            Exactly one, in the metric's unit: the margin of error wanted, or the true difference that a two-sided test at
            ``1 - level`` should find with probability ``power``.
        power : float
            Probability with which the difference is to be found.
        level : float
            Level of the interval, or one less the level of the test.
        shares
            Expected share of every band, worst first. Without it the worst case: half at either end.
        design_effect
            Factor by which a design inflates the variance.
        population
            Number of customers, for the finite-population correction.
        metric_variance
            Variance of one answer in squared units of the metric, instead of ``shares``; needed for a mean.

        Returns
        -------
        int
            Answers, not invitations: divide by the response rate that you expect.

        Raises
        ------
        CemkitError
            If not exactly one of ``half_width`` and ``difference`` is given, or a number is out of its range.

        Notes
        -----
        n = z²s²/d², less 3 for the adjusted interval of a net score. For a difference the variances of *both* groups count:
        n = (z_α + z_β)²(s₁² + s₂²)/Δ².

        Examples
        --------
        >>> from cemkit.scores import nps
        >>> nps.sample_size(half_width=5, shares=(0.2, 0.3, 0.5))
        935
        """
        return sample_size(
            self.measure(),
            half_width=half_width,
            difference=difference,
            shares=shares,
            power=power,
            level=level,
            design_effect=design_effect,
            population=population,
            metric_variance=metric_variance,
        )

    def power(
        self: Measured,
        *,
        difference: float,
        n: int,
        shares: Sequence[float] | None = None,
        level: float = 0.95,
        design_effect: float = 1.0,
        metric_variance: float | None = None,
    ) -> float:
        """Return the probability (0..1) that a two-sided test finds a true difference with ``n`` answers in either group.

        Parameters
        ----------
        difference : float
            The true difference, in the metric's unit.
        n : int
            Answers in each of the two groups.
        shares : sequence of float, optional
            Expected share of every band, worst first. Without it the worst case: half at either end.
        level : float
            One less the level of the test.
        design_effect : float
            Factor by which a design inflates the variance.
        metric_variance : float, optional
            Variance of one answer in squared units of the metric, instead of ``shares``; needed for a mean.

        Returns
        -------
        float
            The power, under the normal approximation.

        Raises
        ------
        CemkitError
            If a number is out of its range.

        Examples
        --------
        >>> from cemkit.scores import nps
        >>> round(nps.power(difference=10, n=500, shares=(0.2, 0.3, 0.5)), 2)
        0.53
        """
        return power(
            self.measure(),
            difference=difference,
            n=n,
            shares=shares,
            level=level,
            design_effect=design_effect,
            metric_variance=metric_variance,
        )
