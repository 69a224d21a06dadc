"""Raking and bounded calibration on cells, and the residuals' regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from cemkit.errors import CemkitError
from cemkit.statistics.calibration import margin_design_matrix, rake_cells, regression_coefficients

Floats = npt.NDArray[np.float64]


class Det60(NamedTuple):
    """The 60 rows of references/scores.md with three margins: stratum (2), g (3) and h = (i div 4) mod 3."""

    value: Floats
    weight: Floats
    cell: npt.NDArray[np.intp]
    base: Floats
    levels: list[npt.NDArray[np.intp]]


def det60(*margins: str) -> Det60:
    i = np.arange(1, 61)
    score = np.minimum(10, (i**3 + 2 * i) % 11 + 3)
    columns = {"st": (i > 30) * 1, "g": i % 3, "h": i // 4 % 3}
    cells, cell = np.unique(np.stack([columns[m] for m in margins], axis=1), axis=0, return_inverse=True)
    weight = (1.0 + i % 4).astype(np.float64)
    value = np.where(score >= 9, 100.0, np.where(score >= 7, 0.0, -100.0))
    flat = cell.ravel()
    return Det60(value, weight, flat, np.bincount(flat, weights=weight).astype(np.float64), list(cells.T))


def calibrated_mean(data: Det60, factor: Floats) -> tuple[float, float]:
    """Mean and standard error with rows as clusters, n/(n-1) Σ(w e)², residuals from base-weighted regression."""
    calibrated = data.weight * factor[data.cell]
    mean = float(calibrated @ data.value / calibrated.sum())
    z = (data.value - mean) / calibrated.sum()
    x = margin_design_matrix(data.levels)
    totals = np.bincount(data.cell, weights=data.weight * z)[:, None]
    fitted = (x @ regression_coefficients(x, data.base, totals))[data.cell, 0]
    total = calibrated * (z - fitted)
    n = total.size
    return mean, float(np.sqrt(n / (n - 1) * np.sum((total - total.mean()) ** 2)))


def test_post_stratification_is_raking_on_one_margin() -> None:
    data = det60("g")
    raked = rake_cells(data.base, data.levels, [[0.2, 0.3, 0.5]])
    mean, std_error = calibrated_mean(data, raked.factor)
    # R survey 4.1-1: svymean(~v, postStratify(svydesign(~1, weights=~w), ~g, data.frame(g=0:2, Freq=c(20,30,50))))
    assert mean == pytest.approx(-24.6, abs=1e-9)
    assert std_error == pytest.approx(13.8452170043775, abs=1e-9)
    assert raked.iterations == 1


def test_raking_on_two_margins_agrees_with_survey() -> None:
    data = det60("st", "g")
    raked = rake_cells(data.base, data.levels, [[0.5, 0.5], [0.2, 0.3, 0.5]], tolerance=1e-13)
    mean, std_error = calibrated_mean(data, raked.factor)
    # R survey 4.1-1: calibrate(svydesign(~1, weights=~w), ~st+g, c(100, 50, 30, 50), calfun="raking", epsilon=1e-13)
    assert mean == pytest.approx(-24.684684091143, abs=1e-9)
    assert std_error == pytest.approx(13.6263436598047, abs=1e-9)
    # the same call on totals that sum to 150, weights(calibrated) / w
    expected = [0.594803028334, 0.604427049938, 0.893350892940, 0.907805473505, 1.487962249557, 1.512037750443]
    assert np.sort(raked.factor) == pytest.approx(expected, abs=1e-11)


def test_raking_on_three_margins_agrees_with_survey() -> None:
    data = det60("st", "g", "h")
    raked = rake_cells(data.base, data.levels, [[0.45, 0.55], [0.3, 0.3, 0.4], [0.25, 0.35, 0.4]], tolerance=1e-13)
    # R survey 4.1-1: calibrate(D, ~st+g+h, 150*c(1,.55,.3,.4,.35,.4), calfun="raking", epsilon=1e-13)
    assert calibrated_mean(data, raked.factor) == pytest.approx((-19.9077259738668, 12.5286088518786), abs=1e-9)


@pytest.mark.parametrize(
    ("bounds", "mean", "std_error", "smallest", "largest"),
    [
        # R survey 4.1-1: calibrate(D, ~st+g+h, 150*c(1,.55,.3,.4,.35,.4), calfun="logit", bounds=..., epsilon=1e-13)
        ((0.7, 1.5), -20.73890588938, 12.4103617639123, 0.704233940012, 1.437705245122),
        ((0.6, 1.6), -20.2435020629324, 12.4548429013608, 0.641717910555, 1.426402295393),
    ],
)
def test_bounded_calibration_agrees_with_survey(
    bounds: tuple[float, float], mean: float, std_error: float, smallest: float, largest: float
) -> None:
    data = det60("st", "g", "h")
    targets = [[0.45, 0.55], [0.3, 0.3, 0.4], [0.25, 0.35, 0.4]]
    raked = rake_cells(data.base, data.levels, targets, bounds=bounds, tolerance=1e-13)
    assert calibrated_mean(data, raked.factor) == pytest.approx((mean, std_error), abs=1e-8)
    assert raked.factor.min() == pytest.approx(smallest, abs=1e-11)
    assert raked.factor.max() == pytest.approx(largest, abs=1e-11)


def test_raking_minimises_the_exponential_distance() -> None:
    base = np.array([4.0, 1, 2, 3])
    levels = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    raked = rake_cells(base, levels, [[0.6, 0.4], [0.5, 0.5]]).factor
    # a 2x2 table with fixed margins has one free cell: minimise Σ d (f log f - f + 1) over it numerically

    def table(a: float) -> Floats:
        return np.array([a, 6 - a, 5 - a, a - 1])

    def distance(a: Floats) -> float:
        f = table(float(a[0])) / base
        return float(base @ (f * np.log(f) - f + 1))

    best = minimize(distance, [4.0], bounds=[(1.001, 4.999)], tol=1e-14).x[0]
    assert base * raked == pytest.approx(table(best), abs=1e-5)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.1, 10), min_size=12, max_size=12),
    st.lists(st.floats(0.5, 2), min_size=12, max_size=12),
    st.booleans(),
)
def test_reachable_margins_are_met_and_the_sum_is_kept(base: list[float], factor: list[float], bounded: bool) -> None:
    weight = np.array(base)
    levels = [np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)]
    goal = weight * np.array(factor)
    targets = [np.bincount(code, weights=goal) / goal.sum() for code in levels]
    bounds = (0.05, 20.0) if bounded else None
    raked = rake_cells(weight, levels, targets, bounds=bounds)
    for code, target in zip(levels, targets, strict=True):
        met = np.bincount(code, weights=weight * raked.factor) / weight.sum()
        assert met == pytest.approx(target, abs=2e-10)
    assert weight @ raked.factor == pytest.approx(weight.sum())
    assert raked.max_deviation <= 1e-10
    assert raked.converged
    if bounded:
        assert raked.factor.min() > 0.05
        assert raked.factor.max() < 20


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=6, max_size=6), st.floats(0.1, 100))
def test_scale_of_the_weights_does_not_matter(base: list[float], scale: float) -> None:
    levels = [np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2])]
    targets = [[0.4, 0.6], [0.3, 0.3, 0.4]]
    once = rake_cells(base, levels, targets).factor
    assert rake_cells(np.array(base) * scale, levels, targets).factor == pytest.approx(once, rel=1e-7)


def test_targets_already_met_leave_the_weights_alone() -> None:
    for bounds in (None, (0.5, 2.0)):
        raked = rake_cells([3.0, 1.0], [[0, 1]], [[0.75, 0.25]], bounds=bounds)
        assert raked.factor.tolist() == [1.0, 1.0]


def test_a_level_without_weight_and_with_target_zero_is_harmless() -> None:
    raked = rake_cells([3.0, 1.0, 0.0], [[0, 1, 2]], [[0.5, 0.5, 0.0]])
    assert raked.factor[:2].tolist() == pytest.approx([2 / 3, 2.0])
    assert np.all(np.isfinite(raked.factor))


def test_residuals_are_orthogonal_to_the_margins() -> None:
    data = det60("st", "g", "h")
    x = margin_design_matrix(data.levels)
    totals = np.stack([np.bincount(data.cell, weights=data.weight * v) for v in (data.value, data.value**2)], axis=1)
    fitted = x @ regression_coefficients(x, data.base, totals)
    assert x.T @ (totals - data.base[:, None] * fitted) == pytest.approx(np.zeros((6, 2)), abs=1e-8)


def test_margins_that_determine_each_other_have_the_same_fit() -> None:
    data = det60("g")
    totals = np.bincount(data.cell, weights=data.weight * data.value)[:, None]
    once, twice = margin_design_matrix(data.levels), margin_design_matrix([data.levels[0], data.levels[0]])
    fits = [x @ regression_coefficients(x, data.base, totals) for x in (once, twice)]
    assert fits[0] == pytest.approx(fits[1])
    raked = rake_cells(data.base, [data.levels[0]] * 2, [[0.2, 0.3, 0.5]] * 2, bounds=(0.5, 2))
    assert raked.factor == pytest.approx([0.6, 0.9, 1.5])


def test_cells_without_weight_do_not_matter_for_the_regression() -> None:
    x = margin_design_matrix([[0, 1, 1]])
    found = regression_coefficients(x, [2.0, 4.0, 0.0], [[6.0], [4.0], [0.0]])
    assert found[:, 0] == pytest.approx([3.0, -2.0])


@pytest.mark.parametrize(
    ("base", "targets", "bounds", "message"),
    [
        ([1.0, 1.0], [[0.5, 0.6, 0.0]], None, "targets of margin 'region' .* sum to 1.1"),
        ([1.0, 1.0], [[1.0, 0.0, 0.0]], None, "level 'south' of margin 'region' has target 0"),
        ([1.0, 1.0], [[1.0, np.nan, np.nan]], None, "level 'south' of margin 'region' .* has no target: add it"),
        ([1.0, 1.0], [[0.5, 0.25, 0.25]], None, "level 'east' of margin 'region' has target 0.25 and no answers"),
        ([1.0, 1.0], [[0.9, 0.1, 0.0]], (0.5, 1.5), "level 'north' of margin 'region' needs a mean factor of 1.8"),
        ([1.0, 1.0], [[0.5, 0.5, 0.0]], (1.1, 1.5), "0 <= low < 1 < high"),
        ([1.0, -1.0], [[0.5, 0.5, 0.0]], None, "not negative"),
        ([0.0, 0.0], [[0.5, 0.5, 0.0]], None, "not all zero"),
    ],
)
def test_margins_that_cannot_be_met_are_named(
    base: list[float], targets: list[list[float]], bounds: tuple[float, float] | None, message: str
) -> None:
    with pytest.raises(CemkitError, match=message):
        rake_cells(base, [[0, 1]], targets, labels=[["north", "south", "east"]], names=["region"], bounds=bounds)


def test_combinations_that_do_not_occur_are_explained() -> None:
    # only north-young and south-old occur, so both margins always have the same shares
    with pytest.raises(CemkitError, match=r"no weights meet all margins: level .* once the others are met"):
        rake_cells([1.0, 1.0], [[0, 1], [0, 1]], [[0.5, 0.5], [0.6, 0.4]], names=["region", "age"])


def test_bounds_that_only_fail_together_are_explained() -> None:
    # each level alone is within (.5, 1.5), but north must grow and young shrink, and most weight is in both or neither
    base, levels = [4.0, 1.0, 1.0, 4.0], [[0, 0, 1, 1], [0, 1, 0, 1]]
    with pytest.raises(CemkitError, match=r"no weights within bounds \(0.5, 1.5\) meet all margins: level"):
        rake_cells(base, levels, [[0.72, 0.28], [0.35, 0.65]], bounds=(0.5, 1.5), names=["region", "age"])


def test_too_few_iterations_are_an_error() -> None:
    data = det60("st", "g")
    with pytest.raises(CemkitError, match=r"did not converge in 1 iterations: level .* of margin"):
        rake_cells(data.base, data.levels, [[0.5, 0.5], [0.2, 0.3, 0.5]], max_iterations=1)


def test_margins_and_targets_must_correspond() -> None:
    with pytest.raises(CemkitError, match="one array of targets for each margin"):
        rake_cells([1.0], [], [])
    with pytest.raises(CemkitError, match="at least one margin"):
        margin_design_matrix([])
    with pytest.raises(CemkitError, match="needs a level for each of 2 cells"):
        rake_cells([1.0, 1.0], [[0, 2]], [[0.5, 0.5]])
    with pytest.raises(CemkitError, match="tolerance > 0"):
        rake_cells([1.0], [[0]], [[1.0]], tolerance=0)
