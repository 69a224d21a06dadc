"""Purchases at discrete opportunities: the BG/BB of Fader, Hardie and Shang (2010).

At every opportunity a living customer buys with probability p ~ Beta(α, β), and before it leaves with θ ~ Beta(γ, δ). With x
purchases in n opportunities, the last at t_x (both after the first purchase):

L = B(α+x, β+n-x)/B(α, β) · B(γ, δ+n)/B(γ, δ)
  + Σ B(α+x, β+t_x-x+i)/B(α, β) · B(γ+1, δ+t_x+i)/B(γ, δ), i = 0 .. n - t_x - 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.histories import Histories
from cemkit.statistics.mixing import beta_nodes
from cemkit.statistics.rising import rising

__all__ = ["BetaGeometricBetaBinomial"]


def _whole(values: FloatArray, what: str) -> NDArray[np.int64]:
    """Return whole numbers, or raise."""
    if (values != np.round(values)).any():
        message = f"BG/BB counts opportunities: {what} must be whole numbers."
        raise CemkitError(message)
    return values.astype(np.int64)


@dataclass(frozen=True)
class BetaGeometricBetaBinomial:
    """BG/BB; parameters alpha, beta, gamma, delta. A customer's age is a number of opportunities."""

    name: str = "bg/bb"
    k: int = 1

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    timed: ClassVar[bool] = False
    # log parameters = map @ coordinates (log β, log α/β, log δ, log γ/δ)
    map: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 1.0, 0.0, 0.0),
        (1.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, 0.0),
    )
    start: ClassVar[tuple[float, ...]] = (0.0, 0.0, 0.5, -0.5)
    faces: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "alpha, beta -> 0 (polarised: buy always or never)",
            "alpha, beta -> infinity (homogeneous: one probability of buying)",
        ),
        ("alpha/beta -> 0 (nobody buys again)", "alpha/beta -> infinity (everybody buys every time)"),
        (
            "gamma, delta -> 0 (polarised: leave at once or never)",
            "gamma, delta -> infinity (homogeneous: one probability of leaving)",
        ),
        ("gamma -> 0 (nobody leaves)", "gamma/delta -> infinity (everybody leaves at once)"),
    )
    covariate_of: ClassVar[tuple[tuple[str, int, float], ...]] = ()

    def _terms(self, data: Histories, params: FloatArray) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
        """Return the logs of the terms of L, shape (rows, terms), the last opportunity alive, and who left there.

        Column 0 is the living customer; column 1 + i the one who left after t_x + i opportunities.
        """
        alpha, beta, gamma, delta = params
        n, tx, x = _whole(data.age, "ages"), _whole(data.recency, "recencies"), data.frequency
        if (x > tx).any():
            message = (
                "BG/BB counts opportunities: a customer has more purchases than opportunities (frequency > recency)."
            )
            raise CemkitError(message)
        steps = np.arange(int((n - tx).max()))
        last = np.concatenate([n[:, None], tx[:, None] + steps], axis=1)
        left = np.concatenate([[0], np.ones(steps.size, dtype=np.int64)])
        inside = np.concatenate([np.ones((x.size, 1), dtype=bool), steps < (n - tx)[:, None]], axis=1)
        log_terms = (
            rising(alpha, x)[0][:, None]
            + rising(beta, np.maximum(last - x[:, None], 0))[0]
            - rising(alpha + beta, last)[0]
            + rising(delta, last)[0]
            + left * np.log(gamma)
            - rising(gamma + delta, last + left)[0]
        )
        return np.where(inside, log_terms, -np.inf), last, left

    def log_likelihood(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of every row and its gradient in the log parameters, shape (4, rows)."""
        from scipy.special import logsumexp

        alpha, beta, gamma, delta = params
        log_terms, last, left = self._terms(data, params)
        x = data.frequency[:, None]
        ll = logsumexp(log_terms, axis=1)
        share = np.exp(log_terms - ll[:, None])
        buying, staying = -rising(alpha + beta, last)[1], -rising(gamma + delta, last + left)[1]
        slopes = (
            alpha * (rising(alpha, x)[1] + buying),
            beta * (rising(beta, last - x)[1] + buying),
            left + gamma * staying,
            delta * (rising(delta, last)[1] + staying),
        )
        return ll, np.stack([(share * slope).sum(axis=1) for slope in slopes])

    def alive(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return the probability of having been alive at the last opportunity observed."""
        from scipy.special import logsumexp

        log_terms, _, _ = self._terms(data, params)
        return np.asarray(np.exp(log_terms[:, 0] - logsumexp(log_terms, axis=1)), dtype=np.float64)

    def alive_later(self, data: Histories, params: FloatArray, at: FloatArray) -> FloatArray:
        """Return the probability of being alive `at` opportunities later (1: Fader, Hardie and Shang's P(alive))."""
        from scipy.special import gammaln

        _, _, gamma, delta = params
        end, later = delta + data.age, _whole(np.asarray(at), "times")
        log_stay = gammaln(end + later) - gammaln(end) - gammaln(gamma + end + later) + gammaln(gamma + end)
        return np.asarray(self.alive(data, params) * np.exp(log_stay), dtype=np.float64)

    def _nodes(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return nodes of a living customer's probability of leaving."""
        _, _, gamma, delta = params
        return beta_nodes(np.broadcast_to(gamma, data.age.shape), delta + data.age)

    def expected(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the expected number of purchases in the next t opportunities."""
        alpha, beta, _, _ = params
        span = np.broadcast_to(_whole(np.asarray(t), "times"), data.age.shape)[:, None]
        theta, weights = self._nodes(data, params)
        lived = (1.0 - theta) * -np.expm1(span * np.log1p(-theta)) / theta
        buys = (alpha + data.frequency) / (alpha + beta + data.age)
        return np.asarray(self.alive(data, params) * buys * (lived * weights).sum(axis=1), dtype=np.float64)

    def silent(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the probability of no purchase in the next t opportunities: a ratio of likelihoods."""
        from scipy.special import logsumexp

        later = np.broadcast_to(_whole(np.asarray(t), "times"), data.age.shape)
        longer = Histories(
            data.frequency, data.recency, data.age + later, data.count, data.log_interval, data.covariates
        )
        now, _, _ = self._terms(data, params)
        then, _, _ = self._terms(longer, params)
        return np.asarray(np.exp(logsumexp(then, axis=1) - logsumexp(now, axis=1)), dtype=np.float64)

    def discounted(self, data: Histories, params: FloatArray, rate: float) -> FloatArray:
        """Return the expected purchases at all later opportunities, discounted at a continuous rate per opportunity."""
        alpha, beta, _, _ = params
        theta, weights = self._nodes(data, params)
        kept = (1.0 - theta) * np.exp(-rate)
        buys = (alpha + data.frequency) / (alpha + beta + data.age)
        lived = (weights * kept / (theta * np.exp(-rate) - np.expm1(-rate))).sum(axis=1)
        return np.asarray(self.alive(data, params) * buys * lived, dtype=np.float64)
