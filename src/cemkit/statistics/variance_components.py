"""How far true means differ between channels, from their observed means and the covariance of these.

One-way random effects: y = μ1 + u + e, u ~ (0, τ²I), e ~ N(0, V). Viechtbauer, W. (2007), *Statistics in Medicine* 26
(Q-profile); Welch, B. L. (1951), *Biometrika* 38; Zou, G. & Donner, A. (2008), *Statistics in Medicine* 27.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level, check_method, critical_value

__all__ = ["SPREAD_METHODS", "ChannelSpread", "Profile", "SpreadMethod", "channel_spread", "root_mean_square"]

SpreadMethod: TypeAlias = Literal["reml", "pm", "dl"]
SPREAD_METHODS: tuple[SpreadMethod, ...] = ("reml", "pm", "dl")
_STEPS = 90
_GRID = 161


class ChannelSpread(NamedTuple):
    """What several means say of their spread.

    Attributes
    ----------
    tau, std_error, low, high
        Standard deviation of the true means, its delta-method error (nan at zero), and the Q-profile interval.
    mean, mean_std_error
        The weighted mean μ and its error, given τ.
    spread, spread_low, spread_high
        The standard deviation of these very means' true values (weighted as `P0` does).
    statistic, df1, df2, p_value
        Welch's test that all true means are equal.
    channels
        How many means there are.
    """

    tau: float
    std_error: float
    low: float
    high: float
    mean: float
    mean_std_error: float
    spread: float
    spread_low: float
    spread_high: float
    statistic: float
    df1: float
    df2: float
    p_value: float
    channels: int


class Profile:
    """The quadratic form Q(t) and the restricted likelihood of t = τ², in the eigenvectors of V, where V + tI is diagonal."""

    def __init__(self, estimate: FloatArray, covariance: FloatArray, df: FloatArray) -> None:
        self.k = len(estimate)
        self.variance = np.diagonal(covariance)
        diagonal = not np.any(covariance - np.diag(self.variance))
        values, vectors = (self.variance, np.eye(self.k)) if diagonal else np.linalg.eigh(covariance)
        self.values = np.maximum(values, 1e-12 * values.max())
        # distances from the plain mean keep the squares small
        self.origin = float(np.mean(estimate))
        self.y, self.one = vectors.T @ (estimate - self.origin), vectors.T @ np.ones(self.k)
        self.df = df

    def weights(self, t: float) -> FloatArray:
        """Return the eigenvalues of (V + tI)⁻¹."""
        return np.asarray(1.0 / (self.values + t))

    def mean(self, t: float) -> tuple[float, float]:
        """Return μ and its variance at t."""
        w = self.weights(t)
        total = float(w @ self.one**2)
        return self.origin + float(w @ (self.one * self.y)) / total, 1.0 / total

    def residual(self, t: float) -> FloatArray:
        """Return y − μ1 in the eigenvectors."""
        return np.asarray(self.y - (self.mean(t)[0] - self.origin) * self.one)

    def q(self, t: float) -> float:
        """Return Q(t)."""
        return float(self.weights(t) @ self.residual(t) ** 2)

    def trace(self, t: float) -> float:
        """Return tr P(t)."""
        w = self.weights(t)
        return float(w.sum() - (w**2 @ self.one**2) / (w @ self.one**2))

    def trace_square(self, t: float) -> float:
        """Return tr P(t)²: half of it is the information on t."""
        w, o = self.weights(t), self.one**2
        total = w @ o
        return float(w @ w - 2 * (w**3 @ o) / total + ((w**2 @ o) / total) ** 2)

    def log_likelihood(self, t: float) -> float:
        """Return the restricted log likelihood."""
        w = self.weights(t)
        return float(0.5 * (np.log(w).sum() - np.log(w @ self.one**2) - self.q(t)))

    def slope(self, t: float) -> float:
        """Return its derivative in t."""
        return 0.5 * (
            float((self.weights(t) * self.residual(t)) @ (self.weights(t) * self.residual(t))) - self.trace(t)
        )

    def test(self, t: float) -> tuple[float, float, float]:
        """Return Welch's F at t with its degrees of freedom (df2 infinite where all variances are known)."""
        k, total = self.k, self.variance + t
        w = 1.0 / total
        part = (self.variance / total) ** 2 / self.df
        penalty = float(((1 - w / w.sum()) ** 2 * part).sum())
        statistic = self.q(t) / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * penalty)
        return statistic, k - 1.0, (k**2 - 1) / (3 * penalty) if penalty > 0 else np.inf


