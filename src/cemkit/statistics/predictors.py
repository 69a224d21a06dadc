"""A regression's correlation matrix made ready: controls swept out, blocks of items, collinearity named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.moments import correlate

__all__ = ["collinear_columns", "constant_columns", "standardised_coefficients", "variance_inflation"]

_SINGULAR = 1e-10
_INDEFINITE = 1e-8


class Prepared(NamedTuple):
    """Partial covariances (B, p + 1, p + 1) given the controls, blocks of items as consecutive columns.

    The outcome, last, has the variance 1 before the controls took theirs; ``base`` (B,) is the controls' R², ``usable``
    (B,) says which matrices are regular (the others hold the identity).
    """

    covariance: FloatArray
    sizes: tuple[int, ...]
    base: FloatArray
    usable: NDArray[np.bool_]
    single: bool

    @property
    def starts(self) -> list[int]:
        """First column of each block."""
        return [int(start) for start in np.cumsum([0, *self.sizes[:-1]])]

    def outward(self, values: FloatArray) -> FloatArray:
        """Blank the unusable matrices' values; drop the batch axis where one matrix was given."""
        values = np.array(values, dtype=np.float64)
        values[~self.usable] = np.nan
        return values[0] if self.single else values


def prepare(
    correlation: FloatArray, *, groups: Sequence[Sequence[int]] | None = None, controls: Sequence[int] = ()
) -> Prepared:
    """Check, standardise, order the items by group and sweep the controls out."""
    given = np.asarray(correlation, dtype=np.float64)
    single = given.ndim == 2
    matrix = correlate(given[None] if single else given)
    items = matrix.shape[-1] - 1
    blocks = _blocks(items, groups, controls)
    if single:
        _check_single(given)
    usable: NDArray[np.bool_] = np.asarray(np.isfinite(matrix).all(axis=(1, 2)))
    matrix = np.where(usable[:, None, None], matrix, np.eye(items + 1))
    usable = usable & (np.linalg.eigvalsh(matrix)[:, 0] > -_INDEFINITE)
    usable = usable & (np.linalg.eigvalsh(matrix[:, :items, :items])[:, 0] > _SINGULAR)
    matrix = np.where(usable[:, None, None], matrix, np.eye(items + 1))
    order = [*(item for block in blocks for item in block), items]
    covariance, base = matrix[:, order][:, :, order], np.zeros(len(matrix))
    if len(controls):
        kept = list(controls)
        across = matrix[:, kept][:, :, order]
        covariance = covariance - np.swapaxes(across, 1, 2) @ np.linalg.solve(matrix[:, kept][:, :, kept], across)
        base = 1.0 - covariance[:, -1, -1]
    return Prepared(covariance, tuple(map(len, blocks)), base, usable, single)


def constant_columns(covariance: FloatArray) -> tuple[int, ...]:
    """Return the columns that do not vary (or are nan)."""
    variance = np.diagonal(np.asarray(covariance, dtype=np.float64))
    return tuple(int(i) for i in np.flatnonzero(~(variance > 0)))


def collinear_columns(correlation: FloatArray) -> tuple[int, ...]:
    """Return the columns that take part in an exact linear relation; empty where the matrix is regular.

    Columns are those with a weight in the eigenvectors of eigenvalues below 1e-10 of the correlation matrix.
    """
    values, vectors = np.linalg.eigh(correlate(np.asarray(correlation, dtype=np.float64)))
    weight = np.abs(vectors[:, values < _SINGULAR]).max(axis=1, initial=0.0)
    return tuple(int(i) for i in np.flatnonzero(weight > 1e-4))


def variance_inflation(correlation: FloatArray) -> FloatArray:
    """Return the variance inflation factors 1/(1 − R²ⱼ) of predictors (no outcome) from (..., p, p) matrices.

    Infinite for the columns of an exact linear relation; 1 where a predictor is uncorrelated with all others.
    """
    matrix = correlate(np.asarray(correlation, dtype=np.float64))
    flat = matrix.reshape(-1, *matrix.shape[-2:])
    found = np.full(flat.shape[:2], np.nan)
    for i, one in enumerate(flat):
        if not np.isfinite(one).all():
            continue
        bad = list(collinear_columns(one))
        if bad:
            # an arbitrary member of every relation stands for the others
            regular = np.linalg.pinv(one, rcond=_SINGULAR, hermitian=True)
            found[i] = np.maximum(np.diagonal(regular), 1.0)
            found[i, bad] = np.inf
        else:
            found[i] = np.diagonal(np.linalg.inv(one))
    return found.reshape(matrix.shape[:-1])


def standardised_coefficients(correlation: FloatArray) -> FloatArray:
    """Return the coefficients of ordinary least squares on standardised columns, (..., p); the outcome is last.

    Times sd(outcome)/sd(item) they are the coefficients in the units of the data. nan where a matrix of a batch is
    singular.

    Raises
    ------
    CemkitError
        If a single matrix has a constant column or perfectly collinear items, or is no correlation matrix.
    """
    ready = prepare(correlation)
    slopes = np.linalg.solve(ready.covariance[:, :-1, :-1], ready.covariance[:, :-1, -1:])
    return ready.outward(np.asarray(slopes[..., 0], dtype=np.float64))


def _check_single(matrix: FloatArray) -> None:
    constant = constant_columns(matrix)
    if constant:
        raise CemkitError(f"{_columns(constant)} not vary, so nothing can be said about what drives or is driven.")
    if not np.isfinite(matrix).all():
        raise CemkitError(
            f"the correlation matrix has {int((~np.isfinite(matrix)).sum())} missing entries: give them all."
        )
    least = float(np.linalg.eigvalsh(correlate(matrix))[0])
    if least < -_INDEFINITE or np.abs(matrix - matrix.T).max() > 1e-8 * np.abs(matrix).max():
        raise CemkitError(
            f"no data have this correlation matrix (asymmetric, or with the negative eigenvalue {least:.3g}), as happens "
            "when each correlation is counted on other rows: count all of them on the complete rows."
        )
    collinear = collinear_columns(matrix[:-1, :-1])
    if collinear:
        raise CemkitError(
            f"the items in columns {', '.join(map(str, collinear))} are perfectly collinear (each follows exactly from "
            "the others): leave one of them out, or put them in one group's mean."
        )


def _columns(places: tuple[int, ...]) -> str:
    return f"column {places[0]} does" if len(places) == 1 else f"columns {', '.join(map(str, places))} do"


def _blocks(items: int, groups: Sequence[Sequence[int]] | None, controls: Sequence[int]) -> list[list[int]]:
    if items < 1:
        raise CemkitError("a correlation matrix of drivers needs at least one item beside the outcome, found none.")
    free = [item for item in range(items) if item not in set(controls)]
    blocks = [[item] for item in free] if groups is None else [list(group) for group in groups]
    grouped = [item for block in blocks for item in block]
    if sorted([*grouped, *controls]) != list(range(items)) or not all(blocks):
        raise CemkitError(
            f"groups and controls must name each of the {items} items exactly once: found groups "
            f"{[list(block) for block in blocks]} and controls {list(controls)}."
        )
    if not blocks:
        raise CemkitError("all items are controls: leave at least one item to be a driver.")
    return blocks
