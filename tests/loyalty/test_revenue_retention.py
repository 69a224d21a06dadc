"""The revenue bridge by hand, its laws, engines and bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from loyalty.logs import cdnow, random_log

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.loyalty import revenue_retention
from cemkit.results import Result


def small() -> pd.DataFrame:
    rows = [
        ("a", "2023-02-01", 100.0, "campaign"),
        ("b", "2023-03-01", 60.0, "campaign"),
        ("c", "2023-12-31", 40.0, "referral"),
        ("f", "2022-12-31", 70.0, "referral"),
        ("a", "2024-01-01", 90.0, "own return"),
        ("a", "2024-02-01", 40.0, "referral"),
        ("b", "2024-02-01", 70.0, "own return"),
        ("b", "2024-03-01", -20.0, "own return"),
        ("d", "2024-02-01", 30.0, "referral"),
        ("e", "2024-12-31", 10.0, "campaign"),
        ("f", "2024-02-01", 5.0, "referral"),
        ("a", "2025-01-01", 999.0, "campaign"),
    ]
    log = pd.DataFrame(rows, columns=["customer_id", "occurred_at", "amount", "origin"])
    return log.assign(occurred_at=pd.to_datetime(log["occurred_at"]))


def test_by_hand() -> None:
    found = revenue_retention(small(), before="2023", after="2024", origin="origin")
    parts = dict(
        zip(found.table["part"], zip(found.table["customers"], found.table["estimate"], strict=True), strict=True)
    )
    assert parts == {
        "start": (3, 200.0),
        "new": (2, 40.0),
        "returned": (1, 5.0),
        "expansion": (1, 30.0),
        "contraction": (1, -10.0),
        "left": (1, -40.0),
        "end": (5, 225.0),
    }
    assert found.table["estimate"][:-1].sum() == found.table["estimate"].iloc[-1]
    expected = {"gross_retention": 0.75, "net_retention": 0.9, "new": 0.2, "returned": 0.025, "growth": 0.125}
    expected |= {"earned_new": 0.15, "earned_growth": 0.05}  # 90 % + 15 % - 100 %
    assert dict(zip(found.rates["metric"], found.rates["estimate"], strict=True)) == pytest.approx(expected, abs=1e-15)


def test_standard_errors_are_those_of_the_customers_totals() -> None:
    log = random_log()
    spans = {"before": ("2024-01-01", "2024-03-31"), "after": ("2024-04-01", "2024-06-30")}
    found = revenue_retention(log, **spans)
    total = [log[log["occurred_at"].between(*spans[name])].groupby("customer_id")["amount"].sum() for name in spans]
    wide = pd.concat(total, axis=1).fillna(0.0).to_numpy()
    n, (b, a) = len(wide), wide.T
    errors = found.table.set_index("part")["std_error"]
    assert errors["end"] == pytest.approx(np.sqrt(n) * a.std(ddof=1))
    assert errors["start"] == pytest.approx(np.sqrt(n) * b.std(ddof=1))
    growth = found.rates.set_index("metric").loc["growth"]
    residual = a - b - (a.sum() / b.sum() - 1) * b
    assert growth["std_error"] == pytest.approx(np.sqrt(n) * residual.std(ddof=1) / b.sum())
    assert growth["n"] == n


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_bridge_sums_exactly(seed: int) -> None:
    log = random_log(80, seed)
    log["amount"] -= 5  # whole numbers, some of them refunds
    if log.loc[log["occurred_at"] < "2024-04-01", "amount"].sum() <= 0:
        return
    found = revenue_retention(log, before="2024Q1", after="2024Q2")
    assert found.table["estimate"][:-1].sum() == found.table["estimate"].iloc[-1]
    rates = found.rates.set_index("metric")["estimate"]
    assert rates["growth"] == pytest.approx(rates["net_retention"] + rates["new"] + rates["returned"] - 1, abs=1e-12)
    assert rates["gross_retention"] <= rates["net_retention"] + 1e-12
    assert revenue_retention(log.sample(frac=1, random_state=seed), before="2024Q1", after="2024Q2").table.equals(
        found.table
    )


def test_cdnow_reconciles() -> None:
    log = cdnow()
    found = revenue_retention(log, before="1997", after=("1998-01-01", "1998-06-30"))
    by_year = log.groupby(log["occurred_at"].dt.year)["amount"].sum()
    assert found.table["estimate"].iloc[[0, -1]].tolist() == pytest.approx([by_year[1997], by_year[1998]], rel=1e-12)
    assert found.table["estimate"][:-1].sum() == pytest.approx(by_year[1998], rel=1e-12)
    notes = {a.code: dict(a.values) for a in found.assumptions}
    assert notes["spans-differ"] == {"before": 365, "after": 181}
    assert notes["equal-rows"]["rows"] == log.duplicated().sum()


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    expected = revenue_retention(small(), before="2023", after="2024", origin="origin")
    found = revenue_retention(local_engine(small()), before="2023", after="2024", origin="origin")
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-12)
    pd.testing.assert_frame_equal(found.rates, expected.rates, rtol=1e-12)
    assert found.assumptions == expected.assumptions


def test_it_pickles_and_reads_back() -> None:
    found = revenue_retention(small(), before="2023", after="2024")
    assert pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    with pytest.raises(CemkitError, match="metric must be one of 'gross_retention'"):
        found.rate("nrr")


def test_bad_input_is_one_clear_sentence() -> None:
    log = small()
    spans = {"before": "2023", "after": "2024"}
    with pytest.raises(CemkitError, match="before='2024' must end before after='2023' begins"):
        revenue_retention(log, before="2024", after="2023")
    with pytest.raises(CemkitError, match=r"before must be a year, quarter, month .* got 'last'"):
        revenue_retention(log, before="last", after="2023")
    with pytest.raises(CemkitError, match="or a pair of dates, got 2023"):
        revenue_retention(log, before=2023, after="2024")
    with pytest.raises(CemkitError, match="ends before it begins"):
        revenue_retention(log, before=("2023-02-01", "2023-01-01"), after="2024")
    with pytest.raises(CemkitError, match="no transaction lies in before='2011'"):
        revenue_retention(log, before="2011", after="2024")
    with pytest.raises(CemkitError, match=r"is -200.00, and nothing is a share of that"):
        revenue_retention(log.assign(amount=-log["amount"]), **spans)
    with pytest.raises(ContractError, match=r"in 2 currencies \('EUR', 'KRW'\)"):
        revenue_retention(log.assign(currency=["EUR", "KRW"] * 6), **spans)
    with pytest.raises(ContractError, match="'transaction_id' repeats in 1 rows"):
        revenue_retention(log.assign(transaction_id=[1, 1, *range(3, 13)]), **spans)
    with pytest.raises(ContractError, match="'amount' is missing in 1 of 11 rows"):
        revenue_retention(log.assign(amount=[None, *log["amount"][1:]]), **spans)
    with pytest.raises(CemkitError, match="earned=.'friend'. must list values of 'origin', which has 'campaign'"):
        revenue_retention(log, **spans, origin="origin", earned=["friend"])
    with pytest.raises(ColumnError, match="must hold numbers"):
        revenue_retention(log.assign(amount="1"), **spans)