def channel_spread(
    estimate: ArrayLike,
    covariance: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    most: float,
    method: SpreadMethod = "reml",
    level: float = 0.95,
) -> ChannelSpread:
    """Estimate τ from means and their covariance.

    Parameters
    ----------
    estimate : array_like of shape (k,)
        Observed means, at least two.
    covariance : array_like of shape (k, k) or (k,)
        Their covariance; its diagonal alone where they are independent. Variances are positive.
    df : array_like
        Degrees of freedom of the variances; infinite where they are known.
    most : float
        What τ can be at most (half the width of the scale).
    method : {"reml", "pm", "dl"}
        Restricted maximum likelihood, Paule–Mandel (Q(τ²) = k − 1), DerSimonian–Laird.
    level : float
        Level of the intervals.

    Returns
    -------
    ChannelSpread

    Raises
    ------
    CemkitError
        If there are fewer than two means, or a variance is not positive.

    Examples
    --------
    >>> from cemkit.statistics.variance_components import channel_spread
    >>> found = channel_spread([4.1, 3.6, 3.9, 3.2, 4.4], [0.004, 0.010, 0.006, 0.020, 0.012], most=2.0)
    >>> round(found.tau, 3), round(found.low, 3), round(found.high, 3)
    (0.44, 0.248, 1.321)
    """
    check_level(level)
    check_method(method, SPREAD_METHODS)
    y, v = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    v = np.diag(v) if v.ndim == 1 else v
    if len(y) < 2 or v.shape != (len(y), len(y)):
        raise CemkitError(f"a spread needs at least two means with their covariance, got {len(y)} and {v.shape}.")
    if not (np.diagonal(v) > 0).all() or not np.isfinite(y).all():
        raise CemkitError("the means must be finite and their variances positive.")
    profile = Profile(y, v, np.broadcast_to(np.asarray(df, dtype=np.float64), y.shape))
    square = _ESTIMATORS[method](profile, most)
    tau = min(np.sqrt(square), most)
    mean, variance = profile.mean(tau**2)
    error = np.sqrt(2 / profile.trace_square(square)) / (2 * tau) if tau > 0 else np.nan
    tails = (1 + level) / 2, (1 - level) / 2
    low, high = (_where(profile, tail, most) for tail in tails)
    statistic, df1, df2 = profile.test(0.0)
    upper = 1 - float(_cumulative(profile, 0.0))
    return ChannelSpread(
        float(tau), float(error), low, high, mean, float(np.sqrt(variance)), *_finite_spread(profile, tails, most),
        statistic, df1, df2, upper, len(y),
    )  # fmt: skip


def root_mean_square(tau: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[float, float, float]:
    """Return the root of the mean τ² of independent units, with limits recovered from theirs (Zou and Donner 2008)."""
    square, bottom, top = (np.asarray(part, dtype=np.float64) ** 2 for part in (tau, low, high))
    mean = square.mean()
    down = np.sqrt(((square - np.minimum(bottom, square)) ** 2).sum()) / len(square)
    up = np.sqrt(((np.maximum(top, square) - square) ** 2).sum()) / len(square)
    return float(np.sqrt(mean)), float(np.sqrt(max(mean - down, 0.0))), float(np.sqrt(mean + up))


def _cumulative(profile: Profile, t: float) -> float:
    from scipy.special import chdtr, fdtr

    statistic, df1, df2 = profile.test(t)
    return float(chdtr(df1, df1 * statistic) if np.isinf(df2) else fdtr(df1, df2, statistic))


def _where(profile: Profile, tail: float, most: float) -> float:
    """Return the τ at which the test's distribution function is ``tail`` (it falls in τ), within 0 and ``most``."""
    if _cumulative(profile, 0.0) <= tail:
        return 0.0
    if _cumulative(profile, most**2) >= tail:
        return float(most)
    bottom, top = 0.0, float(most)
    for _ in range(_STEPS):
        middle = (bottom + top) / 2
        bottom, top = (middle, top) if _cumulative(profile, middle**2) > tail else (bottom, middle)
    return (bottom + top) / 2


def _finite_spread(profile: Profile, tails: tuple[float, float], most: float) -> tuple[float, float, float]:
    """Return √(θ'P₀θ/tr P₀) with the limits of the noncentrality of Q(0), or of Welch's F."""
    from scipy.special import chndtrinc, ncfdtrinc

    q, df, trace = profile.q(0.0), profile.k - 1.0, profile.trace(0.0)
    statistic, _, df2 = profile.test(0.0)
    bounds = [0.0, 0.0]
    for i, tail in enumerate(tails):
        if _cumulative(profile, 0.0) > tail:
            found = chndtrinc(q, df, tail) if np.isinf(df2) else ncfdtrinc(df, df2, tail, statistic)
            bounds[i] = float(found)
    low, high = (min(float(np.sqrt(bound / trace)), most) for bound in bounds)
    return float(np.sqrt(max(q - df, 0.0) / trace)), low, high


def _dersimonian_laird(profile: Profile, most: float) -> float:
    return min(max((profile.q(0.0) - (profile.k - 1)) / profile.trace(0.0), 0.0), most**2)


def _paule_mandel(profile: Profile, most: float) -> float:
    bottom, top, aim = 0.0, float(most), profile.k - 1
    if profile.q(0.0) <= aim:
        return 0.0
    for _ in range(_STEPS):
        middle = (bottom + top) / 2
        bottom, top = (middle, top) if profile.q(middle**2) > aim else (bottom, middle)
    return ((bottom + top) / 2) ** 2


def _restricted_likelihood(profile: Profile, most: float) -> float:
    """Climb from the best point of a grid, so that of several peaks the highest is found."""
    grid = np.linspace(0.0, most, _GRID) ** 2
    best = int(np.argmax([profile.log_likelihood(t) for t in grid]))
    bottom, top = np.sqrt(grid[max(best - 1, 0)]), np.sqrt(grid[min(best + 1, _GRID - 1)])
    if profile.slope(bottom**2) <= 0:
        return float(bottom**2)
    for _ in range(_STEPS):
        middle = (bottom + top) / 2
        bottom, top = (middle, top) if profile.slope(middle**2) > 0 else (bottom, middle)
    return float(((bottom + top) / 2) ** 2)


_ESTIMATORS = {"reml": _restricted_likelihood, "pm": _paule_mandel, "dl": _dersimonian_laird}


def mean_interval(found: ChannelSpread, *, level: float) -> tuple[float, float]:
    """Return the interval of μ, t with k − 1 degrees of freedom (IntHout, Ioannidis and Borm 2014 on why not normal)."""
    half = float(critical_value(level, found.channels - 1.0)) * found.mean_std_error
    return found.mean - half, found.mean + half
