"""Draws of what a customer will do have the means and the silences of the closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.statistics.histories import histories
from cemkit.statistics.purchase_draws import draw_purchases, draw_values, prediction_limits
from cemkit.statistics.purchase_predictions import (
    continuous_rate,
    discounted_purchases,
    expected_purchases,
    probability_inactive_for,
)
from cemkit.statistics.purchasing import TimingFit, purchase_model
from cemkit.statistics.spending import expected_spend

PARAMS = {
    "nbd": (0.4, 4.4),
    "bg/nbd": (0.243, 4.414, 0.793, 2.426),
    "mbg/nbd": (0.52, 6.18, 0.89, 1.6),
    "pareto/nbd": (0.553, 10.58, 0.606, 11.67),
    "bg/bb": (1.2, 0.75, 0.66, 2.78),
    "mbg/cnbd-k": (0.5, 3.0, 0.9, 1.6),
    "bg/cnbd-k": (0.5, 3.0, 0.9, 1.6),
}
DRAWS = 40_000


def some(name: str):
    if name == "bg/bb":
        return histories([0, 2, 3, 5], [0, 3, 6, 6], [6, 6, 6, 6])
    return histories([0, 2, 5, 10], [0, 30, 20, 35], [38, 38, 38, 36], log_interval=[0, 1, 1, 1.0])


@pytest.mark.parametrize("name", list(PARAMS))
def test_draws_are_the_closed_forms(name: str) -> None:
    model = purchase_model(name, k=3) if "cnbd" in name else purchase_model(name)
    data, params = some(name), np.array(PARAMS[name])
    span, unit = (5.0, "year") if name == "bg/bb" else (52.0, "week")
    rng = np.random.default_rng(1)
    bought = draw_purchases(model, params, data, span=span, draws=DRAWS, rng=rng).number
    error = bought.std(axis=1) / np.sqrt(DRAWS)
    assert (np.abs(bought.mean(axis=1) - expected_purchases(model, params, data, t=span)) < 4.5 * error + 1e-3).all()
    silent = probability_inactive_for(model, params, data, t=span)
    assert (bought == 0).mean(axis=1) == pytest.approx(silent, abs=0.012)
    # discounted over all time, at one unit of money for each purchase
    rate = continuous_rate(0.3, unit=unit)
    far = draw_purchases(model, params, data, span=20 / rate, draws=DRAWS, rng=rng)
    alike = np.array([1e6, 1e6, 1e6])
    values = draw_values(far, np.zeros(4), np.zeros(4), params=alike, rate=rate, rng=rng)
    expected = discounted_purchases(model, params, data, discount=0.3, unit=unit) * expected_spend(alike, 0, 0)
    slack = 4.5 * values.std(axis=1) / np.sqrt(DRAWS)
    assert (np.abs(values.mean(axis=1) - expected) < slack + 0.01 * expected).all()


def test_values_are_exact_without_a_discount() -> None:
    rng = np.random.default_rng(2)
    model, data = purchase_model("nbd"), histories([3], [30], [38])
    bought = draw_purchases(model, np.array([2.0, 10.0]), data, span=10, draws=200_000, rng=rng)
    params, m = np.array([4.0, 5.0, 60.0]), 70.0
    values = draw_values(bought, np.array([3.0]), np.array([m]), params=params, rate=0.0, rng=rng)[0]
    number, z = bought.number[0], expected_spend(params, 3, m)
    assert values.mean() == pytest.approx(number.mean() * z, rel=0.02)
    # Var = E[N] E[p/v^2] + Var(N p/v), v ~ Gamma(px + q, v + xm)
    shape, scale = 4 * 3 + 5, 60 + 3 * m
    inverse, squared = scale / (shape - 1), scale**2 / ((shape - 1) * (shape - 2))
    n2 = (number**2).mean()
    variance = number.mean() * 4 * squared + 16 * n2 * squared - (number.mean() * 4 * inverse) ** 2
    assert values.var() == pytest.approx(variance, rel=0.05)


@pytest.mark.slow
def test_prediction_limits_hold_one_customer_s_own_purchases(replicates, covers) -> None:
    rng, number, inside = np.random.default_rng(5), replicates(10), []
    params = np.array([0.6, 5.0, 0.6, 20.0])
    model, n = purchase_model("pareto/nbd"), 400
    for _ in range(number):
        age = rng.uniform(20, 60, n)
        rate, left = rng.gamma(0.6, 1 / 5.0, n), rng.exponential(1 / rng.gamma(0.6, 1 / 20.0, n))
        seen, ahead = np.minimum(left, age), np.clip(left - age, 0, 26)
        x = rng.poisson(rate * seen)
        recency = np.where(x > 0, seen * rng.uniform(size=n) ** (1 / np.maximum(x, 1)), 0)
        later = rng.poisson(rate * ahead)
        none = np.full((4, 4), np.nan)
        fit = TimingFit(model, model.names, params, none[0], none, 0.0, 4, n, "converged", "")
        low, high = prediction_limits(
            fit, histories(x, recency, age), span=26.0, rate=0.0, level=0.9, draws=500, seed=1
        )
        inside.append(((low <= later) & (later <= high)).mean())
    covers(
        inside,
        estimator="loyalty: prediction limits of purchases, pareto/nbd",
        world="400 customers, 26 weeks ahead, 90 % limits; whole numbers hold more often",
        slack=(0.01, 0.1),
        level=0.9,
    )
    assert np.mean(inside) < 1.0
