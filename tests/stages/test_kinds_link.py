"""Kinds against outcomes: hand counts, a world of known effects, the simulated company, no immortal time, bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import stages
from cemkit.errors import CemkitError, ContractError
from cemkit.results import Result
from cemkit.simulate.world import telecom_tables

START = pd.Timestamp("2024-01-01")


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def experience(
    who: str, when: float, kind: str, valence: str | None, *, place: str = "desk", stage: str = "support"
) -> dict[str, Any]:
    return {
        "customer_id": who,
        "touchpoint_id": place,
        "occurred_at": day(when),
        "stage": stage,
        "kind": kind,
        "valence": valence,
    }


def small() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return four customers: two bad experiences at the desk, followed 30 and 20 days, and two good ones."""
    experiences = pd.DataFrame(
        [
            experience("a", 10, "critical", "negative"),
            experience("b", 10, "critical", "negative"),  # leaves after 20 days
            experience("c", 10, "critical", "positive"),
            experience("d", 10, "critical", "neutral"),
            experience("d", 25, "critical", "negative"),  # cuts the one before, and is followed itself
            experience("e", 10, "critical", None),
            experience("x", 10, "critical", "negative"),  # no customer of the table
            experience("a", 5, "typical", "positive", place="web", stage="discover"),
        ]
    )
    customers = pd.DataFrame(
        {
            "customer_id": [*"abcde", "f"],
            "acquired_at": [day(0)] * 5 + [day(12)],
            "left_at": [pd.NaT, day(30), pd.NaT, pd.NaT, pd.NaT, pd.NaT],
            "referred_by": [None] * 5 + ["c"],
        }
    )
    transactions = pd.DataFrame({"customer_id": ["a"], "occurred_at": [day(100)], "amount": [10.0], "margin": [4.0]})
    return experiences, customers, transactions


def test_by_hand(local_engine: Callable[[Any], Any]) -> None:
    found = stages.kinds_link(*map(local_engine, small()), within=30).to_frame()
    rows = found[found["kind"] == "critical"].set_index("metric")
    leaving = rows[rows["outcome"] == "leaving"]
    # negative: a is followed 30 days, b 20 until leaving, d 30; not negative: c 30, d 15 until the next negative one
    assert leaving.loc["exposed", "estimate"] == pytest.approx(30 * 1 / 80)
    assert leaving.loc["reference", "estimate"] == 0.0
    # left out: without a valence, and without a customer
    assert leaving.loc["difference", ["n", "missing"]].tolist() == [5, 2]
    referral = rows[rows["outcome"] == "referral"]
    assert referral.loc["reference", "estimate"] == pytest.approx(30 * 1 / 45)
    assert referral.loc["exposed", "estimate"] == 0.0


def test_an_experience_after_a_negative_one_is_left_out() -> None:
    experiences, customers, transactions = small()
    more = pd.concat([experiences, pd.DataFrame([experience("a", 20, "critical", "positive")])])
    found = stages.kinds_link(more, customers, transactions, within=30).to_frame()
    row = found[(found["kind"] == "critical") & (found["outcome"] == "leaving")].iloc[2]
    assert (row["n"], row["missing"]) == (5, 3)


