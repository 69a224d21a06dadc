"""Sums of values per combination of keys, with the rows and the missing values behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions

__all__ = ["KeyTotals", "key_totals"]


@dataclass(frozen=True, eq=False)
class KeyTotals:
    """A row per combination of keys, in no order.

    Attributes
    ----------
    keys
        The key columns.
    rows
        Rows of the table.
    sums, missing
        Per value column: the sum of what is there, and the rows in which it is null or NaN.
    """

    keys: Mapping[str, Sequence[Any]]
    rows: npt.NDArray[np.int64]
    sums: Mapping[str, npt.NDArray[np.float64]]
    missing: Mapping[str, npt.NDArray[np.int64]]


def key_totals(bound: Bound, *, keys: Sequence[str], values: Sequence[str]) -> KeyTotals:
    """Sum values per combination of keys in the frame's own engine; a null is a key of its own."""
    frame = bound.frame.select(
        *key_expressions(bound, keys),
        **{f"_m{i}": is_null_or_nan(bound, name).cast(nw.Int64) for i, name in enumerate(values)},
        **{f"_v{i}": nw.col(name).cast(nw.Float64) for i, name in enumerate(values)},
    )
    for i in range(len(values)):
        frame = frame.with_columns(
            nw.when(nw.col(f"_m{i}") == 0).then(nw.col(f"_v{i}")).otherwise(nw.lit(0.0)).alias(f"_v{i}")
        )
    names = [f"_{kind}{i}" for kind in "mv" for i in range(len(values))]
    table = collect(frame.group_by(*keys).agg(nw.len().alias("_rows"), *[nw.col(name).sum() for name in names]))
    return KeyTotals(
        {name: table[name] for name in keys},
        np.asarray(table["_rows"], dtype=np.int64),
        {name: np.asarray(table[f"_v{i}"], dtype=np.float64) for i, name in enumerate(values)},
        {name: np.asarray(table[f"_m{i}"], dtype=np.int64) for i, name in enumerate(values)},
    )
