"""Planning: known figures, round trips with the intervals and tests that follow, and a simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.scores import ces, csat, nps

THIRDS = (1 / 3, 1 / 3, 1 / 3)


def test_known_sizes_of_shares() -> None:
    # textbook figures for a share of one half at 95 %: ±3 needs 1068, ±5 385, ±10 97; of 1000 customers ±5 needs 278
    assert csat.sample_size(half_width=3) == 1068
    assert csat.sample_size(half_width=5) == 385
    assert csat.sample_size(half_width=10) == 97
    assert csat.sample_size(half_width=5, population=1000) == 278


def test_net_scores_need_more_than_shares() -> None:
    # worst case, half at either end: 1.959964² · 100² / 10² = 384.1, less 3; a share would need 97
    assert nps.sample_size(half_width=10) == 382
    # at n = 100 the worst margin is 19.6 by the plain formula (1.96 · 100 / √100), 19.3 with three more answers ...
    assert nps.sample_size(half_width=1.959963984540054 * 100 / np.sqrt(103)) == 100
    # ... and about 16 with equal thirds: 1.96 · 100 √(2/3) / √103 = 15.77
    assert nps.sample_size(half_width=16, shares=THIRDS) == 98
    assert nps.sample_size(half_width=15.77, shares=THIRDS) == 100
    # (.7 - .09) · 3.841459 · 10⁴ / 25 - 3 = 934.3
    assert nps.sample_size(half_width=5, shares=(0.2, 0.3, 0.5)) == 935
    assert nps.sample_size(half_width=5, shares=(0.2, 0.3, 0.5), design_effect=1.5) == 1402


@pytest.mark.parametrize("shares", [(0.5, 0.0, 0.5), (0.2, 0.3, 0.5), (0.1, 0.2, 0.7)])
@pytest.mark.parametrize("half_width", [3, 5, 8])
def test_the_interval_has_the_planned_width(shares: tuple[float, ...], half_width: float) -> None:
    n = nps.sample_size(half_width=half_width, shares=shares)
    counts = np.rint(n * np.array(shares))
    # the adjusted interval draws its shares a little to the middle, and counts are whole
    assert nps.from_counts(counts).interval.half_width == pytest.approx(half_width, rel=2e-2)


def test_differences() -> None:
    # 2 · .61 · 10⁴ · 7.848879 / 10² = 957.6 per group
    assert nps.sample_size(difference=10, shares=(0.2, 0.3, 0.5)) == 958
    assert nps.sample_size(difference=-10, shares=(0.2, 0.3, 0.5)) == 958
    # the known figure for .5 against .5 + .1 with the variance of one half in both: 2 · .25 · 7.848879 / .01 = 392.4
    assert csat.sample_size(difference=10) == 393
    assert nps.power(difference=10, n=958, shares=(0.2, 0.3, 0.5)) == pytest.approx(0.8, abs=1e-3)
    assert nps.power(difference=0, n=50) == pytest.approx(0.05)
    assert nps.power(difference=10, n=100) < nps.power(difference=10, n=200) < nps.power(difference=20, n=200)
    assert nps.power(difference=10, n=958, shares=(0.2, 0.3, 0.5), design_effect=2) < 0.6


def test_means_need_their_variance() -> None:
    # 1.5² · 3.841459 / .2² = 216.08: no pseudo-answers
    assert ces.sample_size(half_width=0.2, metric_variance=2.25) == 217
    assert ces.power(difference=0.5, n=142, metric_variance=2.25) == pytest.approx(0.8, abs=5e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (nps.sample_size, "exactly one of half_width"),
        (lambda: nps.sample_size(half_width=5, difference=5), "exactly one of half_width"),
        (lambda: nps.sample_size(half_width=0), "half_width"),
        (lambda: nps.sample_size(difference=0), "difference"),
        (lambda: nps.sample_size(half_width=5, shares=(20, 30, 50)), "sum to 1"),
        (lambda: nps.sample_size(half_width=5, shares=(0.5, 0.5)), r"3 numbers \(detractor, passive, promoter\)"),
        (lambda: nps.sample_size(half_width=5, shares=("a", "b", "c")), "3 numbers"),
        (lambda: nps.sample_size(half_width=5, shares=(0.5, -0.5, 1)), "from 0 to 1"),
        (lambda: nps.sample_size(half_width=5, shares=THIRDS, metric_variance=1), "not both"),
        (lambda: nps.sample_size(half_width=5, metric_variance=-1), "metric_variance"),
        (lambda: nps.sample_size(half_width=5, metric_variance=float("nan")), "metric_variance"),
        (lambda: nps.sample_size(half_width=5, level=95), "level"),
        (lambda: nps.sample_size(half_width=5, population=0), "population"),
        (lambda: nps.sample_size(half_width=5, design_effect=0), "design_effect"),
        (lambda: nps.sample_size(difference=5, power=80), "power"),
        (lambda: nps.power(difference=5, n=0), "n must"),
        (lambda: nps.sample_size(half_width="5"), "half_width must"),  # type: ignore[arg-type]
        (lambda: nps.sample_size(half_width=True), "half_width must"),
        (lambda: nps.sample_size(half_width=1e-200), "half_width must"),
        (lambda: nps.sample_size(difference=1e300), "difference must"),
        (lambda: nps.sample_size(half_width=5, metric_variance="1"), "metric_variance"),  # type: ignore[arg-type]
        (lambda: nps.sample_size(half_width=5, level="95"), "level"),  # type: ignore[arg-type]
        (lambda: nps.sample_size(half_width=5, level=1 - 1e-16), "level"),
        (lambda: nps.sample_size(difference=5, power="x"), "power"),  # type: ignore[arg-type]
        (lambda: nps.power(difference=float("nan"), n=100), "difference must"),
        (lambda: nps.power(difference=None, n=100), "difference must"),  # type: ignore[arg-type]
        (lambda: nps.power(difference=5, n="100"), "n must"),  # type: ignore[arg-type]
        (lambda: ces.sample_size(half_width=0.2), "is a mean: give metric_variance"),
        (lambda: ces.power(difference=0.2, n=50), "is a mean: give metric_variance"),
    ],
)
def test_bad_plans_are_one_clear_error(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        call()


@pytest.mark.slow
def test_planned_answers_find_the_difference(replicates: Callable[[int], int]) -> None:
    import pandas as pd

    trials = replicates(1000)
    rng = np.random.default_rng(4)
    shares = np.array([[0.3, 0.3, 0.4], [0.2, 0.3, 0.5]])  # nets 10 and 30, variances .69 and .61
    n = nps.sample_size(difference=20, metric_variance=6500)
    found = 0
    for _ in range(trials):
        score = [np.repeat([3, 7, 10], rng.multinomial(n, row)) for row in shares]
        data = pd.DataFrame({"score": np.concatenate(score), "wave": np.repeat(["1", "2"], n)})
        found += nps.compare(data, over="wave").only["p_value"] < 0.05
    assert found / trials == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / trials))
