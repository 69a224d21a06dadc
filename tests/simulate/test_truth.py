from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from cemkit.simulate import responses as responses_part
from cemkit.simulate.answers import COEFFICIENTS, DIMENSIONS, RESIDUAL_VARIANCE, lmg
from cemkit.simulate.company import SEGMENTS
from cemkit.simulate.world import telecom_tables


def _net(score):
    return 100.0 * ((score >= 9).astype(float) - (score <= 6).astype(float))


def _close(values, truth, weights=None, spread=4.5):
    """Whether a (weighted) mean agrees with the truth within ``spread`` standard errors."""
    weights = np.ones(len(values)) if weights is None else np.asarray(weights)
    mean = np.average(values, weights=weights)
    error = np.sqrt((weights**2 * (values - mean) ** 2).sum()) / weights.sum()
    return abs(mean - truth) < spread * error


@pytest.fixture(scope="module")
def census():
    """A world in which every active customer is asked and answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(responses_part, "SEGMENTS", tuple(replace(s, invited=1.0) for s in SEGMENTS))
        patch.setattr(responses_part, "_ANSWERS", (50.0, 0.0, 0.0))
        return telecom_tables(12_000, 24, 2)


def test_the_answers_of_everybody_agree_with_the_true_nps(census):
    tables, _, truth = census
    answers = tables["responses"].query("question == 'nps'").dropna(subset="score")
    for row in truth.nps.dropna(subset=["wave", "segment"]).itertuples():
        cell = answers[(answers["wave"] == row.wave) & (answers["stratum"] == row.segment)]
        assert _close(_net(cell["score"]), row.nps), row
    pooled = truth.nps.query("wave.isna() and segment.isna()")["nps"].item()
    assert _close(_net(answers["score"]), pooled)


def test_non_response_flatters_and_the_truth_says_by_how_much(tables, truth):
    answers = tables["responses"].query("question == 'nps'").dropna(subset="score")
    whole = truth.nps.query("wave.isna() and segment.isna()").iloc[0]
    net = _net(answers["score"])
    weighted = np.average(net, weights=answers["weight"])
    assert _close(net, whole["nps_answering"], answers["weight"])
    assert whole["nps_answering"] > whole["nps"] + 3
    assert abs(weighted - whole["nps"]) < abs(net.mean() - whole["nps"])
    for row in truth.nps.query("wave.isna() and segment.notna()").itertuples():
        cell = answers[answers["stratum"] == row.segment]
        assert _close(_net(cell["score"]), row.nps_answering, cell["weight"]), row


def test_response_rates_agree_with_the_truth(tables, truth):
    invited = tables["responses"].query("question == 'nps'")
    for row in truth.nps.query("wave.isna() and segment.notna()").itertuples():
        cell = invited[invited["stratum"] == row.segment]
        # Few leave between invitation and answer: a third of a per cent of them at most.
        answered = cell["answered_at"].notna().mean()
        assert abs(answered - row.response_rate) < 4.5 * np.sqrt(0.25 / len(cell)) + 0.004


def test_questions_after_contacts_agree_with_the_truth(tables, truth):
    responses = tables["responses"].dropna(subset="score")
    for row in truth.transactional.itertuples():
        cell = responses[(responses["question"] == row.question) & (responses["touchpoint_id"] == row.touchpoint_id)]
        top = 100.0 * (cell["score"] >= {"csat": 4, "ces": 5}[row.question])
        assert _close(top, row.top_answering), row
        assert _close(cell["score"], row.mean_answering), row
        assert row.top < row.top_answering


def test_ratings_agree_with_the_truth_at_every_touchpoint_and_channel(tables, truth):
    experiences = tables["experiences"]
    for row in truth.touchpoints.itertuples():
        cell = experiences[experiences["touchpoint_id"] == row.touchpoint_id]
        if isinstance(row.channel, str):
            cell = cell[cell["channel"] == row.channel]
        assert len(cell) == row.contacts
        assert _close(cell["perceived"], row.perceived), row
        assert _close(cell["expected"], row.expected), row
        assert _close((cell["valence"] == "negative").astype(float), row.bad), row


def test_the_wide_survey_of_everybody_agrees_with_gaps_and_covariance(census):
    tables, _, truth = census
    answers = tables["answers"]
    for row in truth.gaps.itertuples():
        cell = answers[answers["stratum"] == row.segment] if isinstance(row.segment, str) else answers
        names = [row.dimension] if isinstance(row.dimension, str) else list(DIMENSIONS)
        expected = cell[[f"expected_{name}" for name in names]].mean(axis=1)
        perceived = cell[[f"perceived_{name}" for name in names]].mean(axis=1)
        assert _close(perceived - expected, row.gap), row
        assert _close(expected, row.expected), row
        assert (perceived - expected).std() == pytest.approx(row.sd, rel=0.08)
    items = answers[truth.drivers["item"].tolist()]
    # Standard error of a covariance of two items with sd near 1.8 from 6,000 answers: about 0.05.
    np.testing.assert_allclose(items.cov(), truth.driver_covariance, atol=0.25)


def test_weighted_gaps_of_the_sample_agree_with_the_truth(tables, truth):
    answers = tables["answers"]
    for row in truth.gaps.query("segment.isna() and dimension.notna()").itertuples():
        gap = answers[f"perceived_{row.dimension}"] - answers[f"expected_{row.dimension}"]
        assert _close(gap, row.gap, answers["weight"]), row


def test_overall_satisfaction_is_linear_in_the_items(census):
    tables, _, truth = census
    answers = tables["answers"]
    x = np.column_stack([np.ones(len(answers)), answers[truth.drivers["item"].tolist()]])
    found, residual, *_ = np.linalg.lstsq(x, answers["overall"].to_numpy(), rcond=None)
    variance = residual.item() / (len(answers) - 7)
    error = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * variance)
    assert (abs(found[1:] - truth.drivers["coefficient"]) < 4.5 * error[1:]).all()
    assert abs(found[0] - 20) < 4.5 * error[0]
    assert variance == pytest.approx(RESIDUAL_VARIANCE, rel=0.06)


def test_driver_shares_are_lmg_by_all_orders(truth):
    covariance = truth.driver_covariance.to_numpy()
    with_outcome = covariance @ COEFFICIENTS
    variance = COEFFICIENTS @ with_outcome + RESIDUAL_VARIANCE
    parts = np.zeros(6)
    for order in permutations(range(6)):
        before = 0.0
        for size in range(1, 7):
            chosen = list(order[:size])
            part = with_outcome[chosen]
            after = part @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], part)
            parts[chosen[-1]] += after - before
            before = after
    np.testing.assert_allclose(truth.drivers["lmg"], parts / 720 / variance, rtol=1e-10)
    assert truth.drivers["lmg"].sum() == pytest.approx(1 - RESIDUAL_VARIANCE / variance, rel=1e-12)
    assert truth.drivers["share"].sum() == pytest.approx(1, rel=1e-12)


def test_lmg_of_uncorrelated_items_is_their_own_variance():
    # Hand: variances 1 and 4, coefficients 1 and 1, residual 5: R² parts 0.1 and 0.4.
    np.testing.assert_allclose(lmg(np.diag([1.0, 4.0]), np.ones(2), 5.0), [0.1, 0.4], rtol=1e-12)


def test_satisfied_leavers_are_many_but_fewer_than_among_those_who_stay(truth):
    table = truth.satisfied_leavers
    mean = {g: np.average(p["not_detractors"], weights=p["customers"]) for g, p in table.groupby("group")}
    assert 0.5 < mean["left"] < mean["stayed"]
    active = truth.nps[truth.nps["segment"].isna() & truth.nps["wave"].notna()].set_index("wave")["customers"]
    np.testing.assert_array_equal(table.groupby("wave")["customers"].sum(), active)


def test_purchases_agree_with_their_rates(tables, truth):
    people = tables["customers"].set_index("customer_id")
    begin = people["acquired_at"].clip(lower=np.datetime64("2023-01-01", "us"))
    end = people["left_at"].fillna(np.datetime64("2025-01-01", "us"))
    weeks = (end - begin).dt.total_seconds() / 86_400 / 7
    bought = tables["transactions"].query("category != 'bill'")
    counts = bought["customer_id"].value_counts().reindex(people.index, fill_value=0)
    for row in truth.purchases.itertuples():
        chosen = people["segment"] == row.segment
        assert _close(counts[chosen] - row.rate * weeks[chosen], 0.0), row
    each = bought.groupby("customer_id")["amount"].first()
    assert _close(each, truth.purchases["mean_amount"].iloc[0])
