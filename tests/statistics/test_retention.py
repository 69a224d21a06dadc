"""Contracts: published parameters, closed forms, laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import hyp2f1

from cemkit.errors import CemkitError
from cemkit.statistics.retention import (
    _slopes,
    discounted_lifetime,
    fit_contract,
    hazard,
    log_survival,
    renewals,
    survival,
)

# Fader and Hardie (2007), table 1: percent of 1,000 customers still there after 0 .. 7 renewals, then 8 .. 12
HIGH_END = np.array([100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]) * 10
REGULAR = np.array([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]) * 10


@pytest.mark.parametrize(
    ("survivors", "params", "log_likelihood"),
    [(HIGH_END, (0.668, 3.806), -1611.2), (REGULAR, (0.704, 1.182), -1680.3)],
)
def test_published_parameters_of_the_sbg(
    survivors: np.ndarray, params: tuple[float, float], log_likelihood: float
) -> None:
    found = fit_contract("sbg", *renewals(survivors))
    np.testing.assert_allclose(found.params, params, atol=5e-4)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=0.05)
    assert found.status == "converged"
    assert np.isfinite(found.std_errors).all()


def test_the_bdw_contains_the_sbg() -> None:
    lost, kept = renewals(HIGH_END)
    sbg, bdw = fit_contract("sbg", lost, kept), fit_contract("bdw", lost, kept)
    np.testing.assert_allclose(survival((*sbg.params, 1.0), np.arange(9)), survival(sbg.params, np.arange(9)))
    assert bdw.log_likelihood > sbg.log_likelihood
    rng = np.random.default_rng(0)
    for _ in range(20):  # no point nearby is higher
        near = bdw.params * np.exp(rng.normal(0, 0.05, 3))
        p = -np.diff(survival(near, np.arange(8.0)))
        height = lost @ np.log(p) + kept[-1] * log_survival(near, 7.0)
        assert height <= bdw.log_likelihood


def test_survival_and_hazard_of_the_sbg() -> None:
    a, b = 0.668, 3.806
    # S(1) = β/(α+β); hazard of the t-th renewal α/(α+β+t-1)
    assert survival((a, b), 1) == pytest.approx(b / (a + b))
    np.testing.assert_allclose(hazard((a, b), [1, 2, 9]), [a / (a + b), a / (a + b + 1), a / (a + b + 8)], rtol=1e-10)


@pytest.mark.parametrize("params", [(0.7, 3.0, 1.0), (0.3, 1.5, 1.6), (2.0, 0.4, 0.6)])
def test_slopes_are_those_of_survival(params: tuple[float, ...]) -> None:
    point, t = np.log(params), np.arange(6.0)
    slopes = _slopes(np.array(params), t)
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-6
        difference = log_survival(np.exp(point + step), t) - log_survival(np.exp(point - step), t)
        np.testing.assert_allclose(slopes[axis], difference / 2e-6, rtol=1e-6, atol=1e-8)


def test_discounted_lifetimes_are_gausss_series() -> None:
    a, b, v = 0.668, 3.806, 1 / 1.1
    # Fader and Hardie (2010), eq. 3 and 6
    assert discounted_lifetime((a, b), discount=0.1, unit="year") == pytest.approx(hyp2f1(1, b, a + b, v), rel=1e-10)
    for k in (0, 1, 4):
        n = k + 1
        expected = (b + n - 1) / (a + b + n - 1) * hyp2f1(1, b + n, a + b + n, v)
        found = discounted_lifetime((a, b), discount=0.1, unit="year", renewed=k)
        assert found == pytest.approx(expected, rel=1e-10)
    with pytest.raises(CemkitError, match="too small"):
        discounted_lifetime((a, b), discount=1e-9, unit="day")


def test_cohorts_add_up() -> None:
    lost, kept = renewals([[100, 80, 60], [50, 45, np.nan], [30, np.nan, np.nan]])
    np.testing.assert_array_equal(lost, [25, 20])
    np.testing.assert_array_equal(kept, [45, 60])
    both, _ = renewals(np.stack([HIGH_END, HIGH_END]))
    once, stayed = renewals(HIGH_END)
    twice = fit_contract("sbg", both, stayed * 2)
    one = fit_contract("sbg", once, stayed)
    np.testing.assert_allclose(twice.params, one.params, rtol=1e-8)
    np.testing.assert_allclose(twice.std_errors * np.sqrt(2), one.std_errors, rtol=1e-6)


@pytest.mark.parametrize("table", [[[10, 11]], [[np.nan, 5]], [[10, np.nan, 4]], [[5, -1]]])
def test_impossible_cohorts_are_refused(table: list[list[float]]) -> None:
    with pytest.raises(CemkitError, match="only shrinks"):
        renewals(table)


def test_degenerate_contracts_have_a_status() -> None:
    assert fit_contract("sbg", [0, 0, 0], [0, 0, 50]).status == "degenerate limit"  # nobody leaves
    constant = 1000 * 0.8 ** np.arange(7)
    assert "homogeneous" in fit_contract("sbg", *renewals(constant)).detail
    assert fit_contract("sbg", [3], [7]).status == "unidentified"
    assert fit_contract("bdw", [3, 2], [0, 5]).status == "unidentified"
    assert fit_contract("sbg", [], []).status == "unidentified"


def test_errors_cover_simulated_truth() -> None:
    rng = np.random.default_rng(8)
    theta = rng.beta(0.7, 2.5, 8000)
    left = rng.geometric(theta)
    lost = np.array([(left == t).sum() for t in range(1, 9)])
    kept = np.zeros(8)
    kept[-1] = (left > 8).sum()
    found = fit_contract("sbg", lost, kept)
    assert (np.abs((found.params - [0.7, 2.5]) / found.std_errors) < 3.5).all()
