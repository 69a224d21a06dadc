"""New columns looked up by the value of another, in the caller's own kind of frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from cemkit.tables.binding import as_given, bind
from cemkit.tables.codes import key_codes
from cemkit.typing import Frame

__all__ = ["with_lookups"]

Value = str | int | None


def with_lookups(data: Frame, key: str, lookups: Mapping[str, Mapping[str, Value]]) -> Any:
    """Return the caller's frame, of the same kind, with a column per lookup; null where the key is null or not in it.

    The frame itself is not changed, its index is kept, and a lazy one stays lazy. Keys are compared as text.
    """
    bound = bind(data)
    if bound.in_memory_pandas:
        return _pandas_lookups(bound.native, key, lookups)
    frame = bound.frame
    text = nw.col(key)
    if not isinstance(bound.schema[key], nw.String):
        text = text.cast(nw.String)
    columns = {name: _inverted(values) for name, values in lookups.items()}
    # a step per value: nested choices are read differently by engines
    for step in range(max((len(column) for column in columns.values()), default=0)):
        made = {}
        for name, column in columns.items():
            if step < len(column):
                value, keys = column[step]
                hit = nw.when(~text.is_null() & text.is_in(keys)).then(_literal(value))
                made[name] = hit.otherwise(nw.col(name)) if step else hit
        frame = frame.with_columns(**made)
    empty = {name: nw.lit(None).cast(nw.String) for name, column in columns.items() if not column}
    frame = frame.with_columns(**empty) if empty else frame
    return as_given(data, frame.select(*bound.schema, *lookups))


def _literal(value: str | int) -> nw.Expr:
    return nw.lit(value).cast(nw.Int64) if isinstance(value, int) else nw.lit(value)


def _inverted(values: Mapping[str, Value]) -> list[tuple[str | int, list[str]]]:
    """Return the keys of each value, values in the order in which they come."""
    found: dict[str | int, list[str]] = {}
    for key, value in values.items():
        if value is not None:
            found.setdefault(value, []).append(key)
    return list(found.items())


def _pandas_lookups(data: pd.DataFrame, key: str, lookups: Mapping[str, Mapping[str, Value]]) -> pd.DataFrame:
    codes, levels, _ = key_codes(data, [key])
    names = [None if level is None else str(level) for level in levels[key]]
    made: dict[str, pd.Series] = {}
    for name, values in lookups.items():
        found = [None if level is None else values.get(level) for level in names]
        whole = bool(found) and all(value is None or isinstance(value, int) for value in found)
        kind: Any = object
        if whole and any(value is not None for value in found):
            kind = "Int64" if None in found else "int64"
        table = pd.Series(found, dtype=kind) if kind is not object else pd.Series(pd.array(found, dtype=_text_type()))
        column = table.take(codes)
        column.index = data.index
        made[name] = column
    return data.assign(**made)


def _text_type() -> Any:
    """Return the type that text has in this pandas: ``str`` since 3, object before."""
    return pd.Series(["a"]).dtype
