"""Columns of strings from codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

__all__ = ["pick", "texts", "times"]


def texts(names: Sequence[str], codes: npt.NDArray[Any]) -> ExtensionArray:
    """Return ``names[codes]`` as a column of strings; a code of -1 is null."""
    array: ExtensionArray = pd.Series(list(names)).array
    return array.take(codes, allow_fill=True)


def times(stamps: npt.NDArray[np.datetime64], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.datetime64]:
    """Return the times, null where they are not known."""
    return np.where(known, stamps, np.datetime64("NaT", "us"))


def pick(uniform: npt.NDArray[Any], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Return which of the shares each uniform number falls into; one row of shares for all, or one row each."""
    bounds = np.cumsum(shares, axis=-1)[..., :-1]
    code = np.zeros(uniform.shape, dtype=np.int8)
    for column in range(bounds.shape[-1]):
        code += uniform >= bounds[..., column]
    return code
