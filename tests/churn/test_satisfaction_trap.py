"""The satisfaction trap: pairs formed one by one, a simulated world with known truth, engines, bad input."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

import cemkit as cem
from cemkit import churn
from cemkit.errors import CemkitError
from cemkit.results import Result

START = pd.Timestamp("2024-01-01")


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def study(customers: int = 60, seed: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a small study at whole days, so that many times are equal."""
    rng = np.random.default_rng(seed)
    entered = rng.integers(0, 60, customers)
    left = entered + rng.integers(1, 400, customers)
    there = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(customers)],
            "acquired_at": [day(int(d)) for d in entered],
            "left_at": pd.Series([day(int(d)) if d < 300 else None for d in left], dtype="datetime64[us]"),
        }
    )
    who = rng.integers(0, customers + 2, 200)
    said = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "answered_at": pd.Series([day(int(d)) for d in rng.integers(0, 320, 200)], dtype="datetime64[us]"),
            "score": [None if s == 6 else float(s) for s in rng.integers(1, 8, 200)],
        }
    )
    return there, said


@cache
def by_pairs(window: int, band: int) -> dict[str, float]:
    there, said = study()
    until = there[["acquired_at", "left_at"]].max().max()
    good = said[said["score"].between(1, 5)]

    def last(who: str, entered: pd.Timestamp, t: pd.Timestamp) -> float:
        mine = good[(good["customer_id"] == who) & (good["answered_at"] < t) & (good["answered_at"] >= entered)]
        mine = mine[t - mine["answered_at"] <= pd.Timedelta(days=window)]
        if mine.empty:
            return np.nan
        return float((mine.loc[mine["answered_at"] == mine["answered_at"].max(), "score"] >= 4).mean())

    own, beside = [], []
    for leaver in there.dropna(subset="left_at").itertuples():
        t, tenure = leaver.left_at, (leaver.left_at - leaver.acquired_at).days // band
        own.append(last(leaver.customer_id, leaver.acquired_at, t))
        alike = there[
            (there["left_at"].fillna(until + pd.Timedelta(days=1)) > t)
            & (there["acquired_at"] <= t)
            & ((t - there["acquired_at"]).dt.days // band == tenure)
        ]
        values = np.array([last(c.customer_id, c.acquired_at, t) for c in alike.itertuples()])
        beside.append(np.nan if not len(values) or np.isnan(values).all() else np.nanmean(values))
    left, stayed = np.array(own), np.array(beside)
    both = ~np.isnan(left) & ~np.isnan(stayed)
    return {
        "satisfied-given-left": np.nanmean(left),
        "satisfied-given-stayed": stayed[both].mean(),
        "satisfied-difference": left[both].mean() - stayed[both].mean(),
        "surveyed-given-left": (~np.isnan(left)).mean(),
    }


def trap(there: Any, said: Any, **options: Any) -> churn.SatisfactionTrap:
    return churn.satisfaction_trap(
        there, said, **{"window": "60d", "tenure_band": "30d", "scale": cem.CSAT_5, **options}
    )


def test_against_pairs_on_every_engine(engine: Engine) -> None:
    there, said = study()
    found = trap(engine(there), engine(said))
    rows = found.table.set_index("quantity")["estimate"]
    for quantity, value in by_pairs(60, 30).items():
        assert rows[quantity] == pytest.approx(value, abs=1e-12), quantity
    local = trap(there, said)
    numbers = [c for c in local.table if local.table[c].dtype.kind == "f"]
    np.testing.assert_allclose(found.table[numbers], local.table[numbers], atol=1e-12)
    assert [str(a) for a in found.assumptions] == [str(a) for a in local.assumptions]


def test_the_last_answer_is_strictly_before_leaving_and_in_the_window() -> None:
    there = pd.DataFrame(
        {"customer_id": list("abcd"), "acquired_at": [day(0)] * 4, "left_at": [day(100), day(100), day(100), None]}
    )
    said = pd.DataFrame(
        {
            # a answers as they leave, b just within the window, c just outside it
            "customer_id": ["a", "b", "c", "d"],
            "answered_at": [day(100), day(40), day(39.999), day(99)],
            "score": [5, 1, 5, 5],
        }
    )
    found = trap(there, said)
    rows = found.table.set_index("quantity")
    assert rows.loc["surveyed-given-left", ["estimate", "n"]].tolist() == [1 / 3, 3]
    assert rows.loc["satisfied-given-left", ["estimate", "n"]].tolist() == [0, 1]
    assert rows.loc["satisfied-given-stayed", ["estimate", "n"]].tolist() == [1, 1]
    assert "1 answers given at or after leaving were left out." in str(found)
    # none or both of the two without an answer were satisfied
    assert found.bounds.loc[0, ["bound_low", "bound_high", "surveyed"]].tolist() == [0, 2 / 3, 1]


def test_leaving_after_an_answer_by_hand() -> None:
    there = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 5],
            "acquired_at": [day(0)] * 5,
            "left_at": [day(50), day(90), None, None, day(200)],
        }
    )
    said = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 5, 5],
            "answered_at": [day(d) for d in (10, 10, 10, 10, 10, 190)],
            "score": [5, 5, 5, 1, 1, 5],
        }
    )
    found = trap(there, said)
    rows = found.table.set_index("quantity")
    # of three satisfied at day 10 one left within 60 days; the answer at day 190 is followed for 10 days only
    assert rows.loc["left-given-satisfied", ["estimate", "n"]].tolist() == [1 / 3, 3]
    assert rows.loc["left-given-not-satisfied", ["estimate", "n"]].tolist() == [0, 2]
    assert "1 answers lie less than 60 days" in str(found)


