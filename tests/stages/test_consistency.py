"""How far touchpoints differ between channels."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine

import cemkit as cem
from cemkit.errors import CemkitError, ColumnError, ContractError, DesignError
from cemkit.stages import Consistency, consistency
from cemkit.statistics.variance_components import channel_spread
from cemkit.tables.design import Design

FIVE = cem.LIKERT_5
CHANNELS = ("app", "phone", "shop")


def log(rows: int = 900, customers: int = 120, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    channel, touchpoint = rng.integers(0, 3, rows), rng.integers(0, 2, rows)
    who = rng.integers(0, customers, rows)
    mood = rng.normal(size=customers)[who]
    value = 3.2 + 0.6 * (channel - 1) * touchpoint + 0.6 * mood + 0.7 * rng.normal(size=rows)
    frame = pd.DataFrame({
        "customer_id": [f"c{i}" for i in who],
        "touchpoint_id": [("bill", "support")[t] for t in touchpoint],
        "channel": [CHANNELS[c] for c in channel],
        "perceived": np.clip(np.rint(value), 1, 5),
        "occurred_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 200, rows), unit="D"),
        "segment": [("a", "b")[i % 2] for i in who],
        "w": rng.integers(1, 4, rows) / 2,
    })  # fmt: skip
    frame.loc[::50, "perceived"] = np.nan
    return frame


def independent(frame: pd.DataFrame, touchpoint: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    part = frame[frame["touchpoint_id"] == touchpoint].groupby("channel")["perceived"]
    n = part.count().to_numpy()
    return part.mean().to_numpy(), part.var().to_numpy() / n, n


def test_independent_answers_by_hand() -> None:
    frame = log().drop(columns="occurred_at")
    found = consistency(frame, scale=FIVE, design=Design.independent())
    for i, touchpoint in enumerate(("bill", "support")):
        mean, variance, n = independent(frame, touchpoint)
        expected = channel_spread(mean, variance, df=n - 1, most=2.0)
        row = found.to_frame().iloc[i]
        assert row["touchpoint_id"] == touchpoint
        for column, name in (
            ("estimate", "tau"),
            ("low", "low"),
            ("high", "high"),
            ("spread", "spread"),
            ("p_value", "p_value"),
            ("mean", "mean"),
        ):
            assert row[column] == pytest.approx(getattr(expected, name)), column
        assert row["index"] == pytest.approx(100 * (1 - expected.tau / 2))
        assert row["index_low"] == pytest.approx(100 * (1 - expected.high / 2))
        cells = found.channels[found.channels["touchpoint_id"] == touchpoint]
        np.testing.assert_allclose(cells["raw_estimate"], mean)
        np.testing.assert_allclose(cells["raw_std_error"], np.sqrt(variance))
    assert found.switching.empty
    assert "no-order" in {note.code for note in found.assumptions}
    support = found.offenders.iloc[0]
    assert (support["touchpoint_id"], support["channel"], support["rank_low"]) == ("support", "app", 1.0)
    assert support["worst_probability"] > 0.99


def test_customers_tie_channels_together() -> None:
    frame = log()
    found = consistency(frame, scale=FIVE)
    part = frame[(frame["touchpoint_id"] == "support") & frame["perceived"].notna()]
    totals = part.assign(one=1.0).pivot_table(
        index="customer_id", columns="channel", values=["perceived", "one"], aggfunc="sum", fill_value=0
    )
    n = part.groupby("channel")["perceived"].count().to_numpy()
    mean = part.groupby("channel")["perceived"].mean().to_numpy()
    residual = (totals["perceived"].to_numpy() - mean * totals["one"].to_numpy()) / n
    clusters = frame["customer_id"].nunique()
    centred = residual.T @ residual - np.outer(residual.sum(axis=0), residual.sum(axis=0)) / clusters
    covariance = centred * clusters / (clusters - 1)
    df = (totals["one"].to_numpy() > 0).sum(axis=0) - 1
    expected = channel_spread(mean, covariance, df=df, most=2.0)
    row = found.to_frame().iloc[1]
    np.testing.assert_allclose(
        row[["estimate", "low", "high", "p_value"]].astype(float),
        [expected.tau, expected.low, expected.high, expected.p_value],
        rtol=1e-6,
    )
    assert "customers-are-clusters" in {note.code for note in found.assumptions}


def check_engine(make: Engine, **kwargs: object) -> None:
    frame = log(300)
    expected = consistency(frame, scale=FIVE, **kwargs)
    found = consistency(make(frame), scale=FIVE, **kwargs)
    for part in ("table", "overall", "channels", "offenders", "switching"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), rtol=1e-6, atol=1e-9)


def test_every_engine(engine: Engine) -> None:
    check_engine(engine)


def test_adjusted_on_every_engine(local_engine: Engine) -> None:
    check_engine(local_engine, adjust="segment", design=Design(weights="w", cluster="customer_id"))


def test_adjustment_is_a_regression_at_the_touchpoints_mix() -> None:
    import statsmodels.formula.api as smf

    frame = log().dropna(subset=["perceived"]).drop(columns="occurred_at")
    frame.loc[(frame["channel"] == "shop") & (frame.index % 3 > 0), "segment"] = "a"
    found = consistency(frame, scale=FIVE, adjust=["segment"], design=Design.independent())
    cells = found.channels[found.channels["touchpoint_id"] == "support"]
    part = frame[frame["touchpoint_id"] == "support"]
    fit = smf.ols("perceived ~ 0 + channel + segment", part).fit()
    share = (part["segment"] == "b").mean()
    expected = fit.params[:3].to_numpy() + share * fit.params["segment[T.b]"]
    np.testing.assert_allclose(cells["adjusted_estimate"], expected)
    contrast = np.column_stack([np.eye(3), np.full(3, share)])
    hc1 = fit.get_robustcov_results("HC1").cov_params()
    np.testing.assert_allclose(cells["adjusted_std_error"], np.sqrt(np.diag(contrast @ hc1 @ contrast.T)), rtol=1e-6)
    assert not np.allclose(cells["adjusted_estimate"], cells["raw_estimate"], atol=1e-3)


def test_adjustment_under_clusters_is_that_of_clustered_least_squares() -> None:
    import statsmodels.formula.api as smf

    frame = log().dropna(subset=["perceived"])
    found = consistency(frame, scale=FIVE, adjust="segment")
    cells = found.channels[found.channels["touchpoint_id"] == "support"]
    part = frame[frame["touchpoint_id"] == "support"]
    codes = pd.factorize(part["customer_id"])[0]
    fit = smf.ols("perceived ~ 0 + channel + segment", part).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
    )
    share = (part["segment"] == "b").mean()
    contrast = np.column_stack([np.eye(3), np.full(3, share)])
    clusters = frame["customer_id"].nunique()
    expected = np.sqrt(np.diag(contrast @ fit.cov_params().to_numpy() @ contrast.T) * clusters / (clusters - 1))
    np.testing.assert_allclose(cells["adjusted_std_error"], expected, rtol=1e-6)


def test_channels_that_share_no_customers_are_confounded() -> None:
    frame = log().assign(segment=lambda d: np.where(d["channel"] == "shop", "a", "b"))
    with pytest.raises(CemkitError, match="no touchpoint of 'touchpoint_id' has answers that can be compared"):
        consistency(frame, scale=FIVE, adjust="segment")
    mixed = frame.assign(segment=np.where(frame["touchpoint_id"] == "bill", log()["segment"], frame["segment"]))
    found = consistency(mixed, scale=FIVE, adjust="segment").to_frame()
    assert found["status"].tolist() == ["estimated", "confounded"]
    assert found["estimate"].isna().tolist() == [False, True]


def test_switching_by_hand() -> None:
    frame = log()
    found = consistency(frame, scale=FIVE).switching
    order = frame.sort_values(["customer_id", "occurred_at", "touchpoint_id", "channel"], kind="stable")
    before = order.groupby("customer_id")["channel"].shift(1)
    order = (
        order.assign(moved=(order["channel"] != before).astype(float)).loc[before.notna()].dropna(subset=["perceived"])
    )
    import statsmodels.formula.api as smf

    fit = smf.ols("perceived ~ moved + C(channel) * C(touchpoint_id)", order).fit()
    assert found["estimate"].iloc[-1] == pytest.approx(fit.params["moved"])
    assert found["touchpoint_id"].tolist() == ["bill", "support", None]
    assert found["n_switched"].iloc[-1] == int(order["moved"].sum())
    assert found["switched"].iloc[-1] == pytest.approx(order["moved"].mean())
    part = order[order["touchpoint_id"] == "bill"]
    fit = smf.ols("perceived ~ moved + C(channel)", part).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(part["customer_id"])[0], "use_correction": False}
    )
    assert found["estimate"].iloc[0] == pytest.approx(fit.params["moved"])
    # the design's clusters are all customers with a step, n/(n − 1)
    clusters = frame["customer_id"].nunique()
    assert found["std_error"].iloc[0] == pytest.approx(fit.bse["moved"] * np.sqrt(clusters / (clusters - 1)), rel=1e-6)


def test_row_order_and_names_do_not_matter() -> None:
    frame = log(400)
    own = consistency(frame, scale=FIVE)
    mixed = consistency(frame.sample(frac=1, random_state=1), scale=FIVE)
    pd.testing.assert_frame_equal(own.table, mixed.table, rtol=1e-9)
    turned = consistency(
        frame.assign(perceived=6 - frame["perceived"]), scale=cem.Scale(1, 5, direction="lower-is-better")
    )
    np.testing.assert_allclose(turned.table["estimate"], own.table["estimate"], atol=1e-9)
    assert turned.offenders["channel"].iloc[0] == own.offenders["channel"].iloc[0]


def test_result_travels() -> None:
    found = consistency(log(300), scale=FIVE)
    assert Consistency.from_json(found.to_json()) == found
    assert pickle.loads(pickle.dumps(found)) == found
    assert found == consistency(log(300), scale=FIVE)
    pytest.importorskip("altair")
    assert found.plot().to_dict()["layer"]
    assert "Consistency" in repr(found)


@pytest.mark.parametrize(
    ("change", "kwargs", "error", "message"),
    [
        ({}, {"over": "chanel"}, ColumnError, "over='chanel'.*Did you mean 'channel'"),
        ({}, {"score": "channel"}, ColumnError, "score='channel' must hold numbers"),
        ({}, {"over": "touchpoint_id"}, ColumnError, "three different columns"),
        ({}, {"adjust": "channel"}, CemkitError, "adjust='channel' is also over or unit"),
        ({}, {"adjust": "customer_id"}, DesignError, "cluster of the design"),
        ({}, {"adjust": "w", "method": "ml"}, CemkitError, "'ml' is not one of"),
        ({}, {"min_base": 1}, CemkitError, "min_base must be a whole number of at least 2"),
        ({}, {"scale": "1-5"}, CemkitError, "scale must be a cemkit.Scale"),
        ({}, {"scale": cem.Scale(1, 4)}, ContractError, "outside the scale"),
        ({}, {"at": "segment"}, ColumnError, "at='segment' must hold dates or times"),
        ({}, {"journey": "trip"}, ColumnError, "journey='trip'"),
        ({"channel": "app"}, {}, CemkitError, "no touchpoint of 'touchpoint_id' has answers"),
        ({"perceived": np.nan}, {"scale": None}, CemkitError, "no answer, or infinite ones"),
        ({"perceived": np.inf}, {"scale": None}, CemkitError, "no answer, or infinite ones"),
        ({"perceived": 1e80}, {"scale": None}, CemkitError, "as large as 1e\\+80"),
        ({}, {"seed": -1}, CemkitError, "seed must be"),
        ({"many": range(300)}, {"adjust": "many"}, CemkitError, "300 levels, more than 60"),
    ],
)
def test_bad_input(change, kwargs, error, message) -> None:
    frame = log(300).assign(**change)
    with pytest.raises(error, match=message):
        consistency(frame, **{"scale": FIVE, **kwargs})


def test_empty_and_null() -> None:
    with pytest.raises(CemkitError, match="no rows"):
        consistency(log().head(0), scale=FIVE)
    frame = log(400)
    frame.loc[::7, "channel"] = None
    frame.loc[::11, "occurred_at"] = pd.NaT
    found = consistency(frame, scale=FIVE)
    codes = {note.code: note.values for note in found.assumptions}
    assert codes["rows-without-channel"]["rows"] == frame["channel"].isna().sum()
    assert codes["steps-without-order"]["rows"] == frame["occurred_at"].isna().sum()
    assert found.channels["channel"].notna().all()


def test_switching_that_cannot_be_estimated_does_not_withhold_the_rest(monkeypatch) -> None:
    frame = log(300)
    answered = frame["perceived"].notna()
    found = consistency(frame.assign(occurred_at=frame["occurred_at"].where(~answered)), scale=FIVE)
    assert found.switching.empty
    assert "no-switching" in {note.code for note in found.assumptions}
    monkeypatch.setattr("cemkit.estimation.variance.MOST_CELLS", 4)
    alone = frame.drop_duplicates("customer_id").assign(customer_id=range(frame["customer_id"].nunique()), trip="one")
    wide = consistency(alone, scale=FIVE, journey="trip", min_base=2)
    assert wide.switching["estimate"].notna().any()
    assert wide.switching["low"].isna().all()
    assert wide.table["estimate"].notna().any()


def test_a_channel_whose_answers_are_alike_does_not_decide() -> None:
    rows = [("t", "a", 5.0)] * 6 + [("t", "b", float(v)) for v in (1, 2, 3, 4, 5) * 20] + [("t", "c", 3.0)] * 2
    found = consistency(pd.DataFrame(rows, columns=["touchpoint_id", "channel", "perceived"]), scale=FIVE)
    assert found.table["channels"].iloc[0] == 2
    assert found.channels["used"].tolist() == [True, True, False]
    assert 0 < found.channels["std_error"].iloc[0] < 1


def test_telecom(tables, truth) -> None:
    # the simulated company knows the mean of every touchpoint in every channel
    found = consistency(tables["experiences"], scale=FIVE)
    known = truth.touchpoints.dropna(subset=["channel"])
    merged = known.merge(found.channels[found.channels["used"]], on=["touchpoint_id", "channel"])
    assert len(merged) > 40
    inside = (merged["low"] <= merged["perceived"]) & (merged["perceived"] <= merged["high"])
    assert inside.mean() > 0.86  # 0.95 less three standard errors of 44 cells
    spread = known.groupby("touchpoint_id")["perceived"].std()
    table = found.to_frame().dropna(subset=["estimate"]).set_index("touchpoint_id")
    assert ((table["low"] <= spread[table.index]) & (spread[table.index] <= table["high"])).mean() > 0.7
    # ratings depend on touchpoint and channel alone: a change of channel does nothing
    moves = found.switching.iloc[-1]
    assert moves["low"] < 0 < moves["high"]


def test_sfo(shared_data) -> None:
    data = pd.read_csv(shared_data / "sfo_2017" / "sfo_2017.csv", low_memory=False).rename(columns=str.strip)
    items = ["Q7ART", "Q7FOOD", "Q7SIGN", "Q7ALL"]
    long = data.melt(id_vars=["RESPNUM", "GATE"], value_vars=items, var_name="touchpoint_id", value_name="perceived")
    long["perceived"] = pd.to_numeric(long["perceived"], errors="coerce")
    scale = cem.Scale(1, 5, missing_codes=(0, 6))
    found = consistency(long.rename(columns={"RESPNUM": "customer_id"}), over="GATE", scale=scale)
    table = found.to_frame().set_index("touchpoint_id")
    # shared data README: Q7ALL is 6/32/444/1507/699 on 1..5, 2688 answers
    assert table.loc["Q7ALL", "n"] == 2688
    assert (table["channels"] == 71).all()
    assert table.loc["Q7FOOD", "low"] > 0.1
    assert table.loc["Q7SIGN", "low"] == 0
    answers = long[(long["touchpoint_id"] == "Q7ALL") & long["perceived"].between(1, 5)]
    part = answers.groupby("GATE")["perceived"]
    kept = part.count() >= 5
    # a respondent is at one gate: within an item clusters are rows, and the variance is that of n, over n of all respondents
    expected = channel_spread(
        part.mean()[kept], (part.var(ddof=0) / part.count())[kept], df=part.count()[kept] - 1, most=2.0
    )
    assert table.loc["Q7ALL", "estimate"] == pytest.approx(expected.tau, rel=0.02)
