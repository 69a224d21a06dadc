"""The regularity of purchases: recovered from draws, and the choice of k by likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.histories import Histories, histories
from cemkit.statistics.regularity import choose_k, regularity, wheat_morrison

if TYPE_CHECKING:
    from conftest import Cdnow


def erlang(rng: np.random.Generator, *, k: int, n: int) -> Histories:
    """Draw MBG/CNBD-k customers."""
    age = rng.uniform(40, 80, n)
    rate, leaves = rng.gamma(0.9, k / 4.0, n), rng.beta(0.8, 4.0, n)
    x, tx, interval, clock = np.zeros(n, int), np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.flatnonzero(rng.random(n) >= leaves)
    while active.size:
        gap = rng.gamma(k, 1.0 / rate[active])
        inside = clock[active] + gap < age[active]
        active, gap = active[inside], gap[inside]
        clock[active] += gap
        x[active], tx[active], interval[active] = x[active] + 1, clock[active], interval[active] + np.log(gap)
        active = active[rng.random(active.size) >= leaves[active]]
    return histories(x, tx, age, log_interval=interval)


@pytest.mark.parametrize("k", [1, 3])
def test_the_shape_is_recovered(k: int) -> None:
    data = erlang(np.random.default_rng(k), k=k, n=1500)
    found = regularity(data)
    assert abs(found.k - k) < 4 * found.std_error
    assert (found.p_value < 1e-6) == (k == 3)
    fit, heights = choose_k("mbg/cnbd-k", data)
    assert fit.model.k == k
    assert fit.log_likelihood == max(heights)
    # (r, α, a, b) of the draws
    z = (np.log(fit.params) - np.log([0.9, 4.0 / k, 0.8, 4.0])) / np.sqrt(np.diag(fit.covariance))
    assert (np.abs(z) < 4).all()


def test_cdnow_is_poisson(cdnow: Cdnow) -> None:
    found = regularity(cdnow.histories)
    assert found.customers == 507  # at least two repeat purchases
    assert found.p_value > 0.05
    assert choose_k("mbg/cnbd-k", cdnow.histories)[0].model.k == 1


def test_equal_intervals_have_no_finite_shape() -> None:
    data = histories([4, 3], [8, 9], [10, 10], log_interval=[4 * np.log(2), 3 * np.log(3)])
    assert regularity(data).k > 1e5
    assert np.isnan(regularity(histories([1], [2], [3], log_interval=[np.log(2)])).k)


def test_wheat_and_morrison() -> None:
    # Var Beta(k, k) = 1 / (4 (2k + 1)): M = 1/4 and 3/4 have the variance 1/16, so that k = (3/4) / (1/2) = 1.5
    assert wheat_morrison([1, 3], [3, 1]) == pytest.approx(1.5)
    rng = np.random.default_rng(0)
    assert wheat_morrison(rng.gamma(2, 1, 20000), rng.gamma(2, 1, 20000)) == pytest.approx(2, abs=0.08)
    with pytest.raises(CemkitError, match="two positive intervals"):
        wheat_morrison([1, 0], [1, 1])
