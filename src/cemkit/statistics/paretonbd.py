"""Customers who may leave at any time: the Pareto/NBD of Schmittlein, Morrison and Colombo (1987).

Purchases are Poisson with rate λ ~ Gamma(r, α), lifetimes exponential with rate μ ~ Gamma(s, β).

L = Γ(r+x) α^r β^s / Γ(r) · {(α+T)^-(r+x) (β+T)^-s + s ∫ (α+τ)^-(r+x) (β+τ)^-(s+1) dτ}, τ from t_x to T

The integral is taken by Gauss-Legendre quadrature in log(min(α, β) + τ), in which the integrand is smooth whatever the
parameters, and only as far as it counts: no hypergeometric function, no branches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.histories import Histories
from cemkit.statistics.mixing import gamma_nodes
from cemkit.statistics.rising import rising

__all__ = ["ParetoNBD"]

_NODES = 24
_DROP = 40.0  # where the integrand has fallen by exp(-40), the rest does not count


@cache
def _legendre() -> tuple[FloatArray, FloatArray]:
    """Return the nodes and weights of the quadrature on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0


def _gone(
    begin: FloatArray, end: FloatArray, m: FloatArray, alpha: FloatArray, s: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the log of s ∫ (α+τ)^-m (β+τ)^-(s+1) dτ from begin to end, and its slopes in (m, α, s, β)."""
    nodes, weights = _legendre()
    least = np.minimum(alpha, beta)
    last = np.minimum(end, begin + (alpha + begin) * np.expm1(np.minimum(_DROP / np.maximum(m - 1.0, 1e-3), 500.0)))
    width = np.log1p((last - begin) / (least + begin))
    # τ is begin + grown, so that neither of the two sums cancels
    grown = (least + begin)[:, None] * np.expm1(width[:, None] * nodes)
    one, two = alpha + begin, beta + begin
    log_one, log_two = np.log1p(grown / one[:, None]), np.log1p(grown / two[:, None])
    dtau = (least + begin)[:, None] + grown
    terms = np.exp(-m[:, None] * log_one - (s + 1.0)[:, None] * log_two) * dtau * weights
    total = terms.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_value = np.log(s) - m * np.log(one) - (s + 1.0) * np.log(two) + np.log(width) + np.log(total)
        share = np.where(total[:, None] > 0, terms / total[:, None], 0.0)
    slopes = np.stack(
        [
            -np.log(one) - (share * log_one).sum(axis=1),
            -m * (share / (one[:, None] + grown)).sum(axis=1),
            1.0 / s - np.log(two) - (share * log_two).sum(axis=1),
            -(s + 1.0) * (share / (two[:, None] + grown)).sum(axis=1),
        ]
    )
    return np.where(width > 0, log_value, -np.inf), slopes


@dataclass(frozen=True)
class ParetoNBD:
    """Pareto/NBD; parameters r, alpha, s, beta."""

    name: str = "pareto/nbd"
    k: int = 1

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    timed: ClassVar[bool] = True
    # log parameters = map @ coordinates (log r, log r/α, log s, log s/β)
    map: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 0.0, 0.0, 0.0),
        (1.0, -1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 0.0),
        (0.0, 0.0, 1.0, -1.0),
    )
    start: ClassVar[tuple[float, ...]] = (0.0, 0.5, 0.0, 0.0)
    faces: ClassVar[tuple[tuple[str, str], ...]] = (
        ("r -> 0 (few buy at all, at rates without limit)", "r, alpha -> infinity (homogeneous: one rate for all)"),
        ("r/alpha -> 0 (nobody buys again)", "r/alpha -> infinity"),
        (
            "s, beta -> 0 (polarised: leave at once or never)",
            "s, beta -> infinity (homogeneous: one rate of leaving)",
        ),
        ("s/beta -> 0 (nobody leaves)", "s/beta -> infinity (everybody leaves at once)"),
    )
    covariate_of: ClassVar[tuple[tuple[str, int, float], ...]] = (("alpha", 1, -1.0), ("beta", 3, -1.0))

    def _parts(self, data: Histories, params: FloatArray) -> tuple[FloatArray, ...]:
        """Return (r + x, α, s, β) as rows, the log of the living term, that of the departed, and its slopes."""
        r, alpha, s, beta = (np.broadcast_to(value, data.age.shape) for value in params)
        m = np.asarray(r + data.frequency, dtype=np.float64)
        here = -m * np.log(alpha + data.age) - s * np.log(beta + data.age)
        gone, slopes = _gone(data.recency, data.age, m, alpha, s, beta)
        return m, alpha, s, beta, here, gone, slopes

    def log_likelihood(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of every row and its gradient in the log parameters, shape (4, rows)."""
        from scipy.special import expit

        r = params[0]
        m, alpha, s, beta, here, gone, slopes = self._parts(data, params)
        base, base_r = rising(r, data.frequency)
        ll = base + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(here, gone)
        left = expit(gone - here)
        here_slopes = np.stack(
            [-np.log(alpha + data.age), -m / (alpha + data.age), -np.log(beta + data.age), -s / (beta + data.age)]
        )
        mixed = (1.0 - left) * here_slopes + left * np.where(np.isfinite(gone), slopes, 0.0)
        outer = np.stack([base_r + np.log(alpha), r / alpha, np.log(beta), s / beta])
        return ll, np.stack([np.broadcast_to(r, m.shape), alpha, s, beta]) * (outer + mixed)

    def alive(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return the probability of not having left by the end of observation."""
        from scipy.special import expit

        *_, here, gone, _ = self._parts(data, params)
        return np.asarray(expit(here - gone), dtype=np.float64)

    def alive_later(self, data: Histories, params: FloatArray, at: FloatArray) -> FloatArray:
        """Return the probability of not having left at a time after the end of observation."""
        stay = np.exp(-params[2] * np.log1p(at / (params[3] + data.age)))
        return np.asarray(self.alive(data, params) * stay, dtype=np.float64)

    def expected(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the expected number of purchases in the time t after the end of observation."""
        from scipy.special import exprel

        r, alpha, s, beta = params
        grown = np.log1p(t / (beta + data.age))
        # (1 - e^-(s-1)g) / (s-1): nothing is divided by s - 1
        lived = (beta + data.age) * grown * exprel(-(s - 1.0) * grown)
        return np.asarray(self.alive(data, params) * (r + data.frequency) / (alpha + data.age) * lived)

    def silent(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the probability of no purchase in the time t after the end of observation."""
        m, alpha, s, beta, here, gone, _ = self._parts(data, params)
        from scipy.special import expit

        one, two = alpha + data.age, beta + data.age
        span = np.broadcast_to(t, m.shape).astype(np.float64)
        still, _ = _gone(np.zeros(data.rows), span, m, one, s, two)
        scale = m * np.log(one) + s * np.log(two)
        none = np.exp(-m * np.log1p(span / one) - s * np.log1p(span / two)) + np.exp(scale + still)
        return np.asarray(1.0 - expit(here - gone) * (1.0 - np.minimum(none, 1.0)), dtype=np.float64)

    def discounted(self, data: Histories, params: FloatArray, rate: float) -> FloatArray:
        """Return the expected purchases after the end of observation, discounted at a continuous rate per unit.

        E[λ] E[1 / (δ + μ)] of a living customer: Fader, Hardie and Lee's (2005) Tricomi function as an integral over μ.
        """
        r, alpha, s, beta = params
        mu, weights = gamma_nodes(np.broadcast_to(s, data.age.shape), nodes=96)
        years = (weights / (rate + mu / (beta + data.age)[:, None])).sum(axis=1)
        return np.asarray(self.alive(data, params) * (r + data.frequency) / (alpha + data.age) * years)
