"""Columns of strings from codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

__all__ = ["pick", "texts", "time_order", "times"]


def texts(names: Sequence[str], codes: npt.NDArray[Any]) -> ExtensionArray:
    """Return ``names[codes]`` as a column of strings; a code of -1 is null."""
    array: ExtensionArray = pd.Series(list(names)).array
    return array.take(codes, allow_fill=True)


def times(stamps: npt.NDArray[np.datetime64], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.datetime64]:
    """Return the times, null where they are not known."""
    return np.where(known, stamps, np.datetime64("NaT", "us"))


def time_order(seconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the stable order of times of at least zero.

    Time and place are packed into one number: sorting values is several times faster than sorting places.
    """
    bits = max(len(seconds) - 1, 1).bit_length()
    packed = np.sort((seconds.astype(np.int64) << bits) | np.arange(len(seconds)))
    return packed & ((1 << bits) - 1)


def pick(uniform: npt.NDArray[Any], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Return which of the shares each uniform number falls into; one row of shares for all, or one row each."""
    bounds = np.cumsum(shares, axis=-1)[..., :-1]
    code = np.zeros(uniform.shape, dtype=np.int8)
    for column in range(bounds.shape[-1]):
        code += uniform >= bounds[..., column]
    return code
