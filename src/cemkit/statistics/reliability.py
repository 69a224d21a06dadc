"""How reliably items measure their construct, from correlation matrices: alpha, rho_A, rho_C, AVE, HTMT.

Every function takes a matrix (p, p) or a batch (..., p, p), and ``block`` (p,), the construct of each item from 0.

Cronbach, L. J. (1951), *Psychometrika* 16. Dijkstra, T. K. & Henseler, J. (2015), Consistent partial least squares path
modeling, *MIS Quarterly* 39 (rho_A). Fornell, C. & Larcker, D. F. (1981), *Journal of Marketing Research* 18 (rho_C,
AVE). Henseler, J., Ringle, C. M. & Sarstedt, M. (2015), *Journal of the Academy of Marketing Science* 43 (HTMT).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["average_variance", "block_sums", "composite_reliability", "cronbach_alpha", "htmt", "rho_a"]


def block_sums(values: FloatArray, block: NDArray[np.intp]) -> FloatArray:
    """Return Σ of the values (..., p) by construct, (..., J)."""
    return np.asarray(np.asarray(values, dtype=np.float64) @ membership(block))


def membership(block: NDArray[np.intp]) -> FloatArray:
    """Return the 0/1 matrix (p, J) of items in constructs."""
    block = np.asarray(block)
    return np.asarray(block[:, None] == np.arange(int(block.max()) + 1), dtype=np.float64)


def cronbach_alpha(covariance: FloatArray, *, block: NDArray[np.intp]) -> FloatArray:
    """Return alpha = k/(k − 1) · (1 − Σᵢ sᵢᵢ / Σᵢⱼ sᵢⱼ) per construct, (..., J); 1 for single items.

    From covariances it is the raw alpha, from correlations the standardised one. For a difference score give the
    covariance of the differences.
    """
    covariance = np.asarray(covariance, dtype=np.float64)
    belongs = membership(block)
    count = belongs.sum(axis=0)
    whole = ((covariance @ belongs) * belongs).sum(axis=-2)
    own = np.diagonal(covariance, axis1=-2, axis2=-1) @ belongs
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 1, count / (count - 1) * (1 - own / whole), 1.0)


def rho_a(correlation: FloatArray, weights: FloatArray, *, block: NDArray[np.intp]) -> FloatArray:
    """Return ρ_A = (w'w)² · w'(S − diag S)w / w'(ww' − diag ww')w per construct, (..., J); 1 for single items.

    ``weights`` (..., p) are mode A weights, scaled to w'Sw = 1 within each construct. Values outside 0 to 1 are
    improper and left as they are.
    """
    weights = np.asarray(weights, dtype=np.float64)
    belongs = membership(block)
    square = weights**2 @ belongs
    diagonal = np.diagonal(correlation, axis1=-2, axis2=-1)
    spread = weights[..., None] * belongs
    between = ((correlation @ spread) * spread).sum(axis=-2) - (diagonal * weights**2) @ belongs
    single = belongs.sum(axis=0) == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(single, 1.0, square**2 * between / (square**2 - weights**4 @ belongs))


def composite_reliability(loadings: FloatArray, *, block: NDArray[np.intp]) -> FloatArray:
    """Return ρ_C = (Σλ)² / ((Σλ)² + Σ(1 − λ²)) per construct, (..., J)."""
    total = block_sums(loadings, block) ** 2
    return np.asarray(total / (total + block_sums(1 - np.asarray(loadings) ** 2, block)))


def average_variance(loadings: FloatArray, *, block: NDArray[np.intp]) -> FloatArray:
    """Return the average variance extracted, the mean λ² per construct, (..., J)."""
    return np.asarray(block_sums(np.asarray(loadings) ** 2, block) / np.bincount(block))


def htmt(correlation: FloatArray, *, block: NDArray[np.intp], absolute: bool = False) -> FloatArray:
    """Return the heterotrait-monotrait ratio of each pair of constructs, (..., J, J), symmetric with ones.

    Mean correlation of items of different constructs, divided by the geometric mean of the two mean correlations within
    the constructs (1 for single items). nan where a construct's items are on average negatively correlated; with
    ``absolute`` all correlations count by their size (HTMT+, as R's ``seminr`` and ``cSEM`` have it).
    """
    correlation = np.asarray(correlation, dtype=np.float64)
    correlation = np.abs(correlation) if absolute else correlation
    belongs = membership(block)
    count = belongs.sum(axis=0)
    sums = belongs.T @ correlation @ belongs
    own = np.diagonal(sums, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.where(count > 1, (own - count) / (count * (count - 1)), 1.0)
        scale = np.sqrt(within)
        ratio = sums / np.outer(count, count) / scale[..., :, None] / scale[..., None, :]
    place = np.arange(len(count))
    ratio[..., place, place] = 1.0
    return np.asarray(ratio)
