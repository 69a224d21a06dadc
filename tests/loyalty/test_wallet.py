"""Wallets by hand, their laws, engines and bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.loyalty import wallet
from cemkit.results import Result

COLUMNS = {"customer": "who", "brand": "shop", "spend": "spent", "rank": "place"}


def answers(customers: int = 40, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (f"c{i}", f"shop {b}", float(rng.integers(1, 90)), int(rng.integers(1, 4)))
        for i in range(customers)
        for b in rng.choice(5, size=rng.integers(1, 6), replace=False)
    ]
    return pd.DataFrame(rows, columns=["who", "shop", "spent", "place"])


def test_the_wallet_allocation_rule() -> None:
    # (1 - rank/(n + 1)) * 2/n: two brands .6667/.3333; three with two tied first (1.5): .4167, .4167, .1667.
    data = pd.DataFrame({"who": list("aabbb"), "shop": list("xyxyz"), "place": [1, 2, 1, 1, 3]})
    found = wallet(data, customer="who", brand="shop", rank="place").table
    np.testing.assert_allclose(found["wallet_allocation"], [2 / 3, 1 / 3, 5 / 12, 5 / 12, 1 / 6], rtol=1e-14)
    assert found["rank"].tolist() == [1, 2, 1.5, 1.5, 3]
    assert found["share_of_wallet"].isna().all()


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_shares_sum_to_one(seed: int) -> None:
    data = answers(15, seed)
    found = wallet(data, **COLUMNS)
    sums = found.table.groupby("who")[["share_of_wallet", "wallet_allocation"]].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=1e-12)
    whole = found.brands.groupby("metric")["estimate"].sum()
    np.testing.assert_allclose(whole[["share_of_market", "wallet_allocation_of_all"]], 1.0, rtol=1e-12)
    assert (found.brands["low"] <= found.brands["estimate"] + 1e-12).all()
    assert (found.brands["estimate"] <= found.brands["high"] + 1e-12).all()
    assert wallet(data.sample(frac=1, random_state=seed), **COLUMNS).table.equals(found.table)


def test_brands_against_ratios_of_customers() -> None:
    data = answers()
    found = wallet(data, **COLUMNS).brands.set_index(["metric", "shop"])
    whole = data.groupby("who")["spent"].transform("sum")
    mine = data[data["shop"] == "shop 2"]
    y, x = mine["spent"].to_numpy(), whole[mine.index].to_numpy()
    row = found.loc["share_of_wallet", "shop 2"]
    ratio = y.sum() / x.sum()
    assert row["estimate"] == pytest.approx(ratio)
    assert row["std_error"] == pytest.approx(np.sqrt(len(y)) * (y - ratio * x).std(ddof=1) / x.sum())
    assert row["n"] == len(mine)
    assert found.loc["share_of_market", "shop 2"]["n"] == 40
    assert found.loc["wallet_allocation", "shop 2"]["estimate"] == pytest.approx(
        wallet(data, **COLUMNS).table.query("shop == 'shop 2'")["wallet_allocation"].mean()
    )


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    expected, found = wallet(answers(), **COLUMNS), wallet(local_engine(answers()), **COLUMNS)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-12)
    pd.testing.assert_frame_equal(found.brands, expected.brands, rtol=1e-10)
    assert pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found


def test_purchases_are_summed_and_incomplete_wallets_left_out_whole() -> None:
    data = answers().drop(columns="place")
    named = {"customer": "who", "brand": "shop", "spend": "spent"}
    twice = wallet(pd.concat([data, data]), **named).table
    np.testing.assert_allclose(twice["share_of_wallet"], wallet(data, **named).table["share_of_wallet"], rtol=1e-12)
    holed = data.copy()
    holed.loc[0, "spent"], holed.loc[len(data) - 1, "shop"] = np.nan, None
    found = wallet(holed, **named)
    assert data["who"][0] not in set(found.table["who"])
    notes = {a.code: dict(a.values) for a in found.assumptions}
    assert (notes["wallets-left-out"], notes["pairs-left-out"]) == ({"customers": 1}, {"rows": 1})


def test_bad_input_is_one_clear_sentence() -> None:
    data = answers()
    with pytest.raises(CemkitError, match="a wallet needs spend="):
        wallet(data, customer="who", brand="shop")
    with pytest.raises(ContractError, match="have several rows, such as 'c0'"):
        wallet(pd.concat([data, data]), **COLUMNS)
    with pytest.raises(ContractError, match="'spent' is below zero in"):
        wallet(data.assign(spent=-1.0), **COLUMNS)
    with pytest.raises(ContractError, match="in 2 currencies"):
        wallet(data.assign(currency=["EUR", "KRW"] * (len(data) // 2) + ["EUR"] * (len(data) % 2)), **COLUMNS)
    with pytest.raises(ColumnError, match="must be different columns"):
        wallet(data, customer="who", brand="who", spend="spent")
    with pytest.raises(CemkitError, match="no customer has a complete wallet"):
        wallet(data.assign(spent=np.nan), **COLUMNS)
