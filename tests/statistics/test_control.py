"""Control limits and Nelson's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.control import control_limits, nelson_signals

if TYPE_CHECKING:
    from collections.abc import Callable

UP_DOWN = [1.0, -1.0]


def test_limits_by_hand() -> None:
    # 10 periods 30 (error 2) and 10 periods 40 (error 4), alternating: weights 1/4 and 1/16, centre 32;
    # z = -1, 2, -1, 2, ...: every moving range is 3, sigma_z = 3 / 1.128 = 2.65957447
    found = control_limits([30.0, 40.0] * 10, [2.0, 4.0] * 10)
    sigma = 3 / 1.128
    assert found.status == "ok"
    assert found.centre == pytest.approx(32)
    assert found.sigma_z == pytest.approx(2.65957447)
    assert found.low[:2] == pytest.approx([32 - 6 * sigma, 32 - 12 * sigma])
    assert found.high[:2] == pytest.approx([32 + 6 * sigma, 32 + 12 * sigma])
    assert found.z[:2] == pytest.approx([-1 / sigma, 2 / sigma])


def test_sigma_is_never_under_one() -> None:
    found = control_limits([30.0] * 20, [2.0] * 20)
    assert (found.sigma_z, found.low[0], found.high[0]) == (1, 24, 36)


def test_baseline_is_frozen() -> None:
    rng = np.random.default_rng(0)
    estimate, error = rng.normal(30, 3, 40), rng.uniform(2, 4, 40)
    once, later = control_limits(estimate[:25], error[:25]), control_limits(estimate, error)
    assert (once.centre, once.sigma_z) == (later.centre, later.sigma_z)
    assert np.array_equal(later.z[:25], once.z)
    assert control_limits(estimate, error, baseline=30).centre != later.centre


@pytest.mark.parametrize(("periods", "baseline"), [(19, 20), (25, 19), (25, 26), (0, 20)])
def test_a_short_baseline_has_no_limits(periods: int, baseline: int) -> None:
    found = control_limits([30.0] * periods, [2.0] * periods, baseline=baseline)
    assert found.status == "short-baseline"
    assert np.isnan(found.centre)
    assert np.all(np.isnan(found.low))
    assert found.low.shape == (periods,)
    assert not nelson_signals(found.z).any()


def test_an_incomplete_last_period_never_signals() -> None:
    estimate = [30.0] * 20 + [90.0]
    assert nelson_signals(control_limits(estimate, [2.0] * 21).z)[-1, 0]
    found = control_limits(estimate, [2.0] * 21, incomplete_last=True)
    assert not nelson_signals(found.z).any()
    assert (found.low[-1], found.high[-1]) == (24, 36)
    # nor does it count for the baseline
    assert control_limits(estimate[1:], [2.0] * 20, incomplete_last=True).status == "short-baseline"


def test_gaps_are_not_in_the_baseline() -> None:
    rng = np.random.default_rng(0)
    estimate = rng.normal(30, 3, 22)
    gaps = np.insert(estimate, [3, 9], [np.nan, 55.0])
    error = np.insert(np.full(22, 2.0), [3, 9], [2.0, 0.0])
    found, whole = control_limits(gaps, error, baseline=22), control_limits(estimate, np.full(22, 2.0), baseline=22)
    assert (found.centre, found.sigma_z) == pytest.approx((whole.centre, whole.sigma_z))
    assert np.flatnonzero(np.isnan(found.z)).tolist() == [3, 10]
    assert np.flatnonzero(np.isnan(found.low)).tolist() == [3, 10]


def test_rule_1_is_beyond_three_on_either_side() -> None:
    assert nelson_signals([3.0, 3.01, -3.0, -3.01, np.nan])[:, 0].tolist() == [False, True, False, True, False]


def test_rule_2_flags_the_ninth_and_those_after() -> None:
    z = [-1.0, *[0.5, 0.4] * 5, -1.0]
    assert np.flatnonzero(nelson_signals(z)[:, 1]).tolist() == [9, 10]
    assert np.flatnonzero(nelson_signals([-x for x in z])[:, 1]).tolist() == [9, 10]
    assert not nelson_signals([0.5] * 8 + [0.0] + [0.5] * 8)[:, 1].any()
    assert not nelson_signals([0.5] * 8 + [np.nan] + [0.5] * 8)[:, 1].any()


def test_rule_3_flags_the_sixth_of_a_rise_or_fall() -> None:
    z = [0.0, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 0.2]
    assert np.flatnonzero(nelson_signals(z)[:, 2]).tolist() == [6, 7]
    assert np.flatnonzero(nelson_signals([-x for x in z])[:, 2]).tolist() == [6, 7]
    assert not nelson_signals([0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6])[:, 2].any()
    assert not nelson_signals([0.1, 0.2, 0.3, np.nan, 0.4, 0.5, 0.6, 0.7, 0.8])[:, 2].any()


def test_rule_4_flags_the_fourteenth_that_alternates() -> None:
    assert np.flatnonzero(nelson_signals(UP_DOWN * 8)[:, 3]).tolist() == [13, 14, 15]
    assert not nelson_signals(UP_DOWN * 6 + [1.0])[:, 3].any()
    assert not nelson_signals(UP_DOWN * 5 + [np.nan] + UP_DOWN * 5)[:, 3].any()
    assert not nelson_signals(UP_DOWN * 5 + [-1.0] + UP_DOWN * 5)[:, 3].any()


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan")), st.sampled_from([0.0, 1.0])), max_size=40))
def test_flags_do_not_change_when_periods_are_added(z: list[float]) -> None:
    flags = nelson_signals(z)
    assert flags.shape == (len(z), 4)
    for end in range(len(z)):
        assert np.array_equal(nelson_signals(z[:end]), flags[:end])


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5), max_size=40))
def test_rules_do_not_know_which_way_is_up(z: list[float]) -> None:
    assert np.array_equal(nelson_signals(z), nelson_signals([-x for x in z]))


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(CemkitError, match="found shapes"):
        control_limits([1.0], [1.0, 2.0])
    with pytest.raises(CemkitError, match="1 of 2 are"):
        control_limits([1.0, 2.0], [1.0, -2.0])
    with pytest.raises(CemkitError, match="one series"):
        nelson_signals([[1.0]])


def test_false_alarms_of_rule_1_under_known_limits() -> None:
    # 2 Φ(−3) = .0026998 per period, an average run length of 370; of 1,000,000 periods the standard error is .00005
    z = np.random.default_rng(0).normal(size=1_000_000)
    assert nelson_signals(z)[:, 0].mean() == pytest.approx(0.0027, abs=0.0002)


@pytest.mark.slow
def test_false_alarms_of_rule_1_with_estimated_limits(replicates: Callable[[int], int]) -> None:
    # 100 further periods after a baseline of 25; centre and sigma_z are estimated, sigma_z is at least 1
    rng = np.random.default_rng(1)
    error = 2 + np.arange(125) % 3
    found = []
    n = replicates(3000)
    for _ in range(n):
        limits = control_limits(rng.normal(30, error), error, baseline=25)
        found.append(nelson_signals(limits.z)[25:, 0].mean())
    # the floor makes it a little rarer (.0023); the share of a replicate has a standard deviation of .005
    assert np.mean(found) == pytest.approx(0.0027, abs=0.0006 + 3 * 0.005 / np.sqrt(n))
