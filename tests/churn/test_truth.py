"""The ledger against the counterfactual truth of simulated worlds with real timestamps."""

from __future__ import annotations

from collections.abc import Callable

import ledgers
import numpy as np
import pytest
import timed_worlds
from timed_worlds import NAMES, WORLDS, Kind, simulate

import cemkit as cem

ORDER = sorted(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(WORLDS))
def test_big_worlds_are_within_two_points(name: str) -> None:
    kind = WORLDS[name]
    world = simulate(kind, 60_000, 1, chances=False)
    found = ledgers.solved(world, confounders=kind.declared, exclude=("cancellation",) if kind.cancelling else ())
    truth = np.array([*(world.truth[name] for name in ORDER), world.truth["all"]])
    assert np.abs(found.shares.share - truth).max() < 0.02
    assert found.chosen.startswith("multiplicative" if kind.multiplicative else "additive")
    reminder = ORDER.index("reminder")
    # five worlds are asked, so each at 99 %
    assert abs(found.shares.share[reminder]) < 2.576 * found.shares.std_error[reminder]


SMALL = Kind(months=12, contact=(0.30, 0.25, 0, 0, 0.10, 0.60), base=0.02, extra=(0.06, 0.08, 0, 0, 0, 0))
"""Four touchpoints, so that a thousand replicates take minutes."""


@pytest.mark.slow
def test_intervals_cover(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    number = replicates(40)
    names = ["billing", "reminder", "store", "support"]
    chances = simulate(SMALL, 200_000, 999, chances=False).truth
    truth = np.array([*(chances[name] for name in names), chances["all"]])
    held = []
    for seed in range(number):
        found = ledgers.solved(simulate(SMALL, 2000, seed, chances=False, truth=False)).shares
        held.append(np.abs(found.share - truth) < 1.96 * found.std_error)
    margin = 0.02 + 3 * np.sqrt(0.95 * 0.05 / number)
    covers(
        held,
        estimator="churn.attribute: four touchpoints and together",
        world="2,000 customers in 12 months with timestamps, the hazard chosen from the data",
        slack=(margin, margin),
    )


@pytest.mark.slow
def test_the_telecom_world_is_recovered() -> None:
    store, truth = cem.simulate.telecom(customers=12_000, seed=1)
    found = cem.churn.attribute(store.customers, store.experiences, exclude="cancellation", horizon="360d")
    rows = truth.churn_by_tenure
    known = rows[rows["segment"].isna() & (rows["days"] == 360)].set_index("touchpoint")["share"]
    table = found.to_frame().set_index("touchpoint")
    assert np.all(np.abs(table["share"] - known.loc[table.index]) < np.maximum(0.02, 3.3 * table["std_error"]))
    # all leavers of the log, by the hazard at exit
    exits = cem.churn.attribute(
        store.customers, store.experiences, exclude="cancellation", estimand="hazard-share", hazard="additive"
    )
    rows = truth.churn
    known = rows[rows["segment"].isna() & (rows["cause"] == "any")].set_index("touchpoint")["hazard_share"]
    table = exits.to_frame().set_index("touchpoint")
    assert np.all(np.abs(table["share"] - known.loc[table.index]) < np.maximum(0.02, 3.3 * table["std_error"]))


def test_truth_of_a_world_by_hand() -> None:
    # one touchpoint that everybody meets at once: F = 1 - exp(-(base + extra) t) within its window
    kind = timed_worlds.smaller(
        SMALL, contact=(1e-12, 0, 0, 0, 0, 0), extra=(0.06, 0, 0, 0, 0, 0), base=0.02, months=12
    )
    world = simulate(kind, 20_000, 0, chances=False)
    assert world.truth == dict.fromkeys((*NAMES, "all"), 0.0)
    left = world.customers["left_at"].notna().mean()
    # 0.02 exp(.6 z) a month for a year: mean over z of 1 - exp(-.24 exp(.6 z))
    z = np.random.default_rng(1).standard_normal(200_000)
    assert left == pytest.approx(float(-np.expm1(-0.24 * np.exp(0.6 * z)).mean()), abs=0.01)
