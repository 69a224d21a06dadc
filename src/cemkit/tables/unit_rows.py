"""The rows of units that have something in one of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.periods import seconds_expression
from cemkit.tables.preceding import NO_MOMENT

__all__ = ["flagged_unit_rows"]


def flagged_unit_rows(
    bound: Bound, *, unit: str, flag: str, keys: Sequence[str] = (), numbers: Sequence[str] = (), times: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Collect all rows of the units that have the flag (1 or true) in one of their rows; the others never leave the engine.

    Returns
    -------
    mapping
        ``unit``, ``flag`` as 0 and 1, the key columns, the numbers as floats, and the times as whole seconds (``NO_MOMENT`` where null).
    """
    at = {name: seconds_expression(bound, name, missing=NO_MOMENT) for name in times}
    raised = nw.when(~is_null_or_nan(bound, flag)).then(nw.col(flag).cast(nw.Float64)).otherwise(nw.lit(0.0))
    frame = bound.frame.select(
        *key_expressions(bound, [unit, *keys]), *(nw.col(n).cast(nw.Float64) for n in numbers), _flag=raised, **at
    )
    hit = nw.when(nw.col("_flag") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    frame = frame.with_columns(hit.alias("_flag")).filter(~nw.col(unit).is_null())
    frame = frame.with_columns(_any=nw.col("_flag").max().over(unit)).filter(nw.col("_any") == 1)
    table = dict(collect(frame.drop("_any")))
    table[flag] = table.pop("_flag")
    return table