def test_ages_hold_every_leaver_with_an_answer() -> None:
    there, said = study(200, 7)
    found = trap(there, said)
    n = found.table.set_index("quantity").loc["satisfied-given-left", "n"]
    assert found.ages["n"].sum() == n
    assert (found.ages["age_low"].iloc[0], found.ages["age_high"].iloc[-1]) == (0, 60)
    weighted = (found.ages["estimate"] * found.ages["n"]).sum() / n
    assert weighted == pytest.approx(found.table["estimate"].iloc[0])


@pytest.mark.parametrize(
    ("satisfied", "scale", "share"),
    [(4, None, 0.5), ("satisfied", cem.CSAT_5, 0.5), (["neutral", "satisfied"], cem.CSAT_5, 0.75), (3, cem.CSAT_5, 0.75),
     (2, cem.Scale(1, 5, direction="lower-is-better"), 0.25)],
)  # fmt: skip
def test_what_counts_as_satisfied(satisfied: Any, scale: Any, share: float) -> None:
    there = pd.DataFrame({"customer_id": range(4), "acquired_at": [day(0)] * 4, "left_at": [day(30)] * 4})
    said = pd.DataFrame({"customer_id": range(4), "answered_at": [day(20)] * 4, "score": [1, 3, 4, 5]})
    found = trap(there, said, satisfied=satisfied, scale=scale)
    rows = found.table.set_index("quantity")
    assert rows.loc["satisfied-given-left", "estimate"] == share
    # everybody left at once: nobody stayed to stand beside them
    assert rows.loc["satisfied-given-stayed", "method"] == "no-stayers"


def test_spells_of_one_customer_are_told_apart() -> None:
    there = pd.DataFrame(
        {
            "customer_id": [1, 1, 2],
            "spell": [1, 2, 1],
            "acquired_at": [day(0), day(50), day(0)],
            "left_at": [day(40), day(80), None],
        }
    )
    said = pd.DataFrame({"customer_id": [1, 2], "answered_at": [day(30), day(31)], "score": [5, 1]})
    found = trap(there, said, spell=cem.Spell(spell_id="spell"))
    # the answer of the first spell is none of the second, though it is but 50 days old
    assert found.table.set_index("quantity").loc["surveyed-given-left", ["estimate", "n"]].tolist() == [0.5, 2]


def test_reasons_that_are_no_churn_are_no_leavers() -> None:
    there = pd.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "acquired_at": [day(0)] * 3,
            "left_at": [day(40), day(41), None],
            "why": ["price", "moved", None],
        }
    )
    said = pd.DataFrame({"customer_id": [1, 2, 3], "answered_at": [day(30)] * 3, "score": [5, 1, 5]})
    found = trap(there, said, spell=cem.Spell(reason="why", causes=("price",)))
    rows = found.table.set_index("quantity")
    assert rows.loc["satisfied-given-left", ["estimate", "n"]].tolist() == [1, 1]
    # at day 40 the one who moved later still stayed
    assert rows.loc["satisfied-given-stayed", ["estimate", "n"]].tolist() == [0.5, 2]


def test_the_result_goes_round() -> None:
    found = trap(*study())
    assert Result.from_json(found.to_json()) == found
    assert len(found.plot().to_dict()["layer"]) == 2
    assert found.satisfied == "satisfied"


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({}, {"scale": None}, "which answers are satisfied is not known"),
        ({}, {"satisfied": "happy"}, "no band of the scale"),
        ({}, {"satisfied": 9}, "a number from 1 to 5"),
        ({}, {"satisfied": 10**400, "scale": None}, "finite number"),
        ({}, {"satisfied": object()}, "a number, the name of a band or a list of them, got object"),
        ({}, {"satisfied": True}, "a number, the name of a band or a list of them, got bool"),
        ({}, {"satisfied": [["satisfied"]]}, "satisfied must be the least number"),
        ({}, {"scale": "csat"}, "scale must be a cemkit.Scale such as cemkit.LIKERT_5, or .low, high., got 'csat'"),
        ({}, {"satisfied": np.nan, "scale": None}, "finite number"),
        ({}, {"window": "2 months"}, "length in days or weeks"),
        ({}, {"spell": "left_at"}, "spell must be a cemkit.Spell"),
        ({}, {"question": "nps"}, "question='question'"),
        ({"said": {"question": ["nps", "csat"] * 100}}, {}, "answer 2 questions"),
        ({"said": {"question": ["nps", "csat"] * 100}}, {"question": "npss"}, "Did you mean 'nps'"),
        ({"said": {"score": "good"}}, {}, "must hold numbers"),
        ({"said": {"score": 17}}, {}, "200 lie outside the scale"),
        ({"said": {"customer_id": list(range(200))}}, {}, "make both text or both whole numbers"),
        ({"said": {"customer_id": "nobody"}}, {}, "none of .* leavers has an answer"),
        ({"said": {"answered_at": pd.Timestamp("2024-03-01", tz="UTC")}}, {}, "different time zones"),
        ({"said": {"answered_at": "2024-03-01"}}, {}, "must hold dates or times"),
        ({"there": {"left_at": pd.NaT}}, {}, "none of 60 customers left"),
        ({"there": {"left_at": day(-10)}}, {}, "lies before 'acquired_at'"),
        ({"there": {"customer_id": "c1"}}, {}, "drop the duplicates"),
        ({}, {"level": 2}, "level must lie between"),
        ({}, {"at": "answer"}, "at='answer'"),
    ],
)
def test_bad_input_is_named(change: dict, options: dict, match: str) -> None:
    there, said = study()
    there, said = there.assign(**change.get("there", {})), said.assign(**change.get("said", {}))
    with pytest.raises(CemkitError, match=match):
        trap(there, said, **options)


