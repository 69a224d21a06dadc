"""Adjustment of p-values for the number of tests."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray, check_method

__all__ = ["ADJUSTMENTS", "Adjustment", "adjust"]

Adjustment: TypeAlias = Literal["holm", "bh", "by", "none"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("holm", "bh", "by", "none")


def adjust(p_values: ArrayLike, *, method: Adjustment = "holm") -> FloatArray:
    """Return the p-values adjusted for their number; a nan stays nan and is not counted as a test.

    Parameters
    ----------
    p_values : array_like
        P-values of one family of tests, of any shape.
    method : str
        ``holm`` bounds the chance of any false finding (Holm 1979); ``bh`` bounds the expected share of false ones
        among the findings of independent or positively dependent tests (Benjamini and Hochberg 1995), ``by`` under
        any dependence (Benjamini and Yekutieli 2001); ``none`` leaves them as they are.

    Returns
    -------
    ndarray
        Adjusted p-values of the same shape, at most 1 and in the same order of size.

    Raises
    ------
    CemkitError
        If the method is unknown.
    """
    check_method(method, ADJUSTMENTS)
    given = np.array(p_values, dtype=np.float64)
    if method == "none":
        return given
    flat = given.ravel()
    present = np.flatnonzero(~np.isnan(flat))
    order = present[np.argsort(flat[present], kind="stable")]
    tests = order.size
    rank = np.arange(1, tests + 1, dtype=np.float64)
    if method == "holm":
        stepped = np.maximum.accumulate(flat[order] * (tests - rank + 1.0))
    else:
        penalty = (1.0 / rank).sum() if method == "by" else 1.0
        stepped = np.minimum.accumulate((flat[order] * tests * penalty / rank)[::-1])[::-1]
    result = np.full(flat.shape, np.nan)
    result[order] = np.minimum(stepped, 1.0)
    return result.reshape(given.shape)
