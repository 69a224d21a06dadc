"""What a unit adds to an incidence: against Greenwood's variance, the jackknife, and shares without censoring."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.statistics.incidence import cumulative_incidence
from cemkit.statistics.incidence_influence import half_time, incidence_at, incidence_curve


def data(seed, n=120, ties=False):
    rng = np.random.default_rng(seed)
    time = rng.exponential(10, n)
    return np.ceil(time) if ties else time, rng.choice([0, 1, 2], n, p=[0.3, 0.5, 0.2])


@pytest.mark.parametrize("ties", [False, True])
def test_the_estimate_is_aalen_johansens_and_the_variance_greenwoods(ties: bool) -> None:
    time, cause = data(1, ties=ties)
    curve, expected = incidence_curve(time, cause), cumulative_incidence(time, cause, causes=2, variance="greenwood")
    for at in (2.0, 7.5, 20.0):
        found, place = incidence_at(curve, at), np.searchsorted(expected.time, at, side="right") - 1
        assert found.estimate == pytest.approx(expected.incidence[place, 0])
        assert np.sqrt(found.variance) == pytest.approx(expected.std_error[place, 0], rel=0.02)
        assert found.influence.sum() == pytest.approx(0, abs=1e-12)


def test_it_is_the_limit_of_the_jackknife() -> None:
    time, cause = data(2, n=60)
    found = incidence_at(incidence_curve(time, cause), 9.0)
    others = [incidence_at(incidence_curve(np.delete(time, i), np.delete(cause, i)), 9.0).estimate for i in range(60)]
    np.testing.assert_allclose(found.influence, (found.estimate - np.array(others)) * 59 / 60, atol=1e-3)


def test_without_censoring_it_is_a_share() -> None:
    time, cause = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1, 2, 1, 1, 2])
    found = incidence_at(incidence_curve(time, cause), 3.0)
    assert found.estimate == pytest.approx(0.4)
    np.testing.assert_allclose(found.influence, (np.isin(time, [1, 3]) - 0.4) / 5)
    middle, low, high = half_time(incidence_curve(time, cause), found, level=0.95)
    assert (middle, low) == (1.0, 1.0)
    assert np.isnan(high)


def test_beyond_what_was_watched_nothing_is_known() -> None:
    curve = incidence_curve([1.0, 2.0], np.array([1, 0]))
    assert np.isnan(incidence_at(curve, 3.0).estimate)
    assert incidence_at(curve, 0.5).estimate == 0
    assert incidence_at(incidence_curve([1.0, 2.0], np.array([1, 1])), 9.0).estimate == 1
    assert np.isnan(incidence_at(incidence_curve([], np.zeros(0, dtype=int)), 1.0).estimate)
    assert all(np.isnan(half_time(curve, incidence_at(curve, 0.5), level=0.95)))
