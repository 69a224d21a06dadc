"""The log-rank test: R, laws."""

from __future__ import annotations

import numpy as np
import pytest
from survival_data import waltons

from cemkit.statistics.log_rank import CELLS, log_rank


def test_waltons_as_in_r() -> None:
    time, event, group, counts = waltons()
    found = log_rank(time, event, group, groups=2, counts=counts)
    # R survival 3.5: survdiff(Surv(T, E) ~ group, waltons)$chisq
    assert found.statistic == pytest.approx(122.24912557301, rel=1e-12)
    assert (found.df, found.status, found.p_value < 1e-27) == (1, "ok", True)


def test_by_hand() -> None:
    # times 1, 2, 3, 4; at risk of group 0: 2, 1, 0, 0 of 4, 3, 2, 1. E₀ = 1/2 + 1/3, V = 1/4 + 2/9
    found = log_rank([1, 2, 3, 4], [True] * 4, np.array([0, 0, 1, 1]), groups=2)
    assert found.expected[0] == pytest.approx(5 / 6)
    assert found.statistic == pytest.approx((2 - 5 / 6) ** 2 / (1 / 4 + 2 / 9))


def test_numbers_of_groups_do_not_matter_and_empty_groups_do_not_count() -> None:
    rng = np.random.default_rng(0)
    time, event, group = rng.integers(1, 30, 200), rng.random(200) < 0.7, rng.integers(0, 3, 200)
    entry = time - rng.integers(1, 10, 200)
    first = log_rank(time, event, group, groups=3, entry=entry)
    second = log_rank(time, event, np.array([3, 0, 1])[group], groups=4, entry=entry)
    assert second.statistic == pytest.approx(first.statistic, rel=1e-10)
    assert (first.df, second.df) == (2, 2)
    assert first.observed.sum() == pytest.approx(first.expected.sum())


def test_degenerate_groups_have_a_status() -> None:
    assert log_rank([1, 2], [True, True], np.array([0, 0]), groups=2).status == "one-group"
    nobody = log_rank([1, 2], [False, False], np.array([0, 1]), groups=2)
    assert (nobody.status, np.isnan(nobody.statistic)) == ("no-events", True)


def test_many_groups_are_summed_in_parts() -> None:
    rng = np.random.default_rng(8)
    groups = 400
    group = np.concatenate([np.arange(groups), rng.integers(0, groups, 17_000)])
    time, event = rng.exponential(size=group.size), rng.random(group.size) < 0.6
    found = log_rank(time, event, group, groups=groups)
    assert np.unique(time[event]).size * groups > CELLS
    assert found.expected.sum() == pytest.approx(event.sum())
    moments, ordered = time[event], np.sort(time)
    number = time.size - np.searchsorted(ordered, moments)
    for g in (0, 399):
        own = np.sort(time[group == g])
        assert found.expected[g] == pytest.approx(float(((own.size - np.searchsorted(own, moments)) / number).sum()))
    np.testing.assert_allclose(found.covariance.sum(axis=0), 0, atol=1e-9)
