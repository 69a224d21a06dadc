"""What is estimated of a column: a mean, a share or a net score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.scales import Scale
from cemkit.statistics._arguments import is_one_of
from cemkit.tables.terms import Term, band_terms, mean_terms

__all__ = ["Measure", "Statistic"]

Statistic = Literal["net", "top", "mean"]
Unit = Literal["points", "scale", "share"]


@dataclass(frozen=True)
class Measure:
    """A statistic of answers on a scale.

    Parameters
    ----------
    name
        What the result's ``metric`` column says.
    scale
        The scale of the answers.
    statistic
        ``"net"``: share of the best band less share of the worst. ``"top"``: share of the best band. ``"mean"``.
    unit
        ``"points"``: shares times 100, a mean as 100 · (x − low)/(high − low), or its mirror where lower is better.
        ``"share"``: shares from 0 to 1. ``"scale"``: a mean in the scale's own points.

    Notes
    -----
    Every statistic is ``origin + factor · Σ w y / Σ w``: ``y`` is numerator · terms and 1 is denominator · terms.
    """

    name: str
    scale: Scale
    statistic: Statistic
    unit: Unit = "points"

    def __post_init__(self) -> None:
        if not isinstance(self.scale, Scale):
            msg = f"the scale of {self.name!r} must be a cemkit.Scale such as cemkit.Scale(1, 5), got {self.scale!r}"
            raise CemkitError(msg)
        if not is_one_of(self.statistic, ("net", "top", "mean")):
            msg = f"statistic must be 'net', 'top' or 'mean', got {self.statistic!r}"
            raise CemkitError(msg)
        if self.statistic != "mean" and len(self.scale.band_names) < 2:
            msg = f"the statistic {self.statistic!r} of {self.name!r} needs a scale with at least two bands"
            raise CemkitError(msg)
        if (self.unit == "scale") != (self.statistic == "mean" and self.unit == "scale"):
            msg = f"unit 'scale' is for means, not for {self.statistic!r}"
            raise CemkitError(msg)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The numbers that are summed per answer."""
        return mean_terms(self.scale) if self.statistic == "mean" else band_terms(self.scale)

    @property
    def numerator(self) -> npt.NDArray[np.float64]:
        """Coefficients of the terms in y, in shares (-1, 0, 1) or distances from the midpoint."""
        if self.statistic == "mean":
            return np.array([1.0, 0.0, 0.0])
        coefficients = np.zeros(len(self.scale.band_names))
        coefficients[-1] = 1.0
        if self.statistic == "net":
            coefficients[0] = -1.0
        return coefficients

    @property
    def denominator(self) -> npt.NDArray[np.float64]:
        """Coefficients of the terms in 1."""
        if self.statistic == "mean":
            return np.array([0.0, 1.0, 0.0])
        return np.ones(len(self.scale.band_names))

    @property
    def square(self) -> npt.NDArray[np.float64]:
        """Coefficients of the terms in y²."""
        return np.array([0.0, 0.0, 1.0]) if self.statistic == "mean" else self.numerator**2

    @property
    def factor(self) -> float:
        """What one unit of y is in the unit of the result."""
        if self.unit in {"scale", "share"}:
            return 1.0
        if self.statistic != "mean":
            return 100.0
        sign = 1.0 if self.scale.direction == "higher-is-better" else -1.0
        return sign * 100.0 / (self.scale.high - self.scale.low)

    @property
    def origin(self) -> float:
        """The result where y is zero."""
        if self.statistic != "mean":
            return 0.0
        return self.scale.midpoint if self.unit == "scale" else 50.0

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and largest value the result can have."""
        if self.statistic == "net":
            return -self.factor, self.factor
        if self.statistic == "top":
            return 0.0, self.factor
        return (self.scale.low, self.scale.high) if self.unit == "scale" else (0.0, 100.0)

    @property
    def raw_limits(self) -> tuple[float, float]:
        """The smallest and largest y."""
        if self.statistic == "mean":
            return -self.scale.half_width, self.scale.half_width
        return (-1.0 if self.statistic == "net" else 0.0), 1.0

    @property
    def methods(self) -> tuple[str, ...]:
        """Interval methods for independent answers; the first is the default."""
        if self.statistic == "net":
            return ("adjusted-wald", "score", "wald", "t", "bootstrap", "bayes")
        if self.statistic == "top":
            return ("wilson", "beta", "jeffreys", "agresti-coull", "wald")
        return ("t", "wald")
