"""The sections of what to do first, of the journey curve, the channels, the funnel and the satisfied leavers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cemkit as cem
from cemkit import churn, stages
from cemkit.errors import CemkitError
from cemkit.report.context import Context
from cemkit.report.sections import consistency, curve, funnel, priorities, trap
from cemkit.report.texts import texts_for
from cemkit.simulate import telecom
from cemkit.tables import ExperienceStore

DASH = "\N{EN DASH}"


def context(store, language="en", asked=(), answers=None):
    return Context(store, asked, answers, "", (), 0.95, texts_for(language))


@pytest.fixture(scope="module")
def found(simulated):
    return priorities.build(context(simulated))


def test_touchpoints_come_by_pain_with_rank_intervals(simulated, found) -> None:
    ledger = churn.attribute(simulated.customers, simulated.experiences, exclude=["cancellation"])
    expected = stages.pain_points(simulated.experiences, outcome=ledger, seed=1).table
    names = {p.touchpoint_id: p.name for p in simulated.journey_map.touchpoints}
    rows = found.blocks[0].tables[0].rows
    assert [row.cells[0] for row in rows] == [names[v] for v in expected["touchpoint_id"]]
    assert [row.cells[1] for row in rows] == [f"{v:.2f}" for v in expected["estimate"]]
    ranks = [
        f"{a}" if a == b else f"{a}{DASH}{b}" for a, b in zip(expected["rank_low"], expected["rank_high"], strict=True)
    ]
    assert [row.cells[3] for row in rows] == ranks
    # Some ranks are not certain, and then no bare rank is shown, in the picture neither.
    assert any(DASH in rank for rank in ranks)
    assert f"{ranks[-1]} · " in found.blocks[0].picture.wide
    shares = [f"{100 * v:.1f}%".replace("-", "\N{MINUS SIGN}") if v == v else DASH for v in expected["preventable"]]
    assert [row.cells[7] for row in rows] == shares
    assert "no forecast of what an action would bring" in found.blocks[0].tables[0].note


def test_items_come_by_the_probability_of_fix_first() -> None:
    study, _ = telecom(customers=3000, months=4, seed=3)
    store = ExperienceStore(answers=study.answers, survey=study.survey)
    (block,) = priorities.build(context(store)).blocks
    rows = block.tables[0].rows
    chances = [int(row.cells[1].removesuffix("%")) for row in rows]
    assert len(rows) == 6
    assert chances == sorted(chances, reverse=True)
    assert block.picture is not None
    assert rows[0].cells[0] in block.sentence


def test_without_a_ledger_there_is_pain_alone(simulated) -> None:
    store = ExperienceStore(experiences=simulated.experiences)
    section = priorities.build(context(store))
    assert len(section.blocks) == 1
    assert "churn" not in section.sentence
    assert len(section.blocks[0].tables[0].columns) == 8
    assert "outcome" not in section.calls[0].code


def test_nothing_to_put_in_order_is_no_section(plain) -> None:
    for section in (priorities, curve, consistency, funnel, trap):
        assert section.build(context(plain)) is None


@pytest.mark.parametrize(("language", "stage"), [("en", "Discover"), ("ko", "탐색")])
def test_the_curve_has_n_under_every_stage(simulated, language: str, stage: str) -> None:
    section = curve.build(context(simulated, language))
    expected = stages.journey_curve(simulated.experiences, simulated.journey_map)
    low = expected.moments.set_index("moment").loc["low"]
    assert f"{low['estimate']:.2f}" in section.sentence
    rows = section.blocks[0].tables[1].rows
    assert rows[0].cells[0] == stage
    assert [row.cells[3] for row in rows] == [f"{n:,}" for n in expected.stages["n"]]
    for n in expected.stages["n"]:
        assert f"n {n:,}" in section.blocks[0].picture.wide
    differences = section.blocks[0].tables[0].rows[0].cells[5]
    metric = cem.scores.ScoreMetric("perceived", simulated.scales["experiences"], "mean", unit="scale")
    rest = metric.compare(simulated.experiences, score="perceived", over="touchpoint_id", against="rest").table
    by_key = rest.set_index("group")["difference"]
    assert differences == f"{by_key[expected.table['touchpoint_id'].iloc[0]]:+.2f}".replace("-", "\N{MINUS SIGN}")


def test_channels_that_differ_are_candidates_with_their_test(simulated) -> None:
    section = consistency.build(context(simulated))
    expected = stages.consistency(simulated.experiences, scale=simulated.scales["experiences"])
    tested = expected.table.dropna(subset=["p_value"])
    assert sorted(f.p_value for f in section.findings) == pytest.approx(sorted(tested["p_value"]))
    # 5% of a scale from 1 to 5 is 0.2 points.
    sizes = sorted(f.size for f in section.findings)
    assert sizes == pytest.approx(sorted(tested["estimate"] / 0.2))
    assert all(f.large == (f.size >= 1) for f in section.findings)
    assert " of " in section.blocks[0].tables[1].rows[0].cells[3]


def test_one_channel_is_no_section(simulated) -> None:
    store = ExperienceStore(experiences=simulated.experiences.assign(channel="app"))
    assert consistency.build(context(store)) is None


def test_the_funnel_ends_before_leaving_and_knows_who_left(simulated) -> None:
    section = funnel.build(context(simulated))
    rows = section.blocks[0].tables[0].rows
    assert [row.cells[0] for row in rows] == ["Discover", "Consult", "Activate", "Use", "Bill", "Support", "Renew"]
    assert rows[0].cells[1] == "100.0%"
    assert 'left="left_at"' in section.calls[0].code
    assert sum(int(row.cells[6]) for row in rows) > 0
    shares = [float(row.cells[1].removesuffix("%")) for row in rows]
    assert shares == sorted(shares, reverse=True)


def test_satisfied_leavers_are_held_against_those_who_stayed() -> None:
    draw = np.random.default_rng(5)
    size = 400
    left = draw.random(size) < 0.4
    there = pd.DataFrame(
        {
            "customer_id": np.arange(size),
            "acquired_at": pd.Timestamp("2024-01-01"),
            "left_at": pd.Series(pd.Timestamp("2024-04-01") + pd.to_timedelta(draw.integers(0, 60, size), "D")).where(
                left
            ),
        }
    )
    said = pd.DataFrame(
        {
            "customer_id": np.arange(size),
            "score": np.where(left, draw.integers(1, 4, size), draw.integers(3, 6, size)).astype(float),
            "answered_at": pd.Timestamp("2024-03-01"),
            "question": "csat",
        }
    )
    store = ExperienceStore(customers=there, responses=said, scales={"csat": cem.CSAT_5})
    report = cem.report.compose(store)
    section = next(s for s in report.sections if s.id == "trap")
    expected = churn.satisfaction_trap(there, said, scale=cem.CSAT_5, question="csat").table.set_index("quantity")
    row = expected.loc["satisfied-difference"]
    z = row["estimate"] / row["std_error"]
    (candidate,) = section.findings
    assert candidate.p_value < 0.001
    assert candidate.size == pytest.approx(abs(row["estimate"]) / 0.05)
    assert abs(z) > 3.3
    assert f"{100 * expected.loc['satisfied-given-left', 'estimate']:.1f}%" in section.sentence
    assert candidate.sentence in report.sections[0].blocks[0].items


def test_a_ledger_that_cannot_be_made_leaves_pain(simulated, monkeypatch) -> None:
    def refuse(context):
        raise CemkitError("nobody left")

    monkeypatch.setattr(priorities, "churn_ledger", refuse)
    section = priorities.build(context(simulated))
    assert "outcome" not in section.calls[0].code
