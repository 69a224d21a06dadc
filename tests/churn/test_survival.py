"""Survival: R, the literature's data, laws, engines, bad input."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cemkit as cem
from cemkit import churn
from cemkit.churn.survival import SURVIVAL_COLUMNS
from cemkit.errors import CemkitError, ColumnError, ContractError

STAYS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60)


def rows(estimates):
    return estimates.to_frame()[["estimate", "std_error", "low", "high"]].to_numpy()


def test_waltons(flies):
    found = churn.survival(flies, duration="days", event="died", by="group")
    assert list(found.to_frame().columns) == ["group", *SURVIVAL_COLUMNS]
    # R survival 3.5: summary(survfit(Surv(T, E) ~ group, conf.type = "log-log"), times = 40)
    known = [
        (0.95318317768418, 0.018660677646685, 0.898761495783194, 0.97869123940437),
        (0.11764705882353, 0.055255084507513, 0.037242648980145, 0.24859392443508),
    ]
    np.testing.assert_allclose(rows(found.at(40)), known, rtol=1e-12)
    assert found.at(40).to_frame()["group"].tolist() == ["control", "miR-137"]
    # R: quantile(fit, .5)
    assert rows(found.median)[:, [0, 2, 3]].tolist() == [[58, 56, 60], [26, 19, 29]]
    # R: survival:::survmean(fit, rmean = 50)
    mean = rows(found.restricted_mean(50))
    np.testing.assert_allclose(mean[:, :2], [(47.977873114698, 0.50104676949947), (25, 1.95494227739810)], rtol=1e-12)
    # R: survdiff(Surv(T, E) ~ group)
    test = found.log_rank()
    assert test.statistic == pytest.approx(122.2491255730, abs=1e-9)
    assert (test.df, test.status) == (1, "ok")
    assert "122.2" in str(test)
    assert test.to_frame()["observed"].tolist() == [122, 34]
    assert test.to_frame()["expected"].sum() == pytest.approx(156)


def test_late_entries(cohort):
    late = churn.survival(cohort, duration="T", event="D", entry="W")
    # R: summary(survfit(Surv(W, T, D) ~ 1)): the last value of the curve
    assert (late.to_frame()["survival"].iloc[-1], late.to_frame()["std_error"].iloc[-1]) == pytest.approx(
        (0.424588459378778, 0.076649406755772), rel=1e-12
    )
    assert "42 customers came under observation" in str(late)
    ignored = churn.survival(cohort, duration="T", event="D")
    assert ignored.to_frame()["survival"].iloc[-1] == pytest.approx(0.5181817475, abs=1e-10)  # lifelines 0.30; wrong


def test_telco(telco):
    whole = churn.survival(telco, duration="tenure", event="left")
    # R: summary(survfit(Surv(tenure, left) ~ 1, conf.type = "log-log"), times = c(12, 24, 60))
    known = [
        (0.84319955381583, 0.0044921602548411, 0.83416868581146, 0.85178332069312),
        (0.78873639837060, 0.0052089636905011, 0.77831295552992, 0.79873520213618),
        (0.66440391437474, 0.0071253146149474, 0.65022679285340, 0.67815677918668),
    ]
    np.testing.assert_allclose(rows(whole.at([12, 24, 60])), known, rtol=1e-11)
    found = churn.survival(telco, duration="tenure", event="left", by="contract")
    assert found.groups["events"].sum() / found.groups["n"].sum() == pytest.approx(0.26536987079369)
    # R: survdiff(Surv(tenure, left) ~ contract)$chisq
    assert found.log_rank().statistic == pytest.approx(2352.8725382593, abs=1e-8)
    # R: quantile(fit, .5); NA is a curve that does not come down so far
    np.testing.assert_array_equal(rows(found.median)[:, [0, 2, 3]], [[35, 32, 38], [np.nan, 72, np.nan], [np.nan] * 3])
    # R: survival:::survmean(fit, rmean = 60)
    known = [
        (33.502079069918, 0.454365185090403),
        (57.341631825338, 0.249450876561955),
        (59.861847921527, 0.041186513477429),
    ]
    np.testing.assert_allclose(rows(found.restricted_mean(60))[:, :2], known, rtol=1e-11)


def test_spells_are_days_since_entering_on_every_engine(engine):
    table = {
        "customer_id": [1, 2, 3, 4],
        "acquired_at": [
            dt.datetime(2024, 1, 1),
            dt.datetime(2024, 1, 1, 12),
            dt.datetime(2024, 2, 1),
            dt.datetime(2024, 1, 10),
        ],
        "left_at": [dt.datetime(2024, 1, 11), None, dt.datetime(2024, 2, 11, 12), None],
        "watched": [
            dt.datetime(2023, 1, 1),
            dt.datetime(2024, 1, 21),
            dt.datetime(2024, 2, 1),
            dt.datetime(2024, 1, 10),
        ],
        "plan": ["b", "a", "b", "a"],
    }
    spell = cem.Spell(until=dt.datetime(2024, 3, 1))
    found = churn.survival(engine(table), spell=spell, by="plan")
    assert found.to_frame()[["plan", "time", "at_risk", "events"]].to_numpy().tolist() == [
        ["b", 10, 2, 1],
        ["b", 10.5, 1, 1],
    ]
    assert found.groups["plan"].tolist() == ["a", "b"]
    assert found.groups["last"].tolist() == pytest.approx([60.5, 10.5])  # until is its whole day
    late = churn.survival(engine(table), spell=spell, entry="watched")
    assert late.to_frame()[["time", "at_risk"]].to_numpy().tolist() == [[10, 3], [10.5, 2]]
    assert (late.unit, late.median.only.unit) == ("day", "day")


def test_causes_that_are_no_churn_are_censored():
    table = pd.DataFrame(
        {
            "acquired_at": pd.to_datetime(["2024-01-01"] * 4),
            "left_at": pd.to_datetime(["2024-01-11", "2024-01-21", None, "2024-01-31"]),
            "why": ["price", "moved", None, "price"],
        }
    )
    found = churn.survival(table, spell=cem.Spell(reason="why", causes="price"))
    assert found.to_frame()[["time", "at_risk", "survival"]].to_numpy().tolist() == [[10, 4, 0.75], [30, 2, 0.375]]
    assert "1 customers who left for reasons that do not count as churn" in str(found)


def test_nobody_left_and_values_before_anybody_left():
    table = pd.DataFrame({"months": [3.0, 5], "left": [False, False], "plan": ["a", "b"]})
    found = churn.survival(table, duration="months", event="left", by="plan")
    assert len(found) == 0
    assert found.groups["n"].tolist() == [1, 1]
    at = found.at(2).to_frame()
    assert at["estimate"].tolist() == [1.0, 1.0]
    assert at["method"].tolist() == ["no-events"] * 2
    assert at["low"].isna().all()
    assert found.at(4).to_frame()["estimate"].isna().tolist() == [True, False]
    assert found.log_rank().status == "no-events"
    assert found.restricted_mean(4).to_frame()["method"].tolist() == ["beyond-follow-up", "area"]
    found.plot()


@settings(max_examples=30)
@given(STAYS)
def test_without_censoring_it_is_the_empirical_survival(stays):
    time = np.array([t for t, _ in stays], dtype=float)
    found = churn.survival(pd.DataFrame({"t": time, "e": True}), duration="t", event="e").to_frame()
    np.testing.assert_allclose(found["survival"], [(time > t).mean() for t in found["time"]], atol=1e-12)
    p = found["survival"].to_numpy()[:-1]  # Greenwood is then binomial
    np.testing.assert_allclose(found["std_error"].to_numpy()[:-1], np.sqrt(p * (1 - p) / time.size), atol=1e-12)


@settings(max_examples=20)
@given(STAYS, st.randoms(use_true_random=False), st.sampled_from([0.25, 4.0]))
def test_order_names_and_units_change_nothing(stays, random, unit):
    table = pd.DataFrame(stays, columns=["t", "e"]).assign(g=[random.choice("ab") for _ in stays])
    found = churn.survival(table, duration="t", event="e", by="g")
    places = list(range(len(stays)))
    random.shuffle(places)
    shuffled = churn.survival(table.iloc[places], duration="t", event="e", by="g")
    assert shuffled.to_frame().equals(found.to_frame())
    other = table.assign(g=table["g"].map({"a": "B", "b": "A"}), t=table["t"] * unit)
    renamed = churn.survival(other, duration="t", event="e", by="g")
    for old, new in (("a", "B"), ("b", "A")):
        left, right = (f.to_frame()[f.to_frame()["g"] == name] for f, name in ((found, old), (renamed, new)))
        np.testing.assert_array_equal(left["survival"], right["survival"])
        np.testing.assert_array_equal(left["time"] * unit, right["time"])
    assert renamed.log_rank().statistic == pytest.approx(found.log_rank().statistic, nan_ok=True, abs=1e-9)


def test_results_round_trip_and_show_themselves(flies):
    found = churn.survival(flies, duration="days", event="died", by="group")
    again = churn.Survival.from_json(found.to_json())
    assert again == found
    assert again.log_rank() == found.log_rank()
    assert again.at([1, 30]) == found.at([1, 30])
    found.plot().to_json()
    found.log_rank().plot().to_json()


def test_statsmodels_agrees(telco):
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    part = telco[telco["contract"] == "One year"]
    other = SurvfuncRight(part["tenure"], part["left"])
    mine = churn.survival(part, duration="tenure", event="left").to_frame()
    np.testing.assert_array_equal(mine["time"], other.surv_times)
    np.testing.assert_allclose(mine["survival"], other.surv_prob, rtol=1e-12)
    np.testing.assert_allclose(mine["std_error"], other.surv_prob_se, rtol=1e-9)
    two = telco[telco["contract"] != "Two year"]
    chi2, _ = survdiff(two["tenure"], two["left"].astype(int), two["contract"])
    assert churn.survival(two, duration="tenure", event="left", by="contract").log_rank().statistic == pytest.approx(
        chi2
    )


@pytest.mark.parametrize(
    ("change", "call", "error", "message"),
    [
        (
            {},
            {"duration": "month", "event": "left"},
            ColumnError,
            "duration='month': the table has no such column. Did you mean 'months'",
        ),
        ({}, {"duration": "months"}, CemkitError, "duration='months' needs event="),
        ({}, {"event": "left"}, CemkitError, "event='left' needs the column of durations"),
        (
            {},
            {"duration": "months", "event": "left", "spell": cem.Spell(left="gone")},
            CemkitError,
            "either a spell or duration='months'",
        ),
        ({}, {"duration": "plan", "event": "left"}, ColumnError, "duration='plan' must hold numbers"),
        (
            {},
            {"duration": "months", "event": "plan"},
            ColumnError,
            "event='plan' must be true or false .*'a'.*data\\['plan'\\] == 'a'",
        ),
        ({"left": [0, 1, 2]}, {"duration": "months", "event": "left"}, ContractError, "it is such as 2 in 1 of 3 rows"),
        ({"left": [0, 1, None]}, {"duration": "months", "event": "left"}, ContractError, "it is null in 1 of 3 rows"),
        (
            {"months": [1, -2, np.nan]},
            {"duration": "months", "event": "left"},
            ContractError,
            "null, negative or infinite in 2 of 3 rows",
        ),
        (
            {"since": [0, 2, 1]},
            {"duration": "months", "event": "left", "entry": "since"},
            ContractError,
            "not before the end in 1 of 3",
        ),
        (
            {"since": [0, None, 1]},
            {"duration": "months", "event": "left", "entry": "since"},
            ContractError,
            "entry='since' is null in 1",
        ),
        (
            {},
            {"duration": "months", "event": "left", "by": "time"},
            ColumnError,
            "'time' is also the name of a result column",
        ),
        (
            {},
            {"duration": "months", "event": "left", "by": "plans"},
            ColumnError,
            "by='plans': the table has no such column",
        ),
        ({}, {"duration": "months", "event": "left", "level": 95}, CemkitError, "Did you mean 0.95"),
        ({}, {"spell": "months"}, CemkitError, "spell must be a cemkit.Spell, got str"),
        ({}, {}, ColumnError, "entered='acquired_at': the table has no such column"),
    ],
)
def test_bad_input(change, call, error, message):
    table = pd.DataFrame({"months": [1, 2, 3], "left": [True, False, True], "plan": ["a", "b", "a"], **change})
    before = table.copy()
    with pytest.raises(error, match=message):
        churn.survival(table, **call)
    pd.testing.assert_frame_equal(table, before)


def test_bad_questions(flies):
    found = churn.survival(flies, duration="days", event="died")
    with pytest.raises(CemkitError, match=r"a log-rank test compares groups: ask for survival\(..., by=...\)"):
        found.log_rank()
    for times in ("soon", -1, [], np.nan, [[1.0]]):
        with pytest.raises(CemkitError, match="t must be a number from 0"):
            found.at(times)
    with pytest.raises(CemkitError, match="a restricted mean has one end"):
        found.restricted_mean([1, 2])
    with pytest.raises(CemkitError, match="0 < p < 1"):
        found.quantile(50)
    with pytest.raises(CemkitError, match="has no rows"):
        churn.survival(flies.head(0), duration="days", event="died")


@pytest.mark.slow
def test_intervals_cover(replicates, covers):
    """Weibull times with late entries and censoring: S(1), the restricted mean to 1.5 and the median."""
    rng = np.random.default_rng(20)
    number = replicates(200)
    shape, n = 1.5, 400
    truth = np.array([np.exp(-1.0), np.log(2) ** (1 / shape)])
    grid = np.linspace(0, 1.5, 20001)
    area = float(np.trapezoid(np.exp(-(grid**shape)), grid))
    held = np.zeros((number, 3))
    for trial in range(number):
        time = rng.weibull(shape, 3 * n)
        entry = np.where(rng.random(3 * n) < 0.5, 0.0, rng.uniform(0, 0.6, 3 * n))
        end = np.minimum(time, entry + rng.exponential(2.0, 3 * n))
        seen = np.flatnonzero(time > entry)[:n]
        table = pd.DataFrame({"t": end[seen], "e": (end == time)[seen], "w": entry[seen]})
        found = churn.survival(table, duration="t", event="e", entry="w")
        for i, (result, true) in enumerate(
            zip((found.at(1.0), found.median, found.restricted_mean(1.5)), (*truth, area), strict=True)
        ):
            held[trial, i] = result.only.low <= true <= result.only.high
    slack = 3 * np.sqrt(0.95 * 0.05 / number) + 0.005
    covers(
        held,
        estimator="churn.survival: S(1), median, restricted mean",
        world="400 customers with Weibull stays, late entries and censoring",
        slack=(slack, slack),
    )
