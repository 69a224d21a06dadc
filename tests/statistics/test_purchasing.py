"""Purchase models: published parameters, exact gradients, laws of scale and compression, truthful states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.histories import Histories, histories
from cemkit.statistics.purchasing import MODELS, fit_timing, purchase_model

if TYPE_CHECKING:
    from conftest import Cdnow

TIMED = ("bg/nbd", "mbg/nbd", "pareto/nbd", "nbd", "mbg/cnbd-k", "bg/cnbd-k")


def some(rng: np.random.Generator, rows: int = 300, *, discrete: bool = False) -> Histories:
    x = np.minimum(rng.poisson(rng.gamma(0.5, 4.0, rows)), 12)
    if discrete:
        age = np.full(rows, 14)
        tx = np.where(x > 0, np.minimum(x + rng.integers(0, 4, rows), 14), 0)
        return histories(x, tx, age)
    age = rng.uniform(20, 40, rows)
    tx = np.where(x > 0, age * rng.beta(1 + x, 1.5), 0.0)
    interval = np.where(x > 0, x * np.log(np.where(x > 0, tx / np.maximum(x, 1), 1.0)) - 0.3 * (x - 1), 0.0)
    return histories(x, tx, age, log_interval=interval)


# Fader, Hardie and Lee (2005) and its companions, on exact weeks; lifetimes 0.11.3 agrees to its tolerance.
@pytest.mark.parametrize(
    ("name", "params", "log_likelihood"),
    [
        ("bg/nbd", (0.2425945, 4.413602, 0.792922, 2.425907), -9582.4292),
        ("mbg/nbd", (0.524844, 6.18309, 0.89136, 1.61400), -9582.1357),
        ("pareto/nbd", (0.55328, 10.5777, 0.60624, 11.6687), -9594.9762),
    ],
)
def test_published_parameters_of_cdnow(
    cdnow: Cdnow, name: str, params: tuple[float, ...], log_likelihood: float
) -> None:
    found = fit_timing(purchase_model(name), cdnow.histories)
    np.testing.assert_allclose(found.params, params, rtol=1e-5)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    assert found.status == "converged"
    assert found.n == 2357
    assert found.aic == pytest.approx(8 - 2 * log_likelihood, abs=2e-4)


def test_published_standard_errors_of_cdnow(cdnow: Cdnow) -> None:
    found = fit_timing(purchase_model("bg/nbd"), cdnow.histories)
    # BG/NBD on exact weeks, loyalty.md: lifetimes' Hessian
    np.testing.assert_allclose(found.std_errors, (0.012557, 0.378224, 0.185734, 0.705414), atol=1e-6)


def test_published_parameters_of_the_rounded_file(lifetimes_data: Path) -> None:
    table = pd.read_csv(lifetimes_data / "cdnow_customers_summary.csv", index_col=0)
    found = fit_timing(purchase_model("bg/nbd"), histories(table["frequency"], table["recency"], table["T"]))
    np.testing.assert_allclose(found.params, (0.2425929, 4.4135323, 0.7928860, 2.4257524), rtol=2e-6)
    assert found.log_likelihood == pytest.approx(-9582.4256, abs=1e-4)


def test_published_parameters_of_the_donations(lifetimes_data: Path) -> None:
    table = pd.read_csv(lifetimes_data / "donations.csv")
    found = fit_timing(
        purchase_model("bg/bb"),
        histories(table["frequency"], table["recency"], table["periods"], count=table["weights"]),
    )
    # Fader, Hardie and Shang (2010), table 4: 1.204, .750, .657, 2.783; LL -33,225.6; 11,104 donors
    np.testing.assert_allclose(found.params, (1.204, 0.750, 0.657, 2.783), atol=5e-4)
    assert found.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert found.n == 11104


@pytest.mark.parametrize("name", MODELS)
def test_gradients_are_those_of_the_likelihood(name: str) -> None:
    rng = np.random.default_rng(1)
    data = some(rng, 60, discrete=name == "bg/bb")
    for k in (1, 3) if "cnbd" in name else (1,):
        model = purchase_model(name, k=k)
        for _ in range(5):
            log_params = rng.normal(0.5, 1.0, len(model.names))
            _, slopes = model.log_likelihood(data, np.exp(log_params))
            for axis in range(log_params.size):
                step = np.zeros(log_params.size)
                step[axis] = 1e-5
                up, _ = model.log_likelihood(data, np.exp(log_params + step))
                down, _ = model.log_likelihood(data, np.exp(log_params - step))
                np.testing.assert_allclose(slopes[axis], (up - down) / 2e-5, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", TIMED)
def test_rows_of_parameters_are_everybodys(name: str) -> None:
    data = some(np.random.default_rng(2), 50)
    model = purchase_model(name, k=2)
    params = np.array([0.4, 5.0, 0.7, 2.0])[: len(model.names)]
    one, in_one = model.log_likelihood(data, params)
    rows, in_rows = model.log_likelihood(data, np.repeat(params[:, None], data.rows, axis=1))
    np.testing.assert_allclose(one, rows, rtol=1e-11)
    np.testing.assert_allclose(in_one, in_rows, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", TIMED)
def test_another_unit_of_time_rescales_the_parameters(cdnow: Cdnow, name: str) -> None:
    model = purchase_model(name, k=2)
    weeks = fit_timing(model, cdnow.histories)
    days = fit_timing(model, cdnow.histories.rescaled(1 / 7))
    factor = np.array([7.0 if label in {"alpha", "beta"} else 1.0 for label in model.names])
    np.testing.assert_allclose(days.params, weeks.params * factor, rtol=1e-9)
    np.testing.assert_allclose(days.std_errors, weeks.std_errors * factor, rtol=1e-6)
    # a density of Σx times: log 7 each
    purchases = cdnow.histories.frequency.sum()
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - purchases * np.log(7), abs=1e-6)


@pytest.mark.parametrize("name", ["bg/nbd", "pareto/nbd"])
def test_counts_stand_for_rows(cdnow: Cdnow, name: str) -> None:
    some_rows = cdnow.histories.take(slice(0, 600))
    twice = fit_timing(purchase_model(name), replace(some_rows, count=some_rows.count * 2))
    stacked = some_rows.take(np.tile(np.arange(600), 2))
    again = fit_timing(purchase_model(name), stacked)
    np.testing.assert_allclose(twice.params, again.params, rtol=1e-9)
    assert twice.log_likelihood == pytest.approx(again.log_likelihood, rel=1e-12)


def test_a_regular_process_of_k_1_is_the_plain_model(cdnow: Cdnow) -> None:
    for plain, regular in (("bg/nbd", "bg/cnbd-k"), ("mbg/nbd", "mbg/cnbd-k")):
        one = fit_timing(purchase_model(plain), cdnow.histories)
        two = fit_timing(purchase_model(regular, k=1), cdnow.histories)
        np.testing.assert_array_equal(one.params, two.params)
        assert one.log_likelihood == two.log_likelihood


@pytest.mark.parametrize("name", MODELS)
def test_degenerate_samples_have_a_status_and_no_exception(name: str) -> None:
    model = purchase_model(name)
    nobody = fit_timing(model, histories([0] * 9, [0] * 9, range(3, 12)))
    assert (nobody.status, nobody.detail) == ("unidentified", "nobody bought again")
    assert np.isnan(nobody.params).all()
    alike = fit_timing(model, histories([2] * 50, [5] * 50, [8] * 50))
    assert alike.status == "unidentified"
    assert "1 different histories" in alike.detail or "do not identify" in alike.detail


def test_the_limits_are_named() -> None:
    rng = np.random.default_rng(5)
    age = rng.integers(30, 60, 800).astype(float)
    x = rng.poisson(0.1 * age)  # one rate for all, nobody leaves
    tx = np.where(x > 0, age * rng.beta(np.maximum(x, 1), 1), 0.0)
    nbd = fit_timing(purchase_model("nbd"), histories(x, tx, age))
    found = fit_timing(purchase_model("bg/nbd"), histories(x, tx, age))
    assert found.status == "degenerate limit"
    assert "homogeneous" in found.detail or "nobody leaves" in found.detail
    assert found.log_likelihood >= nbd.log_likelihood - 1e-3
    assert np.isnan(found.std_errors).any()


@pytest.mark.parametrize("name", ["bg/nbd", "pareto/nbd"])
def test_covariates_are_found(name: str) -> None:
    rng = np.random.default_rng(7)
    n = 4000
    z = rng.integers(0, 2, n).astype(float)
    age = np.full(n, 40.0)
    rate = rng.gamma(1.0, 1 / 5.0, n) * np.exp(0.8 * z)
    x, tx = np.zeros(n, int), np.zeros(n)
    life = rng.exponential(1 / rng.gamma(1.0, 1 / 20.0, n)) if name == "pareto/nbd" else np.full(n, np.inf)
    leaves = rng.beta(1.0, 3.0, n) if name == "bg/nbd" else np.zeros(n)
    clock, active = np.zeros(n), np.arange(n)
    while active.size:
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] < np.minimum(age, life)[active]]
        x[active], tx[active] = x[active] + 1, clock[active]
        active = active[rng.random(active.size) >= leaves[active]]
    found = fit_timing(purchase_model(name), histories(x, tx, age, covariates=z[:, None]))
    assert found.status == "converged"
    assert found.names[4] == "alpha_0"
    truth = dict(
        zip(found.names, (1, 5, 1, 20, 0.8, 0.0) if name == "pareto/nbd" else (1, 5, 1, 3, 0.8, 0, 0), strict=True)
    )
    z_scores = (found.params - np.array(list(truth.values()))) / found.std_errors
    assert (np.abs(z_scores) < 3.5).all(), dict(zip(found.names, z_scores, strict=True))
    # centring and scaling of covariates stay inside: another unit of z rescales the coefficient
    again = fit_timing(purchase_model(name), histories(x, tx, age, covariates=100 + 10 * z[:, None]))
    assert again.params[4] == pytest.approx(found.params[4] / 10, rel=1e-5)
    assert again.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-5)


def test_a_constant_covariate_is_unidentified(cdnow: Cdnow) -> None:
    data = replace(cdnow.histories, covariates=np.ones((cdnow.histories.rows, 1)))
    assert fit_timing(purchase_model("bg/nbd"), data).status == "unidentified"


def test_what_a_model_lacks_is_said(cdnow: Cdnow) -> None:
    with pytest.raises(CemkitError, match="log_interval"):
        fit_timing(purchase_model("mbg/cnbd-k", k=2), histories([1, 2], [3, 4], [5, 6]))
    with pytest.raises(CemkitError, match="Did you mean 'bg/nbd'"):
        purchase_model("bgnbd")
    with pytest.raises(CemkitError, match="takes no covariates"):
        fit_timing(purchase_model("bg/bb"), histories([1, 2], [3, 4], [5, 6], covariates=[[1], [2]]))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bg/nbd", "mbg/nbd", "pareto/nbd", "nbd"])
def test_sixty_small_samples_have_truthful_states(cdnow: Cdnow, name: str) -> None:
    model = purchase_model(name)
    for seed in range(60):
        rows = np.random.default_rng(seed).choice(cdnow.histories.rows, 80, replace=False)
        data = cdnow.histories.take(rows)
        found = fit_timing(model, data)
        assert found.status in {"converged", "degenerate limit"}
        assert found.log_likelihood >= best_of_random_starts(name, data, starts=6, seed=seed) - 1e-4
        if found.status == "converged":
            assert np.isfinite(found.std_errors).all()
        else:
            assert found.detail


def best_of_random_starts(name: str, data: Histories, *, starts: int, seed: int) -> float:
    """Climb with scipy's own L-BFGS in the log parameters."""
    from scipy.optimize import minimize

    model, rng = purchase_model(name), np.random.default_rng(seed)
    timed = np.array([label in {"alpha", "beta"} for label in model.names])

    def depth(point: np.ndarray) -> tuple[float, np.ndarray]:
        ll, slopes = model.log_likelihood(data, np.exp(point))
        return -float(ll @ data.count) / data.customers, -(slopes @ data.count) / data.customers

    heights = []
    for _ in range(starts):
        start = rng.uniform(-3, 3, timed.size) + timed * np.log(data.age.max())
        found = minimize(
            depth,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-9.0, 12.0)] * timed.size,
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
        )
        heights.append(-float(found.fun) * data.customers)
    return max(heights)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bg/nbd", "mbg/nbd"])
