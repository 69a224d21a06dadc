"""The hazard at exit, split: laws, gradient, and the closed form of one leaver."""

from __future__ import annotations

import churn_world
import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import KINDS, HazardFit, fit_hazard, hazard_design, hazard_shares
from cemkit.statistics.exit_shares import exit_shares
from cemkit.statistics.preventable import person_time, preventable
from cemkit.statistics.shapley import exact_game, permutation_game

PLAYERS = churn_world.PLAYERS


def fitted(world: churn_world.World, kind: str, pairs: tuple[tuple[int, int], ...] = ()) -> HazardFit:
    events, time = world.sums()
    return fit_hazard(events[0], time[0], hazard_design(world.pattern, world.design_columns(), pairs=pairs), kind=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_is_the_mean_of_the_cells_shares(kind: str) -> None:
    world = churn_world.simulate(2000, 1, kind=kind, strata=3)
    fit = fitted(world, kind)
    found = exit_shares(world.rows, fit, exact_game(PLAYERS))
    cells = hazard_shares(fit, PLAYERS)[world.rows.cell[world.rows.event]]
    np.testing.assert_allclose(found.share[:-1], cells.mean(axis=0)[:-1], atol=1e-12)
    assert found.share[-1] == pytest.approx(1 - cells.mean(axis=0)[-1])
    width = np.full(int(churn_world.MONTHS / churn_world.BAND), churn_world.BAND)
    # who is saved once can still leave later
    assert found.share[-1] > preventable(world.rows, fit, world.band, width, PLAYERS).share[-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pairs", [(), ((0, 1), (1, 2))])
def test_influence_is_the_change_without_a_customer(kind: str, pairs: tuple[tuple[int, int], ...]) -> None:
    world = churn_world.simulate(1500, 3, strata=2)
    game = exact_game(PLAYERS)
    whole = exit_shares(world.rows, fitted(world, kind, pairs), game)
    someone = np.argsort(-np.abs(whole.influence[:, -1]))[::150][:6]
    for i in someone:
        rest = world._replace(rows=world.rows.take(np.delete(np.arange(1500), i)))
        change = whole.share - exit_shares(rest.rows, fitted(rest, kind, pairs), game).share
        np.testing.assert_allclose(change, whole.influence[i], atol=0.15 * np.abs(whole.influence).max())


def test_random_orders_come_close_and_say_how_close() -> None:
    world = churn_world.simulate(1500, 4, strata=2)
    fit = fitted(world, "multiplicative")
    exact = exit_shares(world.rows, fit, exact_game(PLAYERS))
    some = exit_shares(world.rows, fit, permutation_game(PLAYERS, permutations=60, seed=1))
    assert some.share[-1] == pytest.approx(exact.share[-1])
    assert np.all(np.abs(some.share - exact.share)[:-1] < 4 * some.error[:-1] + 1e-9)
    np.testing.assert_allclose(some.std_error, exact.std_error, rtol=0.02)


def test_one_leaver_by_hand() -> None:
    # hazard .1 alone and .3 exposed: two thirds of the exposed leavers' hazard is the exposure's, a third of all leavers
    rows = person_time([0, 1, 2], [0, 1], [10.0, 10 / 3], [True, True])
    fit = fit_hazard([1.0, 1.0], [10.0, 10 / 3], hazard_design([[False], [True]], [[1.0], [1.0]]), kind="additive")
    assert exit_shares(rows, fit, exact_game(1)).share.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert exit_shares(rows, fit, exact_game(1), weight=[1.0, 3.0]).share[0] == pytest.approx(0.5)
    with pytest.raises(CemkitError, match="found 2 leavers"):
        exit_shares(rows, fit, exact_game(1), weight=[0.0, 0.0])
