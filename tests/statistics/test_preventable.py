"""The preventable share: counterfactual truth of simulated worlds, laws, coverage."""

from __future__ import annotations

from collections.abc import Callable

import churn_world
import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import KINDS, choose_hazard, fit_hazard, hazard_design
from cemkit.statistics.preventable import Preventable, incidence_without, person_time, preventable

WIDTH = np.full(int(churn_world.MONTHS / churn_world.BAND), churn_world.BAND)
PLAYERS = churn_world.PLAYERS


def solve(world: churn_world.World, kind: str) -> Preventable:
    events, time = world.sums()
    fit = fit_hazard(events[0], time[0], hazard_design(world.pattern, world.design_columns()), kind=kind)
    return preventable(world.rows, fit, world.band, WIDTH, PLAYERS)


@pytest.mark.parametrize("kind", KINDS)
def test_truth_lies_within_the_error(kind: str) -> None:
    world = churn_world.simulate(6000, 1, kind=kind)
    found = solve(world, kind)
    assert np.all(np.abs(found.share - world.truth) < 3.3 * found.std_error)
    assert found.share[:-1].sum() == pytest.approx(found.share[-1], abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_the_big_world_are_within_two_points(kind: str) -> None:
    # references: .082, .113, .057, .028, 0, 0, together .280 in the additive world of one seed
    world = churn_world.simulate(60_000, 2, kind=kind)
    rng = np.random.default_rng(0)
    tables = world.sums(rng.integers(0, 5, world.rows.offsets.size - 1), 5)
    design = hazard_design(world.pattern, world.design_columns())
    chosen, _ = choose_hazard(*tables, {name: (design, name) for name in KINDS})
    assert chosen == kind
    found = solve(world, chosen)
    assert np.abs(found.share - world.truth).max() < 0.02
    # neither the store nor the reminder harms anybody
    assert np.all(np.abs(found.share[4:6]) < 1.96 * found.std_error[4:6])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_intervals_cover(kind: str, replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    number = replicates(60)
    truth = churn_world.simulate(200_000, 99, kind=kind, strata=5).truth
    held = []
    for seed in range(number):
        found = solve(churn_world.simulate(2000, seed, kind=kind, strata=5), kind)
        held.append(np.abs(found.share - truth) < 1.96 * found.std_error)
    margin = 0.02 + 3 * np.sqrt(0.95 * 0.05 / number)
    covers(
        held,
        estimator="preventable shares of six touchpoints and together",
        world=f"2,000 customers of the {kind} world of timed experiences, the kind of hazard known",
        slack=(margin, margin),
    )


def test_gradient_is_that_of_the_shares() -> None:
    # drop-one: influence of a customer is the change without them, the fit made anew
    world = churn_world.simulate(1500, 3, strata=2)
    for kind in KINDS:
        whole = solve(world, kind)
        someone = np.argsort(-np.abs(whole.influence[:, -1]))[::150][:6]
        for i in someone:
            rest = world._replace(rows=world.rows.take(np.delete(np.arange(1500), i)))
            change = whole.share - solve(rest, kind).share
            np.testing.assert_allclose(change, whole.influence[i], atol=0.15 * np.abs(whole.influence).max())


def test_order_and_numbers_do_not_matter() -> None:
    world = churn_world.simulate(400, 4, strata=2)
    new = np.array([3, 1, 5, 0, 2, 4])
    order = np.random.default_rng(0).permutation(400)
    other = world._replace(pattern=world.pattern[:, np.argsort(new)], rows=world.rows.take(order))
    for kind in KINDS:
        first, second = solve(world, kind), solve(other, kind)
        np.testing.assert_allclose(second.share[:-1][new], first.share[:-1], atol=1e-9)
        np.testing.assert_allclose(second.std_error[:-1][new], first.std_error[:-1], rtol=1e-6)


def test_a_touchpoint_nobody_met_has_exactly_nothing() -> None:
    world = churn_world.simulate(300, 5, strata=2)
    world.pattern[:, 2] = False
    for kind in KINDS:
        found = solve(world, kind)
        assert found.share[2] == 0
        assert found.std_error[2] == pytest.approx(0, abs=1e-12)


def test_one_exposure_from_the_beginning_by_hand() -> None:
    # exposed 3 of 4 with hazard .2, else .1, watched for 2: F = 1 − mean of the survivals
    hazard, number = np.array([0.1, 0.2]), np.array([2500, 7500])
    left = np.round(number * (1 - np.exp(-2 * hazard))).astype(int)
    # leavers at evenly spaced quantiles of the exponential law, so that their person-time is the law's
    cell, duration, event = [], [], []
    for c in range(2):
        gone = -np.log1p(-(np.arange(left[c]) + 0.5) / left[c] * (1 - np.exp(-2 * hazard[c]))) / hazard[c]
        stayed = number[c] - left[c]
        cell += [c] * number[c]
        duration += [*gone, *[2.0] * stayed]
        event += [True] * left[c] + [False] * stayed
    rows = person_time(np.arange(10_001), cell, duration, event)
    time = np.bincount(cell, weights=duration)
    fit = fit_hazard(left, time, hazard_design([[False], [True]], np.ones((2, 1))), kind="multiplicative")
    # one band of width 2 averages the hazard over those still there; ten bands of .2 would come closer
    found = preventable(rows, fit, [0, 0], [2.0], 1)
    truth = 1 - (1 - np.exp(-0.2)) / (1 - 0.25 * np.exp(-0.2) - 0.75 * np.exp(-0.4))
    assert found.share[0] == pytest.approx(truth, abs=0.002)


def test_incidence_and_its_derivatives() -> None:
    # one band: a = .1, c = .05 over 2
    rng = np.random.default_rng(0)
    found, _ = incidence_without(np.array([[1.0]]), np.array([[10.0]]), np.array([[0.5]]), np.array([2.0]))
    assert found[0] == pytest.approx(0.1 / 0.15 * (1 - np.exp(-0.3)))
    sums, width = rng.uniform(0.1, 1, (3, 1, 4)), np.array([1.0, 2, 1, 0.5])
    _, slopes = incidence_without(*sums, width)
    for i in range(3):
        for b in range(4):
            shift = np.zeros((3, 1, 4))
            shift[i, 0, b] = 1e-6
            above, below = (incidence_without(*(sums + s), width)[0][0] for s in (shift, -shift))
            assert slopes[i][0, b] == pytest.approx((above - below) / 2e-6, rel=1e-5)
    nobody, _ = incidence_without(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2)), np.ones(2))
    assert nobody[0] == 0


def test_bad_input_gets_a_sentence() -> None:
    with pytest.raises(CemkitError, match="1 do not"):
        person_time([0, 1], [0], [0.0], [True])
    rows = person_time([0, 1], [0], [1.0], [True])
    fit = fit_hazard([1.0], [1.0], hazard_design([[True]], [[1.0]]), kind="additive")
    with pytest.raises(CemkitError, match="1 to 12"):
        preventable(rows, fit, [0], [1.0], 13)
    with pytest.raises(CemkitError, match="a player below 1"):
        preventable(rows, fit._replace(design=fit.design._replace(player=np.array([1]))), [0], [1.0], 1)
