"""Standardised rates: hand arithmetic, the jackknife as a peer of the standard error, coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cemkit.statistics.standardised_rates import standardised_rates


def test_by_hand() -> None:
    # touchpoint 0: exposed 3 events in 10, reference 2 in 20; touchpoint 1: exposed 1 in 10, reference 1 in 2
    unit = np.arange(6)
    stratum = np.array([0, 0, 0, 1, 1, 0])
    exposed = np.array([True, True, False, True, False, False])
    events = np.array([2.0, 1, 2, 1, 1, 0])
    time = np.array([4.0, 6, 15, 10, 2, 5])
    found = standardised_rates(unit, stratum, exposed, events, time)
    assert found.estimate[0] == pytest.approx(4 / 20)
    assert found.estimate[1] == pytest.approx((10 * 2 / 20 + 10 * 1 / 2) / 20)
    assert found.estimate[2] == pytest.approx(4 / 20 - 6 / 20)
    assert (found.df, found.rows, found.left_out) == (5.0, 6, 0)
    # two arms, one touchpoint, units independent: the variances of the two ratio estimates add up
    one = stratum == 0
    found = standardised_rates(unit[one], stratum[one], exposed[one], events[one], time[one])
    first = ((events - 0.3 * time)[one & exposed] ** 2).sum() / 10**2
    second = ((events - 0.1 * time)[one & ~exposed] ** 2).sum() / 20**2
    assert found.std_error[2] == pytest.approx(np.sqrt((first + second) * 4 / 3), rel=1e-12)


def test_a_touchpoint_without_both_arms_is_left_out() -> None:
    found = standardised_rates(
        np.arange(4), np.array([0, 0, 1, 1]), np.array([True, False, True, True]), np.ones(4), np.ones(4)
    )
    assert (found.rows, found.left_out) == (2, 2)
    nothing = standardised_rates(np.arange(2), np.array([0, 1]), np.array([True, False]), np.ones(2), np.ones(2))
    assert np.isnan(nothing.estimate).all()
    empty = np.zeros(0, dtype=np.int64)
    assert np.isnan(standardised_rates(empty, empty, empty > 0, empty * 1.0, empty * 1.0).estimate).all()


def world(rng: np.random.Generator, units: int) -> tuple[np.ndarray, ...]:
    """Units with rates of their own, several rows each; the exposed are more often at the worse touchpoint; difference 0.1."""
    unit = np.repeat(np.arange(units), rng.integers(1, 5, units))
    stratum = (rng.random(len(unit)) < 0.4).astype(np.int64)
    exposed = rng.random(len(unit)) < np.where(stratum == 1, 0.6, 0.2)
    own = rng.gamma(2.0, 0.5, units)[unit]
    time = rng.exponential(1.0, len(unit))
    events = rng.poisson(time * (own * np.where(stratum == 1, 0.3, 0.1) + 0.1 * exposed))
    return unit, stratum, exposed, events.astype(float), time


def test_the_error_is_the_jackknifes() -> None:
    parts = world(np.random.default_rng(3), 400)
    found = standardised_rates(*parts)
    left = []
    for i in range(400):
        kept = parts[0] != i
        left.append(standardised_rates(*(x[kept] for x in parts)).estimate)
    spread = np.array(left)
    jackknife = np.sqrt((399 / 400) * ((spread - spread.mean(axis=0)) ** 2).sum(axis=0))
    np.testing.assert_allclose(found.std_error, jackknife, rtol=0.02)


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    rng, count = np.random.default_rng(8), replicates(500)
    found = (standardised_rates(*world(rng, 300)) for _ in range(count))
    held = [bool(f.low[2] <= 0.1 <= f.high[2]) for f in found]
    slack = 0.012 + 4 * np.sqrt(0.05 * 0.95 / count)
    covers(
        held,
        estimator="standardised rates: a difference",
        world="300 customers whose exposure goes with a confounder",
        slack=(slack, slack),
    )
