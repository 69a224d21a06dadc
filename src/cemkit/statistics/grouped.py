"""Sums by group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["grouped_sum"]


def grouped_sum(group: npt.NDArray[np.integer], values: npt.ArrayLike, *, groups: int) -> npt.NDArray[np.float64]:
    """Return Σ values per group, shape (groups,)."""
    weights = np.asarray(values, dtype=np.float64)
    return np.bincount(group, weights=weights, minlength=groups).astype(np.float64, copy=False)
