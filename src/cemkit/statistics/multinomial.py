"""The net of a multinomial: the share at the top less the share at the bottom, between -1 and 1.

Rocks, B. (2016), Interval estimation for the 'net promoter score', *The American Statistician* 70, 365-372.
Counts may be arrays of any shape (an element per group); they need not be whole except for the bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_level, check_method, critical_value, floats
from cemkit.statistics.dirichlet import net_cdf, net_quantile
from cemkit.statistics.tango import score_interval

__all__ = [
    "NET_METHODS",
    "Coverage",
    "NetMethod",
    "net_coverage",
    "net_estimate",
    "net_interval",
    "net_probability_at_least",
]

NetMethod: TypeAlias = Literal["adjusted-wald", "score", "wald", "t", "bootstrap", "bayes"]
NET_METHODS: tuple[NetMethod, ...] = ("adjusted-wald", "score", "wald", "t", "bootstrap", "bayes")
PSEUDO_ANSWERS = (0.75, 1.5, 0.75)
"""What the adjusted interval adds to the counts (Rocks 2016)."""

_JEFFREYS = 0.5
_ROUNDING = 1e-12


class Coverage(NamedTuple):
    """How often an interval holds the true net, and how wide it is on average."""

    coverage: float
    width: float


def net_moments(bottom: FloatArray, middle: FloatArray, top: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return n, the net share and the variance p + d - (p - d)² of one answer; nan where n is 0."""
    n = bottom + middle + top
    size = np.where(n > 0, n, np.nan)
    net = (top - bottom) / size
    # about the net: no cancellation, and exactly zero where all answers are alike
    variance = (bottom * (1.0 + net) ** 2 + middle * net**2 + top * (1.0 - net) ** 2) / size
    return n, net, variance


