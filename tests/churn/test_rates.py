"""Churn rates: hand arithmetic on every engine, the book of customers balances, bad input."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cemkit as cem
from cemkit import churn
from cemkit.errors import CemkitError, ColumnError, ContractError

T = dt.datetime
COUNTS = ["start", "left", "left_otherwise", "entered", "entered_and_left", "end", "complete"]


def test_by_hand_on_every_engine(engine):
    table = {
        "customer_id": ["a", "b", "c", "d", "e"],
        "acquired_at": [T(2024, 1, 31, 23, 59), T(2024, 1, 1), T(2024, 2, 1), T(2024, 2, 15), T(2024, 1, 2)],
        "left_at": [T(2024, 2, 1), T(2024, 3, 31, 12), T(2024, 2, 29, 23), None, T(2024, 2, 10)],
        "left_reason": ["price", "price", "price", None, "moved"],
    }
    spell = cem.Spell(until=T(2024, 3, 30, 8))
    found = churn.rate(engine(table), spell=spell)
    assert found.to_frame()["period"].tolist() == [pd.Timestamp(2024, month, 1) for month in (1, 2, 3)]
    # January: a, b, e enter. February: c, d enter, a and e leave of three, c leaves again. March: b, d; b leaves too late
    assert found.counts[COUNTS].to_numpy().tolist() == [
        [0, 0, 0, 3, 0, 3, True],
        [3, 2, 0, 2, 1, 2, True],
        [2, 0, 0, 0, 0, 2, False],
    ]
    np.testing.assert_allclose(found.to_frame()["estimate"], [np.nan, 2 / 3, 0])
    # Wilson's interval of 2 of 3: R, prop.test(2, 3, correct = FALSE)
    np.testing.assert_allclose(found.to_frame()[["low", "high"]].iloc[1], [0.2076596, 0.9385081], rtol=1e-6)
    assert "The last period (2024-03-01) is observed until 2024-03-30 08:00:00 only" in str(found)
    priced = churn.rate(engine(table), spell=cem.Spell(until=T(2024, 3, 31), reason="left_reason", causes=["price"]))
    assert priced.counts[["left", "left_otherwise"]].to_numpy().tolist() == [[0, 0], [1, 1], [1, 0]]
    assert priced.counts["complete"].all()


@pytest.mark.parametrize("period", ["1w", "1mo", "1q", "10d"])
def test_the_book_balances(period):
    rng = np.random.default_rng(5)
    n = 2000
    entered = pd.Timestamp("2023-01-05") + pd.to_timedelta(rng.uniform(0, 500, n), unit="D")
    left = entered + pd.to_timedelta(rng.exponential(200, n), unit="D")
    table = pd.DataFrame(
        {"customer_id": np.arange(n), "acquired_at": entered, "left_at": left, "plan": rng.choice(["x", "y"], n)}
    )
    table["left_at"] = table["left_at"].where(rng.random(n) < 0.9)
    end = pd.Timestamp("2024-06-30")
    found = churn.rate(table, spell=cem.Spell(until=end), period=period, by="plan")
    counts = found.counts
    balance = (
        counts["start"] - counts["left"] - counts["left_otherwise"] + counts["entered"] - counts["entered_and_left"]
    )
    assert balance.equals(counts["end"])
    assert (counts["left"] + counts["entered_and_left"]).sum() == (table["left_at"] < end + pd.Timedelta(days=1)).sum()
    for _, part in counts.groupby("plan"):
        assert part["start"].tolist()[1:] == part["end"].tolist()[:-1]
    # segments add up
    whole = churn.rate(table, spell=cem.Spell(until=end), period=period).counts
    np.testing.assert_array_equal(counts.groupby("period")[COUNTS[:-1]].sum(), whole[COUNTS[:-1]])
    days = pd.to_datetime(whole["period"])
    naive = [((entered < d) & ~(table["left_at"] < d)).sum() for d in days]
    assert naive == whole["start"].tolist()


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_order_changes_nothing(random):
    table = pd.DataFrame(
        {
            "customer_id": range(40),
            "acquired_at": [pd.Timestamp("2024-01-01") + pd.Timedelta(days=random.randint(0, 99)) for _ in range(40)],
        }
    )
    table["left_at"] = table["acquired_at"] + pd.to_timedelta([random.randint(0, 99) for _ in range(40)], unit="D")
    places = list(range(40))
    random.shuffle(places)
    assert churn.rate(table) == churn.rate(table.iloc[places])


def test_it_is_estimates_and_round_trips():
    table = pd.DataFrame(
        {"acquired_at": pd.to_datetime(["2024-01-01", "2024-02-03"]), "left_at": pd.to_datetime(["2024-03-05", None])}
    )
    found = churn.rate(table)
    assert isinstance(found, cem.Estimates)
    assert churn.ChurnRates.from_json(found.to_json()) == found
    assert [row.n for row in found] == [0, 1, 2]
    found.plot().to_json()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ({"period": "month"}, CemkitError, "period must be a number and a unit"),
        ({"by": "period"}, ColumnError, "'period' is also the name of a result column"),
        ({"by": "customer_id"}, CemkitError, "would make every customer a group of one"),
        ({"spell": cem.Spell(until="2020-01-01")}, CemkitError, "lies before all 2 times in 'acquired_at'"),
        ({"level": 1.5}, CemkitError, "level must lie between 0 and 1"),
    ],
)
def test_bad_input(call, error, message):
    table = pd.DataFrame({"customer_id": [1, 2], "acquired_at": pd.to_datetime(["2024-01-01"] * 2), "left_at": pd.NaT})
    with pytest.raises(error, match=message):
        churn.rate(table, **call)
    with pytest.raises(ContractError, match="several rows"):
        churn.rate(table.assign(customer_id=1), spell=cem.Spell(until="2024-05-01"))


def test_too_many_periods():
    table = pd.DataFrame({"acquired_at": pd.to_datetime(["1700-01-01", "2024-02-03"]), "left_at": pd.NaT, "g": [1, 2]})
    churn.rate(table, period="1d")
    many = pd.concat([table.assign(g=i) for i in range(10)])
    with pytest.raises(CemkitError, match="period='1d' makes 118,372 periods of 10 groups"):
        churn.rate(many, period="1d", by="g")
