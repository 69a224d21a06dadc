"""Least squares on the means of cells: what a table of sums says about levels that share a mix.

Every row of a cell has the same predictors, so that the cells' sums of weights and means are all that least squares needs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cemkit.statistics._arguments import FloatArray

__all__ = ["CellContrasts", "cell_contrasts", "dummies"]

_TOLERANCE = 1e-8


class CellContrasts(NamedTuple):
    """Linear combinations of a regression's coefficients.

    Attributes
    ----------
    estimate
        Their values (m,); nan where the data do not determine them.
    influence
        What one unit of weight of a row in a cell, times its residual, adds to the estimate: (m, cells).
    fitted
        The regression's value per cell.
    rank
        Coefficients that the data determine.
    """

    estimate: FloatArray
    influence: FloatArray
    fitted: FloatArray
    rank: int


def cell_contrasts(design: ArrayLike, weight: ArrayLike, mean: ArrayLike, contrasts: ArrayLike) -> CellContrasts:
    """Regress the cells' means on ``design`` (cells, p) with their weights, and return ``contrasts`` (m, p) of the coefficients.

    A contrast is determined where it is a combination of the rows of the design.
    """
    x, w, y, rows = (np.asarray(part, dtype=np.float64) for part in (design, weight, mean, contrasts))
    share = w / w.sum()
    normal = (x * share[:, None]).T @ x
    inverse = np.linalg.pinv(normal, rcond=_TOLERANCE, hermitian=True)
    hat = inverse @ (x * share[:, None]).T
    coefficient = hat @ y
    determined = np.abs(rows @ inverse @ normal - rows).max(axis=1, initial=0.0) < 1e-6
    estimate = np.where(determined, rows @ coefficient, np.nan)
    return CellContrasts(
        estimate, rows @ inverse @ x.T / w.sum(), x @ coefficient, int(np.linalg.matrix_rank(normal, tol=_TOLERANCE))
    )


def dummies(codes: ArrayLike, levels: int) -> FloatArray:
    """Return a column per level, 1 where a cell has it."""
    return np.eye(levels)[np.asarray(codes, dtype=np.intp)]
