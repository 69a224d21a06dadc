"""What a table holds, at a glance: rows, levels, spans of time. For reports and guesses, never for estimates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.tables.binding import bind, collect
from cemkit.tables.groups import natural_key
from cemkit.tables.rows import count_by, keep_columns
from cemkit.typing import Frame

__all__ = ["columns_of", "keep", "levels_of", "row_count", "text_columns", "time_span"]


def columns_of(data: Frame) -> tuple[str, ...]:
    """Return the names of the columns."""
    return tuple(bind(data).schema)


def row_count(data: Frame) -> int:
    """Return the number of rows."""
    return int(collect(bind(data).frame.select(nw.len().alias("_n")))["_n"][0])


def keep(data: Frame, *, column: str, values: Iterable[Any]) -> Frame:
    """Return the rows whose ``column`` is one of ``values``, in the table's engine.

    Examples
    --------
    >>> import pandas as pd
    >>> keep(pd.DataFrame({"wave": ["1", "2", "3"], "score": [9, 8, 7]}), column="wave", values=["2", "3"])["score"].tolist()
    [8, 7]
    """
    bound = bind(data)
    bound.require(column, "column")
    kept = bound.frame.filter(nw.col(column).is_in(list(values)))
    eager = isinstance(nw.from_native(data, pass_through=True), nw.DataFrame)
    return (kept.collect() if eager and isinstance(kept, nw.LazyFrame) else kept).to_native()


def text_columns(data: Frame, *, most: int) -> dict[str, int]:
    """Return the text and category columns with 2 to ``most`` different values, and how many they have.

    Nulls are no value.
    """
    bound = bind(data)
    kinds = (nw.String, nw.Categorical, nw.Enum, nw.Object)
    names = [name for name, dtype in bound.schema.items() if isinstance(dtype, kinds)]
    if not names:
        return {}
    found = {}
    for name in names:
        column = bound.frame.filter(~nw.col(name).is_null()).select(nw.col(name).n_unique().alias("_n"))
        distinct = int(collect(column)["_n"][0])
        if 2 <= distinct <= most:
            found[name] = distinct
    return found


def levels_of(data: Frame, *, column: str, answered: str | None = None) -> dict[Any, int]:
    """Return the rows of each level, in natural order without nulls; of rows where ``answered`` is not null."""
    bound = bind(data)
    bound.require(column, "column")
    if answered is not None:
        bound.require(answered, "answered")
        known = ~nw.col(answered).is_null()
        if bound.schema[answered].is_float():
            known = known & ~nw.col(answered).is_nan()
        bound = bind(bound.frame.filter(known))
    counts = count_by(keep_columns(bound, [column]), [column])
    known_keys = sorted((key for (key,) in counts if key is not None), key=natural_key)
    return {key: counts[(key,)] for key in known_keys}


def time_span(data: Frame, *, column: str) -> tuple[Any, Any] | None:
    """Return the first and last time of a column, or None where it holds none."""
    bound = bind(data)
    bound.require_time(column, "column")
    ends = bound.frame.select(nw.col(column).min().alias("_first"), nw.col(column).max().alias("_last"))
    table = collect(ends)
    first, last = list(table["_first"])[0], list(table["_last"])[0]  # noqa: RUF015
    return None if first is None or last is None else (first, last)
