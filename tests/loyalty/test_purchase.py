"""Purchase models on CDNOW (published numbers), at the edges, with covariates, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit import loyalty
from cemkit.errors import CemkitError


def one(frequency: float, recency: float, age: float, unit: str = "week") -> loyalty.PurchaseHistory:
    frame = pd.DataFrame({"frequency": [frequency], "recency": [recency], "age": [age]})
    return loyalty.PurchaseHistory.from_summary(frame, unit=unit)


@pytest.fixture(scope="module")
def bg(cdnow_history) -> loyalty.PurchaseFit:
    return loyalty.fit(cdnow_history)


def test_bg_nbd_on_cdnow(bg) -> None:
    # Fader, Hardie and Lee (2005), exact weeks
    assert list(bg.params) == ["r", "alpha", "a", "b"]
    assert list(bg.params.values()) == pytest.approx([0.2425945, 4.413602, 0.792922, 2.425907], rel=2e-6)
    assert list(bg.std_errors.values()) == pytest.approx([0.012557, 0.378224, 0.185734, 0.705414], rel=2e-4)
    assert bg.log_likelihood == pytest.approx(-9582.4292, abs=1e-4)
    assert (bg.status, bg.n, bg.unit) == ("converged", 2357, "week")
    assert bg.aic == pytest.approx(8 + 2 * 9582.4292, abs=1e-3)
    table = bg.to_frame()
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()


@pytest.mark.parametrize(
    ("model", "params", "height"),
    [
        ("mbg/nbd", [0.524844, 6.18309, 0.89136, 1.61400], -9582.1357),
        ("pareto/nbd", [0.55328, 10.5777, 0.60624, 11.6687], -9594.9762),
    ],
)
def test_other_models_on_cdnow(cdnow_history, model, params, height) -> None:
    # BTYDplus' and BTYD's numbers: see the references of the statistics
    found = loyalty.fit(cdnow_history, model)
    assert list(found.params.values()) == pytest.approx(params, rel=2e-4)
    assert found.log_likelihood == pytest.approx(height, abs=1e-3)


def test_published_predictions(bg) -> None:
    assert bg.expected_purchases(39, history=one(2, 30.43, 38.86)).to_frame()["estimate"].item() == pytest.approx(
        1.2259, abs=2e-4
    )
    assert bg.expected_new(78).to_frame()["estimate"].item() == pytest.approx(1.8580, abs=5e-5)
    paper = loyalty.PurchaseFit.from_params("pareto/nbd", (0.5534, 10.5802, 0.6061, 11.6562))
    alive = paper.probability_alive(history=one(26, 216 / 7, 31)).to_frame()["estimate"].item()
    assert alive == pytest.approx(0.9978733, abs=1e-7)
    named = loyalty.PurchaseFit.from_params("bg/nbd", {"a": 0.793, "r": 0.243, "alpha": 4.414, "b": 2.426})
    silent = named.probability_inactive_for(39, history=one(0, 0, 0)).to_frame()["estimate"].item()
    assert silent == pytest.approx(0.5737864, abs=1e-6)


def test_predictions_name_customers_and_give_intervals_on_request(bg, cdnow_history) -> None:
    plain = bg.expected_purchases(39)
    assert plain.to_frame()["customer_id"].tolist() == cdnow_history.to_frame()["customer_id"].tolist()
    assert plain.to_frame()["low"].isna().all()
    assert "no-interval-asked" in {note.code for note in plain.assumptions}
    for found in (
        bg.expected_purchases(39, level=0.9),
        bg.probability_alive(level=0.9),
        bg.probability_inactive_for(10, level=0.9),
        bg.discounted_purchases(0.1, level=0.9),
        bg.expected_new([10, 20], level=0.9),
    ):
        table = found.to_frame()
        assert (table["low"] <= table["estimate"]).all()
        assert (table["estimate"] <= table["high"]).all()
        assert found.level == 0.9
        assert "expectation-interval" in {note.code for note in found.assumptions}


def test_the_quantile_of_the_next_purchase_is_where_silence_ends(bg) -> None:
    when = bg.next_purchase_quantile(0.4, history=one(5, 30, 38)).to_frame()["estimate"].item()
    silent = bg.probability_inactive_for(when, history=one(5, 30, 38)).to_frame()["estimate"].item()
    assert silent == pytest.approx(0.6, abs=1e-9)


def test_units_rescale_parameters_exactly(log) -> None:
    days = loyalty.fit(loyalty.history(log, until="1997-09-30", unit="day"), "mbg/nbd")
    weeks = loyalty.fit(loyalty.history(log, until="1997-09-30", unit="week"), "mbg/nbd")
    expected = {**weeks.params, "alpha": weeks.params["alpha"] * 7}
    assert days.params == pytest.approx(expected, rel=1e-7)
    per_week = weeks.discounted_purchases(0.1).to_frame()["estimate"].to_numpy()
    assert days.discounted_purchases(0.1).to_frame()["estimate"].to_numpy() == pytest.approx(per_week, rel=1e-6)


def test_counts_compress(cdnow_history, bg) -> None:
    table = cdnow_history.to_frame()
    alike = table.groupby(["frequency", "recency", "age"], as_index=False)["count"].sum()
    found = loyalty.fit(loyalty.PurchaseHistory.from_summary(alike, count="count"))
    assert found.params == pytest.approx(bg.params, rel=1e-9)
    assert found.log_likelihood == pytest.approx(bg.log_likelihood, abs=1e-7)


def test_alive_falls_with_silence(bg) -> None:
    frame = pd.DataFrame({"frequency": [4] * 10, "recency": np.linspace(38, 2, 10), "age": [38.0] * 10})
    found = bg.probability_alive(history=loyalty.PurchaseHistory.from_summary(frame)).to_frame()["estimate"]
    assert (np.diff(found) < 0).all()


def test_one_time_buyers_are_not_alive_for_sure_under_mbg(cdnow_history, bg) -> None:
    assert bg.probability_alive(history=one(0, 0, 39)).to_frame()["estimate"].item() == 1
    modified = loyalty.fit(cdnow_history, "mbg/nbd")
    assert modified.probability_alive(history=one(0, 0, 39)).to_frame()["estimate"].item() < 0.8


@pytest.mark.slow
def test_regularity_is_chosen_and_tested(cdnow_history) -> None:
    found = loyalty.fit(cdnow_history, "mbg/cnbd-k")
    assert found.k == 1 + int(np.argmax(found.k_log_likelihoods))
    assert list(found.regularity.columns) == ["k", "std_error", "statistic", "p_value", "customers"]
    assert loyalty.PurchaseFit.from_json(found.to_json()) == found


def test_covariates_move_the_rate() -> None:
    rng = np.random.default_rng(8)
    size = 800
    app = rng.integers(0, 2, size)
    rate = rng.gamma(0.8, 1 / 8, size) * np.exp(0.7 * app)
    alive = np.minimum(rng.exponential(1 / rng.gamma(1.0, 1 / 30, size)), 40)
    bought = rng.poisson(rate * alive)
    recency = np.where(bought > 0, alive * rng.uniform(0, 1, size) ** (1 / np.maximum(bought, 1)), 0)
    frame = pd.DataFrame({"customer_id": np.arange(size), "frequency": bought, "recency": recency, "age": 40.0})
    known = pd.DataFrame({"customer_id": np.arange(size)[::-1], "app": app[::-1]})
    history = loyalty.PurchaseHistory.from_summary(frame)
    found = loyalty.fit(history, "pareto/nbd", covariates=known)
    assert list(found.params)[4:] == ["alpha:app", "beta:app"]
    assert found.params["alpha:app"] == pytest.approx(0.7, abs=3 * found.std_errors["alpha:app"])
    again = loyalty.fit(history.with_covariates(known), "pareto/nbd", covariates=["app"])
    assert again.params == found.params
    assert len(found.expected_purchases(10)) == size
    with pytest.raises(CemkitError, match="the fit has the covariates \\['app'\\] and the history \\[\\]"):
        found.expected_purchases(10, history=history)


def test_no_repeat_buyers_is_a_status() -> None:
    frame = pd.DataFrame({"frequency": [0] * 20, "recency": [0] * 20, "age": np.arange(20.0) + 1})
    for model in ("bg/nbd", "mbg/nbd", "pareto/nbd", "nbd", "bg/bb"):
        found = loyalty.fit(loyalty.PurchaseHistory.from_summary(frame), model)
        assert (found.status, found.detail) == ("unidentified", "nobody bought again")
        with pytest.raises(CemkitError, match="has no parameters to predict with \\(nobody bought again\\)"):
            found.expected_purchases(10)
    single = loyalty.fit(one(0, 0, 10))
    assert single.status == "unidentified"


@pytest.mark.slow
def test_small_samples_have_a_truthful_status(cdnow_history) -> None:
    table = cdnow_history.to_frame()
    for seed in range(20):
        part = table.sample(80, random_state=seed)
        for model in ("bg/nbd", "pareto/nbd"):
            found = loyalty.fit(loyalty.PurchaseHistory.from_summary(part), model)
            assert found.status in {"converged", "degenerate limit", "unidentified"}
            assert (found.detail == "") == (found.status == "converged")
            if found.status == "converged":
                assert np.isfinite(list(found.std_errors.values())).all()


def test_what_is_refused(bg, cdnow_history, log) -> None:
    days = loyalty.history(log, until="1997-09-30", unit="day", intervals=False)
    with pytest.raises(CemkitError, match="the history is in days and the fit in weeks"):
        bg.expected_purchases(1, history=days)
    with pytest.raises(CemkitError, match="needs log_interval: count the history with intervals=True"):
        loyalty.fit(days, "bg/cnbd-k")
    with pytest.raises(CemkitError, match="Did you mean 'bg/nbd'"):
        loyalty.fit(cdnow_history, "bgnbd")
    with pytest.raises(CemkitError, match="must be a PurchaseHistory"):
        loyalty.fit(log)
    with pytest.raises(CemkitError, match="4 positive numbers"):
        loyalty.PurchaseFit.from_params("bg/nbd", [1, 2])
    with pytest.raises(CemkitError, match="give history="):
        loyalty.PurchaseFit.from_params("nbd", [1, 2]).probability_alive()
    with pytest.raises(CemkitError, match="no interval"):
        loyalty.PurchaseFit.from_params("nbd", [1, 2]).expected_new(4, level=0.9)
    known = cdnow_history.to_frame()[["customer_id", "age"]].rename(columns={"age": "z"})
    with pytest.raises(CemkitError, match="takes no covariates"):
        loyalty.fit(cdnow_history, "bg/bb", covariates=known)
    with pytest.raises(CemkitError, match="t must be a finite time"):
        bg.expected_purchases(-1)


def test_totals_are_sums(bg, cdnow_history) -> None:
    found = bg.expected_total(39, level=0.95).to_frame().set_index("quantity")
    assert found.loc["purchases", "estimate"] == pytest.approx(bg.expected_purchases(39).to_frame()["estimate"].sum())
    assert found.loc["alive", "estimate"] == pytest.approx(bg.probability_alive().to_frame()["estimate"].sum())
    assert (found["low"] < found["estimate"]).all()


def test_a_polarised_limit_has_finite_predictions() -> None:
    # a and b so small that a node of the beta distribution is zero
    given = loyalty.PurchaseFit.from_params("bg/nbd", [0.2015, 4.225, 3.26e-5, 4.54e-5])
    found = given.expected_purchases(52, history=one(2, 20, 30)).to_frame()["estimate"].item()
    # never or at once: who is seen to stay buys like an NBD customer
    assert found == pytest.approx(52 * 2.2015 / 34.225, rel=1e-3)
