"""Means and covariance matrices, weighted, and those of bootstrap resamples: all at once, from cross-products.

A resample is a vector of counts, and its moments are linear in them: counts times cross-products, one matrix product
for all resamples. Drivers and path models need nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.resampling import bootstrap_multipliers

__all__ = ["Moments", "bootstrap_moments", "correlate", "weighted_moments"]

_CHUNK_CELLS = 1_000_000


class Moments(NamedTuple):
    """Means (..., p) and covariance matrices (..., p, p); ``size`` is Σw, shape (...)."""

    mean: FloatArray
    covariance: FloatArray
    size: FloatArray


def weighted_moments(x: FloatArray, *, weights: FloatArray | None = None) -> Moments:
    """Return the means and the covariance matrix Σ w (x − x̄)(x − x̄)' / Σw · n/(n − 1) of complete rows (n, p).

    Unit weights give the ordinary covariance; multiplying all weights by a number changes nothing but ``size``.
    """
    x = _complete(x)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    size = w.sum()
    mean = w @ x / size
    about = x - mean
    covariance = (about * w[:, None]).T @ about / size * (len(x) / (len(x) - 1))
    return Moments(mean, covariance, np.asarray(size))


def correlate(covariance: FloatArray) -> FloatArray:
    """Return the correlation matrices of covariance matrices (..., p, p); nan for columns that do not vary."""
    covariance = np.asarray(covariance, dtype=np.float64)
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore"):
        deviation = np.sqrt(np.where(variance > 0, variance, np.nan))
    correlation = covariance / deviation[..., :, None] / deviation[..., None, :]
    place = np.arange(covariance.shape[-1])
    correlation[..., place, place] = np.where(np.isfinite(deviation), 1.0, np.nan)
    return correlation


def bootstrap_moments(
    x: FloatArray,
    *,
    rng: np.random.Generator,
    replicates: int,
    weights: FloatArray | None = None,
    cluster: NDArray[np.intp] | None = None,
    stratum: NDArray[np.intp] | None = None,
    also: FloatArray | None = None,
) -> Moments:
    """Return the moments of bootstrap resamples of rows or clusters.

    Parameters
    ----------
    x : ndarray
        Complete rows (n, p).
    rng : numpy.random.Generator
        The source of the resamples.
    replicates : int
        Number of resamples B.
    weights : ndarray, optional
        Case weights (n,).
    cluster, stratum : ndarray of int, optional
        Codes per row from 0 (clusters numbered over all strata). With either, the rescaled bootstrap of
        `bootstrap_multipliers` draws whole clusters (else rows) within strata; without, n of n rows are drawn.
    also : ndarray, optional
        Further columns (n, q) of which the means alone are wanted; they stand behind those of ``x``.

    Returns
    -------
    Moments
        mean (B, p), or (B, p + q), covariance (B, p, p), size (B,). A resample in which a column does not vary is returned as it is.

    Notes
    -----
    Rows are sorted by their values first, so that neither their order nor the engine they came from matters. The
    covariances have the factor n/(n − 1) of the whole sample. Memory is bounded: resamples are made in chunks.
    """
    x = _complete(x)
    if replicates < 1:
        raise CemkitError(f"the bootstrap needs at least 1 replicate, not {replicates}.")
    n, columns = x.shape
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    more = np.empty((n, 0)) if also is None else np.asarray(also, dtype=np.float64)
    keys = [w, *more.T, *x.T[::-1], *(key for key in (cluster, stratum) if key is not None)]
    order = np.lexsort(keys)
    x, w, more = x[order], w[order], more[order]
    centre = w @ x / w.sum()
    about = x - centre
    left, right = np.triu_indices(columns)
    products = np.column_stack([np.ones(n), about, about[:, left] * about[:, right], more]) * w[:, None]
    units, strata = _units(order, cluster, stratum)
    if cluster is not None:
        totals = np.zeros((len(strata), products.shape[1]))
        np.add.at(totals, units, products)
        products = totals
    plain = cluster is None and stratum is None
    sums = np.empty((replicates, products.shape[1]))
    step = max(1, _CHUNK_CELLS // len(products))
    for start in range(0, replicates, step):
        size = min(step, replicates - start)
        counts = _counts(rng, len(products), size) if plain else bootstrap_multipliers(strata, rng, replicates=size)
        sums[start : start + size] = counts @ products
    split = products.shape[1] - more.shape[1]
    found = _from_sums(sums[:, :split], centre, n, left, right)
    if also is None:
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        return found._replace(mean=np.concatenate([found.mean, sums[:, split:] / sums[:, :1]], axis=1))


def _from_sums(
    sums: FloatArray, centre: FloatArray, n: int, left: NDArray[np.intp], right: NDArray[np.intp]
) -> Moments:
    columns = len(centre)
    size = sums[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sums[:, 1 : columns + 1] / size[:, None]
        packed = sums[:, columns + 1 :] / size[:, None] - shift[:, left] * shift[:, right]
    # what cancellation leaves of a constant column is no variance
    flat = packed[:, left == right] <= 1e-13 * (shift**2 + packed[:, left == right].mean(axis=0))
    covariance = np.empty((len(sums), columns, columns))
    covariance[:, left, right] = covariance[:, right, left] = packed * (n / (n - 1))
    covariance[np.broadcast_to(flat[:, :, None], covariance.shape)] = 0.0
    covariance[np.broadcast_to(flat[:, None, :], covariance.shape)] = 0.0
    return Moments(centre + shift, covariance, size)


def _counts(rng: np.random.Generator, n: int, size: int) -> FloatArray:
    """How often each of n rows is drawn in n draws: the multinomial by its draws, ten times faster than by binomials."""
    drawn = rng.integers(0, n, size=(size, n)) + (np.arange(size) * n)[:, None]
    return np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)


def _units(
    order: NDArray[np.intp], cluster: NDArray[np.intp] | None, stratum: NDArray[np.intp] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the unit of each sorted row, and the stratum of each unit."""
    rows = len(order)
    if cluster is None:
        return np.arange(rows), np.zeros(rows, dtype=np.intp) if stratum is None else np.asarray(stratum)[order]
    units = np.asarray(cluster)[order]
    strata = np.zeros(int(units.max()) + 1, dtype=np.intp)
    if stratum is not None:
        strata[units] = np.asarray(stratum)[order]
    return units, strata


def _complete(x: FloatArray) -> FloatArray:
    x = np.asarray(x, dtype=np.float64)
    if len(x) < 2:
        raise CemkitError(f"moments need at least 2 complete rows, found {len(x)}.")
    missing = int((~np.isfinite(x)).any(axis=1).sum())
    if missing:
        raise CemkitError(f"moments need complete rows: {missing:,} of {len(x):,} rows miss a value.")
    return x
