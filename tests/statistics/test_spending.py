"""Gamma-Gamma: published parameters, gradients, laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.spending import expected_spend, fit_spending, independence, spending_log_likelihood

if TYPE_CHECKING:
    from conftest import Cdnow


def test_published_parameters_of_cdnow(cdnow: Cdnow) -> None:
    x = cdnow.histories.frequency
    # a zero-sum day counts as a purchase in frequency, and a mean of zero cannot be fitted: leave such customers to the caller
    used = (x > 0) & (cdnow.spend > 0)
    found = fit_spending(x[used], cdnow.spend[used])
    assert found.n == 946
    assert cdnow.spend[used].mean() == pytest.approx(35.08, abs=5e-3)
    # Fader and Hardie (2013), loyalty.md
    np.testing.assert_allclose(found.params, (6.2496, 3.7442, 15.4435), rtol=2e-4)
    assert found.log_likelihood == pytest.approx(-4055.9177, abs=1e-3)
    assert found.status == "converged"
    # the paper's parameters: E[z | x = 0] = pv / (q - 1)
    assert expected_spend((6.25, 3.74, 15.44), 0, np.nan) == pytest.approx(35.21898, abs=1e-5)
    related = independence(x[used], cdnow.spend[used])
    # Fader and Hardie (2013): r = .11
    assert related.pearson == pytest.approx(0.11, abs=0.005)
    assert related.pearson_p_value < 0.01


def test_independence_is_that_of_scipy(cdnow: Cdnow) -> None:
    from scipy import stats

    rng = np.random.default_rng(2)
    x, m = rng.integers(1, 6, 80), rng.gamma(3, 10, 80).round()
    found, pearson, spearman = independence(x, m), stats.pearsonr(x, m), stats.spearmanr(x, m)
    assert (found.pearson, found.pearson_p_value) == pytest.approx((pearson.statistic, pearson.pvalue), rel=1e-9)
    assert (found.spearman, found.spearman_p_value) == pytest.approx((spearman.statistic, spearman.pvalue), rel=1e-9)


def test_gradients_are_those_of_the_likelihood() -> None:
    x, m = np.array([1.0, 3.0, 20.0]), np.array([12.0, 30.0, 31.0])
    point = np.log([6.25, 3.74, 15.44])
    _, slopes = spending_log_likelihood(np.exp(point), x, m)
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-6
        up, down = (spending_log_likelihood(np.exp(point + sign * step), x, m)[0] for sign in (1, -1))
        np.testing.assert_allclose(slopes[axis], (up - down) / 2e-6, rtol=1e-6, atol=1e-7)


def test_another_currency_rescales_v_only(cdnow: Cdnow) -> None:
    used = (cdnow.histories.frequency > 0) & (cdnow.spend > 0)
    x, m = cdnow.histories.frequency[used], cdnow.spend[used]
    one, cents = fit_spending(x, m), fit_spending(x, m * 100)
    np.testing.assert_allclose(cents.params, one.params * [1, 1, 100], rtol=1e-8)
    assert cents.log_likelihood == pytest.approx(one.log_likelihood - 946 * np.log(100), abs=1e-6)
    twice = fit_spending(x, m, count=2.0)
    np.testing.assert_allclose(twice.params, one.params, rtol=1e-8)
    np.testing.assert_allclose(twice.std_errors, one.std_errors / np.sqrt(2), rtol=1e-6)


def test_parameters_and_errors_of_simulated_spend() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(1, 9, 6000)
    mean = rng.gamma(4.0 * x, 1.0) / rng.gamma(3.5, 1 / 20.0, 6000) / x
    found = fit_spending(x, mean)
    assert (np.abs((found.params - [4.0, 3.5, 20.0]) / found.std_errors) < 3.5).all()
    assert found.mean == pytest.approx(mean.mean(), rel=0.05)


def test_expectations_lie_between_own_and_population() -> None:
    params = (6.25, 3.74, 15.44)
    found = expected_spend(params, [0, 1, 5, 1000], [0, 100, 100, 100])
    assert (np.diff(found) > 0).all()
    assert found[3] == pytest.approx(100, rel=0.01)
    assert np.isinf(expected_spend((0.5, 0.4, 2.0), 0, 0))


def test_degenerate_spends_have_a_status() -> None:
    assert fit_spending([0, 0], [0, 0]).status == "unidentified"
    alike = fit_spending([2, 3, 4, 5, 6], [10.0] * 5)
    assert alike.status in {"degenerate limit", "unidentified"}
    with pytest.raises(CemkitError, match="1 of 2 have none"):
        fit_spending([1, 2], [5.0, -1.0])
    assert np.isnan(independence([1, 1, 1], [3.0, 4.0, 5.0]).pearson)
