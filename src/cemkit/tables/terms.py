"""The quantities that a design's variance is made of: a few numbers per answer, summed over clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.scales import Scale
from cemkit.tables.binding import Bound, key_expressions
from cemkit.tables.tally import value_expression

__all__ = ["Term", "band_terms", "is_answer", "mean_terms", "prepared"]

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Term:
    """One number per answer: 1 in a band from low to high, the distance from an origin or its square, or always 1.

    A band that is ``open`` does not hold its low end, which belongs to the band before it.
    """

    kind: Literal["band", "distance", "square", "one"]
    low: float = 0.0
    high: float = 0.0
    open: bool = False

    def expression(self, x: nw.Expr) -> nw.Expr:
        """Return the number for a valid rating ``x``."""
        if self.kind == "distance":
            return x - self.low
        if self.kind == "square":
            return (x - self.low) * (x - self.low)
        if self.kind == "one":
            return x * 0.0 + 1.0
        above = x > self.low + _TOLERANCE if self.open else x >= self.low - _TOLERANCE
        inside = above & (x <= self.high + _TOLERANCE)
        return nw.when(inside).then(nw.lit(1.0)).otherwise(nw.lit(0.0))

    def values(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the numbers for valid ratings ``x``."""
        if self.kind == "distance":
            return x - self.low
        if self.kind == "square":
            return (x - self.low) ** 2
        if self.kind == "one":
            return np.ones_like(x)
        above = x > self.low + _TOLERANCE if self.open else x >= self.low - _TOLERANCE
        return (above & (x <= self.high + _TOLERANCE)).astype(np.float64)


def band_terms(scale: Scale) -> tuple[Term, ...]:
    """Return one term per band, from the worst to the best."""
    bands = scale.bands or {}
    first = next(iter(bands), None)
    return tuple(Term("band", *bands[name], open=scale.step is None and name != first) for name in scale.band_names)


def mean_terms(scale: Scale) -> tuple[Term, Term, Term]:
    """Return the distance from the scale's midpoint (so that squares stay small), one, and the squared distance."""
    return Term("distance", scale.midpoint), Term("one"), Term("square", scale.midpoint)


def is_answer(column: str, scale: Scale) -> nw.Expr:
    """Return whether a rating that :func:`value_expression` gave is a point of the scale."""
    x = nw.col(column)
    good = ~x.is_null() & (x >= scale.low - _TOLERANCE) & (x <= scale.high + _TOLERANCE)
    return good & ~x.is_in(list(scale.missing_codes)) if scale.missing_codes else good


def prepared(
    bound: Bound, *, keep: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weight: nw.Expr | None
) -> nw.LazyFrame[Any]:
    """Return a query with the columns to keep, ``_t0.._tk`` = weight times term (zero without a valid answer), ``_a``.

    ``_a`` is 1 for a valid answer, else 0.
    """
    rating = value_expression(bound, value, scale).cast(nw.Float64)
    columns = {"_x": rating, "_w": nw.lit(1.0) if weight is None else weight}
    frame = bound.frame.select(*key_expressions(bound, keep), **columns)
    frame = frame.with_columns(nw.when(is_answer("_x", scale)).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_a"))
    x = nw.col("_x")
    answered = nw.col("_a") == 1
    summed: nw.LazyFrame[Any] = frame.with_columns(
        *(
            nw.when(answered).then(nw.col("_w") * term.expression(x)).otherwise(nw.lit(0.0)).alias(f"_t{i}")
            for i, term in enumerate(terms)
        )
    )
    return summed
