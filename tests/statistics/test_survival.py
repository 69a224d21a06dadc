"""Kaplan–Meier: R `survival`, laws, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from survival_data import aids, waltons

from cemkit.errors import CemkitError
from cemkit.statistics.survival import (
    kaplan_meier,
    kaplan_meier_by,
    restricted_mean,
    survival_at,
    survival_quantile,
)

TIMES = st.lists(st.integers(1, 12), min_size=1, max_size=60)


def test_waltons_as_in_r() -> None:
    time, event, group, counts = waltons()
    mutant, control = kaplan_meier_by(time, event, group, groups=2, counts=counts)
    # R survival 3.5: summary(survfit(Surv(T, E) ~ group, conf.type = "log-log"), times = 40)
    for curve, known in (
        (control, (0.95318317768418, 0.018660677646685, 0.898761495783194, 0.97869123940437)),
        (mutant, (0.11764705882353, 0.055255084507513, 0.037242648980145, 0.24859392443508)),
    ):
        at = survival_at(curve, 40)
        assert [at.survival[0], at.std_error[0], at.low[0], at.high[0]] == pytest.approx(known, rel=1e-12)
    # R: quantile(fit, .5)
    assert survival_quantile(control)[1:] == (58, 56, 60)
    assert survival_quantile(mutant)[1:] == (26, 19, 29)
    # R: survival:::survmean(fit, rmean = 50)
    mean = restricted_mean(control, 50)
    assert (mean.estimate, mean.std_error) == pytest.approx((47.977873114698, 0.50104676949947), rel=1e-12)
    mean = restricted_mean(mutant, 50)
    assert (mean.estimate, mean.std_error) == pytest.approx((25, 1.95494227739810), rel=1e-12)


def test_counts_are_rows() -> None:
    time, event, _, counts = waltons()
    collapsed = kaplan_meier(time, event, counts=counts)
    rows = kaplan_meier(np.repeat(time, counts), np.repeat(event, counts))
    np.testing.assert_array_equal(collapsed.survival, rows.survival)
    np.testing.assert_array_equal(collapsed.at_risk, rows.at_risk)
    entries = np.repeat(time - 5.0, counts)
    late = kaplan_meier(time, event, entry=time - 5.0, counts=counts)
    np.testing.assert_array_equal(
        late.at_risk, kaplan_meier(np.repeat(time, counts), np.repeat(event, counts), entry=entries).at_risk
    )


def test_late_entries_as_in_r() -> None:
    entry, time, event = aids()
    # R: summary(survfit(Surv(W, T, D) ~ 1), times = 10, extend = TRUE): the last value of the curve
    curve = kaplan_meier(time, event, entry=entry)
    assert (curve.survival[-1], curve.std_error[-1]) == pytest.approx((0.424588459378778, 0.076649406755772), rel=1e-12)
    # lifelines 0.30, entries ignored, which is wrong
    assert kaplan_meier(time, event).survival[-1] == pytest.approx(0.5181817475, abs=1e-10)


def test_nothing_is_said_beyond_the_time_observed() -> None:
    curve = kaplan_meier([1.0, 2, 3], [True, False, False])
    at = survival_at(curve, [0.5, 3, 3.5])
    np.testing.assert_allclose(at.survival, [1, 2 / 3, np.nan])
    assert restricted_mean(curve, 4).status == "beyond-follow-up"
    assert np.isnan(survival_quantile(curve).time)
    # a curve at 0 stays there
    gone = kaplan_meier([1.0, 2], [True, True])
    assert survival_at(gone, 9).survival[0] == 0
    assert (gone.low[-1], gone.high[-1], np.isnan(gone.std_error[-1])) == (0, gone.high[0], True)
    assert restricted_mean(gone, 9).estimate == pytest.approx(1.5)
    empty = kaplan_meier([], np.array([], dtype=bool))
    assert (empty.time.size, restricted_mean(empty, 1).status) == (0, "beyond-follow-up")


def test_leaving_at_time_zero_counts() -> None:
    curve = kaplan_meier([0.0, 0, 4, 4], [True, False, True, True])
    np.testing.assert_allclose(curve.survival, [0.75, 0])
    assert restricted_mean(curve, 4).estimate == pytest.approx(3)


@given(TIMES)
def test_without_censoring_it_is_the_empirical_survival(times: list[int]) -> None:
    curve = kaplan_meier(times, np.ones(len(times), dtype=bool))
    values = np.array(times)
    empirical = [(values > t).mean() for t in curve.time]
    np.testing.assert_allclose(curve.survival, empirical, atol=1e-12)
    # Greenwood is then binomial
    np.testing.assert_allclose(
        curve.std_error[:-1], np.sqrt(np.multiply(empirical, np.subtract(1, empirical)) / len(times))[:-1], atol=1e-12
    )


@given(TIMES, st.randoms(use_true_random=False))
def test_order_of_units_and_numbers_of_groups_do_not_matter(times: list[int], random: object) -> None:
    event = np.array([random.random() < 0.6 for _ in times])
    group = np.array([random.randrange(3) for _ in times])
    order = np.array(random.sample(range(len(times)), len(times)))
    values = np.array(times, dtype=float)
    first = kaplan_meier_by(values, event, group, groups=3, entry=values - 3)
    second = kaplan_meier_by(values[order], event[order], 2 - group[order], groups=3, entry=values[order] - 3)
    for a, b in zip(first, reversed(second), strict=True):
        np.testing.assert_array_equal(a.survival, b.survival)
        np.testing.assert_array_equal(a.at_risk, b.at_risk)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time": [1.0, np.nan], "event": [True, True]}, "1 of 2 are missing"),
        ({"time": [1.0, 2], "event": [True, True], "entry": [1.0, 0]}, "1 of 2 have an entry at or after"),
        ({"time": [1.0, 2], "event": [True]}, "found shapes"),
        ({"time": [1.0], "event": [True], "counts": [-1]}, "counts must not be negative"),
        ({"time": [1.0], "event": [True], "level": 1}, "level must lie"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: dict, message: str) -> None:
    with pytest.raises(CemkitError, match=message):
        kaplan_meier(arguments.pop("time"), arguments.pop("event"), **arguments)


def test_quantile_and_mean_need_sense() -> None:
    curve = kaplan_meier([1.0], [True])
    with pytest.raises(CemkitError, match="0 < p < 1"):
        survival_quantile(curve, 0)
    with pytest.raises(CemkitError, match="above 0"):
        restricted_mean(curve, 0)
