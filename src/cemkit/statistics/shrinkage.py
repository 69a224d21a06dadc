"""Empirical-Bayes estimates for many small groups: the Dirichlet-multinomial model.

Each group's shares come from Dirichlet(A·m) with mean shares m and concentration A; its counts are multinomial. A
small group's estimate is pulled towards the mean of all groups, the more so the less the groups differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level
from cemkit.statistics.dirichlet_multinomial import draw_hyperparameters, fit_concentration

__all__ = ["ShrinkageStatus", "ShrunkenMeans", "shrink"]

ShrinkageStatus: TypeAlias = Literal["fitted", "homogeneous", "unidentified", "single-group", "empty"]

_JEFFREYS = 0.5


@dataclass(frozen=True, eq=False)
class ShrunkenMeans:
    """Shrunken estimates per group, on the scale of the values; the highest value ranks first.

    Attributes
    ----------
    estimate, std_error, low, high : ndarray
        Posterior mean, standard deviation and equal-tailed interval of each group's true value; a group without
        answers has those of a new group of the same kind.
    rank_low, rank_high : ndarray
        Equal-tailed interval of the group's rank among all groups, 1 for the highest.
    best, worst : ndarray
        Probability of being among the `k` highest, and among the `k` lowest.
    concentration : float
        Maximum-likelihood concentration A, worth A answers of the mean group; infinite where `status` is homogeneous.
    mean_shares : ndarray
        Maximum-likelihood mean shares of the categories.
    status : str
        ``fitted``; ``homogeneous``: the groups differ no more than chance makes them; ``unidentified``: no group has
        more than one answer; ``single-group``: one group has answers, and it is not shrunken; ``empty``: none has.
    """

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    best: FloatArray
    worst: FloatArray
    concentration: float
    mean_shares: FloatArray
    status: ShrinkageStatus


def shrink(
    counts: ArrayLike,
    values: ArrayLike,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    k: int = 1,
    draws: int = 4000,
) -> ShrunkenMeans:
    """Return shrunken means of many groups, with the uncertainty of the hyperparameters included.

    Parameters
    ----------
    counts : array_like of shape (G, K)
        Answers per group and category; need not be whole (effective n times weighted shares).
    values : array_like of shape (K,)
        Value of each category, e.g. -100, 0, 100.
    rng : numpy.random.Generator
        Source of the draws from the posterior.
    level : float
        Level of credibility.
    k : int
        How many groups count as the best, or the worst.
    draws : int
        Draws from the posterior.

    Returns
    -------
    ShrunkenMeans
        A value per group in every array.

    Raises
    ------
    CemkitError
        If the shapes do not fit, a count is negative or not finite, or `k` is below 1.

    Notes
    -----
    The hyperparameters are drawn by importance sampling from their posterior under a uniform prior on the
    between-group correlation 1 / (1 + A) and a flat one on the mean shares. Hence homogeneous groups are pulled
    nearly, not wholly, together: that no difference was seen does not show that there is none.
    """
    check_level(level)
    table, worth = _checked(counts, values, k)
    groups, categories = table.shape
    total = table.sum(axis=1)
    used = table.sum(axis=0) > 0
    answered = int((total > 0).sum())
    if answered == 0:
        nothing = np.full(groups, np.nan)
        return ShrunkenMeans(*(nothing,) * 8, np.nan, np.full(categories, np.nan), "empty")
    concentration, mean_shares, status = np.nan, table.sum(axis=0) / total.sum(), _status(total, answered)
    if answered == 1:
        alphas = np.full((draws, categories), _JEFFREYS)
    else:
        if status == "fitted" and used.sum() > 1:
            concentration, mean_shares[used] = fit_concentration(table[:, used])
        elif status == "fitted":
            concentration = np.inf
        status = "homogeneous" if np.isposinf(concentration) else status
        alphas = draw_hyperparameters(table, draws=draws, rng=rng)
    estimate, std_error = _moments(table, worth, alphas)
    sample = _posterior_values(table, worth, alphas, rng)
    if answered == 1:
        # a group without answers knows nothing of its kind from a single other one
        silent = total == 0
        estimate[silent], std_error[silent] = np.nan, np.nan
        sample[:, silent] = worth.min() - 1.0
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.quantile(sample, tails, axis=0)
    # ties (values at the end of the scale) fall either way
    order = np.lexsort((rng.random(sample.shape), sample), axis=1)
    ranks = groups - np.argsort(order, axis=1, kind="stable")
    rank_low, rank_high = np.quantile(ranks, tails, axis=0, method="inverted_cdf").astype(np.float64)
    ranked = 1 if answered == 1 else groups
    best, worst = (ranks <= k).mean(axis=0), (ranks > ranked - k).mean(axis=0)
    known = ~np.isnan(estimate)
    low, high, rank_low, rank_high, best, worst = (
        np.where(known, part, np.nan) for part in (low, high, rank_low, rank_high, best, worst)
    )
    return ShrunkenMeans(
        estimate, std_error, low, high, rank_low, rank_high, best, worst, concentration, mean_shares, status
    )


def _status(total: FloatArray, answered: int) -> ShrinkageStatus:
    if answered == 1:
        return "single-group"
    return "unidentified" if total.max() <= 1.0 else "fitted"


def _checked(counts: ArrayLike, values: ArrayLike, k: int) -> tuple[FloatArray, FloatArray]:
    table, worth = np.asarray(counts, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or worth.shape != table.shape[1:] or not table.shape[0]:
        message = f"counts must be groups x categories with a value per category, not {table.shape} with {worth.shape}."
        raise CemkitError(message)
    wrong = ~(np.isfinite(table) & (table >= 0)).all(axis=1)
    if wrong.any():
        message = (
            f"counts must be finite and not negative, but {int(wrong.sum())} of {wrong.size} groups have others, "
            f"the first of them {table[wrong][0].tolist()}."
        )
        raise CemkitError(message)
    if k < 1:
        message = f"k must be at least 1, not {k!r}."
        raise CemkitError(message)
    return table, worth


def _moments(table: FloatArray, worth: FloatArray, alphas: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return posterior mean and standard deviation from the exact moments given each draw of the hyperparameters."""
    concentration = alphas.sum(axis=1)
    size = table.sum(axis=1) + concentration[:, None]
    mean = (table @ worth + (alphas @ worth)[:, None]) / size
    square = (table @ worth**2 + (alphas @ worth**2)[:, None]) / size
    variance = np.maximum(square - mean**2, 0.0) / (size + 1.0)
    return mean.mean(axis=0), np.sqrt(variance.mean(axis=0) + mean.var(axis=0))


def _posterior_values(table: FloatArray, worth: FloatArray, alphas: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return draws of each group's value, shape (draws, groups)."""
    sample = np.empty((alphas.shape[0], table.shape[0]))
    for draw, alpha in enumerate(alphas):
        gamma = rng.standard_gamma(table + alpha)
        whole = gamma.sum(axis=1)
        vanished = whole == 0
        if vanished.any():
            # a concentration near zero: a new group is of one category throughout
            kind = rng.choice(worth.size, p=alpha / alpha.sum(), size=int(vanished.sum()))
            gamma[vanished], whole[vanished] = np.eye(worth.size)[kind], 1.0
        sample[draw] = (gamma @ worth) / whole
    return sample
