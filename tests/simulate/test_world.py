from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.model import TELECOM_STAGES, Customer, Experience, Response, Transaction
from cemkit.scales import CES_7, CSAT_5, LIKERT_5, NPS_SCALE
from cemkit.simulate import customers as customers_part
from cemkit.simulate import transactions as transactions_part
from cemkit.simulate.company import CHANNELS
from cemkit.simulate.streams import stream
from cemkit.simulate.world import telecom_tables

START, END = pd.Timestamp("2023-01-01"), pd.Timestamp("2025-01-01")
MODELS = {"experiences": Experience, "responses": Response, "transactions": Transaction}


def _records(frame, fields):
    known = frame[[c for c in frame.columns if c in fields]].astype(object)
    return known.where(known.notna(), None).to_dict("records")


def test_the_same_seed_gives_the_same_world():
    one, other = telecom_tables(300, 9, 5), telecom_tables(300, 9, 5)
    for name, frame in one[0].items():
        pd.testing.assert_frame_equal(frame, other[0][name], check_exact=True)
    pd.testing.assert_frame_equal(one[2].churn, other[2].churn, check_exact=True)
    pd.testing.assert_frame_equal(one[2].nps, other[2].nps, check_exact=True)
    assert not telecom_tables(300, 9, 6)[0]["customers"].equals(one[0]["customers"])


@pytest.mark.parametrize(
    ("module", "prefix", "moved", "unmoved"),
    [
        (transactions_part, "transactions.", ["transactions"], ["customers", "experiences", "responses", "answers"]),
        (customers_part, "customers.region", ["customers"], ["experiences", "responses", "answers", "transactions"]),
    ],
)
def test_drawing_more_in_one_part_changes_no_other_part(monkeypatch, module, prefix, moved, unmoved):
    before = telecom_tables(300, 9, 5)[0]

    def greedy(seed, name):
        generator = stream(seed, name)
        if name.startswith(prefix):
            generator.random(17)
        return generator

    monkeypatch.setattr(module, "stream", greedy)
    after = telecom_tables(300, 9, 5)[0]
    for name in unmoved:
        pd.testing.assert_frame_equal(before[name], after[name], check_exact=True)
    for name in moved:
        assert not before[name].equals(after[name])


def test_rows_are_records_of_the_domain(tables):
    for name, model in MODELS.items():
        for record in _records(tables[name].sample(400, random_state=0), set(model.model_fields)):
            model(**record)
    for record in _records(tables["customers"].head(400), set(Customer.model_fields)):
        Customer(**record)


def test_types_are_those_of_the_contract(tables):
    times = {"acquired_at", "left_at", "occurred_at", "resolved_at", "answered_at", "invited_at"}
    for name, model in {"customers": Customer, **MODELS}.items():
        frame = tables[name]
        known = set(model.model_fields)
        needed = {f for f, info in model.model_fields.items() if info.is_required()}
        assert needed <= set(frame.columns)
        for column in known & set(frame.columns):
            kind = frame[column].dtype
            if column in times:
                assert kind == np.dtype("datetime64[us]"), column
            else:
                assert pd.api.types.is_float_dtype(kind) or pd.api.types.is_string_dtype(kind), column
    assert tables["customers"]["customer_id"].is_unique


def test_values_lie_on_their_scales(tables):
    experiences, responses = tables["experiences"], tables["responses"]
    for column in ("expected", "perceived"):
        assert LIKERT_5.valid(experiences[column]).all()
    assert LIKERT_5.valid(experiences["effort"].dropna()).all()
    for question, scale in {"nps": NPS_SCALE, "csat": CSAT_5, "ces": CES_7}.items():
        scores = responses.loc[responses["question"] == question, "score"]
        assert scores.notna().sum() > 100
        assert scores.isna().sum() > 100
        assert scale.valid(scores.dropna()).all()
    answers = tables["answers"]
    items = answers.filter(regex="^(expected|perceived)_")
    assert items.shape[1] == 12
    assert items.isin(range(1, 11)).all(axis=None)
    assert answers["overall"].between(5, 95).all()
    assert (responses["weight"] >= 1).all()
    assert (tables["transactions"]["amount"] > 0).all()


