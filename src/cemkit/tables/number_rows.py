"""Rows collected for survival models: number columns as floats, key columns as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.errors import ColumnError, ContractError
from cemkit.tables.binding import Bound, collect

__all__ = ["is_number", "number_rows", "require_flag", "require_flags"]

Floats = npt.NDArray[np.float64]


def number_rows(
    bound: Bound, numbers: Sequence[str], *, keys: Sequence[str] = ()
) -> tuple[dict[str, Floats], Mapping[str, Any]]:
    """Collect columns of numbers (true and false are 1 and 0; null is NaN), and key columns as they are."""
    names, others = list(dict.fromkeys(numbers)), list(dict.fromkeys(keys))
    made = {f"_x{i}": _number(bound, name) for i, name in enumerate(names)}
    kept = {f"_k{i}": nw.col(name) for i, name in enumerate(others)}
    table = collect(bound.frame.select(**made, **kept))
    found = {name: np.asarray(table[f"_x{i}"], dtype=np.float64) for i, name in enumerate(names)}
    return found, {name: table[f"_k{i}"] for i, name in enumerate(others)}


def _number(bound: Bound, name: str) -> Any:
    column = nw.col(name)
    return (column.cast(nw.Int64) if isinstance(bound.schema[name], nw.Boolean) else column).cast(nw.Float64)


def is_number(bound: Bound, column: str) -> bool:
    """Return whether a column holds numbers, or true and false."""
    if isinstance(bound.schema[column], nw.Boolean):
        return True
    try:
        bound.require_number(column, "column")
    except ColumnError:
        return False
    return True


def require_flag(bound: Bound, name: object, argument: str) -> str:
    """Return ``name`` if it is a column of true and false or of numbers, else raise with what it holds."""
    column = bound.require(name, argument)
    if not is_number(bound, column):
        found = bound.first_values(column)
        if found and all(isinstance(value, bool) for value in found):
            msg = f"{argument}={column!r} must be true or false, but is null in some rows: fill it in or leave these rows out"
            raise ContractError(msg)
        shown = ", ".join(map(repr, found)) or "null"
        example = repr(found[0]) if found else "'yes'"
        msg = (
            f"{argument}={column!r} must be true or false (or 1 and 0), found values such as {shown}: make it so first, for example with "
            f"data[{column!r}] == {example}"
        )
        raise ColumnError(msg)
    return column


def require_flags(values: Floats, column: str, argument: str) -> npt.NDArray[np.bool_]:
    """Return numbers as truth values, or raise where one is neither 0 nor 1."""
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        null = int(np.isnan(values).sum())
        found = (
            f"null in {null:,}"
            if null == wrong.sum()
            else f"such as {values[wrong & ~np.isnan(values)][0]:g} in {int(wrong.sum()):,}"
        )
        msg = f"{argument}={column!r} must be true or false (or 1 and 0): it is {found} of {values.size:,} rows"
        raise ContractError(msg)
    return np.asarray(values == 1, dtype=np.bool_)
