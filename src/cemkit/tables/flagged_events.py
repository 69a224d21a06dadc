"""Events whose value counts or not: unit, time and a flag, with what had to be left out counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from cemkit.scales import Scale
from cemkit.tables.asof_last import stamped
from cemkit.tables.binding import Bound, collect, is_null_or_nan
from cemkit.tables.tally import value_expression
from cemkit.tables.terms import Term, is_answer

__all__ = ["FlaggedEvents", "flagged_events"]


@dataclass(frozen=True, eq=False)
class FlaggedEvents:
    """Rows that `stamped` returned, the value 1 inside the bands and 0 outside.

    Attributes
    ----------
    bound
        The rows kept.
    rows
        How many there are.
    incomplete, invalid
        Rows left out: without a unit, a time or a value; with a value that is no point of the scale.
    """

    bound: Bound
    rows: int
    incomplete: int
    invalid: int


def flagged_events(
    bound: Bound, *, unit: str, at: str, value: str, bands: Sequence[Term], scale: Scale | None
) -> FlaggedEvents:
    """Flag events by the bands that their value lies in, in the frame's own engine.

    Parameters
    ----------
    bound
        The events.
    unit, at, value
        Columns.
    bands
        Bands that exclude each other.
    scale
        Which values are valid; every number unless given.
    """
    known = ~(nw.col(at).is_null() | is_null_or_nan(bound, unit) | is_null_or_nan(bound, value))
    rating = nw.col(value) if scale is None else value_expression(bound, value, scale)
    frame = bound.frame.select(
        unit, at, _x=rating.cast(nw.Float64), _k=nw.when(known).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    blank = nw.col("_x").is_in(list(scale.missing_codes)) if scale is not None and scale.missing_codes else None
    if blank is not None:
        frame = frame.with_columns(_k=nw.when(blank).then(nw.lit(0)).otherwise(nw.col("_k")))
    point = nw.col("_k") == 1
    if scale is not None:
        point = point & is_answer("_x", scale)
    frame = frame.with_columns(_g=nw.when(point).then(nw.lit(1)).otherwise(nw.lit(0)))
    inside = nw.lit(0.0)
    for band in bands:
        inside = inside + band.expression(nw.col("_x"))
    frame = frame.with_columns(_t=nw.when(nw.col("_g") == 1).then(inside))
    counts = collect(frame.select(nw.len().alias("_n"), nw.col("_k").sum(), nw.col("_g").sum()))
    rows, complete, good = (int(counts[name][0] or 0) for name in ("_n", "_k", "_g"))
    made = Bound(
        frame, bound.engine, {**{c: bound.schema[c] for c in (unit, at)}, "_t": nw.Float64()}, frozenset({"_t"})
    )
    return FlaggedEvents(stamped(made, unit=unit, at=at, value=nw.col("_t")), good, rows - complete, complete - good)
