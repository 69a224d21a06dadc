"""Differences between the nets of independent samples: two samples, and Welch's test for several."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level, check_method, critical_value, floats
from cemkit.statistics.multinomial import adjusted_estimate, net_moments

__all__ = ["Difference", "DifferenceMethod", "WelchAnova", "net_difference", "welch_anova"]

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


def net_difference(
    counts_group: Counts,
    counts_reference: Counts,
    *,
    level: float = 0.95,
    method: DifferenceMethod = "adjusted-wald",
) -> Difference:
    """Compare the net shares of two independent samples.

    Parameters
    ----------
    counts_group, counts_reference : tuple of three array_like
        Counts (bottom, middle, top), an element per pair.
    level : float
        Level of confidence.
    method : str
        ``adjusted-wald``: 3/4, 3/2 and 3/4 are added to the counts of each sample (Rocks 2016), and interval and test
        are about the difference of those adjusted nets. ``wald``: the plain difference. ``t``: Welch's t on the
        values -1, 0, 1 with the variances over n - 1 and Satterthwaite's degrees of freedom.

    Returns
    -------
    Difference
        ``estimate`` is always the plain difference (-2..2); ``std_error`` is that of the method; the p-value is below
        1 - level exactly where the interval leaves out zero. nan where a sample is empty; statistic and p-value are
        nan where the error is zero.

    Notes
    -----
    Under ``adjusted-wald`` two very small and unequal samples can have an estimate outside the interval: the
    interval is kept in agreement with its p-value and is not extended.
    """
    from scipy.special import ndtr, stdtr

    check_level(level)
    check_method(method, ("adjusted-wald", "wald", "t"))
    arrays = floats(*counts_group, *counts_reference)
    group, reference = arrays[:3], arrays[3:]
    n_group, net_group, variance_group = net_moments(*group)
    n_reference, net_reference, variance_reference = net_moments(*reference)
    estimate = centre = net_group - net_reference
    df = np.full(estimate.shape, np.inf)
    if method == "adjusted-wald":
        centre_group, error_group = adjusted_estimate(*group)
        centre_reference, error_reference = adjusted_estimate(*reference)
        centre = centre_group - centre_reference
        error = np.hypot(error_group, error_reference)
    else:
        fewer = 1.0 if method == "t" else 0.0
        part_group = variance_group / np.where(n_group > fewer, n_group - fewer, np.nan)
        part_reference = variance_reference / np.where(n_reference > fewer, n_reference - fewer, np.nan)
        error = np.sqrt(part_group + part_reference)
        if method == "t":
            below = part_group**2 / (n_group - 1.0) + part_reference**2 / (n_reference - 1.0)
            df = (part_group + part_reference) ** 2 / np.where(below > 0, below, np.nan)
    half = critical_value(level, df) * error
    half = np.where(error == 0, 0.0, half)
    statistic = centre / np.where(error > 0, error, np.nan)
    tail = stdtr(df, -np.abs(statistic)) if method == "t" else ndtr(-np.abs(statistic))
    return Difference(
        estimate=estimate,
        std_error=error,
        low=np.clip(centre - half, -2.0, 2.0),
        high=np.clip(centre + half, -2.0, 2.0),
        statistic=statistic,
        p_value=np.asarray(2.0 * tail, dtype=np.float64),
        df=df,
    )


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
