"""Lifetime value on CDNOW: what it is made of, its limits, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit import loyalty
from cemkit.errors import CemkitError


@pytest.fixture(scope="module")
def fits(cdnow_history) -> tuple[loyalty.PurchaseFit, loyalty.SpendFit]:
    return loyalty.fit(cdnow_history, "mbg/nbd"), loyalty.fit_spend(cdnow_history)


def test_without_a_horizon_it_is_dert_times_spend(fits) -> None:
    fit, spend = fits
    found = loyalty.lifetime_value(fit, spend, margin_rate=0.3, discount=0.15, level=0.95)
    table = found.to_frame()
    dert = fit.discounted_purchases(0.15).to_frame()["estimate"]
    each = spend.expected_spend().to_frame()["estimate"]
    assert table["estimate"].to_numpy() == pytest.approx((0.3 * dert * each).to_numpy(), rel=1e-12)
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()
    assert found.total == pytest.approx(table["estimate"].sum())


def test_a_finite_horizon_is_a_sum_over_days(fits) -> None:
    fit, spend = fits
    found = loyalty.lifetime_value(fit, spend, margin_rate=1, horizon="8w", discount=0.2).to_frame()
    one = fit.history.table["frequency"].idxmax()
    expected = [fit.expected_purchases(d / 7).to_frame()["estimate"][one] for d in range(57)]
    middle = 1.2 ** (-(np.arange(56) + 0.5) / 365.25)
    assert found["purchases"][one] == pytest.approx(float(np.diff(expected) @ middle), rel=1e-5)


def test_a_long_horizon_comes_to_all_purchases_and_units_agree(fits) -> None:
    fit, spend = fits
    long = loyalty.lifetime_value(fit, spend, margin_rate=1, horizon="100y", discount=0.1).to_frame()
    whole = loyalty.lifetime_value(fit, spend, margin_rate=1, discount=0.1).to_frame()
    assert long["estimate"].sum() == pytest.approx(whole["estimate"].sum(), rel=1e-3)
    weeks = loyalty.lifetime_value(fit, spend, margin_rate=1, horizon="52w").to_frame()
    number = loyalty.lifetime_value(fit, spend, margin_rate=1, horizon=52).to_frame()
    pd.testing.assert_frame_equal(weeks, number)


def test_bills_are_refused() -> None:
    months = pd.date_range("2024-01-15", periods=12, freq="30D")
    log = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(20), 12),
            "occurred_at": np.tile(months, 20),
            "amount": np.repeat(np.linspace(10, 30, 20), 12) + np.tile(np.arange(12), 20),
        }
    )
    history = loyalty.history(log)
    given = loyalty.PurchaseFit.from_params("bg/nbd", [0.243, 4.414, 0.793, 2.426])
    with pytest.raises(CemkitError, match="contractual: use fit_contract"):
        loyalty.lifetime_value(given, loyalty.fit_spend(history), margin_rate=0.3, history=history)


def test_contracts() -> None:
    cohort = pd.DataFrame({"cohort": "A", "period": range(5), "customers": [1000, 869, 743, 653, 593]})
    fit = loyalty.fit_contract(cohort)
    found = loyalty.lifetime_value(fit, margin_rate=0.5, arpu=100, level=0.9)
    assert found.total == pytest.approx(50 * fit.discounted_lifetime(0.1).to_frame()["estimate"].item())
    with pytest.raises(CemkitError, match="needs arpu="):
        loyalty.lifetime_value(fit, margin_rate=0.5)


def test_bad_arguments_are_refused(fits) -> None:
    fit, spend = fits
    for arguments, message in (
        ({"margin_rate": 30}, "margin_rate must be a share"),
        ({"margin_rate": 0.3, "discount": 0}, "discount must be positive"),
        ({"margin_rate": 0.3, "horizon": "52"}, "horizon must be a number and a unit"),
        ({"margin_rate": 0.3, "horizon": -1}, "horizon must be a length"),
        ({"margin_rate": 0.3, "level": 95}, "level must lie between 0 and 1"),
        ({"margin_rate": 0.3, "arpu": 10}, "no arpu="),
    ):
        with pytest.raises(CemkitError, match=message):
            loyalty.lifetime_value(fit, spend, **arguments)


def test_expectation_and_prediction_are_named_apart(fits, log) -> None:
    fit, spend = fits
    some = loyalty.history(log[log["customer_id"] < 200], until="1997-09-30")
    options = {"margin_rate": 0.3, "horizon": "39w", "level": 0.8, "history": some}
    found = loyalty.lifetime_value(fit, spend, **options, draws=400)
    table = found.to_frame()
    # (most of the others will buy nothing at all, four times in five)
    busy = table["purchases"] > 1
    wide = table["prediction_high"] - table["prediction_low"]
    assert (wide > 2 * (table["high"] - table["low"]))[busy].all()
    # what they then spent, of whom 80 % should lie within
    later = log[(log["occurred_at"] > "1997-09-30") & (log["customer_id"] < 200)].groupby("customer_id")["amount"].sum()
    actual = 0.3 * later.reindex(table["customer_id"]).fillna(0).to_numpy()
    inside = (table["prediction_low"] - 1e-9 <= actual) & (actual <= table["prediction_high"])
    assert 0.75 < inside.mean() <= 1
    assert any("prediction_low and prediction_high hold" in str(note) for note in found.assumptions)
    again = loyalty.lifetime_value(fit, spend, **options, draws=400)
    assert again == found
    without = loyalty.lifetime_value(fit, spend, **options, draws=0).to_frame()
    assert without["prediction_low"].isna().all()
    assert list(without.columns) == list(table.columns)
    with pytest.raises(CemkitError, match="draws must be 0"):
        loyalty.lifetime_value(fit, spend, **options, draws=10)


def test_a_contract_s_prediction_is_a_quantile_of_its_lifetime() -> None:
    cohort = pd.DataFrame({"cohort": "A", "period": range(5), "customers": [1000, 869, 743, 653, 593]})
    fit = loyalty.fit_contract(cohort)
    row = loyalty.lifetime_value(fit, margin_rate=0.5, arpu=100, level=0.8).to_frame().iloc[0]
    # 13 % leave at the first renewal, so the lowest tenth pays once
    assert row["prediction_low"] == pytest.approx(50)
    survival = fit.survival(range(200)).to_frame()["estimate"].to_numpy()
    paid = int(np.flatnonzero(1 - survival >= 0.9)[0])
    assert row["prediction_high"] == pytest.approx(50 * (1 - 1.1**-paid) / (1 - 1 / 1.1), rel=1e-6)
