"""The key columns of small collected tables as integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["factor", "key_rows"]

Integers = npt.NDArray[np.int64]


def factor(column: Any) -> tuple[Integers, list[Any]]:
    """Return each value's number and the different values as Python ones; every kind of null is one None, the last."""
    values = column if isinstance(column, np.ndarray) else pd.Series(list(column), dtype=object).to_numpy()
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    found = [value.item() if isinstance(value, np.generic) else value for value in distinct.tolist()]
    codes = codes.astype(np.int64, copy=False)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(found), codes)
        found.append(None)
    return codes, found


def key_rows(table: Mapping[str, Any], rows: int) -> tuple[Integers, dict[str, list[Any]], int]:
    """Return each row's key as one integer, the keys in the order in which they appear, and how many there are."""
    combined = np.zeros(rows, dtype=np.int64)
    parts: dict[str, tuple[Integers, Sequence[Any]]] = {}
    for name, column in table.items():
        codes, values = parts[name] = factor(column)
        combined = pd.factorize(combined * max(len(values), 1) + codes)[0].astype(np.int64, copy=False)
    count = int(combined.max()) + 1 if rows else 0
    first = np.empty(count, dtype=np.int64)
    first[combined[::-1]] = np.arange(rows - 1, -1, -1)
    kept = {name: [values[i] for i in codes[first].tolist()] for name, (codes, values) in parts.items()}
    return combined, kept, count
