"""Dormant customers: the rule by hand, what is not uplift, consent, the test, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import loyalty
from cemkit.errors import CemkitError, ColumnError, ContractError


@pytest.fixture(scope="module")
def fits(log) -> tuple[loyalty.PurchaseFit, loyalty.SpendFit]:
    some = loyalty.history(log[log["customer_id"] % 10 == 1], until="1997-09-30", intervals=False)
    return loyalty.fit(some, "mbg/nbd"), loyalty.fit_spend(some)


def test_the_rule_by_hand(fits) -> None:
    fit, spend = fits
    plan = loyalty.dormancy(fit, spend, contact_cost=0.8, harm=0.2, margin_rate=0.3, uplift=0.05, uplift_std_error=0.01)
    table = plan.to_frame()
    # what a year brings, of those who are alive
    year = loyalty.lifetime_value(fit, spend, margin_rate=1, horizon="52w").to_frame()["estimate"]
    alive = fit.probability_alive().to_frame()["estimate"]
    assert table["residual_value"].to_numpy() == pytest.approx((year / alive).to_numpy())
    assert table["break_even"].to_numpy() == pytest.approx(1.0 / (0.3 * table["residual_value"].to_numpy()))
    assert table["estimate"].to_numpy() == pytest.approx(0.05 * 0.3 * table["residual_value"].to_numpy() - 1.0)
    assert ((table["action"] == "wake") == (table["low"] > 0)).all()
    assert ((table["action"] == "leave in peace") == (table["high"] < 0)).all()
    assert set(table["action"]) == {"wake", "leave in peace", "test"}
    silent = fit.probability_inactive_for(52).to_frame()["estimate"]
    assert table["return_probability"].to_numpy() == pytest.approx(1 - silent.to_numpy())
    assert plan.actions["customers"].sum() == len(table)
    woken = plan.actions.set_index("action").loc["wake"]
    assert woken["cost_if_contacted"] == pytest.approx(woken["customers"])
    assert woken["gain_if_contacted"] > 0
    assert any("not to write at all" in str(note) for note in plan.assumptions)
    assert loyalty.DormancyPlan.from_json(plan.to_json()) == plan


def test_the_sample_size_of_the_test(fits) -> None:
    fit, spend = fits
    plan = loyalty.dormancy(fit, spend, contact_cost=1.0, margin_rate=0.3, uplift=0.05, uplift_std_error=0.02)
    test = plan.test.iloc[0]
    # (z.975 sqrt(2 p(1-p)) ...): the unpooled normal formula by hand
    before, after = test["baseline"], test["baseline"] + test["uplift"]
    z = 1.959963984540054 + 0.8416212335729143
    by_hand = z**2 * (before * (1 - before) + after * (1 - after)) / (after - before) ** 2
    assert test["n_per_arm"] == pytest.approx(by_hand, abs=1.01)
    assert test["enough"] == (2 * test["n_per_arm"] <= test["customers"])


def test_response_is_not_uplift(fits) -> None:
    fit, spend = fits
    plan = loyalty.dormancy(fit, spend, contact_cost=1.0, margin_rate=0.3, response=0.05)
    table = plan.to_frame()
    assert set(table["action"]) == {"leave in peace", "test"}
    assert table["estimate"].isna().all()
    assert plan.basis == "response"
    assert any("Response is not uplift" in str(note) for note in plan.assumptions)
    # where even the whole response would not pay
    assert (table.loc[table["action"] == "leave in peace", "break_even"] > 0.05).all()
    nothing = loyalty.dormancy(fit, spend, contact_cost=1.0, margin_rate=0.3)
    assert set(nothing.to_frame()["action"]) == {"test"}
    assert (nothing.basis, nothing.actions["gain_if_contacted"].isna().sum()) == ("nothing", 1)
    dear = loyalty.dormancy(fit, spend, contact_cost=1e9, margin_rate=0.3)
    assert set(dear.to_frame()["action"]) == {"leave in peace"}


def test_columns_and_consent(fits) -> None:
    fit, spend = fits
    who = fit.history.to_frame()["customer_id"]
    rng = np.random.default_rng(1)
    own = pd.DataFrame({"customer_id": who, "u": rng.normal(0.05, 0.03, len(who)), "ok": rng.random(len(who)) < 0.5})
    own["maybe"] = own["ok"].astype(float).where(own.index != 0)
    own["part"] = own["u"].where(own.index > 9)
    shuffled = own.sample(frac=1, random_state=2)
    options: dict[str, Any] = {"contact_cost": 1.0, "margin_rate": 0.3, "data": shuffled}
    found = loyalty.dormancy(fit, spend, **options, uplift="u", uplift_std_error=0.01, consent="ok").to_frame()
    assert found["uplift"].tolist() == own["u"].tolist()
    assert ((found["action"] == "no contact") == ~own["ok"]).all()
    same = loyalty.dormancy(
        fit,
        spend,
        contact_cost=1.0,
        margin_rate=0.3,
        uplift=own["u"],
        uplift_std_error=0.01,
        consent=own["ok"].tolist(),
    )
    pd.testing.assert_frame_equal(same.to_frame(), found)
    # not to know is no consent
    unknown = loyalty.dormancy(fit, spend, **options, uplift="u", consent="maybe").to_frame()
    assert unknown["action"].iloc[0] == "no contact"
    part = loyalty.dormancy(fit, spend, **options, uplift="part")
    assert any("uplift of 10 customers is not known" in str(note) for note in part.assumptions)
    assert (part.to_frame()["action"].iloc[:10] != "wake").all()


def test_harmful_contacts_are_never_made(fits) -> None:
    fit, spend = fits
    found = loyalty.dormancy(fit, spend, contact_cost=0.0, margin_rate=0.3, uplift=-0.02, uplift_std_error=0.001)
    assert set(found.to_frame()["action"]) == {"leave in peace"}


def test_other_customers_and_horizons(fits, log) -> None:
    fit, spend = fits
    quiet = loyalty.history(log[log["customer_id"] < 60], until="1997-09-30")
    found = loyalty.dormancy(fit, spend, contact_cost=1, margin_rate=0.3, uplift=0.05, history=quiet, horizon=None)
    short = loyalty.dormancy(fit, spend, contact_cost=1, margin_rate=0.3, uplift=0.05, history=quiet, horizon=26)
    assert len(found) == len(quiet)
    assert (found.to_frame()["residual_value"] > short.to_frame()["residual_value"]).all()
    plain = loyalty.fit(quiet, "bg/nbd")
    ones = loyalty.dormancy(plain, spend, contact_cost=1, margin_rate=0.3, uplift=0.05)
    assert any("cannot have left" in str(note) for note in ones.assumptions)


def test_what_is_refused(fits) -> None:
    fit, spend = fits
    table = pd.DataFrame({"customer_id": fit.history.to_frame()["customer_id"], "u": 0.1, "name": "x"})
    cases: list[tuple[dict[str, Any], type[CemkitError], str]] = [
        ({"margin_rate": 30}, CemkitError, "margin_rate must be a share above 0"),
        ({"contact_cost": -1}, CemkitError, "contact_cost must be finite numbers of at least 0, got -1"),
        ({"contact_cost": float("nan")}, CemkitError, "contact_cost must be"),
        ({"uplift": 5}, CemkitError, "uplift must be from -1 to 1, got 5 for 236 of 236"),
        ({"uplift": [0.1, 0.2]}, CemkitError, "uplift has 2 values for 236 customers"),
        ({"uplift": "u"}, CemkitError, "a column needs data="),
        ({"uplift": "v", "data": table}, ColumnError, "no such column"),
        ({"uplift": "name", "data": table}, ColumnError, "must hold numbers"),
        ({"uplift": "u", "data": table.head(9)}, ContractError, "no row of 227 of 236 customers"),
        ({"uplift": "u", "data": pd.concat([table, table.head(1)])}, ContractError, "more than one row of 1 customers"),
        ({"uplift": object()}, CemkitError, "uplift must be a number, a column of data="),
        ({"response": 1.5}, CemkitError, "response must be from 0 to 1"),
        ({"consent": 2.0}, CemkitError, "consent must be from 0 to 1"),
        ({"horizon": "52"}, CemkitError, "horizon must be a number and a unit"),
        ({"horizon": 0}, CemkitError, "horizon must be longer than zero"),
        ({"power": 1}, CemkitError, "power must be a share above 0 and below 1"),
        ({"level": 95}, CemkitError, "level must lie between"),
    ]
    for changes, error, message in cases:
        with pytest.raises(error, match=message):
            loyalty.dormancy(fit, spend, **{"contact_cost": 1.0, "margin_rate": 0.3, **changes})
    with pytest.raises(CemkitError, match="needs a PurchaseFit and a SpendFit"):
        loyalty.dormancy(spend, fit, contact_cost=1, margin_rate=0.3)
    given = loyalty.PurchaseFit.from_params("nbd", [1, 2])
    with pytest.raises(CemkitError, match="give history="):
        loyalty.dormancy(given, spend, contact_cost=1, margin_rate=0.3)
