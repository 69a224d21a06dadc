"""Ratios under a survey design, from sums over clusters.

A mean, share or net score is a ratio R = Σ w y / Σ w. Its linearised variable is u = w (y − R) / Σ w, and with M_h
clusters in stratum h, of which N_h are in the population,

    var R = Σ_h (1 − M_h/N_h) · M_h/(M_h − 1) · (Σ_c u_hc² − (Σ_c u_hc)²/M_h),

u_hc the cluster totals, zero where a cluster has no answer of the group (Woodruff 1971; Binder 1983; R ``survey``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum

__all__ = [
    "Ratios",
    "WaldTest",
    "linear_variance",
    "ratio",
    "ratio_covariance",
    "stratum_factors",
    "wald_test",
]

Floats = npt.NDArray[np.float64]


class Ratios(NamedTuple):
    """Per group: the ratio, its variance, Σ w, and the degrees of freedom (clusters − strata, where it has answers)."""

    estimate: Floats
    variance: Floats
    weight: Floats
    df: Floats


class WaldTest(NamedTuple):
    """A Wald test: ``df2`` is infinite for chi-square (then ``statistic`` is the chi-square itself)."""

    statistic: float
    df1: float
    df2: float
    p_value: float


def stratum_factors(clusters: Floats, population: Floats) -> Floats:
    """Return (1 − M/N) · M/(M − 1) per stratum; zero where all clusters of the population are in the sample.

    Infinite M stands for independent draws whose variance is over n rather than n − 1: the factor is one.
    """
    clusters = np.asarray(clusters, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (1 - clusters / population) * clusters / (clusters - 1)
    factor = np.where(clusters >= population, 0.0, factor)
    return np.where(np.isinf(clusters), 1.0, factor)


def ratio(
    sums: Floats,
    products: Floats,
    *,
    numerator: Floats,
    denominator: Floats,
    group: npt.NDArray[np.intp],
    stratum: npt.NDArray[np.intp],
    answering: Floats,
    groups: int,
    clusters: Floats,
    population: Floats,
) -> Ratios:
    """Ratios of (numerator · totals) to (denominator · totals) by group, with linearised variances.

    Parameters
    ----------
    sums, products
        Rows of (group, stratum): Σ over clusters of the K totals, shape (R, K), and of their products, (R, K, K).
    numerator, denominator
        Coefficients of the totals, shape (K,).
    group, stratum, answering
        Per row: its group, its stratum, and its number of clusters with answers.
    clusters, population
        Per stratum: clusters in the whole sample, and in the population (infinite where unknown).
    """
    top = grouped_sum(group, sums @ numerator, groups=groups)
    weight = grouped_sum(group, sums @ denominator, groups=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = top / weight
        coefficient = (numerator[None, :] - estimate[:, None] * denominator[None, :]) / weight[:, None]
    each = coefficient[group]
    total = np.einsum("rk,rk->r", each, sums)
    square = np.einsum("ri,rij,rj->r", each, products, each)
    factor = stratum_factors(clusters, population)[stratum]
    part = factor * (square - total**2 / np.asarray(clusters)[stratum])
    variance = grouped_sum(group, part, groups=groups)
    variance = np.where(np.isfinite(estimate), np.maximum(variance, 0.0), np.nan)
    has = answering > 0
    df = grouped_sum(group, answering - has, groups=groups)
    return Ratios(estimate, variance, weight, df)


def linear_variance(
    coefficient: Floats, sums: Floats, products: Floats, *, clusters: Floats, population: Floats
) -> Floats:
    """Covariance of linear statistics Σ_g Σ_k coefficient[s, g, k] · total[g, k], shape (S, S).

    ``sums`` is (G, H, K) and ``products`` (G, G, H, K, K), Σ over the clusters of stratum h of products of totals.
    """
    total = np.einsum("sgk,ghk->sh", coefficient, sums)
    square = np.einsum("sgk,gfhkl,tfl->sth", coefficient, products, coefficient, optimize=True)
    factor = stratum_factors(clusters, population)
    return np.asarray(((square - total[:, None, :] * total[None, :, :] / np.asarray(clusters)) * factor).sum(axis=-1))


def ratio_covariance(
    sums: Floats,
    products: Floats,
    *,
    numerators: Floats,
    denominators: Floats,
    clusters: Floats,
    population: Floats,
) -> tuple[Floats, Floats]:
    """Ratios of linear forms in the totals, with their covariance matrix.

    ``numerators`` and ``denominators`` are coefficients (ratios, G, K) of ``sums`` (G, H, K); ``products`` is
    (G, G, H, K, K). A ratio with a zero denominator is nan, and so are its row and column.
    """
    totals = sums.sum(axis=1)
    weight = np.einsum("sgk,gk->s", denominators, totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.einsum("sgk,gk->s", numerators, totals) / weight
        coefficient = (numerators - estimate[:, None, None] * denominators) / weight[:, None, None]
    undefined = ~np.isfinite(estimate)
    coefficient[undefined] = 0.0
    covariance = linear_variance(coefficient, sums, products, clusters=clusters, population=population)
    covariance[undefined, :] = np.nan
    covariance[:, undefined] = np.nan
    return estimate, covariance


def wald_test(estimate: Floats, covariance: Floats, *, df: float) -> WaldTest:
    """Test that all estimates are equal: F(q, df + 1 − G) under a design, chi-square(q) where ``df`` is infinite.

    q is the rank of the contrasts' covariance. With G groups the denominator is that of R's ``regTermTest``.
    """
    from scipy import stats

    groups = len(estimate)
    if groups < 2:
        return WaldTest(np.nan, float(max(groups - 1, 0)), np.nan, np.nan)
    contrast = np.column_stack([-np.ones(groups - 1), np.eye(groups - 1)])
    difference = contrast @ estimate
    spread = contrast @ covariance @ contrast.T
    rank = int(np.linalg.matrix_rank(spread)) if np.isfinite(spread).all() else 0
    if rank == 0:
        return WaldTest(np.nan, float(groups - 1), np.nan, np.nan)
    wald = float(difference @ np.linalg.pinv(spread) @ difference)
    if not np.isfinite(df):
        return WaldTest(wald, float(rank), np.inf, float(stats.chi2.sf(wald, rank)))
    df2 = df + 1 - groups
    if df2 < 1:
        return WaldTest(np.nan, float(rank), df2, np.nan)
    statistic = wald / rank
    return WaldTest(statistic, float(rank), df2, float(stats.f.sf(statistic, rank, df2)))
