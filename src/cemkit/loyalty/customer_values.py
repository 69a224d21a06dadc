"""What is given per customer: a number for all, a column of a table, or values in the order of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ContractError
from cemkit.loyalty.history import PurchaseHistory
from cemkit.tables.binding import Bound, bind, collect
from cemkit.tables.rows import keep_columns
from cemkit.typing import Frame

__all__ = ["Given", "customer_values"]

Given: TypeAlias = str | float | Sequence[float] | npt.NDArray[Any] | pd.Series | None
Floats = npt.NDArray[np.float64]


def customer_values(
    history: PurchaseHistory, data: Frame | None, asked: Mapping[str, tuple[Given, float, float]]
) -> dict[str, Floats]:
    """Return each argument as one number per customer in the order of the history; NaN where it is not known.

    Parameters
    ----------
    history
        The customers.
    data
        A table with a row per customer.
    asked
        Per argument what was given, and the least and the greatest value it may have.
    """
    named = {name: value for name, (value, _, _) in asked.items() if isinstance(value, str)}
    columns = _columns(history, data, named) if named else {}
    found = {}
    for name, (value, low, high) in asked.items():
        values = columns[name] if name in columns else _plain(name, value, len(history))
        bad = ~np.isnan(values) & ~((values >= low) & (values <= high) & np.isfinite(values))
        missing = np.isnan(values) & (name in ("contact_cost", "harm"))
        if bad.any() or missing.any():
            limits = f"from {low:g} to {high:g}" if np.isfinite(high) else f"finite numbers of at least {low:g}"
            first = values[bad | missing][0]
            msg = f"{name} must be {limits}, got {first:g} for {int((bad | missing).sum()):,} of {len(history):,} customers"
            raise CemkitError(msg)
        found[name] = values
    return found


def _plain(name: str, value: Any, size: int) -> Floats:
    if value is None:
        return np.full(size, np.nan)
    try:
        values = (
            np.asarray(pd.to_numeric(pd.Series(value, dtype=None)), dtype=np.float64)
            if np.ndim(value)
            else np.asarray(float(value))
        )
    except (TypeError, ValueError):
        msg = f"{name} must be a number, a column of data=, or one number per customer, got {type(value).__name__}"
        raise CemkitError(msg) from None
    if values.ndim and values.shape != (size,):
        msg = f"{name} has {values.size:,} values for {size:,} customers: give one per row of the history, in its order"
        raise CemkitError(msg)
    return np.array(np.broadcast_to(values, (size,)))


def _columns(history: PurchaseHistory, data: Frame | None, named: Mapping[str, str]) -> dict[str, Floats]:
    """Return columns of the table in the order of the history's customers."""
    if data is None or not history.customer:
        shown = ", ".join(f"{name}={column!r}" for name, column in named.items())
        what = "data=, a table with a row per customer" if data is None else "a history whose rows name a customer"
        msg = f"{shown}: a column needs {what}"
        raise CemkitError(msg)
    bound = bind(data)
    key = bound.require(history.customer, "customer")
    for name, column in named.items():
        _require(bound, column, name)
    wanted = list(dict.fromkeys(named.values()))
    table = collect(keep_columns(bound, [key, *wanted]).frame.select(key, *wanted))
    index = pd.Index(list(table[key]))
    if index.has_duplicates:
        msg = f"data have more than one row of {int(index.duplicated().sum()):,} customers: keep one row per {key!r}"
        raise ContractError(msg)
    place = index.get_indexer(pd.Index(list(history.table[history.customer])))
    if (place < 0).any():
        first = history.table[history.customer].iloc[int(np.flatnonzero(place < 0)[0])]
        msg = f"data have no row of {int((place < 0).sum()):,} of {len(place):,} customers, the first {first!r}"
        raise ContractError(msg)
    found = {}
    for name, column in named.items():
        values = [np.nan if v is None else float(v) for v in table[column]]
        found[name] = np.asarray(values, dtype=np.float64)[place]
    return found


def _require(bound: Bound, column: str, argument: str) -> None:
    bound.require(column, argument)
    if not (argument == "consent" and bound.is_true_false(column)):
        bound.require_number(column, argument)
