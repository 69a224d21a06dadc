"""Change points of a series with standard errors."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.change_points import change_points

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def weighted_squares(x: Floats, s: Floats, starts: Sequence[int]) -> float:
    """Sum of squares around the weighted mean of each segment, row by row."""
    cost = 0.0
    for part, error in zip(np.split(x, list(starts)), np.split(s, list(starts)), strict=True):
        mean = np.average(part, weights=1 / error**2)
        cost += float(np.sum((part - mean) ** 2 / error**2))
    return cost


def test_one_shift_by_hand() -> None:
    found = change_points([30.0, 32, 31, 29, 30, 41, 39, 40, 42, 41], [2.0] * 10)
    assert found.position.tolist() == [5]
    # means of five; differences 2 1 2 1 11 2 1 2 1 over 2√2, so the dispersion stays at its floor and SE = 2/√5
    assert found.mean == pytest.approx([30.4, 40.6])
    assert found.dispersion == 1
    assert found.std_error == pytest.approx([2 / np.sqrt(5)] * 2)
    assert found.p_value[0] <= 0.05 < found.p_value[1]


def test_a_shift_that_goes_back_is_two_changes() -> None:
    noise = np.random.default_rng(4).normal(size=30)
    found = change_points(noise + np.repeat([0.0, 6.0, 0.0], 10), np.ones(30))
    assert found.position.tolist() == [10, 20]
    assert found.p_value.shape == (3,)


def test_nothing_found_is_one_level() -> None:
    found = change_points([30.0, 31, 29, 30, 32, 30, 29, 31], [2.0] * 8)
    assert found.position.size == 0
    assert found.mean == pytest.approx([30.25])
    assert found.p_value.shape == (1,)


def test_gaps_keep_the_positions() -> None:
    x, s = [30.0, 32, 31, 29, 30, 41, 39, 40, 42, 41], [2.0] * 10
    found = change_points(np.insert(x, [2, 5], [np.nan, 80.0]), np.insert(s, [2, 5], [2.0, 0.0]))
    assert found.position.tolist() == [7]
    assert found.mean == pytest.approx([30.4, 40.6])


def test_at_most_as_many_changes_as_asked_for() -> None:
    x = np.repeat([0.0, 20, 0, 20], 6)
    assert change_points(x, np.ones(24)).position.tolist() == [6, 12, 18]
    assert change_points(x, np.ones(24), max_changes=2).position.size == 2
    assert change_points(x, np.ones(24), max_changes=0).position.size == 0


@pytest.mark.parametrize("periods", [0, 1, 3])
def test_too_few_periods_are_one_level(periods: int) -> None:
    found = change_points([30.0] * periods, [2.0] * periods)
    assert found.position.size == 0
    assert found.mean.shape == (1,)
    assert np.isnan(found.mean[0]) == (periods == 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_segmentation_is_the_best_there_is(seed: int, min_periods: int) -> None:
    rng = np.random.default_rng(seed)
    s = rng.uniform(0.5, 2, 12)
    x = rng.normal(0, s) + np.repeat(rng.normal(0, 6, 3), 4)
    found = change_points(x, s, min_periods=min_periods, replicates=99).position.tolist()
    every = [
        starts for starts in combinations(range(1, 12), len(found)) if min(np.diff([0, *starts, 12])) >= min_periods
    ]
    assert tuple(found) in every
    # brute force over all segmentations with as many changes
    assert weighted_squares(x, s, found) == pytest.approx(min(weighted_squares(x, s, starts) for starts in every))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-1000, 1000))
def test_unit_and_origin_do_not_matter(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    s = rng.uniform(0.5, 2, 15)
    x = rng.normal(0, s) + np.repeat([0.0, 3, 1], 5)
    once, moved = (change_points(v, e, replicates=99) for v, e in ((x, s), (x * scale + shift, s * scale)))
    assert once.position.tolist() == moved.position.tolist()
    assert moved.mean == pytest.approx(once.mean * scale + shift, abs=1e-6)
    assert moved.std_error == pytest.approx(once.std_error * scale)


def test_the_same_seed_gives_the_same_bytes() -> None:
    x, s = np.random.default_rng(0).normal(size=40), np.ones(40)
    assert change_points(x, s, seed=4).p_value.tobytes() == change_points(x, s, seed=4).p_value.tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 95}, "0 < level < 1"),
        ({"level": 0.999, "replicates": 99}, r"at least 1 / \(1 - level\) - 1"),
        ({"max_changes": -1}, "max_changes >= 0"),
        ({"min_periods": 0}, "min_periods >= 1"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(CemkitError, match=message):
        change_points([1.0, 2.0], [1.0, 1.0], **arguments)  # type: ignore[arg-type]


def test_bad_series_are_one_sentence() -> None:
    with pytest.raises(CemkitError, match="found shapes"):
        change_points([1.0], [1.0, 2.0])
    with pytest.raises(CemkitError, match="1 of 2 are"):
        change_points([1.0, 2.0], [1.0, -2.0])
    with pytest.raises(CemkitError, match="at most 2000 periods"):
        change_points(np.zeros(2001), np.ones(2001))


@pytest.mark.slow
@pytest.mark.parametrize(("periods", "dispersion"), [(8, 1.0), (8, 3.0), (24, 1.0), (24, 3.0), (60, 1.0), (60, 3.0)])
def test_false_alarms_are_at_most_nominal(periods: int, dispersion: float, replicates: Callable[[int], int]) -> None:
    rng = np.random.default_rng(periods)
    n = replicates(600)
    s = 1 + np.arange(periods) % 3
    series = rng.normal(size=(n, periods)) * s * dispersion
    split = np.mean(
        [change_points(x, s, max_changes=1, replicates=199, seed=k).position.size > 0 for k, x in enumerate(series)]
    )
    # at most 5 %, with three standard errors of the simulation
    assert split < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)


@pytest.mark.slow
def test_clear_changes_are_found_and_no_more(replicates: Callable[[int], int]) -> None:
    rng = np.random.default_rng(5)
    n = replicates(300)
    level = np.repeat([0.0, 4.0, 1.0], [12, 8, 16])
    found = [change_points(level + rng.normal(size=36), np.ones(36), replicates=199).position.size for _ in range(n)]
    # both changes are four and three standard errors high and last: too many is at most 5 %, too few is rare
    assert np.mean(np.array(found) == 2) > 0.85
    assert np.mean(np.array(found) > 2) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