def known_world(
    seed: int, customers: int = 2500, *, resolved: float = 0.02
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers with constant hazards per 30 days.

    Leaving .05, and .10 more for 60 days after a negative critical experience; half of these are complaints, resolved
    after ten days, upon which the extra is ``resolved``.
    Margin 6 per 30 days, 3 after a negative unique experience (an amount of 10 or 5 per purchase, .5 margin).
    """
    rng = np.random.default_rng(seed)
    rows, people, sales = [], [], []
    for i in range(customers):
        who, contact = f"c{i}", rng.uniform(0, 60)
        bad, offer = rng.random() < 0.4, contact + rng.uniform(1, 20)
        disliked, complains = rng.random() < 0.5, bool(bad and rng.random() < 0.5)
        breaks = [(contact + 10 if complains else contact + 60, 0.10 if bad else 0.0)]
        breaks += [(contact + 60, resolved)] if complains else []
        at, left = contact, np.inf
        for until, extra in [*breaks, (400.0, 0.0)]:
            wait = rng.exponential(30 / (0.05 + extra))
            if at + wait < until:
                left = at + wait
                break
            at = until
        rows.append({**experience(who, contact, "critical", "negative" if bad else "positive"), "complaint": complains})
        rows[-1]["resolved_at"] = day(contact + 10) if complains and left > contact + 10 else pd.NaT
        if offer < left:
            rows.append(
                experience(who, offer, "unique", "negative" if disliked else "positive", place="offer", stage="renew")
            )
            for _ in range(rng.poisson(1.2 * 60 / 30)):
                when = offer + rng.uniform(0, 60)
                if when < left:
                    amount = (5.0 if disliked else 10.0) * rng.gamma(4, 0.25)
                    sales.append({"customer_id": who, "occurred_at": day(when), "amount": amount, "margin": amount / 2})
        people.append({"customer_id": who, "left_at": day(left) if left < 300 else pd.NaT})
    data = pd.DataFrame(rows)
    data["complaint"] = data["complaint"] == True  # noqa: E712 - offers have none
    return data, pd.DataFrame(people), pd.DataFrame(sales)


TRUTH = {
    ("unique", "margin", "negative experience"): -3.0,
    ("unique", "basket", "negative experience"): -5.0,
    ("critical", "leaving", "resolved complaint"): 0.02,
}


def inside(table: pd.DataFrame) -> dict[tuple[str, str, str], bool]:
    rows = table[table["metric"] == "difference"].set_index(["kind", "outcome", "contrast"])
    return {key: bool(rows.loc[key, "low"] < value < rows.loc[key, "high"]) for key, value in TRUTH.items()}


def test_known_effects_are_recovered() -> None:
    found = stages.kinds_link(*known_world(1), within=60, level=0.999)
    assert all(inside(found.table).values()), found.table
    rows = found.table.set_index(["outcome", "contrast", "metric"])
    # half of the negative ones go on with .10, the others with .02 from the tenth day: between the two
    assert 0.03 < rows.loc[("leaving", "negative experience", "difference"), "estimate"] < 0.10
    assert Result.from_json(found.to_json()) == found
    assert found.plot().to_dict()["layer"]


def test_there_is_no_immortal_time() -> None:
    # Resolving changes nothing here (.10 before and after). Counted from the complaint, the ten days that a resolved one has
    # survived by definition would make it look good: 60 days at risk, of which ten without any leaving.
    experiences, customers, transactions = known_world(2, resolved=0.10)
    found = stages.kinds_link(experiences, customers, transactions, within=60, level=0.999).table
    row = found[(found["contrast"] == "resolved complaint") & (found["metric"] == "difference")].iloc[0]
    assert row["low"] < 0.10 < row["high"]
    solved = experiences[experiences["resolved_at"].notna()].merge(customers, on="customer_id")
    days = (solved["left_at"] - solved["occurred_at"]).dt.total_seconds().div(86_400).fillna(np.inf)
    naive = 30 * (days <= 60).sum() / days.clip(upper=60).sum()
    assert naive - 0.05 < 0.10 - 0.01


def test_what_the_simulated_company_knows() -> None:
    tables, places, _ = telecom_tables(8000, 18, 3)
    data = stages.label(tables["experiences"], places)
    found = stages.kinds_link(data, tables["customers"], tables["transactions"], level=0.999)
    rows = found.table[found.table["metric"] == "difference"].set_index(["kind", "outcome", "contrast"])
    truth = {
        # a negative support experience adds .040 per 30 days for 90 days, and resolving it changes nothing
        ("critical", "leaving", "negative experience"): 0.040,
        ("critical", "leaving", "resolved complaint"): 0.040,
        # bad experiences change neither support contacts nor amounts (simulate/transactions.py, simulate/contacts.py)
        ("typical", "support", "negative experience"): 0.0,
        ("unique", "margin", "negative experience"): 0.0,
        ("unique", "basket", "negative experience"): 0.0,
    }
    for key, value in truth.items():
        assert rows.loc[key, "low"] < value < rows.loc[key, "high"], (key, rows.loc[key])
    assert rows.loc[("critical", "leaving", "negative experience"), "low"] > 0
    assert "outcomes-not-told" in {note.code for note in found.assumptions}


def test_the_order_of_rows_says_nothing() -> None:
    parts = known_world(4, 300)
    expected = stages.kinds_link(*parts, within=60).table
    mixed = [part.sample(frac=1, random_state=1) for part in parts]
    pd.testing.assert_frame_equal(stages.kinds_link(*mixed, within=60).table, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "options", "error", "text"),
    [
        ({}, {"within": 0}, CemkitError, "within must be a number of days"),
        ({}, {"support": 3}, CemkitError, "support must be one stage or several"),
        (
            {"experiences": lambda d: d.drop(columns="kind")},
            {},
            CemkitError,
            "add it with stages.classify(experiences) first",
        ),
        ({"experiences": lambda d: d.drop(columns="valence")}, {}, CemkitError, "no such column"),
        (
            {"experiences": lambda d: d.assign(kind="other")},
            {},
            CemkitError,
            "none of the 8 experiences can be followed",
        ),
        ({"customers": lambda d: pd.concat([d, d])}, {}, ContractError, "customer_id 'a' twice"),
        (
            {"customers": lambda d: d.assign(left_at="2024-01-01")},
            {},
            CemkitError,
            "left_at='left_at' must hold dates or times",
        ),
        (
            {"customers": lambda d: d.assign(left_at=d["left_at"].dt.tz_localize("UTC"))},
            {},
            CemkitError,
            "need one time zone",
        ),
        ({"transactions": lambda d: d.drop(columns="amount")}, {}, CemkitError, "no such column"),
    ],
)
def test_bad_input(change: Any, options: dict[str, Any], error: type[CemkitError], text: str) -> None:
    names = ("experiences", "customers", "transactions")
    parts = [change.get(name, lambda d: d)(part) for name, part in zip(names, small(), strict=True)]
    with pytest.raises(error) as raised:
        stages.kinds_link(*parts, **options)
    assert text in str(raised.value)


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    count = replicates(25)
    hits = [inside(stages.kinds_link(*known_world(seed, 700), within=60).table) for seed in range(1000, 1000 + count)]
    slack = 0.015 + 4 * np.sqrt(0.05 * 0.95 / count)
    covers(
        [[hit[key] for key in TRUTH] for hit in hits],
        estimator="stages.kinds_link",
        world="700 customers with known rates of leaving and buying after each kind of experience",
        slack=(slack, slack),
    )
