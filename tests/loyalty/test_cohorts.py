"""Cohorts against published counts, laws, engines and bad input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from loyalty.logs import cdnow, random_log

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.loyalty import Cohorts, cohorts
from cemkit.results import Result


def test_months_of_cdnow() -> None:
    found = cohorts(cdnow())
    counts = found.triangle("customers")
    # The sample's monthly cohorts: customers of January and February 1997 and who of them bought in the months after.
    assert counts.iloc[0, :4].tolist() == [781, 124, 95, 70]
    assert counts.iloc[1, :4].tolist() == [857, 134, 110, 75]
    assert counts[0].sum() == 2357
    assert counts.iloc[2].isna().tolist() == [False] * 16 + [True] * 2  # March 1997 is followed for 15 months
    assert found.table["complete"].all()  # the log ends on 30 June 1998
    row = found.table.iloc[1]
    # statsmodels.stats.proportion.proportion_confint(124, 781, method="wilson")
    np.testing.assert_allclose([row["estimate"], row["low"], row["high"]], [124 / 781, 0.1348183, 0.1860636], atol=1e-7)


def test_the_first_column_is_a_hundred_percent_and_still_never_rises() -> None:
    found = cohorts(cdnow(), every="1w")
    first = found.table[found.table["period"] == 0]
    assert (first[["estimate", "low", "high"]] == 1).all(axis=None)
    assert (first["customers"] == first["n"]).all()
    still = found.triangle("still").to_numpy(dtype=float, na_value=np.nan)
    assert (np.diff(still, axis=1)[~np.isnan(np.diff(still, axis=1))] <= 0).all()
    shown = found.table.dropna(subset="customers")
    assert (shown["still"] >= shown["customers"]).all()


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(["1w", "1mo", "1q"]))
def test_row_order_and_duplicates_change_nothing(seed: int, every: str) -> None:
    log = random_log(60, seed)
    found = cohorts(log, every=every, by="region")
    assert cohorts(pd.concat([log, log]).sample(frac=1, random_state=seed), every=every, by="region") == found
    assert found.table.loc[found.table["period"] == 0, "n"].sum() == log["customer_id"].nunique()
    observed = found.table["customers"].notna()
    months = found.table["starts"] <= log["occurred_at"].max()
    assert (observed == months).all()


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    log = random_log()
    expected = cohorts(log, by="region", until="2024-08-15")
    found = cohorts(local_engine(log), by="region", until="2024-08-15")
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())
    assert found.assumptions == expected.assumptions


def test_a_period_in_progress_is_marked() -> None:
    found = cohorts(random_log(), until="2024-06-10")
    last = found.table[found.table["starts"] == "2024-06-01"]
    assert not last["complete"].any()
    assert {"last-period-incomplete", "later-left-out"} <= {a.code for a in found.assumptions}
    assert found.table.loc[found.table["starts"] > "2024-06-01", "customers"].isna().all()


def test_a_log_without_repeat_buyers_has_intervals_all_the_same() -> None:
    log = random_log().drop_duplicates("customer_id")
    later = cohorts(log).table.query("period > 0").dropna(subset="customers")
    assert (later["estimate"] == 0).all()
    assert (later["high"] > 0).all()


def test_refunds_and_incomplete_rows_are_counted() -> None:
    log = random_log(50)
    log.loc[0, "amount"], log.loc[1, "customer_id"], log.loc[2, "occurred_at"] = -5.0, None, pd.NaT
    found = cohorts(log)
    notes = {a.code: dict(a.values) for a in found.assumptions}
    assert notes["refunds-left-out"] == notes["anonymous-left-out"] == notes["timeless-left-out"] == {"rows": 1}
    assert "refunds-left-out" not in {a.code for a in cohorts(log, amount=None).assumptions}


def test_it_copies_and_reads_back() -> None:
    found = cohorts(random_log(), by="region", every="2w")
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    assert isinstance(found, Cohorts)
    assert "Cohorts" in repr(found)


def test_bad_input_is_one_clear_sentence() -> None:
    log = random_log(30)
    with pytest.raises(
        ColumnError, match="customer='customer': the table has no such column. Did you mean 'customer_id'"
    ):
        cohorts(log, customer="customer")
    with pytest.raises(ColumnError, match="must hold dates or times, found text"):
        cohorts(log.assign(occurred_at=log["occurred_at"].astype(str)))
    mixed = [pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-02", tz="Asia/Seoul")] * 15
    with pytest.raises(ColumnError, match="mix time zones"):
        cohorts(log.assign(occurred_at=pd.Series(mixed, dtype=object)))
    with pytest.raises(ContractError, match=r"the last time in 'occurred_at' is 2\d{3}-01-01, which is in the future"):
        cohorts(log.assign(occurred_at=pd.Timestamp("2262-01-01")))
    with pytest.raises(CemkitError, match="the log has no purchase: check"):
        cohorts(log.iloc[:0])
    with pytest.raises(CemkitError, match=r"the log has no purchase \(30 after until=\)"):
        cohorts(log, until="2001-01-01")
    with pytest.raises(CemkitError, match=r"the log has no purchase \(30 refunds\)"):
        cohorts(log.assign(amount=-1.0))
    with pytest.raises(ContractError, match="customers have more than one value of 'amount'"):
        cohorts(log, by="amount")
    with pytest.raises(CemkitError, match="level must lie between 0 and 1"):
        cohorts(log, level=95)
    with pytest.raises(CemkitError, match="every must be a number and a unit"):
        cohorts(log, every="month")
    with pytest.raises(CemkitError, match="a group of one"):
        cohorts(log, by="customer_id")
    with pytest.raises(CemkitError, match="value must be a column of numbers"):
        cohorts(log).triangle("cohort")
    far = log.assign(occurred_at=[pd.Timestamp("1900-01-01")] + [pd.Timestamp("2024-01-01")] * 29)
    with pytest.raises(CemkitError, match="more than 2,000: give longer ones with every="):
        cohorts(far, every="1d")


def test_contract_curves_stand_beside() -> None:
    # 600 customers, billed monthly, of whom each leaves with a probability of their own
    rng = np.random.default_rng(4)
    months = np.minimum(rng.geometric(rng.beta(1.0, 4.0, 600)), 12)
    joined = rng.integers(0, 3, 600)
    who = np.repeat(np.arange(600), months)
    month = np.concatenate([start + np.arange(n) for start, n in zip(joined, months, strict=True)])
    log = pd.DataFrame(
        {"customer_id": who, "occurred_at": pd.to_datetime("2024-01-10") + month * pd.Timedelta(days=30.4)}
    )
    found = cohorts(log, until="2024-12-31")
    curves = found.curves()
    assert list(curves.columns) == ["cohort", "period", "observed", "estimate", "n"]
    assert (curves.loc[curves["period"] == 0, ["observed", "estimate"]] == 1).all(axis=None)
    big = curves[curves["n"] > 150]
    assert (big["observed"] - big["estimate"]).abs().max() < 0.1
    assert found.contract("bdw").unit == "month"
