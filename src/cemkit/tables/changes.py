"""What changed from one event of a unit to its next, as a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, bind
from cemkit.tables.codes import key_codes

__all__ = ["with_change"]

_WINDOWED = ("polars", "duckdb", "pyspark", "ibis")


def with_change(bound: Bound, name: str, *, of: str, unit: str, at: str, ties: Sequence[str] = ()) -> Bound:
    """Return the table with a column that is 1 where ``of`` differs from the unit's event before, 0 where it does not.

    Null at a unit's first event, and where one of the two values is null. Counted in the frame's own engine; PyArrow, which
    has no ordered windows, becomes pandas, and Dask brings the rows of a unit together.

    Parameters
    ----------
    bound
        Rows that all have a unit and a time.
    name
        The new column.
    of, unit, at
        Columns of the value, the unit, and the time.
    ties
        Columns (compared as text) that order events of the same time, so that every engine finds the same.
    """
    names = list(dict.fromkeys((*ties, of)))
    if bound.engine == "dask":
        native = bound.native.shuffle(on=unit)
        meta = native._meta.assign(**{name: pd.Series(dtype="float64")})  # noqa: SLF001  # the empty frame that Dask plans with
        made = native.map_partitions(_numpy_change, name, of, unit, at, names, meta=meta)
        return replace(bind(made), derived=bound.derived | {name})
    if bound.engine not in _WINDOWED:
        frame = bound.native if bound.in_memory_pandas else bound.native.to_pandas()
        return replace(bind(_numpy_change(frame, name, of, unit, at, names)), derived=bound.derived | {name})
    columns = list(bound.schema)
    text = {f"_r_{i}": nw.col(column).cast(nw.String).fill_null("") for i, column in enumerate(names)}
    frame = bound.frame.with_columns(**text)
    before = nw.col(of).shift(1).over(unit, order_by=[at, *text])
    frame = frame.with_columns(_r_before=before)
    differs = nw.when(nw.col(of) != nw.col("_r_before")).then(nw.lit(1)).otherwise(nw.lit(0))
    frame = frame.with_columns(differs.alias(name))
    known = ~nw.col(of).is_null() & ~nw.col("_r_before").is_null()
    frame = frame.with_columns(nw.when(known).then(nw.col(name)).alias(name))
    return bound.with_derived(frame.select(*(nw.col(c) for c in dict.fromkeys((*columns, name)))), name)


def _numpy_change(frame: pd.DataFrame, name: str, of: str, unit: str, at: str, ties: Sequence[str]) -> pd.DataFrame:
    """Sort once by unit, time and ties, and compare neighbours."""
    codes, _, _ = key_codes(frame, [unit])
    value, levels, _ = key_codes(frame, [of])
    null = np.array([v is None or v != v for v in levels[of]], dtype=bool)
    keys = [_ordered(frame[column].astype("str").where(frame[column].notna(), "")) for column in reversed(list(ties))]
    order = np.lexsort([*keys, _ordered(frame[at]), codes])
    changed = np.full(len(frame), np.nan)
    if len(frame) > 1:
        here, before = order[1:], order[:-1]
        known = (codes[here] == codes[before]) & ~null[value[here]] & ~null[value[before]]
        changed[here[known]] = value[here[known]] != value[before[known]]
    return frame.assign(**{name: changed})


def _ordered(values: Any) -> npt.NDArray[np.int64]:
    """Return the rank of every value among the different ones."""
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=np.int64)
