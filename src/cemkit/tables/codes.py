"""Factorised keys of a pandas frame, for the numpy kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["CHUNK", "MOST_CELLS", "float_values", "key_codes", "numbers", "one_null", "present_codes"]

CHUNK = 1 << 19
MOST_CELLS = 5_000_000
_MOST_RANGE = 1_000_000


def key_codes(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[npt.NDArray[np.int64], dict[str, list[Any]], int]:
    """Return each row's key as one integer, the key columns' values per integer, and how many there are.

    The integers need not all occur. Nulls are a level of their own.
    """
    rows = len(frame)
    if not keys:
        return np.zeros(rows, dtype=np.int64), {}, 1
    parts = [_column_codes(frame[name]) for name in keys]
    size = 1
    for _, levels in parts:
        size *= len(levels)
    if len(parts) == 1:
        codes, levels = parts[0]
        return codes, {keys[0]: levels}, len(levels)
    combined = parts[0][0].astype(np.int64, copy=True)
    for codes, levels in parts[1:]:
        combined *= len(levels)
        combined += codes
    if size > max(_MOST_RANGE, rows // 4):
        combined, present = pd.factorize(combined)
        combined = combined.astype(np.int64, copy=False)
    else:
        present = np.arange(size, dtype=np.int64)
    table: dict[str, list[Any]] = {}
    rest = np.asarray(present)
    for name, (_, levels) in zip(reversed(list(keys)), reversed(parts), strict=True):
        rest, place = np.divmod(rest, len(levels))
        table[name] = [levels[i] for i in place.tolist()]
    return combined, {name: table[name] for name in keys}, len(present)


def present_codes(
    codes: npt.NDArray[np.int64], levels: Mapping[str, list[Any]]
) -> tuple[npt.NDArray[np.int64], dict[str, list[Any]], int]:
    """Return what :func:`key_codes` gave without the integers that do not occur."""
    codes, present = pd.factorize(codes)
    kept = {name: [values[i] for i in present.tolist()] for name, values in levels.items()}
    return codes.astype(np.int64, copy=False), kept, len(present)


def _column_codes(values: pd.Series) -> tuple[npt.NDArray[np.int64], list[Any]]:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy().astype(np.int64)
        levels = values.cat.categories.tolist()
        if (codes < 0).any():
            codes = np.where(codes < 0, len(levels), codes)
            levels = [*levels, None]
        return codes, levels
    if isinstance(dtype, np.dtype) and dtype.kind in "iu" and len(values):
        raw = values.to_numpy()
        low, high = int(raw.min()), int(raw.max())
        if high - low < _MOST_RANGE and high - low < max(4 * len(raw), 16):
            return (raw.astype(np.int64, copy=False) - low), list(range(low, high + 1))
    codes, levels_index = pd.factorize(one_null(values), use_na_sentinel=True)
    levels = levels_index.tolist()
    codes = codes.astype(np.int64, copy=False)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(levels), codes)
        levels = [*levels, None]
    return codes, levels


def one_null(values: pd.Series) -> pd.Series:
    """Return the column with NaN for null where its type tells the two apart: both are no value."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype) or not pd.api.types.is_float_dtype(dtype):
        return values
    return pd.Series(float_values(values), index=values.index)


def float_values(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return a numeric pandas column as floats, nulls as NaN."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return values.to_numpy().astype(np.float64, copy=False)
    if values.dtype == object:
        return pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def numbers(values: pd.Series) -> npt.NDArray[Any]:
    """Return a numeric pandas column as an integer array where it is one, else as floats."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu":
        return values.to_numpy()
    return float_values(values)
