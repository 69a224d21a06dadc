"""A linear trend through a series of period estimates with standard errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["TrendTest", "trend_test"]


class TrendTest(NamedTuple):
    """Slope per unit of time, with its test; all NaN but `n` and `df` where `status` is not 'ok'."""

    slope: float
    intercept: float
    """Value of the line at time 0."""
    std_error: float
    low: float
    high: float
    statistic: float
    df: int
    p_value: float
    dispersion: float
    """Variance around the line relative to the squared standard errors; at least 1."""
    n: int
    """Periods used."""
    status: str
    """'ok', 'too-few-periods' (under 3) or 'constant-time'."""


def trend_test(
    time: npt.ArrayLike, estimate: npt.ArrayLike, std_error: npt.ArrayLike, *, level: float = 0.95
) -> TrendTest:
    r"""Test whether a series rises or falls steadily.

    Weighted least squares with weights :math:`1/s_t^2`. The slope's variance is that implied by the standard errors
    times :math:`\hat\phi = \max(1, \chi^2 / (T - 2))`, so that movements beyond sampling error widen the interval and
    luck never narrows it; interval and p-value are from t with T − 2 degrees of freedom.

    Parameters
    ----------
    time, estimate, std_error : (T,) arrays
        Periods whose time or estimate is NaN or whose standard error is NaN or 0 are left out; `n` counts those used.
    level : float
        Confidence level of `low, high`.

    Returns
    -------
    TrendTest
        In units of the estimate per unit of time.

    Notes
    -----
    Periods are taken as independent around the line.

    Examples
    --------
    >>> found = trend_test([0, 1, 2, 3], [10.0, 12.0, 14.0, 16.0], [1.0, 1.0, 1.0, 1.0])
    >>> round(found.slope, 6), round(found.std_error, 6)
    (2.0, 0.447214)
    """
    from scipy.special import stdtr, stdtrit

    t, x, s = (np.asarray(values, dtype=np.float64) for values in (time, estimate, std_error))
    if t.ndim != 1 or t.shape != x.shape or t.shape != s.shape:
        msg = (
            f"a trend needs time, estimate and standard error per period: found shapes {t.shape}, {x.shape}, {s.shape}"
        )
        raise CemkitError(msg)
    if np.any(s < 0) or not 0 < level < 1:
        msg = f"a trend needs standard errors that are not negative and 0 < level < 1 (level is {level})"
        raise CemkitError(msg)
    usable = np.isfinite(t) & np.isfinite(x) & np.isfinite(s) & (s > 0)
    t, x, weight = t[usable], x[usable], 1 / s[usable] ** 2
    n = t.size
    df = max(n - 2, 0)
    constant = n > 0 and float(np.ptp(t)) == 0
    if n < 3 or constant:
        return TrendTest(*(np.nan,) * 6, df, np.nan, np.nan, n, "too-few-periods" if n < 3 else "constant-time")
    middle_t, middle_x = float(weight @ t / weight.sum()), float(weight @ x / weight.sum())
    spread = float(weight @ (t - middle_t) ** 2)
    slope = float(weight @ ((t - middle_t) * (x - middle_x))) / spread
    residual = x - middle_x - slope * (t - middle_t)
    dispersion = max(1.0, float(weight @ residual**2) / df)
    error = float(np.sqrt(dispersion / spread))
    quantile = float(stdtrit(df, (1 + level) / 2))
    statistic = slope / error
    return TrendTest(
        slope=slope,
        intercept=middle_x - slope * middle_t,
        std_error=error,
        low=slope - quantile * error,
        high=slope + quantile * error,
        statistic=statistic,
        df=df,
        p_value=2 * float(stdtr(df, -abs(statistic))),
        dispersion=dispersion,
        n=n,
        status="ok",
    )
