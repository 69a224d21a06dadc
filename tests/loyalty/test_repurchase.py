"""The repurchase rate against hand counts, CDNOW, engines and bad input."""

from __future__ import annotations

import pandas as pd
import pytest
from engines import Engine
from loyalty.logs import cdnow, random_log

from cemkit import Design
from cemkit.errors import CemkitError, ContractError
from cemkit.loyalty import repurchase_rate


def by_hand(log: pd.DataFrame, days: int, until: str) -> tuple[int, int]:
    first = log.groupby("customer_id")["occurred_at"].transform("min")
    gap = (log["occurred_at"] - first).dt.days
    followed = first + pd.Timedelta(days=days) <= pd.Timestamp(until)
    again = log[followed & (gap > 0) & (gap <= days)]["customer_id"].nunique()
    return again, log[followed]["customer_id"].nunique()


@pytest.mark.parametrize("days", [7, 90, 365])
def test_cdnow(days: int) -> None:
    log = cdnow()
    again, followed = by_hand(log, days, "1998-06-30")
    found = repurchase_rate(log, within=f"{days}d").only
    assert (found.n, found.missing, found.method) == (followed, 0, "wilson")
    assert found.estimate == pytest.approx(again / followed, abs=1e-15)


def test_those_whose_days_are_not_over_do_not_count_even_if_they_came_back() -> None:
    log = random_log()
    again, followed = by_hand(log[log["occurred_at"] <= "2024-03-31"], 60, "2024-03-31")
    found = repurchase_rate(log, within="60d", until="2024-03-31")
    assert (found.only.n, found.only.estimate) == (followed, pytest.approx(again / followed))
    assert {"not-followed-yet", "later-left-out"} <= {a.code for a in found.assumptions}


def test_every_engine_says_the_same_by_group_and_design(local_engine: Engine) -> None:
    log = random_log()
    design = Design(weights="weight")
    expected = repurchase_rate(log, within="4w", by="region", design=design)
    found = repurchase_rate(local_engine(log), within="4w", by="region", design=design)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-12)
    assert expected.table["method"].iloc[0] == "linearised-logit"


def test_one_day_is_one_purchase_and_duplicates_change_nothing() -> None:
    log = random_log()
    assert repurchase_rate(pd.concat([log, log]), within="9d") == repurchase_rate(log, within="9d")
    once = log.drop_duplicates("customer_id")
    found = repurchase_rate(pd.concat([once, once]), within="1w").only
    assert found.estimate == 0
    assert found.high > 0


def test_bad_input_is_one_clear_sentence() -> None:
    log = random_log(40)
    with pytest.raises(CemkitError, match="within must be a length in days or weeks"):
        repurchase_rate(log, within="1mo")
    with pytest.raises(CemkitError, match="no customer can be followed for within='999d'"):
        repurchase_rate(log, within="999d")
    with pytest.raises(ContractError, match="customers have more than one value of 'amount'"):
        repurchase_rate(log, within="9d", design=Design(weights="amount"))
    with pytest.raises(CemkitError, match="a group of one"):
        repurchase_rate(log, within="9d", by="customer_id")