def test_tables_of_different_engines_are_named() -> None:
    pl = pytest.importorskip("polars")
    there, said = study()
    with pytest.raises(CemkitError, match="different engines"):
        trap(there, pl.from_pandas(said))


HAZARD = {1: 0.0015, 0: 0.004}


def world(customers: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return customers whose satisfaction never changes and halves their hazard; answers come at random times."""
    rng = np.random.default_rng(seed)
    happy = rng.random(customers) < 0.7
    entered = rng.uniform(0, 300, customers)
    left = entered + rng.exponential(1 / np.where(happy, HAZARD[1], HAZARD[0]))
    asked = rng.poisson(3, customers)
    who = np.repeat(np.arange(customers), asked)
    at = rng.uniform(0, 720, who.size)
    kept = (at > entered[who]) & (at < left[who])
    stamp = START + pd.to_timedelta(np.round(left * 86_400), unit="s")
    there = pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "acquired_at": START + pd.to_timedelta(np.round(entered * 86_400), unit="s"),
            "left_at": stamp.where(left < 720),
        }
    )
    said = pd.DataFrame(
        {
            "customer_id": who[kept],
            "answered_at": START + pd.to_timedelta(np.round(at[kept] * 86_400), unit="s"),
            "score": np.where(happy[who[kept]], 5, 2),
        }
    )
    return there, said


@cache
def truth() -> pd.Series:
    there, said = world(400_000, 99)
    return trap(there, said, window="90d", spell=cem.Spell(until="2025-12-21")).table.set_index("quantity")["estimate"]


@pytest.mark.slow
def test_truth_and_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    # leaving within 90 days of an answer is exponential: 1 − exp(−90 h), whatever else
    assert truth()["left-given-satisfied"] == pytest.approx(1 - np.exp(-90 * HAZARD[1]), abs=0.003)
    assert truth()["left-given-not-satisfied"] == pytest.approx(1 - np.exp(-90 * HAZARD[0]), abs=0.005)
    runs, hits, gone = replicates(50), [], []
    for seed in range(runs):
        found = trap(*world(500, 5000 + seed), window="90d", spell=cem.Spell(until="2025-12-21")).table.set_index(
            "quantity"
        )
        hits.append((found["low"] <= truth()) & (truth() <= found["high"]))
        gone.append(found["estimate"])
    share = pd.concat(hits, axis=1).mean(axis=1)
    bias = pd.concat(gone, axis=1).mean(axis=1) - truth()
    assert (bias.abs() < 0.012).all(), bias
    covers(
        [hit.to_numpy() for hit in hits],
        estimator="churn.satisfaction_trap",
        world="500 customers whose satisfaction lowers the hazard; shares near 0 or 1 may hold too often",
        slack=(4 * np.sqrt(0.95 * 0.05 / runs), 0.05),
    )
    assert (share[["satisfied-difference", "left-difference", "satisfied-given-stayed"]] < 0.995).all(), share


def test_telecom_leavers_were_less_satisfied_as_the_world_says() -> None:
    store, known = cem.simulate.telecom(customers=6000, months=24, seed=3)
    found = churn.satisfaction_trap(
        store.customers, store.responses, question="nps", scale=cem.NPS_SCALE, window="120d"
    )
    rows = found.table.set_index("quantity")
    leavers = known.satisfied_leavers.query("group == 'left'")
    stayers = known.satisfied_leavers.query("group == 'stayed'")
    # those who answer are more satisfied than all, on both sides; the contrast is nearly theirs
    gap = np.average(leavers["promoters"].fillna(0), weights=leavers["customers"]) - stayers["promoters"].mean()
    assert rows.loc["satisfied-difference", "estimate"] == pytest.approx(
        gap, abs=3 * rows.loc["satisfied-difference", "std_error"]
    )
