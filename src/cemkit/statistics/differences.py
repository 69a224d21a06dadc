"""Differences between the nets of independent samples: two samples, and Welch's test for several."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level, check_method, critical_value, floats
from cemkit.statistics.multinomial import net_moments

__all__ = [
    "NET_PSEUDO",
    "SHARE_PSEUDO",
    "Difference",
    "DifferenceMethod",
    "Moments",
    "PseudoAnswers",
    "WelchAnova",
    "mean_difference",
    "net_difference",
    "welch_anova",
]

DifferenceMethod: TypeAlias = Literal["adjusted-wald", "wald", "t"]
Counts: TypeAlias = tuple[ArrayLike, ArrayLike, ArrayLike]


class Difference(NamedTuple):
    """Group less reference, with the interval and the test that share a centre and an error."""

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    df: FloatArray


class WelchAnova(NamedTuple):
    """Welch's F with its degrees of freedom."""

    statistic: float
    df1: float
    df2: float
    p_value: float


class Moments(NamedTuple):
    """Of independent samples, an element per pair: mean, variance of one answer (over n), and answers."""

    mean: FloatArray
    variance: FloatArray
    n: FloatArray


class PseudoAnswers(NamedTuple):
    """Answers that the adjusted interval adds to each sample: how many, their mean, and their mean square."""

    n: float
    mean: float
    square: float


NET_PSEUDO = PseudoAnswers(3.0, 0.0, 0.5)
"""3/4, 3/2 and 3/4 of -1, 0 and 1 (Rocks 2016)."""
SHARE_PSEUDO = PseudoAnswers(2.0, 0.5, 0.5)
"""One 0 and one 1 (Agresti & Caffo 2000)."""


def mean_difference(
    group: Moments,
    reference: Moments,
    *,
    level: float = 0.95,
    method: DifferenceMethod = "adjusted-wald",
    pseudo: PseudoAnswers = NET_PSEUDO,
    unbiased: bool = False,
) -> Difference:
    """Compare the means of two independent samples.

    Parameters
    ----------
    group, reference : Moments
        Mean, variance and answers of either sample.
    level : float
        Level of confidence.
    method : str
        ``adjusted-wald``: the pseudo answers are added to each sample, and interval and test are about the difference
        of those adjusted means. ``wald``: the plain difference. ``t``: Welch's t with the variances over n - 1 and
        Satterthwaite's degrees of freedom.
    pseudo : PseudoAnswers
        What ``adjusted-wald`` adds.
    unbiased : bool
        Take variances over n - 1 under ``wald`` too.

    Returns
    -------
    Difference
        ``estimate`` is always the plain difference; ``std_error`` is that of the method; the p-value is below 1 - level
        exactly where the interval leaves out zero. nan where a sample is empty; statistic and p-value are nan where the
        error is zero.

    Notes
    -----
    Under ``adjusted-wald`` two very small and unequal samples can have an estimate outside the interval: the
    interval is kept in agreement with its p-value and is not extended.
    """
    from scipy.special import ndtr, stdtr

    check_level(level)
    check_method(method, ("adjusted-wald", "wald", "t"))
    estimate = group.mean - reference.mean
    parts, centres = [], []
    for sample in (group, reference):
        mean, variance, n = sample
        if method == "adjusted-wald":
            size = np.where(n > 0, n + pseudo.n, np.nan)
            centre = (n * mean + pseudo.n * pseudo.mean) / size
            square = (n * (variance + mean**2) + pseudo.n * pseudo.square) / size
            parts.append((square - centre**2) / size)
            centres.append(centre)
        else:
            fewer = 1.0 if method == "t" or unbiased else 0.0
            parts.append(variance / np.where(n > fewer, n - fewer, np.nan))
            centres.append(mean)
    centre = centres[0] - centres[1]
    error = np.sqrt(parts[0] + parts[1])
    df = np.full(estimate.shape, np.inf)
    if method == "t":
        below = parts[0] ** 2 / (group.n - 1.0) + parts[1] ** 2 / (reference.n - 1.0)
        df = (parts[0] + parts[1]) ** 2 / np.where(below > 0, below, np.nan)
    half = np.where(error == 0, 0.0, critical_value(level, df) * error)
    statistic = centre / np.where(error > 0, error, np.nan)
    tail = stdtr(df, -np.abs(statistic)) if method == "t" else ndtr(-np.abs(statistic))
    p_value = np.asarray(2.0 * tail, dtype=np.float64)
    return Difference(estimate, error, centre - half, centre + half, statistic, p_value, df)


def net_difference(
    counts_group: Counts,
    counts_reference: Counts,
    *,
    level: float = 0.95,
    method: DifferenceMethod = "adjusted-wald",
) -> Difference:
    """Compare the net shares of two independent samples, given as counts (bottom, middle, top): see mean_difference.

    The limits are clipped to -2..2.
    """
    arrays = floats(*counts_group, *counts_reference)
    sides = []
    for counts in (arrays[:3], arrays[3:]):
        n, net, variance = net_moments(*counts)
        sides.append(Moments(net, variance, n))
    found = mean_difference(sides[0], sides[1], level=level, method=method)
    return found._replace(low=np.clip(found.low, -2.0, 2.0), high=np.clip(found.high, -2.0, 2.0))


def welch_anova(counts: ArrayLike) -> WelchAnova:
    """Test whether several samples have the same net, without assuming equal variances.

    Parameters
    ----------
    counts : array_like of shape (k, 3)
        Counts (bottom, middle, top), a row per sample; each needs two answers that are not all alike.

    Returns
    -------
    WelchAnova
        F, its degrees of freedom and its p-value; nan where a sample has fewer than two answers or no variance.

    References
    ----------
    Welch, B. L. (1951), On the comparison of several mean values, *Biometrika* 38, 330-336.
    """
    from scipy.special import fdtrc

    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 3 or table.shape[0] < 2:
        message = f"counts must be two rows or more of three counts (bottom, middle, top), not shape {table.shape}."
        raise CemkitError(message)
    n, net, variance = net_moments(*table.T)
    k = table.shape[0]
    if (n <= 1).any() or not (variance > 0).all():
        return WelchAnova(np.nan, k - 1.0, np.nan, np.nan)
    precision = (n - 1.0) / variance
    share = precision / precision.sum()
    spread = float((precision * (net - (share * net).sum()) ** 2).sum()) / (k - 1.0)
    unrest = float(((1.0 - share) ** 2 / (n - 1.0)).sum())
    statistic = spread / (1.0 + 2.0 * (k - 2.0) / (k**2 - 1.0) * unrest)
    df2 = (k**2 - 1.0) / (3.0 * unrest)
    return WelchAnova(statistic, k - 1.0, df2, float(fdtrc(k - 1.0, df2, statistic)))
