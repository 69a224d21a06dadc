"""Hazards on cells: hand arithmetic, statsmodels, laws."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import (
    KINDS,
    choose_hazard,
    fit_hazard,
    hazard_design,
    hazard_shares,
    held_out_log_likelihood,
    removed_hazard,
)

PATTERN = (np.arange(8)[:, None] >> np.arange(3)) % 2 == 1
BASELINE = np.column_stack([np.ones(16), np.repeat([0, 1], 8)])


def cells(seed: int, kind: str, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pattern = np.vstack([PATTERN, PATTERN])
    time = rng.uniform(500, 3000, 16) * scale
    effect = pattern @ ([0.02, 0.01, 0.0] if kind == "additive" else [1.0, 0.5, 0.0])
    background = 0.01 + 0.01 * BASELINE[:, 1]
    hazard = background + effect if kind == "additive" else background * np.exp(effect)
    return pattern, time, rng.poisson(hazard * time)


def test_saturated_cells_by_hand() -> None:
    design = hazard_design([[False], [True]], [[1.0], [1.0]])
    added = fit_hazard([10, 9], [1000, 300], design, kind="additive")
    # .01 and .03; variances d/T²
    np.testing.assert_allclose(added.coefficient, [0.01, 0.02], rtol=1e-9)
    assert added.covariance[1, 1] == pytest.approx(10 / 1000**2 + 9 / 300**2)
    times = fit_hazard([10, 9], [1000, 300], design, kind="multiplicative")
    np.testing.assert_allclose(times.coefficient, [np.log(0.01), np.log(3)], rtol=1e-9)
    assert times.covariance[1, 1] == pytest.approx(1 / 10 + 1 / 9)
    assert times.log_likelihood == pytest.approx(added.log_likelihood)
    np.testing.assert_allclose(removed_hazard(times, [[False], [True]]), [[0.01, 0.03], [0.01, 0.01]])


def test_poisson_regression_as_in_statsmodels() -> None:
    from statsmodels.api import GLM
    from statsmodels.genmod.families import Poisson

    pattern, time, events = cells(0, "multiplicative")
    fit = fit_hazard(events, time, hazard_design(pattern, BASELINE), kind="multiplicative")
    peer = GLM(events, np.column_stack([BASELINE, pattern]), family=Poisson(), exposure=time).fit(tol=1e-14)
    np.testing.assert_allclose(fit.coefficient, peer.params, rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), peer.bse, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_of_rows_and_of_cells_agree(kind: str) -> None:
    pattern, time, events = cells(1, kind)
    design = hazard_design(pattern, BASELINE)
    whole = fit_hazard(events, time, design, kind=kind)
    twice = hazard_design(np.vstack([pattern, pattern]), np.vstack([BASELINE, BASELINE]))
    split = fit_hazard(np.r_[events, np.zeros(16)], np.r_[time / 4, 3 * time / 4], twice, kind=kind)
    np.testing.assert_allclose(split.coefficient, whole.coefficient, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(split.bread, whole.bread, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exposure_nobody_met_is_exactly_zero(kind: str) -> None:
    pattern, time, events = cells(2, kind)
    none = np.column_stack([pattern, np.zeros(16, dtype=bool)])
    fit = fit_hazard(events, time, hazard_design(none, BASELINE), kind=kind)
    assert fit.effect[3] == 0
    assert np.all(hazard_shares(fit, 4)[:, 3] == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_hazards_sum_to_one(kind: str) -> None:
    pattern, time, events = cells(3, kind)
    for pairs in ((), ((0, 1),)):
        fit = fit_hazard(events, time, hazard_design(pattern, BASELINE, pairs=pairs), kind=kind)
        shares = hazard_shares(fit, 3)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        np.testing.assert_allclose(shares[:, :3][~pattern], 0, atol=1e-12)
        together = 1 - removed_hazard(fit, [[True] * 3])[0] / fit.hazard
        np.testing.assert_allclose(1 - shares[:, 3], together, atol=1e-10)


def test_exposures_may_share_a_player_or_have_none() -> None:
    pattern, time, events = cells(4, "multiplicative")
    design = hazard_design(pattern, BASELINE, player=[0, 0, -1])
    fit = fit_hazard(events, time, design, kind="multiplicative")
    base = fit.coefficient[:2]
    expected = np.exp(BASELINE @ base + pattern[:, 2] * fit.effect[2])
    np.testing.assert_allclose(removed_hazard(fit, [True])[0], expected)
    assert hazard_shares(fit, 1).shape == (16, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_held_out_likelihood_finds_the_kind(kind: str) -> None:
    rng = np.random.default_rng(6)
    pattern, time, events = cells(5, kind, scale=60)
    folds = np.stack([rng.multinomial(n, np.full(5, 0.2)) for n in events], axis=1)
    design = hazard_design(pattern, BASELINE)
    spread = np.tile(time / 5, (5, 1))
    chosen, score = choose_hazard(folds, spread, {k: (design, k) for k in KINDS})
    assert chosen == kind
    assert score[kind] == held_out_log_likelihood(folds, spread, design, kind=kind).sum()


def test_a_harmless_exposure_is_covered_where_hazards_are_low() -> None:
    rng = np.random.default_rng(8)
    pattern = np.array([[False], [True], [False], [True]])
    baseline = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    time, hazard = np.array([60_000.0, 3000, 60_000, 3000]), np.array([0.002, 0.002, 0.03, 0.03])
    z = []
    for _ in range(300):
        fit = fit_hazard(rng.poisson(hazard * time), time, hazard_design(pattern, baseline), kind="additive")
        z.append(fit.effect[0] / np.sqrt(fit.covariance[2, 2]))
    assert abs(np.mean(z)) < 0.3
    assert np.mean(np.abs(z) < 1.96) > 0.9


def test_degenerate_cells() -> None:
    design = hazard_design([[False], [True]], [[1.0], [1.0]])
    assert fit_hazard([0, 0], [5, 5], design, kind="additive").status == "no-events"
    with pytest.raises(CemkitError, match="1 with events but no time"):
        fit_hazard([1, 1], [5, 0], design, kind="additive")
    with pytest.raises(CemkitError, match="cells need a pattern"):
        hazard_design([[False], [True]], [[1.0]])
    empty_band = hazard_design([[False], [True], [False]], [[1.0, 0], [1, 0], [0, 1]])
    fit = fit_hazard([5, 6, 0], [100, 50, 10], empty_band, kind="multiplicative")
    np.testing.assert_allclose(fit.hazard, [0.05, 0.12, 0], atol=1e-9)
