"""Which groups there are and in which order they come: the same on every engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, did_you_mean
from cemkit.tables.binding import Bound
from cemkit.tables.factor import factor, key_rows

__all__ = ["Groups", "group_rows", "known_order", "natural_key"]

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Groups:
    """The groups of a result.

    Attributes
    ----------
    names
        The grouping columns.
    keys
        One tuple of values per group, in the result's order; a null is None.
    """

    names: tuple[str, ...]
    keys: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.keys)

    def frame(self) -> pd.DataFrame:
        """Return the keys as columns."""
        return pd.DataFrame(self.columns(), index=pd.RangeIndex(len(self.keys)))

    def columns(self, *, times: int = 1) -> dict[str, Any]:
        """Return the key columns' values by name, each group ``times`` times."""
        found = {name: _column([key[i] for key in self.keys]) for i, name in enumerate(self.names)}
        return found if times == 1 else {name: column.repeat(times) for name, column in found.items()}

    def codes(self, table: Mapping[str, Any]) -> npt.NDArray[np.intp]:
        """Return each row's group, by its key columns; -1 for a key that is no group."""
        rows = _length(table)
        if not self.names:
            return np.zeros(rows, dtype=np.intp)
        index = {key: i for i, key in enumerate(self.keys)}
        place, found, count = key_rows({name: table[name] for name in self.names}, rows)
        keys = zip(*found.values(), strict=True)
        return np.fromiter((index.get(key, -1) for key in keys), dtype=np.intp, count=count)[place]


def group_rows(
    table: Mapping[str, Any],
    names: Sequence[str],
    *,
    orders: Mapping[str, Sequence[Any]] | None = None,
    rows: int | None = None,
) -> tuple[Groups, npt.NDArray[np.intp]]:
    """Return the groups of a small table in their order, and each row's group.

    ``rows`` is needed where the table has no columns.
    """
    rows = _length(table) if rows is None else rows
    if not names:
        return Groups((), ((),)), np.zeros(rows, dtype=np.intp)
    combined = np.zeros(rows, dtype=np.int64)
    values: list[list[Any]] = []
    for name in names:
        codes, distinct = factor(table[name])
        distinct = _whole_again(distinct)
        ordered = _in_order(distinct, (orders or {}).get(name))
        rank = {value: i for i, value in enumerate(ordered)}
        values.append(ordered)
        combined = combined * len(ordered) + np.array([rank[v] for v in distinct], dtype=np.int64)[codes]
    rest, inverse = np.unique(combined, return_inverse=True)
    columns: list[list[Any]] = []
    for ordered in reversed(values):
        rest, place = np.divmod(rest, max(len(ordered), 1))
        columns.append([ordered[i] for i in place.tolist()])
    keys = tuple(zip(*reversed(columns), strict=True))
    return Groups(tuple(names), keys), inverse.astype(np.intp).reshape(-1)


def known_order(bound: Bound, by: Sequence[str], levels: Any = None) -> dict[str, Sequence[Any]]:
    """Return the orders that are known beforehand: ``levels``, else the categories that the engine knows."""
    orders: dict[str, Sequence[Any]] = {}
    for name in by:
        dtype = bound.schema[name]
        if bound.engine == "pandas" and isinstance(bound.native[name].dtype, pd.CategoricalDtype):
            categories = bound.native[name].cat
            order = categories.categories.tolist()
            if categories.ordered or order != sorted(order, key=str):  # astype("category") sorts, which says nothing
                orders[name] = order
        elif isinstance(dtype, nw.Enum):
            orders[name] = list(dtype.categories)
    if levels is None:
        return orders
    if not isinstance(levels, Mapping):
        if len(by) != 1:
            msg = f"levels for {len(by)} columns must be a dictionary {{column: [levels in order]}}"
            raise CemkitError(msg)
        levels = {by[0]: levels}
    for name, order in levels.items():
        if name not in by:
            msg = f"levels names {name!r}, which is not one of the grouping columns {list(by)}.{did_you_mean(name, by)}"
            raise CemkitError(msg)
        if len(set(order)) < len(list(order)):
            msg = f"levels of {name!r} names a level twice"
            raise CemkitError(msg)
        orders[name] = list(order)
    return orders


def natural_key(value: Any) -> tuple[Any, ...]:
    """Sort key under which '2nd' comes before '10th', numbers before text, and nulls last."""
    if value is None:
        return (3,)
    if isinstance(value, str):
        parts = _DIGITS.split(value)
        return (1, tuple((int(p), "") if i % 2 else (-1, p) for i, p in enumerate(parts)), value)
    if isinstance(value, int | float):
        return (0, value)
    return (2, type(value).__name__, value)


def _in_order(distinct: list[Any], order: Sequence[Any] | None) -> list[Any]:
    if order is None:
        if {type(value) for value in distinct} <= {int, float}:
            return sorted(distinct)
        return sorted(distinct, key=natural_key)
    place = {value: i for i, value in enumerate(order)}
    return sorted(distinct, key=lambda v: (0, place[v]) if v in place else (1, natural_key(v)))


def _whole_again(distinct: list[Any]) -> list[Any]:
    """Return whole numbers as integers where there is a null: on pandas it turned them into floats."""
    if None in distinct and all(v is None or (isinstance(v, float) and v.is_integer()) for v in distinct):
        return [None if v is None else int(v) for v in distinct]
    return distinct


def _column(values: list[Any]) -> Any:
    """Return a column whose type does not depend on the engine that counted."""
    kinds = {type(v) for v in values if v is not None}
    if None in values and kinds <= {int, bool}:
        return (
            pd.array(values, dtype="boolean" if kinds == {bool} else "Int64")
            if kinds
            else pd.array(values, dtype=object)
        )
    if kinds <= {str}:
        return pd.Index(values, dtype=object)
    return pd.Index(values)


def _length(table: Mapping[str, Any]) -> int:
    return len(next(iter(table.values()))) if table else 0