def net_estimate(bottom: ArrayLike, middle: ArrayLike, top: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the net share (p - d) and its Wald standard error sqrt((p + d - (p - d)²) / n).

    Parameters
    ----------
    bottom, middle, top : array_like
        Counts per group (detractors, passives, promoters).

    Returns
    -------
    estimate, std_error : ndarray
        Shares between -1 and 1; nan where there are no answers.

    Notes
    -----
    Promoters and detractors are negatively correlated: taking them as independent makes the error too small.
    """
    n, net, variance = net_moments(*floats(bottom, middle, top))
    return net, np.sqrt(variance / np.where(n > 0, n, np.nan))


def net_interval(
    bottom: ArrayLike,
    middle: ArrayLike,
    top: ArrayLike,
    *,
    level: float = 0.95,
    method: NetMethod = "adjusted-wald",
    rng: np.random.Generator | None = None,
    draws: int = 10_000,
) -> tuple[FloatArray, FloatArray]:
    """Return the interval of the net share, clipped to -1..1.

    Parameters
    ----------
    bottom, middle, top : array_like
        Counts per group.
    level : float
        Level of confidence (of credibility for ``bayes``).
    method : str
        ``adjusted-wald``: the Wald interval after adding 3/4, 3/2 and 3/4 to the counts, extended to the estimate
        where it falls short of it (one answer). ``score``: the nets that the score test with the restricted
        maximum-likelihood shares does not reject (Tango 1998). ``wald``: net ± z·std_error, of zero width where all
        answers are alike. ``t``: the one-sample t interval on the values -1, 0, 1, i.e. net ± t(n - 1)·sqrt(v/(n - 1))
        with v = p + d - (p - d)²; nan for n below 2. ``bootstrap``: percentiles of resampled counts, extended to the
        estimate. ``bayes``: equal-tailed quantiles of the posterior under the Jeffreys prior Dirichlet(½, ½, ½), by
        quadrature; at an end of the scale it leaves the estimate out.
    rng : numpy.random.Generator, optional
        Needed by ``bootstrap``, unused otherwise.
    draws : int
        Resamples of ``bootstrap``.

    Returns
    -------
    low, high : ndarray
        nan where there are no answers. ``adjusted-wald``, ``score`` and ``bayes`` are never of zero width.

    Raises
    ------
    CemkitError
        If the level or the method is unknown, or the bootstrap lacks a generator or whole counts.
    """
    check_level(level)
    check_method(method, NET_METHODS)
    bottom, middle, top = floats(bottom, middle, top)
    n, net, variance = net_moments(bottom, middle, top)
    if method == "score":
        low, high = score_interval(bottom, top, n, float(critical_value(level)))
    elif method == "bayes":
        below, between, above = _posterior(bottom, middle, top)
        low, high = (
            net_quantile(below, between, above, (1.0 + side * level) / 2.0).reshape(net.shape) for side in (-1.0, 1.0)
        )
    elif method == "bootstrap":
        low, high = _bootstrap(bottom, middle, top, level=level, rng=rng, draws=draws)
        low, high = np.minimum(low, net), np.maximum(high, net)
    elif method == "adjusted-wald":
        centre, error = adjusted_estimate(bottom, middle, top)
        half = critical_value(level) * error
        low, high = np.minimum(centre - half, net), np.maximum(centre + half, net)
    else:
        df, divisor = (np.inf, n) if method == "wald" else (n - 1.0, n - 1.0)
        half = critical_value(level, df) * np.sqrt(variance / np.where(divisor > 0, divisor, np.nan))
        low, high = net - half, net + half
    return np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0)


def adjusted_estimate(bottom: FloatArray, middle: FloatArray, top: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the centre and the standard error of the adjusted Wald interval; nan where there are no answers."""
    n = bottom + middle + top
    centre, error = net_estimate(*(c + a for c, a in zip((bottom, middle, top), PSEUDO_ANSWERS, strict=True)))
    return np.where(n > 0, centre, np.nan), np.where(n > 0, error, np.nan)


def _bootstrap(
    bottom: FloatArray,
    middle: FloatArray,
    top: FloatArray,
    *,
    level: float,
    rng: np.random.Generator | None,
    draws: int,
) -> tuple[FloatArray, FloatArray]:
    if rng is None:
        message = "method 'bootstrap' draws at random and found no generator: give a seed."
        raise CemkitError(message)
    counts = np.stack([bottom.ravel(), middle.ravel(), top.ravel()], axis=1)
    whole = counts.astype(np.int64)
    if not np.array_equal(whole, counts):
        message = (
            f"method 'bootstrap' resamples whole answers, but {int((whole != counts).any(axis=1).sum())} groups have "
            "weighted counts: use a design with variance='bootstrap'."
        )
        raise CemkitError(message)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    limits = np.full((2, whole.shape[0]), np.nan)
    for group, (d, m, p) in enumerate(whole):
        n = d + m + p
        if n > 0:
            sample = rng.multinomial(n, [d / n, m / n, p / n], size=draws)
            limits[:, group] = np.quantile((sample[:, 2] - sample[:, 0]) / n, tails)
    return limits[0].reshape(bottom.shape), limits[1].reshape(bottom.shape)


def net_probability_at_least(bottom: ArrayLike, middle: ArrayLike, top: ArrayLike, target: ArrayLike) -> FloatArray:
    """Return the posterior probability, under the Jeffreys prior, that the true net share is at least the target.

    Parameters
    ----------
    bottom, middle, top : array_like
        Counts per group.
    target : array_like
        Net share, -1..1.

    Returns
    -------
    ndarray
        0..1; nan where there are no answers.
    """
    bottom, middle, top, target = floats(bottom, middle, top, target)
    found = 1.0 - net_cdf(*_posterior(bottom, middle, top), target)
    return np.where((target <= -1.0) & ~np.isnan(found), 1.0, found)


def _posterior(bottom: FloatArray, middle: FloatArray, top: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    n = bottom + middle + top
    prior = np.where(n > 0, _JEFFREYS, np.nan)
    return bottom + prior, middle + prior, top + prior


def net_coverage(
    n: int,
    shares: Sequence[float],
    *,
    level: float = 0.95,
    methods: Sequence[NetMethod] = ("adjusted-wald", "score", "wald", "t"),
) -> dict[str, Coverage]:
    """Return the exact coverage and expected width of the intervals, summed over every possible outcome.

    Parameters
    ----------
    n : int
        Number of answers: there are (n + 1)(n + 2) / 2 outcomes.
    shares : sequence of float
        True shares (bottom, middle, top).
    level : float
        Level of confidence.
    methods : sequence of str
        Any but ``bootstrap``, which is random. An interval that is nan (``t`` at n = 1) counts as a miss.

    Returns
    -------
    dict of str to Coverage
        By method, the coverage (0..1) and the expected width (net share).
    """
    from scipy.special import gammaln, xlogy

    probabilities = np.asarray(shares, dtype=np.float64)
    if probabilities.shape != (3,) or (probabilities < 0).any() or abs(probabilities.sum() - 1.0) > 1e-9:
        message = f"shares must be three numbers from 0 that sum to 1 (bottom, middle, top), not {list(shares)!r}."
        raise CemkitError(message)
    if "bootstrap" in methods:
        message = "the coverage of method 'bootstrap' cannot be enumerated, for its interval is random: leave it out."
        raise CemkitError(message)
    first, second = (index.ravel() for index in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
    possible = first + second <= n
    counts = np.stack([first[possible], second[possible], n - first[possible] - second[possible]]).astype(np.float64)
    log_mass = gammaln(n + 1.0) - gammaln(counts + 1.0).sum(axis=0) + xlogy(counts.T, probabilities).sum(axis=1)
    mass = np.exp(log_mass)
    truth = probabilities[2] - probabilities[0]
    found: dict[str, Coverage] = {}
    for method in methods:
        low, high = net_interval(*counts, level=level, method=method)
        held = (low <= truth + _ROUNDING) & (truth <= high + _ROUNDING)
        found[method] = Coverage(float(mass[held].sum()), float((mass * (high - low)).sum()))
    return found
