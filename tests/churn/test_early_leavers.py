"""Who left before the table begins is not in it, and a rate of zero then says nothing."""

from __future__ import annotations

import pandas as pd

from cemkit import churn


def test_a_table_without_its_early_leavers_says_so() -> None:
    days = pd.date_range("2018-01-01", periods=600, freq="2D")
    left = [pd.Timestamp("2023-01-10") + pd.Timedelta(days=i) if i % 3 == 0 else None for i in range(600)]
    customers = pd.DataFrame(
        {"customer_id": range(600), "acquired_at": days, "left_at": pd.to_datetime(pd.Series(left))}
    )
    for found in (churn.rate(customers), churn.survival(customers)):
        assert "Nobody left before 2023-01-10, though 600 customers had entered by then" in str(found)
    watched = customers.assign(seen=pd.Timestamp("2023-01-01"))
    assert "Nobody left before" not in str(churn.survival(watched, entry="seen"))
