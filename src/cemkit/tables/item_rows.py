"""The rows of several columns, collected: for methods that resample respondents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import float_values

__all__ = ["ItemRows", "item_rows", "key_values"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ItemRows:
    """Collected rows.

    Attributes
    ----------
    values
        The items, (rows, items); null and infinite are NaN.
    weight
        The weights, or ones.
    keys
        The key columns.
    """

    values: Floats
    weight: Floats
    keys: Mapping[str, Any]

    @property
    def complete(self) -> npt.NDArray[np.bool_]:
        """Which rows have a number in every item."""
        return np.asarray(np.isfinite(self.values).all(axis=1))


def item_rows(bound: Bound, *, items: Sequence[str], keys: Sequence[str] = (), weights: str | None = None) -> ItemRows:
    """Collect items, keys and weights, in the table's order; only these columns leave the engine."""
    weighed = [] if weights is None else [weights]
    if bound.in_memory_pandas:
        frame = bound.native
        columns = [float_values(frame[name]) for name in (*items, *weighed)]
        found = {name: _objects(frame[name]) for name in keys}
    else:
        numbers = {f"_x{i}": nw.col(name).cast(nw.Float64) for i, name in enumerate((*items, *weighed))}
        table = collect(bound.frame.select(*key_expressions(bound, keys), **numbers))
        columns = [np.asarray(table[name], dtype=np.float64) for name in numbers]
        found = {name: table[name] for name in keys}
    values = np.column_stack(columns[: len(items)])
    values[~np.isfinite(values)] = np.nan
    weight = columns[-1] if weighed else np.ones(len(values))
    return ItemRows(values, weight, found)


def key_values(bound: Bound, keys: Sequence[str]) -> dict[str, list[Any]]:
    """Collect columns as lists of Python values, in the table's order; null and NaN are None."""
    if bound.in_memory_pandas:
        found: Mapping[str, Any] = {name: _objects(bound.native[name]) for name in keys}
    else:
        found = collect(bound.frame.select(*key_expressions(bound, keys)))
    return {name: [_value(v) for v in found[name]] for name in keys}


def _value(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _objects(values: Any) -> Any:
    """Return a key column as numbers without nulls, else as a list."""
    plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu"
    return values.to_numpy() if plain else values.astype(object).where(values.notna(), None).tolist()
