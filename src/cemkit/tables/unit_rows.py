"""Rows collected for what has to follow units through time: only the columns needed, times as whole seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.periods import seconds_expression
from cemkit.tables.preceding import NO_MOMENT

__all__ = ["collected_rows", "flagged_unit_rows"]


def collected_rows(
    bound: Bound,
    *,
    keys: Sequence[str] = (),
    numbers: Sequence[str] = (),
    flags: Sequence[str] = (),
    times: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Collect the key columns, numbers as floats (NaN where null), flags as true or false (null is false), times as seconds."""
    table = dict(collect(_selected(bound, keys, numbers, flags, times)))
    return _typed(table, numbers, flags, times)


def flagged_unit_rows(
    bound: Bound,
    *,
    unit: str,
    flag: str,
    keys: Sequence[str] = (),
    numbers: Sequence[str] = (),
    times: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Collect all rows of the units that have the flag in one of their rows; the others never leave the engine."""
    frame = _selected(bound, [unit, *keys], numbers, [flag], times).filter(~nw.col(unit).is_null())
    frame = frame.with_columns(_any=nw.col(flag).max().over(unit)).filter(nw.col("_any") == 1)
    return _typed(dict(collect(frame.drop("_any"))), numbers, [flag], times)


def _selected(
    bound: Bound, keys: Sequence[str], numbers: Sequence[str], flags: Sequence[str], times: Sequence[str]
) -> Any:
    at = {name: seconds_expression(bound, name, missing=NO_MOMENT) for name in times}
    raised = {
        name: nw.when(~is_null_or_nan(bound, name)).then(nw.col(name).cast(nw.Float64)).otherwise(nw.lit(0.0))
        for name in flags
    }
    frame = bound.frame.select(
        *key_expressions(bound, keys), *(nw.col(n).cast(nw.Float64) for n in numbers), **raised, **at
    )
    hits = {name: nw.when(nw.col(name) > 0).then(nw.lit(1)).otherwise(nw.lit(0)) for name in flags}
    return frame.with_columns(**hits) if hits else frame


def _typed(table: dict[str, Any], numbers: Sequence[str], flags: Sequence[str], times: Sequence[str]) -> dict[str, Any]:
    for name in numbers:
        table[name] = np.asarray([np.nan if v is None else v for v in table[name]], dtype=np.float64)
    for name in flags:
        table[name] = np.asarray(table[name], dtype=np.int64) == 1
    for name in times:
        table[name] = np.asarray(table[name], dtype=np.int64)
    return table
