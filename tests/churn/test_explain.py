"""One leaver's hazard at exit; what leavers are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import timed_worlds
from engines import Engine

import cemkit as cem
from cemkit.churn import Explanation, Ledger, ValueAtRisk
from cemkit.errors import CemkitError


@pytest.fixture(scope="module")
def world() -> timed_worlds.World:
    return timed_worlds.simulate(timed_worlds.smaller(timed_worlds.WORLDS["additive"], months=9, base=0.06), 160, 7)


@pytest.fixture(scope="module", params=["additive"])
def ledger(world: timed_worlds.World, request: pytest.FixtureRequest) -> Ledger:
    people = world.customers.assign(worth=np.where(world.customers["strain"] > 0, 3.0, 1.0))
    return cem.churn.attribute(
        people, world.experiences, estimand="hazard-share", hazard=request.param, confounders="strain", value="worth"
    )


def test_explanations_of_all_leavers_sum_to_the_ledger(world: timed_worlds.World, ledger: Ledger) -> None:
    leavers = world.customers[world.customers["left_at"].notna()]["customer_id"]
    parts = [cem.churn.explain(ledger, world.customers, world.experiences, customer=who) for who in leavers]
    shares = pd.concat([part.to_frame() for part in parts]).groupby("touchpoint")["share"].sum()
    for row in ledger.to_frame().dropna(subset=["customers"]).itertuples():
        assert shares.get(row.touchpoint, 0.0) == pytest.approx(row.customers, abs=1e-6)
    for part in parts:
        assert part.to_frame()["share"].sum() == pytest.approx(1)
    some = next(part for part in parts if len(part) > 1)
    assert some.to_frame()["days"].iloc[0] <= 90
    assert Explanation.from_json(some.to_json()) == some
    some.plot()
    assert str(some.customer) in repr(some)


def test_explain_on_any_engine(world: timed_worlds.World, ledger: Ledger, local_engine: Engine) -> None:
    who = world.customers.loc[world.customers["left_at"].notna(), "customer_id"].iloc[3]
    expected = cem.churn.explain(ledger, world.customers, world.experiences, customer=who)
    found = cem.churn.explain(ledger, local_engine(world.customers), local_engine(world.experiences), customer=who)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-9)


def test_who_cannot_be_explained(world: timed_worlds.World, ledger: Ledger) -> None:
    stayer = world.customers.loc[world.customers["left_at"].isna(), "customer_id"].iloc[0]
    with pytest.raises(CemkitError, match="has not left"):
        cem.churn.explain(ledger, world.customers, world.experiences, customer=stayer)
    with pytest.raises(CemkitError, match="not in the table of customers"):
        cem.churn.explain(ledger, world.customers, world.experiences, customer="nobody")
    short = cem.churn.attribute(world.customers, world.experiences, horizon="90d", hazard="additive")
    late = world.customers.loc[world.customers["left_at"].idxmax(), "customer_id"]
    with pytest.raises(CemkitError, match="the ledger covers 0 to 90 days"):
        cem.churn.explain(short, world.customers, world.experiences, customer=late)


def test_value_at_risk_by_hand(world: timed_worlds.World, ledger: Ledger) -> None:
    rows = ledger.to_frame()
    leavers = world.customers["left_at"].notna()
    worth = np.where(world.customers["strain"] > 0, 3.0, 1.0)[leavers].sum()
    # the part of refused rows is in the background
    assert rows["value"].sum() == pytest.approx(worth)
    found = cem.churn.value_at_risk(ledger, retention_cost=0.5, acquisition_cost=2)
    table = found.to_frame()
    np.testing.assert_allclose(table["at_risk"], rows["value"].fillna(0) + 2 * rows["customers"])
    np.testing.assert_allclose(table["net"], table["at_risk"] - 0.5 * rows["customers"])
    np.testing.assert_allclose(table["low"], rows["value_low"].fillna(0) + 2 * rows["customers_low"])
    good = rows["customers"] > 0
    np.testing.assert_allclose(table["break_even"][good], (table["at_risk"] / rows["customers"])[good])
    assert ValueAtRisk.from_json(found.to_json()) == found
    found.plot()
    plain = cem.churn.value_at_risk(ledger).to_frame()
    good = rows["customers"].notna()
    np.testing.assert_allclose(plain["at_risk"][good], rows["value"][good])
    assert plain["net"].isna().all()


def test_value_at_risk_needs_a_value(world: timed_worlds.World) -> None:
    bare = cem.churn.attribute(world.customers, world.experiences, hazard="additive")
    with pytest.raises(CemkitError, match="value='column', or say acquisition_cost="):
        cem.churn.value_at_risk(bare)
    with pytest.raises(CemkitError, match="retention_cost must be an amount"):
        cem.churn.value_at_risk(bare, retention_cost=-1, acquisition_cost=1)
    assert cem.churn.value_at_risk(bare, acquisition_cost=10).to_frame()["at_risk"].sum() == pytest.approx(
        10 * bare.total["leavers"].item()
    )
