"""Customers who never leave: the NBD of Ehrenberg (1959), the baseline of every model in which they may.

L = Γ(r+x) α^r / (Γ(r) (α+T)^(r+x)), of the times of the purchases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.histories import Histories
from cemkit.statistics.rising import rising

__all__ = ["NBD"]


@dataclass(frozen=True)
class NBD:
    """NBD; parameters r, alpha."""

    name: str = "nbd"
    k: int = 1

    names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    timed: ClassVar[bool] = True
    # log parameters = map @ coordinates (log r, log r/α)
    map: ClassVar[tuple[tuple[float, ...], ...]] = ((1.0, 0.0), (1.0, -1.0))
    start: ClassVar[tuple[float, ...]] = (0.0, 0.0)
    faces: ClassVar[tuple[tuple[str, str], ...]] = (
        ("r -> 0 (few buy at all, at rates without limit)", "r, alpha -> infinity (homogeneous: one rate for all)"),
        ("r/alpha -> 0 (nobody buys again)", "r/alpha -> infinity"),
    )
    covariate_of: ClassVar[tuple[tuple[str, int, float], ...]] = (("alpha", 1, -1.0),)

    def log_likelihood(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of every row and its gradient in the log parameters, shape (2, rows)."""
        r, alpha = params
        m = r + data.frequency
        log_share = -np.log1p(data.age / alpha)
        base, base_r = rising(r, data.frequency)
        ll = base + r * log_share - data.frequency * np.log(alpha + data.age)
        in_r = base_r + log_share
        in_alpha = r / alpha - m / (alpha + data.age)
        return ll, np.stack([r * in_r, alpha * in_alpha])

    def alive(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return one: nobody leaves."""
        return np.ones_like(data.age + params[0])

    def alive_later(self, data: Histories, params: FloatArray, at: FloatArray) -> FloatArray:
        """Return one: nobody leaves."""
        return np.ones_like(data.age + params[0] + at)

    def expected(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the expected number of purchases in the time t after the end of observation."""
        return np.asarray((params[0] + data.frequency) / (params[1] + data.age) * t, dtype=np.float64)

    def silent(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the probability of no purchase in the time t after the end of observation."""
        return np.asarray(np.exp(-(params[0] + data.frequency) * np.log1p(t / (params[1] + data.age))))

    def discounted(self, data: Histories, params: FloatArray, rate: float) -> FloatArray:
        """Return the expected purchases after the end of observation, discounted at a continuous rate per unit."""
        return np.asarray((params[0] + data.frequency) / (params[1] + data.age) / rate, dtype=np.float64)