def test_valence_is_the_sign_of_the_gap(tables):
    frame = tables["experiences"]
    sign = np.sign(frame["perceived"] - frame["expected"])
    assert (frame["valence"].map({"negative": -1, "neutral": 0, "positive": 1}) == sign).all()
    assert (frame.loc[frame["complaint"], "valence"] == "negative").all()
    resolved = frame.loc[frame["resolved_at"].notna()]
    assert len(resolved) > 100
    assert resolved["complaint"].all()
    assert (resolved["resolved_at"] > resolved["occurred_at"]).all()


def test_the_map_has_twelve_touchpoints_in_eight_stages_and_four_channels(world, tables):
    journey_map = world[1]
    assert journey_map.stages == TELECOM_STAGES
    assert len(journey_map.touchpoints) == 12
    assert {t.stage for t in journey_map.touchpoints} == {s.name for s in TELECOM_STAGES}
    assert {t.aspect for t in journey_map.touchpoints} == {"rational", "emotional"}
    assert len(CHANNELS) == 4
    assert set(tables["experiences"]["channel"]) == {c.name for c in CHANNELS}
    assert set(tables["experiences"]["touchpoint_id"]) == {t.touchpoint_id for t in journey_map.touchpoints}
    assert set(tables["experiences"]["kind"].dropna()) == {"typical", "critical", "unique"}


def test_nothing_happens_after_leaving_or_outside_the_log(tables):
    people = tables["customers"].set_index("customer_id")
    assert (people["left_at"].dropna() > people.loc[people["left_at"].notna(), "acquired_at"]).all()
    assert people["left_at"].dropna().between(START, END, inclusive="left").all()
    assert (people["left_at"].isna() == people["left_reason"].isna()).all()
    for name, column in (
        ("experiences", "occurred_at"),
        ("experiences", "resolved_at"),
        ("responses", "invited_at"),
        ("responses", "answered_at"),
        ("transactions", "occurred_at"),
        ("answers", "answered_at"),
    ):
        frame = tables[name]
        left = people["left_at"].reindex(frame["customer_id"]).to_numpy()
        moment = frame[column].to_numpy()
        assert not (moment >= left).any(), (name, column)
        known = frame[column].dropna()
        assert known.between(START, END, inclusive="left").all()


def test_only_joining_comes_before_the_customer_has_joined(tables):
    frame = tables["experiences"].merge(tables["customers"][["customer_id", "acquired_at"]], on="customer_id")
    early = frame.loc[frame["occurred_at"] < frame["acquired_at"]]
    assert set(early["touchpoint_id"]) == {"advert", "tariff_pages", "shop_advice"}
    assert early["journey_id"].str.endswith("-join").all()


def test_not_answered_means_neither_time_nor_score(tables):
    responses = tables["responses"]
    assert (responses["answered_at"].isna() == responses["score"].isna()).all()
    answered = responses.dropna(subset="answered_at")
    assert (answered["answered_at"] >= answered["invited_at"]).all()
    assert (responses["touchpoint_id"].isna() == (responses["question"] == "nps")).all()


def test_weights_add_up_to_the_base_in_every_wave(tables, truth):
    waves = tables["responses"].query("question == 'nps'")
    sums = waves.groupby(["wave", "stratum"])["weight"].sum()
    known = truth.nps.dropna(subset=["wave", "segment"]).set_index(["wave", "segment"])["customers"]
    np.testing.assert_allclose(sums.to_numpy(), known.loc[list(sums.index)].to_numpy(), rtol=1e-12)


@pytest.mark.parametrize("months", [3, 7, 30])
def test_any_length_of_log_works(months):
    tables, _, truth = telecom_tables(60, months, 0)
    assert truth.nps["wave"].nunique() == months // 3
    assert len(tables["customers"]) == 60


def test_too_small_a_world_is_refused():
    with pytest.raises(CemkitError, match="customers must be at least 20, got 0"):
        telecom_tables(0)
    with pytest.raises(CemkitError, match="months must be at least 3, got 1"):
        telecom_tables(100, 1)
