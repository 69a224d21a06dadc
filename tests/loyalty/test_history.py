"""Histories from transactions: CDNOW, every engine, refunds, windows, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit import loyalty
from cemkit.errors import CemkitError, ColumnError, ContractError


def small(**changes: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "customer_id": ["a", "a", "a", "b", "c"],
        "occurred_at": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-22", "2024-01-03", "2024-01-10"]),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
    }
    return pd.DataFrame({**columns, **changes})


def test_cdnow_is_that_of_the_packaged_summary(cdnow_history) -> None:
    table = cdnow_history.to_frame()
    # Fader, Hardie and Lee (2005): 2,357 customers, 946 with repeat purchases whose mean spend is 35.08
    assert len(table) == 2357
    buyers = table[table["frequency"] > 0]
    assert len(buyers) == 946
    assert buyers["spend"].mean() == pytest.approx(35.08, abs=0.005)
    # customer 1 of the published spreadsheet: x = 2, t_x = 30.43, T = 38.86
    first = table.set_index("customer_id").loc[1]
    assert [first["frequency"], first["recency"], first["age"]] == pytest.approx([2, 30.43, 38.86], abs=0.005)
    assert table["frequency"].sum() == 2457


def test_days_that_sum_to_zero_are_kept(log) -> None:
    end = pd.Timestamp("1997-09-30")
    days = log[log["occurred_at"] <= end].groupby(["customer_id", "occurred_at"])["amount"].sum()
    assert (days == 0).sum() == 8
    found = loyalty.history(log, until="1997-09-30").to_frame()
    assert (found["frequency"] + 1).sum() == len(days)


def test_history_is_the_same_on_every_engine(engine: Engine, log, cdnow_history) -> None:
    found = loyalty.history(engine(log), until="1997-09-30").to_frame()
    pd.testing.assert_frame_equal(found, cdnow_history.to_frame(), check_dtype=False, rtol=1e-12)


def test_windows_and_units() -> None:
    found = loyalty.history(small(), until="2024-01-29", unit="day").to_frame()
    assert found["age"].tolist() == [28, 26, 19]
    assert found["recency"].tolist() == [21, 0, 0]
    assert found["log_interval"].tolist() == pytest.approx([np.log(7) + np.log(14), 0, 0])
    later = loyalty.history(small(), since="2024-01-02", until="2024-01-09", unit="day")
    assert later.to_frame()["customer_id"].tolist() == ["b"]
    assert "1 customers whose first purchase lies before 2024-01-02 were left out." in map(str, later.assumptions)


def test_weeks_scale_days_exactly() -> None:
    days = loyalty.history(small(), unit="day").to_frame()
    weeks = loyalty.history(small(), unit="week").to_frame()
    assert (weeks["recency"] * 7).tolist() == days["recency"].tolist()
    assert weeks["log_interval"].tolist() == pytest.approx(days["log_interval"] - days["frequency"] * np.log(7))


def test_months_as_opportunities() -> None:
    log = pd.DataFrame(
        {
            "customer_id": ["a"] * 4,
            "occurred_at": pd.to_datetime(["2024-01-31", "2024-02-01", "2024-02-20", "2024-05-01"]),
        }
    )
    found = loyalty.history(log, amount=None, unit="month", grain="month", until="2024-06-30").to_frame()
    assert found[["frequency", "recency", "age"]].to_numpy().tolist() == [[2, 4, 5]]
    assert found["spend"].isna().all()


@pytest.mark.parametrize(("refunds", "frequency", "spend"), [("net", 2, (20 + 30 - 25 - 5) / 2), ("drop", 2, 25.0)])
def test_refunds(refunds, frequency, spend) -> None:
    back = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "occurred_at": pd.to_datetime(["2024-01-08", "2024-01-09"]),
            "amount": [-25.0, -5.0],
        }
    )
    found = loyalty.history(pd.concat([small(), back]), refunds=refunds).to_frame().iloc[0]
    assert (found["frequency"], found["spend"]) == (frequency, spend)


def test_negative_amounts_can_be_refused() -> None:
    with pytest.raises(ContractError, match="negative in 1 of 5 rows: say refunds='net'"):
        loyalty.history(small(amount=[10, -20, 30, 40, 50]), refunds="raise")


def test_rows_that_look_loaded_twice_are_named() -> None:
    found = loyalty.history(pd.concat([small(), small()]))
    assert any("5 rows repeat the amount" in str(note) for note in found.assumptions)


def test_rows_without_customer_or_time_are_named() -> None:
    data = small(customer_id=["a", "a", None, "b", "c"])
    data.loc[4, "occurred_at"] = pd.NaT
    found = loyalty.history(data)
    assert found.to_frame()["customer_id"].tolist() == ["a", "b"]
    assert {"no-customer", "null-times"} <= {note.code for note in found.assumptions}


def test_one_purchase_only() -> None:
    found = loyalty.history(small().head(1)).to_frame()
    assert found[["frequency", "recency", "age", "spend"]].to_numpy().tolist() == [[0, 0, 0, 0]]


def test_bad_logs_are_refused() -> None:
    now = datetime.now(tz=UTC)
    zones = [now, now.astimezone(), "x", now, now]
    cases: list[tuple[dict[str, Any], type[CemkitError], str]] = [
        ({"currency": ["EUR", "USD", "EUR", "EUR", "EUR"]}, ContractError, "2 currencies \\('EUR', 'USD'"),
        ({"amount": [1, 2, np.nan, 4, 5]}, ContractError, "no finite number in 1 of 5 rows"),
        ({"amount": ["1", "2", "3", "4", "5"]}, ColumnError, "must hold numbers, found text"),
        ({"occurred_at": ["2024-01-01"] * 5}, ColumnError, "must hold dates or times, found text"),
        ({"occurred_at": pd.Series(zones, dtype=object)}, ColumnError, "must hold dates or times"),
        ({"occurred_at": [pd.NaT] * 5}, CemkitError, "no row with a time"),
        ({"occurred_at": [pd.Timestamp.today() + timedelta(days=400)] * 5}, CemkitError, "lies in the future"),
    ]
    for columns, error, message in cases:
        with pytest.raises(error, match=message):
            loyalty.history(small(**columns))


def test_mixed_time_zones_are_refused() -> None:
    from zoneinfo import ZoneInfo

    zones = ["Asia/Seoul", "UTC", "UTC", "UTC", "UTC"]
    times = [datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)) for zone in zones]
    with pytest.raises(ColumnError, match="mix time zones"):
        loyalty.history(small(occurred_at=pd.Series(times, dtype=object)))


def test_bad_arguments_are_refused() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"until": "2023-12-01"}, "no purchase in the window from the first row to 2023-12-01"),
        ({"since": "2025-01-01"}, "no purchase in the window from 2025-01-01"),
        ({"until": 7}, "until must be a date"),
        ({"unit": "weeks"}, "unit must be one of .* Did you mean 'week'"),
        ({"grain": "hour"}, "grain must be one of"),
        ({"refunds": "keep"}, "refunds must be 'net', 'drop' or 'raise'"),
        ({"customer": "customer"}, "no such column. Did you mean 'customer_id'"),
    ]
    for arguments, message in cases:
        with pytest.raises(CemkitError, match=message):
            loyalty.history(small(), **arguments)


def test_a_future_day_is_allowed_where_the_end_is_given() -> None:
    ahead = small(occurred_at=[datetime(2200, 1, 1)] * 5)
    assert len(loyalty.history(ahead, until="2200-01-31")) == 3


def test_summaries_are_read(local_engine: Engine) -> None:
    frame = {"frequency": [2, 0], "recency": [30.43, 0.0], "age": [38.86, 38.86], "n": [3, 5]}
    found = loyalty.PurchaseHistory.from_summary(local_engine(frame), count="n")
    assert found.histories().customers == 8
    assert found.customer == ""
    named = loyalty.PurchaseHistory.from_summary(local_engine({**frame, "customer_id": ["x", "y"]}))
    assert named.to_frame()["customer_id"].tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recency": [40.0, 0.0]}, "recency must lie between 0 and age"),
        ({"frequency": [0, 0]}, "recency must be 0 where frequency is 0"),
        ({"customer_id": ["x", "x"]}, "1 of 2 rows repeat a 'customer_id'"),
        ({"age": ["old", "young"]}, "age='age' must hold numbers"),
    ],
)
def test_bad_summaries_are_refused(changes, message) -> None:
    frame = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "age": [38.86, 38.86], **changes})
    with pytest.raises(CemkitError, match=message):
        loyalty.PurchaseHistory.from_summary(frame)


def test_covariates_are_joined_by_customer(engine: Engine) -> None:
    known = {"customer_id": ["c", "b", "a"], "app": [1, 0, 1]}
    found = loyalty.history(small()).with_covariates(engine(known))
    assert found.to_frame()["app"].tolist() == [1, 0, 1]
    assert found.histories().covariates.shape == (3, 1)
    with pytest.raises(ContractError, match="no row of 1 of 3 customers, the first 'b'"):
        loyalty.history(small()).with_covariates(pd.DataFrame({"customer_id": ["a", "c"], "app": [1, 2]}))


def test_histories_survive_json(cdnow_history) -> None:
    small_one = loyalty.history(small())
    assert loyalty.PurchaseHistory.from_json(small_one.to_json()) == small_one
    assert cdnow_history.until == "1997-09-30"