def test_heavy_buyers_reach_the_best_of_random_starts(name: str) -> None:
    rng = np.random.default_rng(5)
    n = 400
    age, rate, leaves = rng.uniform(50, 200, n), rng.gamma(0.4, 20.0, n), rng.beta(0.6, 40.0, n)
    x, tx = np.zeros(n, int), np.zeros(n)
    clock, active = np.zeros(n), np.arange(n)
    while active.size:
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] < age[active]]
        x[active], tx[active] = x[active] + 1, clock[active]
        active = active[rng.random(active.size) >= leaves[active]]
    assert x.max() > 1500
    data = histories(x, tx, age)
    found = fit_timing(purchase_model(name), data)
    assert found.log_likelihood >= best_of_random_starts(name, data, starts=20, seed=1) - 1e-4


@pytest.mark.slow
def test_standard_errors_are_calibrated(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    truth = np.array([0.6, 5.0, 0.8, 2.5])
    rng = np.random.default_rng(11)
    number, n, held = replicates(1000), 3000, []
    for _ in range(number):
        x, tx, age = draw_bg_nbd(rng, truth, n)
        found = fit_timing(purchase_model("bg/nbd"), histories(x, tx, age))
        if found.status == "converged":
            error = np.sqrt(np.diag(found.covariance))
            held.append(np.abs(np.log(found.params / truth)) < 1.959964 * error)
    assert len(held) > 0.99 * number
    slack = max(0.02, 4 * np.sqrt(0.95 * 0.05 / len(held)))
    covers(
        held,
        estimator="loyalty.fit, bg/nbd: r, alpha, a, b",
        world="3,000 BG/NBD customers watched for 30 to 60 weeks, where the fit converges",
        slack=(slack, slack),
    )


def draw_bg_nbd(rng: np.random.Generator, params: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw histories of BG/NBD customers."""
    r, alpha, a, b = params
    age, rate, leaves = rng.uniform(30, 60, n), rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, tx, clock, active = np.zeros(n, int), np.zeros(n), np.zeros(n), np.arange(n)
    while active.size:
        clock[active] += rng.exponential(1.0, active.size) / rate[active]
        active = active[clock[active] < age[active]]
        x[active], tx[active] = x[active] + 1, clock[active]
        active = active[rng.random(active.size) >= leaves[active]]
    return x, tx, age
