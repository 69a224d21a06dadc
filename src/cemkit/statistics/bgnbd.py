"""Customers who may leave after a purchase: BG/NBD, MBG/NBD and their regular kin (M)BG/CNBD-k.

Times between a customer's purchases are Erlang-k with rate λ, λ ~ Gamma(r, α); after each purchase (MBG: after the first
one, too) the customer leaves with probability p ~ Beta(a, b). With k = 1 and s = 0 (BG) or 1 (MBG):

L = Γ(r+x) α^r / Γ(r) · {B(a, b+x+s)/B(a, b) (α+T)^-(r+x) + [x+s > 0] B(a+1, b+x+s-1)/B(a, b) (α+t_x)^-(r+x)}

Sources: Fader, Hardie and Lee (2005), eq. 6; Batislam, Denizel and Filiztekin (2007); Reutterer, Platzer and Schröder (2021).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.histories import Histories
from cemkit.statistics.mixing import beta_nodes, gamma_nodes
from cemkit.statistics.rising import rising, rising_table

__all__ = ["BetaGeometric"]

_NEGLIGIBLE = 1e-13
_MOST_PURCHASES = 100_000


@dataclass(frozen=True)
class BetaGeometric:
    """BG/NBD (`k=1`), MBG/NBD (`at_start=True`), (M)BG/CNBD-k (`k > 1`); parameters r, alpha, a, b."""

    name: str = "bg/nbd"
    k: int = 1
    at_start: bool = False

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    timed: ClassVar[bool] = True
    # log parameters = map @ coordinates (log r, log r/α, log b, log a/b)
    map: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 0.0, 0.0, 0.0),
        (1.0, -1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, 0.0),
    )
    start: ClassVar[tuple[float, ...]] = (-0.7, 0.0, 0.5, -0.7)
    faces: ClassVar[tuple[tuple[str, str], ...]] = (
        ("r -> 0 (few buy at all, at rates without limit)", "r, alpha -> infinity (homogeneous: one rate for all)"),
        ("r/alpha -> 0 (nobody buys again)", "r/alpha -> infinity"),
        (
            "a + b -> 0 (polarised: leave at once or never)",
            "a + b -> infinity (homogeneous: one probability of leaving)",
        ),
        ("a -> 0 (nobody leaves)", "a/b -> infinity (everybody leaves at once)"),
    )
    covariate_of: ClassVar[tuple[tuple[str, int, float], ...]] = (("alpha", 1, -1.0), ("a", 2, 1.0), ("b", 3, 1.0))

    def _log_odds(
        self, data: Histories, params: FloatArray, one_before: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log odds of having left, the growth log((α+T)/(α+t_x)), and the log of the sum over phases."""
        r, alpha, a, _ = params
        if one_before is None:
            one_before = self._of_frequency(data.frequency, params)[4]
        growth = np.log1p((data.age - data.recency) / (alpha + data.recency))
        phases = np.zeros(data.rows)
        if self.k > 1:
            phases = np.log(sum(term for term, _ in self._phases(data, params)))
        with np.errstate(divide="ignore"):
            odds = np.log(a * one_before) + (r + self.k * data.frequency) * growth - phases
        return odds, growth, phases

    def _phases(self, data: Histories, params: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield, for every phase j < k since the last purchase, its term and the r-derivative of its logarithm."""
        r, alpha = params[0], params[1]
        m = r + self.k * data.frequency
        v = (data.age - data.recency) / (alpha + data.age)
        term, slope = np.ones(data.rows), np.zeros(data.rows)
        for j in range(self.k):
            yield term, slope
            term, slope = term * (m + j) / (j + 1.0) * v, slope + 1.0 / (m + j)

    def _of_frequency(self, x: NDArray[np.int64], params: FloatArray) -> tuple[FloatArray, ...]:
        """Return what depends on the frequency alone: log factors, their slopes in (r, a, b), and 1/(b+x+s-1)."""
        r, alpha, a, b = params
        shift = int(self.at_start)
        if params.ndim == 1:
            logs, slopes = rising_table(np.array([r, b, a + b]), self.k * int(x.max()) + shift)
            (rate, rate_r), (stay, stay_b), (both, both_ab) = (
                (logs[row, at], slopes[row, at]) for row, at in enumerate((self.k * x, x + shift, x + shift))
            )
        else:
            (rate, rate_r), (stay, stay_b), (both, both_ab) = (
                rising(r, self.k * x),
                rising(b, x + shift),
                rising(a + b, x + shift),
            )
        before = b + x + (shift - 1.0)
        one_before = np.where(x + shift > 0, 1.0 / np.where(x + shift > 0, before, 1.0), 0.0)
        return rate + stay - both + r * np.log(alpha), rate_r + np.log(alpha), -both_ab, stay_b - both_ab, one_before

    def log_likelihood(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of every row and its gradient in the log parameters, shape (4, rows)."""
        from scipy.special import gammaln

        r, alpha, a, b = params
        x = data.frequency
        if params.ndim == 1:  # everybody's parameters: once for every number of purchases
            base, base_r, base_a, base_b, one_before = (
                values[x] for values in self._of_frequency(np.arange(int(x.max()) + 1), params)
            )
        else:
            base, base_r, base_a, base_b, one_before = self._of_frequency(x, params)
        odds, growth, phases = self._log_odds(data, params, one_before)
        small = np.exp(-np.abs(odds))
        gone = np.where(odds > 0, 1.0, small) / (1.0 + small)
        m = r + self.k * x
        end = alpha + data.age
        log_end = np.log(end)
        ll = base - m * log_end + phases + np.maximum(odds, 0.0) + np.log1p(small)
        slope_r = base_r - log_end + gone * growth
        slope_alpha = r / alpha - m * ((1.0 - gone) / end + gone / (alpha + data.recency))
        if self.k > 1:
            ll += (self.k - 1.0) * np.where(x > 0, data.log_interval, 0.0) - x * gammaln(self.k)
            in_r, in_alpha = np.zeros(data.rows), np.zeros(data.rows)
            for j, (term, slope) in enumerate(self._phases(data, params)):
                share = term * np.exp(-phases)
                in_r += share * slope
                in_alpha -= share * j / end
            slope_r += (1.0 - gone) * in_r
            slope_alpha += (1.0 - gone) * in_alpha
        gradient = np.empty((4, data.rows))
        gradient[0], gradient[1] = r * slope_r, alpha * slope_alpha
        gradient[2], gradient[3] = a * base_a + gone, b * (base_b - gone * one_before)
        return ll, gradient

    def alive(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return the probability of not having left by the end of observation."""
        from scipy.special import expit

        return np.asarray(expit(-self._log_odds(data, params)[0]), dtype=np.float64)

    def _leaving(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the beta parameters of a living customer's probability of leaving."""
        _, _, a, b = params
        return np.broadcast_to(a, data.frequency.shape), b + data.frequency + float(self.at_start)

    def _phase_weights(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return the probabilities of the phases of a living customer, shape (k, rows)."""
        terms = np.stack([term for term, _ in self._phases(data, params)])
        return np.asarray(terms / terms.sum(axis=0), dtype=np.float64)

    def alive_later(self, data: Histories, params: FloatArray, at: FloatArray) -> FloatArray:
        """Return the probability of not having left at a time after the end of observation."""
        alive = self.alive(data, params)
        if self.k > 1:
            return alive * (1.0 - self._purchase_sum(data, params, at, leaving=True))
        r, alpha = params[0], params[1]
        p, weights = beta_nodes(*self._leaving(data, params))
        pace = np.broadcast_to(at / (alpha + data.age), data.age.shape)
        stay = np.exp(-(r + data.frequency)[:, None] * np.log1p(pace[:, None] * p))
        return np.asarray(alive * (stay * weights).sum(axis=1), dtype=np.float64)

    def expected(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the expected number of purchases in the time t after the end of observation."""
        from scipy.special import exprel

        alive = self.alive(data, params)
        if self.k > 1:
            return alive * self._purchase_sum(data, params, t, leaving=False)
        r, alpha = params[0], params[1]
        p, weights = beta_nodes(*self._leaving(data, params))
        m = (r + data.frequency)[:, None]
        growth = np.broadcast_to(t / (alpha + data.age), data.age.shape)[:, None]
        log_grown = np.log1p(growth * p)
        # (1 - (1 + pc)^-m) / p: nothing is divided by a - 1, nor by a p that is too small for a number
        per_p = np.where(p > 0, log_grown / np.where(p > 0, p, 1.0), growth)
        bought = m * per_p * exprel(-m * log_grown)
        return np.asarray(alive * (bought * weights).sum(axis=1), dtype=np.float64)

    def _purchase_sum(self, data: Histories, params: FloatArray, t: FloatArray, *, leaving: bool) -> FloatArray:
        """Return Σ_i c_i P(at least i purchases' phases by t) of a living customer.

        c_i is the chance of having stayed after i - 1 purchases (the expected number of purchases), or of leaving at the
        i-th (the probability of leaving).
        """
        from scipy.special import betainc

        r, alpha = params[0], params[1]
        a, b = self._leaving(data, params)
        pace = np.broadcast_to(t / (alpha + data.age + t), data.age.shape)
        phases = self._phase_weights(data, params)
        m = r + self.k * data.frequency
        total, stay = np.zeros(data.rows), np.ones(data.rows)
        active: NDArray[np.int64] = np.arange(data.rows)
        for i in range(1, _MOST_PURCHASES):
            reached = np.zeros(active.size)
            for j in range(self.k):
                reached += phases[j, active] * betainc(i * self.k - j, m[active] + j, pace[active])
            now_left = a[active] / (a[active] + b[active] + i - 1.0)
            total[active] += stay[active] * reached * (now_left if leaving else 1.0)
            stay[active] *= 1.0 - now_left
            active = active[stay[active] * reached > _NEGLIGIBLE * np.maximum(total[active], 1e-3)]
            if not active.size:
                break
        return total

    def silent(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the probability of no purchase in the time t after the end of observation."""
        from scipy.special import betainc

        r, alpha = params[0], params[1]
        alive = self.alive(data, params)
        m = r + self.k * data.frequency
        if self.k == 1:
            return np.asarray(1.0 + alive * np.expm1(-m * np.log1p(t / (alpha + data.age))), dtype=np.float64)
        phases = self._phase_weights(data, params)
        pace = t / (alpha + data.age + t)
        bought = sum(phases[j] * betainc(self.k - j, m + j, pace) for j in range(self.k))
        return np.asarray(1.0 - alive * bought, dtype=np.float64)

    def discounted(self, data: Histories, params: FloatArray, rate: float) -> FloatArray:
        """Return the expected purchases after the end of observation, discounted at a continuous rate per unit."""
        r, alpha = params[0], params[1]
        p, p_weights = beta_nodes(*self._leaving(data, params), nodes=72)
        phases = self._phase_weights(data, params)
        total = np.zeros(data.rows)
        for j in range(self.k):
            pace, weights = gamma_nodes(r + self.k * data.frequency + j, nodes=48)
            pace = pace / (alpha + data.age)[:, None]
            log_next = -np.log1p(rate / pace)  # log E[e^(-rate · time to the next phase)]
            for node in range(pace.shape[1]):
                step = log_next[:, node : node + 1]
                # 1 - (1 - p) θ^k = -expm1(k log θ) + p θ^k
                value = np.exp((self.k - j) * step) / (-np.expm1(self.k * step) + p * np.exp(self.k * step))
                total += phases[j] * weights[:, node] * (value * p_weights).sum(axis=1)
        return self.alive(data, params) * total
