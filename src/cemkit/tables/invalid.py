"""The values outside a scale, to show in a message."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from cemkit.scales import Scale
from cemkit.tables.binding import Bound, collect
from cemkit.tables.tally import classify, value_expression

__all__ = ["first_invalid"]


def first_invalid(bound: Bound, value: str, scale: Scale, *, count: int = 3) -> list[float]:
    """Return the first different values that are neither points of the scale nor missing codes."""
    raw = nw.col(value).cast(nw.Float64).alias("_raw")
    frame = bound.frame.select(raw, value_expression(bound, value, scale).cast(nw.Float64).alias("_kept"))
    kept = nw.col("_kept")
    outside = (kept > scale.high) | (kept < scale.low)
    table = collect(frame.filter(~kept.is_null() & outside).select("_raw").unique().head(1000))
    values = sorted(float(v) for v in table["_raw"])
    return [v for v, point in zip(values, classify(values, scale), strict=True) if point == float("inf")][:count]
