"""Reach, episodes, severity and their product: hand arithmetic, the delta method, coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.losses import Losses, losses
from cemkit.statistics.proportions import proportion_interval


def of_units(bad: np.ndarray, lost: np.ndarray, *, most: float = 2.0, level: float = 0.95) -> Losses:
    sums = ((bad > 0).sum(), bad.sum(), (bad**2).sum(), lost.sum(), (lost**2).sum(), (bad * lost).sum())
    return losses(float(len(bad)), *(np.array([float(x)]) for x in sums), most=most, level=level)


def test_by_hand() -> None:
    # five customers; bad experiences 2, 1, 0, 0, 1 with 3, 2, 0, 0, 1 points lost
    found = of_units(np.array([2, 1, 0, 0, 1]), np.array([3.0, 2, 0, 0, 1]))
    assert found.reach.estimate == pytest.approx(3 / 5)
    assert found.episodes.estimate == pytest.approx(4 / 3)
    assert found.severity.estimate == pytest.approx(6 / 4)
    assert found.pain.estimate == pytest.approx(6 / 5)
    # standard error of the mean of 3, 2, 0, 0, 1: variance 1.7
    assert found.pain.std_error == pytest.approx(np.sqrt(1.7 / 5))
    low, high = proportion_interval(np.array([3.0]), np.array([5.0]))
    assert (found.reach.low, found.reach.high) == (low, high)
    factor = np.exp(1.959963984540054 * np.sqrt(1.7 / 5) / 1.2)
    np.testing.assert_allclose([found.pain.low[0], found.pain.high[0]], [1.2 / factor, 1.2 * factor], rtol=1e-12)


def test_the_product_has_the_variance_of_the_delta_method() -> None:
    rng = np.random.default_rng(1)
    bad = rng.poisson(rng.gamma(0.5, 0.6, 400)).astype(float)
    lost = bad + rng.binomial(bad.astype(int), 0.4)
    found = of_units(bad, lost)
    # log of the product: gradient 1/x on the covariance of the three totals
    totals = np.column_stack([bad > 0, bad, lost]).astype(float)
    covariance = np.cov(totals.T) * len(bad)
    reach, episodes, severity = totals[:, 0].sum(), totals[:, 1].sum(), totals[:, 2].sum()
    # reach A/N, episodes B/A, severity S/B: the derivatives of the product in A, B and S
    gradient = np.array([1 / reach - 1 / reach, 1 / episodes - 1 / episodes, 1 / severity])
    relative = np.sqrt(gradient @ covariance @ gradient)
    assert found.pain.std_error[0] / found.pain.estimate[0] == pytest.approx(relative, rel=1e-9)
    product = found.reach.estimate * found.episodes.estimate * found.severity.estimate
    assert found.pain.estimate[0] == pytest.approx(product[0], rel=1e-12)


def test_edges() -> None:
    nobody = of_units(np.zeros(10), np.zeros(10))
    assert nobody.pain.estimate[0] == nobody.pain.low[0] == 0.0
    assert nobody.pain.high[0] == pytest.approx(2.0 * nobody.reach.high[0])
    assert np.isnan(nobody.episodes.estimate[0])
    alike = of_units(np.array([1.0, 1, 1, 0]), np.array([2.0, 2, 2, 0]))
    assert alike.episodes.low[0] == 1.0
    assert alike.episodes.high[0] > 1.3
    assert alike.severity.estimate[0] == 2.0
    assert np.isnan(alike.severity.low[0])  # nothing says how much customers differ
    one = of_units(np.array([1.0, 0]), np.array([1.0, 0]))
    assert np.isnan(one.severity.std_error[0])
    with pytest.raises(CemkitError, match="level"):
        of_units(np.zeros(3), np.zeros(3), level=95)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "rate"), [(500, 0.05), (1000, 0.2)])
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None], size: int, rate: float) -> None:
    # episodes negative binomial (shape 0.5), one or two points lost: pain is rate * 1.5
    rng = np.random.default_rng(5)
    reach = 1 - (1 + rate / 0.5) ** -0.5
    truth = (reach, rate / reach, 1.5, rate * 1.5)
    count = replicates(1000)
    held = []
    for _ in range(count):
        bad = rng.poisson(rng.gamma(0.5, rate / 0.5, size))
        found = of_units(bad, bad + rng.binomial(bad, 0.5))
        held.append([part.low[0] <= value <= part.high[0] for part, value in zip(found, truth, strict=True)])
    slack = 4 * np.sqrt(0.05 * 0.95 / count)
    covers(
        held,
        estimator="stages.pain_points: reach, episodes, severity, pain",
        world=f"{size:,} customers with negative binomial bad experiences, {rate:g} each, of one or two points",
        slack=(0.015 + slack, 0.02 + slack),
    )
