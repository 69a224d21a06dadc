"""Sample sizes: formulas by hand, round trips, and a simulation of the power."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.differences import net_difference
from cemkit.statistics.multinomial import net_interval
from cemkit.statistics.planning import power_of_difference, sample_size_difference, sample_size_half_width

Z = 1.959963984540054


def test_half_width_by_hand() -> None:
    # s² = .7 - .3² = .61, d = .05: .61 · 3.841459 / .0025 = 937.316, less 3 is 934.316
    assert sample_size_half_width(0.61, 0.05, adjusted=False) == 938
    assert sample_size_half_width(0.61, 0.05) == 935
    # the same in points
    assert sample_size_half_width(6100, 5) == 935
    # design effect 1.5: 1401.47; population 2000: 934.316 / (1 + .467158) = 636.8
    assert sample_size_half_width(0.61, 0.05, design_effect=1.5) == 1402
    assert sample_size_half_width(0.61, 0.05, population=2000) == 637
    # worst case (half at each end), ±16 points at n = 100 or so; an estimate no interval needs answers for
    assert sample_size_half_width(1.0, 0.2) == 94
    assert sample_size_half_width(0.0, 0.05) == 1


def test_planned_half_width_is_that_of_the_interval() -> None:
    n = sample_size_half_width(0.61, 0.05)
    low, high = net_interval(0.2 * n, 0.3 * n, 0.5 * n)
    assert (high - low) / 2 == pytest.approx(0.05, rel=2e-3)


def test_difference_by_hand() -> None:
    # (1.959964 + .841621)² (.61 + .7) / .1² = 7.848879 · 131 = 1028.2
    assert sample_size_difference(0.61, 0.7, 0.1) == 1029
    assert sample_size_difference(0.7, 0.61, -0.1) == 1029
    assert sample_size_difference(0.61, 0.7, 0.1, design_effect=2) == 2057
    assert sample_size_difference(0.61, 0.7, 0.1, population=1000) == 507


@pytest.mark.parametrize("power", [0.2, 0.5, 0.8, 0.95])
def test_planned_answers_are_the_fewest_with_the_power(power: float) -> None:
    n = sample_size_difference(0.61, 0.7, 0.1, power=power)
    assert power_of_difference(0.61, 0.7, 0.1, n=n) >= power > power_of_difference(0.61, 0.7, 0.1, n=n - 1)


def test_power_of_no_difference_is_that_of_chance() -> None:
    assert power_of_difference(0.61, 0.7, 0.0, n=50) == pytest.approx(0.05)
    assert power_of_difference(0.0, 0.0, 0.1, n=50) == 1
    assert power_of_difference(0.6, 0.6, 0.1, n=200, n_reference=100) < power_of_difference(0.6, 0.6, 0.1, n=200)


@pytest.mark.slow
def test_planned_answers_give_the_power(replicates: Callable[[int], int]) -> None:
    trials = replicates(4000)
    rng = np.random.default_rng(11)
    shares = np.array([[0.2, 0.3, 0.5], [0.25, 0.3, 0.45]])
    net = shares[:, 2] - shares[:, 0]
    variance = shares[:, 0] + shares[:, 2] - net**2
    n = sample_size_difference(variance[0], variance[1], net[0] - net[1], power=0.8)
    group, reference = (rng.multinomial(n, row, size=trials).T for row in shares)
    found = (net_difference(tuple(group), tuple(reference)).p_value < 0.05).mean()
    assert found == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / trials))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_size_half_width(0.6, 0.0), "half_width"),
        (lambda: sample_size_half_width(-0.6, 0.1), "variance"),
        (lambda: sample_size_half_width(0.6, 0.1, population=0), "population"),
        (lambda: sample_size_difference(0.6, 0.6, 0), "difference"),
        (lambda: sample_size_difference(0.6, 0.6, 0.1, power=80), "power"),
        (lambda: power_of_difference(0.6, 0.6, 0.1, n=0), "n must"),
    ],
)
def test_bad_input_is_one_clear_error(call: Callable[[], object], words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        call()
