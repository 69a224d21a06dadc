"""The linear trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.trend import trend_test

if TYPE_CHECKING:
    from collections.abc import Callable


def test_over_dispersed_trend_agrees_with_weighted_least_squares() -> None:
    time, error = np.arange(8.0), np.array([1.0, 2, 1, 2, 1, 2, 1, 2])
    estimate = np.array([10.0, 18, 9, 22, 17, 15, 25, 14])
    found = trend_test(time, estimate, error, level=0.9)
    peer = sm.WLS(estimate, sm.add_constant(time), weights=1 / error**2).fit()
    assert found.dispersion == pytest.approx(peer.mse_resid)
    assert found.dispersion > 1
    assert found.intercept == pytest.approx(peer.params[0])
    assert (found.slope, found.std_error) == pytest.approx((peer.params[1], peer.bse[1]))
    assert (found.statistic, found.p_value) == pytest.approx((peer.tvalues[1], peer.pvalues[1]))
    assert (found.low, found.high) == pytest.approx(tuple(peer.conf_int(0.1)[1]))
    assert (found.df, found.n, found.status) == (6, 8, "ok")


def test_luck_never_narrows_the_interval() -> None:
    # by hand: Σ(t − 1)² = 2 for t = 0, 1, 2, so the variance of the slope is 3² / 2 even where all lie on the line
    found = trend_test([0, 1, 2], [5.0, 6, 7], [3.0, 3, 3])
    assert (found.slope, found.intercept, found.dispersion) == pytest.approx((1, 5, 1))
    assert found.std_error == pytest.approx(3 / np.sqrt(2))


def test_periods_without_an_estimate_are_left_out() -> None:
    whole = trend_test([0, 1, 2, 4], [5.0, 6, 9, 7], [3.0, 3, 3, 2])
    gaps = trend_test([0, 1, 2, 3, 4, 5], [5.0, 6, 9, np.nan, 7, 8], [3.0, 3, 3, 1, 2, 0])
    assert gaps == whole


@pytest.mark.parametrize(
    ("time", "status"), [([0.0, 1.0], "too-few-periods"), ([2.0, 2.0, 2.0], "constant-time"), ([], "too-few-periods")]
)
def test_a_trend_that_cannot_be_had_has_a_status(time: list[float], status: str) -> None:
    found = trend_test(time, [1.0] * len(time), [1.0] * len(time))
    assert found.status == status
    assert np.isnan(found.slope)
    assert np.isnan(found.p_value)
    assert found.n == len(time)


@settings(deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=3, max_size=12), st.floats(0.1, 10), st.floats(-50, 50))
def test_shift_and_scale(estimate: list[float], scale: float, shift: float) -> None:
    time, error = np.arange(len(estimate)), 1 + np.arange(len(estimate)) % 3
    once = trend_test(time, estimate, error)
    moved = trend_test(time + 7, np.array(estimate) * scale + shift, error * scale)
    assert moved.slope == pytest.approx(once.slope * scale, abs=1e-6)
    assert moved.std_error == pytest.approx(once.std_error * scale)
    assert once.low <= once.slope <= once.high


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(CemkitError, match="found shapes"):
        trend_test([1, 2], [1.0], [1.0])
    with pytest.raises(CemkitError, match="not negative"):
        trend_test([1, 2], [1.0, 2], [1.0, -1])
    with pytest.raises(CemkitError, match="0 < level < 1"):
        trend_test([1, 2], [1.0, 2], [1.0, 1], level=95)


@pytest.mark.slow
def test_false_alarms_are_at_most_nominal(replicates: Callable[[int], int]) -> None:
    rng = np.random.default_rng(1)
    n = replicates(2000)
    for dispersion in (1.0, 2.0):
        error = 1 + np.arange(12) % 3
        noise = rng.normal(size=(n, 12)) * error * dispersion
        share = np.mean([trend_test(np.arange(12), x, error).p_value < 0.05 for x in noise])
        # at most 5 %, with three standard errors of the simulation; the floor at 1 makes the test a little cautious
        assert share < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
