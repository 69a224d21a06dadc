"""Least squares with covariances that need no equal variances: HC3, clusters, strata; and tests of its contrasts.

MacKinnon, J. G. & White, H. (1985), *Journal of Econometrics* 29 (HC3). Binder, D. A. (1983), *International Statistical
Review* 51 (linearisation under a design, as R's ``survey::svyglm`` has it).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.errors import CemkitError, DesignError
from cemkit.statistics._arguments import FloatArray, check_level, critical_value
from cemkit.statistics.survey import WaldTest, stratum_factors

__all__ = ["Contrasts", "Regression", "contrasts", "design_covariance", "equivalence_p", "joint_test", "least_squares"]

_SINGULAR = 1e-10


class Regression(NamedTuple):
    """Coefficients (p + 1,), the intercept first, their covariance, R², and the degrees of freedom."""

    coefficients: FloatArray
    covariance: FloatArray
    r_squared: float
    df: float
    n: int

    @property
    def std_error(self) -> FloatArray:
        """Standard errors."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))


class Contrasts(NamedTuple):
    """Linear combinations of coefficients: each (k,)."""

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    low: FloatArray
    high: FloatArray


def least_squares(
    x: FloatArray,
    y: FloatArray,
    *,
    weights: FloatArray | None = None,
    cluster: NDArray[np.intp] | None = None,
    stratum: NDArray[np.intp] | None = None,
    population: FloatArray | None = None,
    linearised: bool = False,
) -> Regression:
    """Regress y on x and an intercept.

    Without a design the covariance is HC3, Σ (eᵢ/(1 − hᵢ))² around (X'X)⁻¹, and df = n − p − 1. Under a design (any of
    weights, cluster, stratum, population, or ``linearised``) it is A⁻¹ V A⁻¹, A = X'WX, V the design's variance of the
    total of wᵢ xᵢ eᵢ over clusters within strata, and df = clusters − strata − p.

    Parameters
    ----------
    x, y : ndarray
        Predictors (n, p), without a column of ones, and outcome (n,); complete.
    weights : ndarray, optional
        Case weights (n,), positive.
    cluster, stratum : ndarray of int, optional
        Codes per row from 0; a cluster lies in one stratum. Without clusters each row is its own.
    population : ndarray, optional
        Clusters in the population per stratum (infinite where unknown).
    linearised : bool
        Take the design's covariance although nothing else asks for it.

    Returns
    -------
    Regression

    Raises
    ------
    CemkitError
        If there are no more rows than coefficients, a predictor does not vary or follows from the others (by column).
    DesignError
        If a stratum has a single cluster.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    _check_design_matrix(x, w)
    full = np.column_stack([np.ones(len(y)), x])
    root = np.sqrt(w)
    q, r = np.linalg.qr(full * root[:, None])
    coefficients = np.linalg.solve(r, q.T @ (y * root))
    residual = y - full @ coefficients
    spread = w @ (y - w @ y / w.sum()) ** 2
    fit = 1 - w @ residual**2 / spread if spread > 0 else np.nan
    bread = np.linalg.inv(r)
    bread = bread @ bread.T
    plain = all(part is None for part in (weights, cluster, stratum, population)) and not linearised
    if plain:
        covariance, df = _hc3(full, y), float(len(y) - full.shape[1])
    else:
        scores = full * (w * residual)[:, None]
        meat, free = design_covariance(scores, cluster, stratum, population)
        covariance, df = bread @ meat @ bread, float(free + 1 - full.shape[1])
    return Regression(coefficients, covariance, float(fit), df, len(y))


def contrasts(fit: Regression, matrix: ArrayLike, *, level: float = 0.95) -> Contrasts:
    """Return linear combinations ``matrix`` (k, p + 1) of the coefficients with t tests of zero and intervals.

    nan where no degree of freedom is left.
    """
    from scipy.special import stdtr

    check_level(level)
    rows = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    estimate = rows @ fit.coefficients
    error = np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", rows, fit.covariance, rows), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    p_value = 2 * stdtr(fit.df, -np.abs(statistic)) if fit.df > 0 else np.full(len(rows), np.nan)
    half = critical_value(level, fit.df) * error
    return Contrasts(estimate, error, statistic, np.asarray(p_value), estimate - half, estimate + half)


def joint_test(fit: Regression, matrix: ArrayLike) -> WaldTest:
    """Test that all combinations ``matrix`` (k, p + 1) are zero together: F = (Rβ)'(RVR')⁻¹(Rβ)/k on k and df.

    That is R's ``regTermTest`` with its default denominator, the residual df. nan where the combinations' covariance is
    singular or no degree of freedom is left.
    """
    from scipy.special import fdtrc

    rows = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    estimate = rows @ fit.coefficients
    spread = rows @ fit.covariance @ rows.T
    rank = int(np.linalg.matrix_rank(spread))
    if rank < len(rows) or fit.df <= 0:
        return WaldTest(np.nan, float(len(rows)), fit.df, np.nan)
    statistic = float(estimate @ np.linalg.solve(spread, estimate)) / rank
    return WaldTest(statistic, float(rank), fit.df, float(fdtrc(rank, fit.df, statistic)))


def equivalence_p(estimate: ArrayLike, std_error: ArrayLike, *, margin: float, df: ArrayLike = np.inf) -> FloatArray:
    """Return the p value of equivalence within ±margin: the larger of the two one-sided tests (Schuirmann 1987)."""
    from scipy.special import ndtr, stdtr

    if not margin > 0:
        raise CemkitError(f"the margin of equivalence must be positive, not {margin!r}.")
    center, error = np.asarray(estimate, dtype=np.float64), np.asarray(std_error, dtype=np.float64)
    free = np.asarray(df, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        nearest = (np.abs(center) - margin) / error
    known = np.isfinite(free) & (free > 0)
    p_value = np.where(
        np.isposinf(free), ndtr(nearest), np.where(known, stdtr(np.where(known, free, 1.0), nearest), np.nan)
    )
    return np.asarray(p_value, dtype=np.float64)


def _hc3(full: FloatArray, y: FloatArray) -> FloatArray:
    import statsmodels.api as sm

    return np.asarray(sm.OLS(y, full).fit().cov_HC3, dtype=np.float64)


def design_covariance(
    scores: FloatArray,
    cluster: NDArray[np.intp] | None,
    stratum: NDArray[np.intp] | None,
    population: FloatArray | None,
) -> tuple[FloatArray, int]:
    """Return the design's covariance of the total of the scores, and clusters − strata."""
    group = np.zeros(len(scores), dtype=np.intp) if stratum is None else np.asarray(stratum, dtype=np.intp)
    if cluster is None:
        totals, home = scores, group
    else:
        _, first, place = np.unique(np.asarray(cluster), return_index=True, return_inverse=True)
        totals = np.zeros((len(first), scores.shape[1]))
        np.add.at(totals, place, scores)
        home = group[first]
    count = np.bincount(home).astype(np.float64)
    size = np.full(len(count), np.inf) if population is None else np.asarray(population, dtype=np.float64)
    lonely = np.flatnonzero((count == 1) & (size > 1))
    if len(lonely):
        raise DesignError(
            f"{len(lonely)} of {len(count)} strata have a single cluster (the first is stratum {lonely[0]}), from which no "
            "variance can be computed: merge it with a similar stratum."
        )
    sums = np.zeros((len(count), scores.shape[1]))
    np.add.at(sums, home, totals)
    about = totals - (sums / np.maximum(count, 1.0)[:, None])[home]
    return (about * stratum_factors(count, size)[home][:, None]).T @ about, int(len(totals) - (count > 0).sum())


def _check_design_matrix(x: FloatArray, w: FloatArray) -> None:
    n, columns = x.shape
    if n <= columns + 1:
        raise CemkitError(
            f"the regression needs more rows than coefficients: found {n} complete rows and {columns + 1} coefficients."
        )
    about = x - w @ x / w.sum()
    scale = np.sqrt(w @ about**2)
    flat = np.flatnonzero(scale <= 1e-12 * np.sqrt(w @ x**2))
    if len(flat):
        raise CemkitError(f"predictors in columns {', '.join(map(str, flat))} do not vary: leave them out.")
    standard = about * np.sqrt(w)[:, None] / scale
    values, vectors = np.linalg.eigh(standard.T @ standard)
    part = np.abs(vectors[:, values < _SINGULAR]).max(axis=1, initial=0.0) > 1e-4
    if part.any():
        raise CemkitError(
            f"predictors in columns {', '.join(map(str, np.flatnonzero(part)))} are perfectly collinear (each follows "
            "exactly from the others): leave one of them out."
        )
