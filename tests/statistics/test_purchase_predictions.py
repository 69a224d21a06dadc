"""Predictions of purchase models: published numbers, closed forms, simulation, and what must hold at the edges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.histories import histories, new_customer
from cemkit.statistics.purchase_predictions import (
    continuous_rate,
    delta_interval,
    discounted_purchases,
    draw_params,
    expected_new,
    expected_purchases,
    next_purchase_quantile,
    probability_alive,
    probability_inactive_for,
)
from cemkit.statistics.purchasing import MODELS, PurchaseModel, fit_timing, purchase_model

if TYPE_CHECKING:
    from conftest import Cdnow

BG, PARETO = purchase_model("bg/nbd"), purchase_model("pareto/nbd")
PAPER = (0.243, 4.414, 0.793, 2.426)
PARETO_PAPER = (0.5534, 10.5802, 0.6061, 11.6562)
PARAMS = {
    "bg/nbd": PAPER,
    "mbg/nbd": (0.525, 6.183, 0.891, 1.614),
    "pareto/nbd": PARETO_PAPER,
    "nbd": (0.385, 12.07),
    "bg/bb": (1.204, 0.750, 0.657, 2.783),
    "mbg/cnbd-k": (0.58, 2.288, 1.134, 1.585),
    "bg/cnbd-k": (0.227, 1.463, 0.944, 2.074),
}


def model_of(name: str) -> PurchaseModel:
    return purchase_model(name, k=2)


def test_published_expectations_of_bg_nbd(cdnow: Cdnow) -> None:
    fit = fit_timing(BG, cdnow.histories)
    # Fader, Hardie and Lee's spreadsheet: customer 0001, 1.226; population to week 78, 1.8580
    assert expected_purchases(BG, fit.params, histories(2, 30.43, 38.86), t=39)[0] == pytest.approx(1.2259, abs=2e-4)
    assert expected_new(BG, fit.params, t=78)[0] == pytest.approx(1.8580, abs=5e-5)
    # (α/(α+39))^r
    assert probability_inactive_for(BG, PAPER, new_customer(), t=39)[0] == pytest.approx(0.5737864, abs=1e-6)


def test_published_probability_alive_of_pareto_nbd() -> None:
    # customer 1516 of CDNOW: 26 purchases, the last on day 216 of 217
    data = histories(26, 216 / 7, 31)
    assert probability_alive(PARETO, PARETO_PAPER, data)[0] == pytest.approx(0.9978733, abs=1e-7)


@pytest.mark.parametrize("history", [(0, 0, 39), (2, 30.43, 38.86), (26, 30.857, 31), (5, 3.0, 38.0)])
def test_dert_of_pareto_nbd_is_tricomis_function(history: tuple[float, float, float]) -> None:
    from scipy.special import gammaln, hyperu

    x, _, age = history
    r, alpha, s, beta = PARETO_PAPER
    rate = continuous_rate(0.15, unit="week")
    data = histories(*history)
    log_l = PARETO.log_likelihood(data, np.array(PARETO_PAPER))[0][0]
    # Fader, Hardie and Lee (2005), RFM and CLV, eq. 2
    log_dert = (
        r * np.log(alpha)
        + s * np.log(beta)
        + (s - 1) * np.log(rate)
        + gammaln(r + x + 1)
        - gammaln(r)
        + np.log(hyperu(s, s, rate * (beta + age)))
        - (r + x + 1) * np.log(alpha + age)
        - log_l
    )
    found = discounted_purchases(PARETO, PARETO_PAPER, data, discount=0.15, unit="week")
    assert found[0] == pytest.approx(np.exp(log_dert), rel=1e-8)


@pytest.mark.parametrize("history", [(0, 0.0, 30.0), (1, 4.0, 30.0), (7, 29.0, 30.0)])
def test_expectations_of_bg_nbd_are_the_hypergeometric_ones(history: tuple[float, float, float]) -> None:
    from scipy.special import hyp2f1

    x, _, age = history
    r, alpha, a, b = PAPER
    t, data = 39.0, histories(*history)
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    # Fader, Hardie and Lee (2005), eq. 10
    expected = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series)
    alive = probability_alive(BG, PAPER, data)[0]
    assert expected_purchases(BG, PAPER, data, t=t)[0] == pytest.approx(expected * alive, rel=1e-7)


def test_the_sum_over_purchases_is_the_integral_over_leaving() -> None:
    # k = 1 by both ways: quadrature over p, and the sum over the number of purchases that CNBD-k needs
    data = histories([0, 1, 3, 8, 40], [0, 4, 20, 25, 30], [30, 30, 30, 30, 31])
    for name in ("bg/nbd", "mbg/nbd"):
        model, params = purchase_model(name), np.array(PARAMS[name])
        t = np.asarray(20.0)
        alive = model.alive(data, params)
        bought = model._purchase_sum(data, params, t, leaving=False)
        left = model._purchase_sum(data, params, t, leaving=True)
        np.testing.assert_allclose(alive * bought, model.expected(data, params, t), rtol=1e-7)
        np.testing.assert_allclose(alive * (1 - left), model.alive_later(data, params, t), rtol=1e-7)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "bg/bb"])
def test_discounting_sums_the_purchases_to_come(name: str) -> None:
    model, params = model_of(name), PARAMS[name]
    data = histories([0, 2, 9], [0, 20, 38], [38, 39, 39])
    # ∫ e^(-δt) dE[X(t)] = δ ∫ e^(-δt) E[X(t)] dt, by Simpson's rule in t; a high discount keeps the sum short
    discount = 4000.0
    rate = continuous_rate(discount, unit="week")
    steps = 400 if model.k == 1 else 80
    times = np.linspace(0.0, 30.0 / rate, steps + 1)
    values = np.stack([expected_purchases(model, params, data, t=t) for t in times]) * np.exp(-rate * times)[:, None]
    weights = np.where(np.arange(steps + 1) % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    integral = rate * (weights @ values) * (times[1] - times[0]) / 3
    found = discounted_purchases(model, params, data, discount=discount, unit="week")
    np.testing.assert_allclose(found, integral, rtol=2e-5 if model.k == 1 else 2e-3)


@pytest.mark.parametrize("name", MODELS)
def test_laws_of_predictions(name: str) -> None:
    model, params = model_of(name), PARAMS[name]
    data = histories([0, 1, 2, 6], [0, 3, 6, 9], [10, 10, 10, 10])
    alive = probability_alive(model, params, data)
    assert ((alive >= 0) & (alive <= 1)).all()
    later = probability_alive(model, params, data, at=5)
    assert (later <= alive + 1e-12).all()
    np.testing.assert_allclose(expected_purchases(model, params, data, t=0), 0, atol=1e-12)
    np.testing.assert_allclose(probability_inactive_for(model, params, data, t=0), 1, atol=1e-9)
    silent = np.stack([probability_inactive_for(model, params, data, t=t) for t in (1, 5, 30, 500)])
    assert (np.diff(silent, axis=0) < 0).all()
    assert (silent >= 1 - alive - 1e-9).all()
    bought = np.stack([expected_purchases(model, params, data, t=t) for t in (1, 5, 30, 500)])
    assert (np.diff(bought, axis=0) > 0).all()
    # P(X > 0) <= E X
    assert (1 - silent <= bought + 1e-9).all()
    quantile = next_purchase_quantile(model, params, data, q=0.2)
    for row in np.flatnonzero(np.isfinite(quantile) & (quantile < 1e6)):
        one = data.take(np.array([row]))
        reached = probability_inactive_for(model, params, one, t=float(quantile[row]))[0]
        assert reached <= 0.8 + 1e-6
        assert model.timed is False or reached == pytest.approx(0.8, abs=1e-6)
    discounted = discounted_purchases(model, params, data, discount=0.1, unit="week")
    assert (discounted > 0).all()
    assert np.isfinite(discounted).all()


@given(
    x=st.integers(1, 200),
    age=st.floats(5, 100),
    shares=st.tuples(st.floats(0.05, 1.0), st.floats(0.05, 1.0)),
    name=st.sampled_from(["bg/nbd", "mbg/nbd", "pareto/nbd", "mbg/cnbd-k", "bg/cnbd-k"]),
)
def test_probability_alive_falls_with_silence(x: int, age: float, shares: tuple[float, float], name: str) -> None:
    early, late = sorted(shares)
    data = histories([x, x], [age * early, age * late], [age, age])
    alive = probability_alive(model_of(name), PARAMS[name], data)
    assert alive[0] <= alive[1] + 1e-12


@pytest.mark.parametrize("a", [1.0, 1.0 + 1e-9, 0.999999, 2.0])
def test_finite_where_others_divide_by_zero(a: float) -> None:
    data = histories([0, 1, 1500, 1500], [0, 30, 30, 5], [30, 30, 30, 30])
    for name in ("bg/nbd", "mbg/nbd", "bg/cnbd-k", "pareto/nbd"):
        params = (0.5, 5.0, a, 2.0)  # s = 1 in the Pareto/NBD
        model = model_of(name)
        for predict in (
            partial(expected_purchases, t=52),
            partial(probability_alive, at=52),
            partial(probability_inactive_for, t=52),
            partial(discounted_purchases, discount=0.1, unit="week"),
        ):
            found = predict(model, params, data)
            near = predict(model, (0.5, 5.0, a + 1e-6, 2.0), data)
            assert np.isfinite(found).all()
            np.testing.assert_allclose(found, near, rtol=1e-4, atol=1e-12)


def test_bgbb_is_brute_force() -> None:
    # enumerate: p and θ on a fine grid of quantiles would do as well; here all 2^n continuations by recursion in closed form
    from scipy.special import betaln

    model, params = purchase_model("bg/bb"), PARAMS["bg/bb"]
    alpha, beta, gamma, delta = params
    data = histories(3, 4, 6)
    alive_part = np.exp(
        betaln(alpha + 3, beta + 3) - betaln(alpha, beta) + betaln(gamma, delta + 6) - betaln(gamma, delta)
    )
    gone = sum(
        np.exp(
            betaln(alpha + 3, beta + 1 + i)
            - betaln(alpha, beta)
            + betaln(gamma + 1, delta + 4 + i)
            - betaln(gamma, delta)
        )
        for i in range(2)
    )
    assert probability_alive(model, params, data)[0] == pytest.approx(alive_part / (alive_part + gone), rel=1e-12)
    assert model.log_likelihood(data, np.array(params))[0][0] == pytest.approx(np.log(alive_part + gone), rel=1e-12)
    # E purchases in the next two opportunities, and P(none), by summing the likelihoods of all continuations
    total = np.exp(model.log_likelihood(data, np.array(params))[0][0])
    chance = {
        (1, 0): histories(4, 7, 8),
        (0, 1): histories(4, 8, 8),
        (1, 1): histories(5, 8, 8),
        (0, 0): histories(3, 4, 8),
    }
    share = {key: np.exp(model.log_likelihood(row, np.array(params))[0][0]) / total for key, row in chance.items()}
    assert sum(share.values()) == pytest.approx(1, rel=1e-12)
    expected = sum(sum(key) * value for key, value in share.items())
    assert expected_purchases(model, params, data, t=2)[0] == pytest.approx(expected, rel=1e-7)
    assert probability_inactive_for(model, params, data, t=2)[0] == pytest.approx(share[0, 0], rel=1e-12)
    # DERT is the sum of discounted increments
    steps = [expected_purchases(model, params, data, t=t)[0] for t in range(60)]
    v = 1 / 1.5
    summed = sum(v**t * (steps[t] - steps[t - 1]) for t in range(1, 60))
    assert discounted_purchases(model, params, data, discount=0.5, unit="year")[0] == pytest.approx(summed, rel=1e-6)


def test_holdout_errors_of_cdnow(cdnow: Cdnow) -> None:
    # mean absolute error per customer over the next 39 weeks: loyalty.md
    for name, error in (("nbd", 1.0410), ("bg/nbd", 0.7855), ("mbg/nbd", 0.7648), ("pareto/nbd", 0.7545)):
        model = purchase_model(name)
        fit = fit_timing(model, cdnow.histories)
        expected = expected_purchases(model, fit.params, cdnow.histories, t=39)
        assert np.abs(expected - cdnow.later).mean() == pytest.approx(error, abs=2e-4), name


def test_intervals_of_the_delta_method_and_of_draws_agree(cdnow: Cdnow) -> None:
    fit = fit_timing(BG, cdnow.histories)
    data = histories([0, 2, 8], [0, 30.43, 37], [38.86, 38.86, 38.86])
    predict = partial(expected_purchases, BG, data=data, t=39)
    error, low, high = delta_interval(fit, predict, level=0.95)
    value = predict(fit.params)
    assert ((low < value) & (value < high)).all()
    draws = draw_params(fit, draws=400, rng=np.random.default_rng(1))
    drawn = np.stack([predict(draw) for draw in draws])
    np.testing.assert_allclose(drawn.std(axis=0), error, rtol=0.15)
    np.testing.assert_array_equal(draws, draw_params(fit, draws=400, rng=np.random.default_rng(1)))
    _, low, high = delta_interval(fit, lambda p: probability_alive(BG, p, data), level=0.95, kind="probability")
    assert low[0] == high[0] == 1.0  # BG/NBD: who never bought again cannot have left
    assert (low[1:] > 0).all()
    assert (high[1:] < 1).all()


def test_no_interval_without_a_covariance() -> None:
    fit = fit_timing(BG, histories([0, 0], [0, 0], [3, 4]))
    with pytest.raises(CemkitError, match="nobody bought again"):
        draw_params(fit, draws=3, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda d: expected_purchases(BG, PAPER, d, t=-1), "at least 0"),
        (lambda d: next_purchase_quantile(BG, PAPER, d, q=1.0), "between 0 and 1"),
        (lambda d: discounted_purchases(BG, PAPER, d, discount=0.0, unit="week"), "positive"),
        (lambda d: discounted_purchases(BG, PAPER, d, discount=0.1, unit="weak"), "Did you mean 'week'"),
        (lambda d: expected_purchases(BG, (1.0, -1.0, 1.0, 1.0), d, t=1), "positive parameters"),
        (lambda d: expected_purchases(purchase_model("bg/bb"), PARAMS["bg/bb"], d, t=1.5), "whole"),
    ],
)
def test_impossible_questions_are_refused(call: Callable[[object], object], word: str) -> None:
    with pytest.raises(CemkitError, match=word):
        call(histories(1, 2, 3))


@pytest.mark.slow
def test_probability_alive_is_calibrated_by_decile(replicates: Callable[[int], int]) -> None:
    rng, n = np.random.default_rng(3), 20_000
    deciles = []
    for _ in range(replicates(10)):
        age, rate, leaves = rng.uniform(30, 60, n), rng.gamma(0.6, 0.2, n), rng.beta(0.8, 2.5, n)
        x, tx, clock, alive, active = np.zeros(n, int), np.zeros(n), np.zeros(n), np.ones(n, bool), np.arange(n)
        while active.size:
            clock[active] += rng.exponential(1.0, active.size) / np.maximum(rate[active], 1e-300)
            active = active[clock[active] < age[active]]
            x[active], tx[active] = x[active] + 1, clock[active]
            stays = rng.random(active.size) >= leaves[active]
            alive[active[~stays]] = False
            active = active[stays]
        data = histories(x, tx, age)
        p = probability_alive(BG, fit_timing(BG, data).params, data)
        order = np.argsort(p)
        deciles.append([(alive[part].mean() - p[part].mean()) for part in np.array_split(order[p[order] < 1], 10)])
    assert np.abs(np.mean(deciles, axis=0)).max() < 0.02
