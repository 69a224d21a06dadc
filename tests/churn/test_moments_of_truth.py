"""Moments of truth: experiences one by one, a simulated world with known truth, engines, bad input."""

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
from cemkit.churn.moment_tables import MOMENT_COLUMNS
from cemkit.errors import CemkitError
from cemkit.results import Result

START = pd.Timestamp("2024-01-01")
BEFORE, AFTER = 30, 40


def days(values: Any) -> Any:
    return START + pd.to_timedelta(values, unit="D")


@cache
def study() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return experiences, transactions and customers with everything that must be left out."""
    rng = np.random.default_rng(11)
    customers = 25
    entered = rng.integers(-50, 60, customers)
    left = np.where(rng.random(customers) < 0.5, entered + rng.integers(40, 330, customers), 10_000)
    there = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(customers)],
            "acquired_at": days(entered),
            "left_at": pd.Series([days(int(d)) if d < 300 else pd.NaT for d in left]),
            "segment": [["home", "work", None][i % 3] for i in range(customers)],
            "why": [["price", "moved"][i % 2] for i in range(customers)],
        }
    )
    who = rng.integers(0, customers + 1, 400)
    met = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "touchpoint_id": rng.choice(["bill", "call"], 400),
            "occurred_at": days(rng.integers(-20, 300, 400)) + pd.to_timedelta(rng.integers(0, 86_400, 400), unit="s"),
            "valence": rng.choice(["negative", "neutral", "positive", None], 400, p=[0.3, 0.3, 0.3, 0.1]),
        }
    )
    met.loc[0, "touchpoint_id"] = None
    # purchases of whole numbers, so that the same spending is the same
    who = rng.integers(0, customers, 900)
    bought = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "occurred_at": days(rng.integers(0, 300, 900)),
            "amount": rng.integers(-2, 10, 900).astype(float),
        }
    )
    bought.loc[0, ["occurred_at", "amount"]] = [days(300), 1.0]
    return met, bought, there


@cache
def one_by_one(causes: tuple[str, ...] | None) -> tuple[dict[Any, int], dict[Any, int]]:  # noqa: C901
    """Return counts per touchpoint, valence and outcome, and the numbers left out."""
    met, bought, there = study()
    day = {name: (frame[name] - START).dt.days for frame in (there,) for name in ("acquired_at", "left_at")}
    purchases = [(c, (t - START).days, x) for c, t, x in bought.itertuples(index=False)]
    people = {
        c: (int(e), None if np.isnan(q) else int(q), causes is None or why in causes)
        for c, e, q, why in zip(there["customer_id"], day["acquired_at"], day["left_at"], there["why"], strict=True)
    }
    counts: dict[Any, int] = {}
    out = dict.fromkeys(("incomplete", "strangers", "outside", "short", "open"), 0)

    def spent(c: str, first: int, last: int) -> float:
        return max(sum(x for who, d, x in purchases if who == c and first <= d <= last), 0.0)

    def outcome(c: str, d: int) -> str:
        _, left, _ = people[c]
        if left is not None and left <= d + AFTER:
            return "left"
        b, a = spent(c, d - BEFORE, d - 1) / BEFORE, spent(c, d + 1, d + AFTER) / AFTER
        return "more" if a > b * 1.1 else "less" if a < b * 0.9 else "same"

    for c, touchpoint, t, valence in met.itertuples(index=False):
        d = (t.floor("D") - START).days
        if not isinstance(touchpoint, str):
            out["incomplete"] += 1
        elif c not in people:
            out["strangers"] += 1
        elif d < people[c][0] or (people[c][1] is not None and d >= people[c][1]):
            out["outside"] += 1
        elif d - BEFORE < max(people[c][0], 0):
            out["short"] += 1
        elif d + AFTER > 300 or (people[c][1] is not None and people[c][1] <= d + AFTER and not people[c][2]):
            out["open"] += 1
        else:
            key = (touchpoint, valence if isinstance(valence, str) else "unknown", outcome(c, d))
            counts[key] = counts.get(key, 0) + 1
    for touchpoint in ("bill", "call"):
        for d in range(BEFORE, 300 - AFTER + 1, 30):
            for c, (entered, left, churned) in people.items():
                if entered > d - BEFORE or (left is not None and (left <= d or (left <= d + AFTER and not churned))):
                    continue
                mine = met[(met["customer_id"] == c) & (met["touchpoint_id"] == touchpoint)]
                when = (mine["occurred_at"].dt.floor("D") - START).dt.days
                if not ((when <= d) & (when >= d - BEFORE)).any():
                    key = (touchpoint, "none", outcome(c, d))
                    counts[key] = counts.get(key, 0) + 1
    return counts, out


def moments(tables: Any, **options: Any) -> churn.MomentsOfTruth:
    return churn.moments_of_truth(*tables, **{"before": f"{BEFORE}d", "after": f"{AFTER}d", **options})


@pytest.mark.parametrize("causes", [None, ("price",)])
def test_against_one_by_one_on_every_engine(engine: Engine, causes: tuple[str, ...] | None) -> None:
    counts, out = one_by_one(causes)
    spell = cem.Spell(reason="why" if causes else None, causes=causes)
    found = moments(map(engine, study()), spell=spell, adjust="segment")
    got = {
        (row.touchpoint, row.valence, row.outcome): round(row.estimate * row.n)
        for row in found.table.dropna(subset="estimate").itertuples()
        if row.estimate > 0
    }
    assert got == counts
    codes = {a.code: a.values.get("rows") for a in found.assumptions}
    names = {
        "incomplete": "incomplete",
        "strangers": "of-strangers",
        "outside": "outside",
        "short": "short",
        "open": "censored",
    }
    assert {key: codes[f"experiences-{name}"] for key, name in names.items()} == out
    assert found.experiences["used"].sum() == sum(n for (_, v, _), n in counts.items() if v != "none")
    local = moments(study(), spell=spell, adjust="segment")
    for part in ("table", "differences", "asymmetry"):
        numbers = [c for c in getattr(local, part) if getattr(local, part)[c].dtype.kind == "f"]
        np.testing.assert_allclose(getattr(found, part)[numbers], getattr(local, part)[numbers], atol=1e-12)


def test_standardised_difference_by_hand() -> None:
    # in segment a one of two bad ends in leaving and none of one neutral; in b both of one and one of three
    left = {"a": ([1, 0], [0]), "b": ([1], [1, 0, 0])}
    rows, people = [], []
    for segment, groups in left.items():
        for valence, ends in zip(("negative", "neutral"), groups, strict=True):
            for gone in ends:
                name = f"c{len(people)}"
                people.append(
                    {
                        "customer_id": name,
                        "acquired_at": days(-90),
                        "left_at": days(70) if gone else pd.NaT,
                        "segment": segment,
                    }
                )
                rows.append({"customer_id": name, "touchpoint_id": "bill", "occurred_at": days(50), "valence": valence})
    bought = pd.DataFrame({"customer_id": "c0", "occurred_at": [days(0), days(200)], "amount": 1.0})
    found = moments([pd.DataFrame(rows), bought, pd.DataFrame(people)], adjust="segment").differences
    row = found.query("valence == 'negative' and reference == 'neutral' and outcome == 'left'").iloc[0]
    assert row["unadjusted"] == pytest.approx(2 / 3 - 1 / 4)
    assert row["difference"] == pytest.approx(2 / 3 * (1 / 2 - 0) + 1 / 3 * (1 - 1 / 3))
    assert row["covered"] == 1
    # everybody once: Σ w²p(1 − p)/n of each part, with the divisor of one customer less
    assert row["method"] == "clustered-standardised"


def test_the_end_of_the_log_censors_and_never_leaves() -> None:
    people = pd.DataFrame({"customer_id": ["a", "b"], "acquired_at": days([-90, -90]), "left_at": [days(290), pd.NaT]})
    bought = pd.DataFrame({"customer_id": "a", "occurred_at": days([0, 300]), "amount": 1.0})
    met = pd.DataFrame(
        {
            "customer_id": ["a", "b", "b"],
            "touchpoint_id": "bill",
            "occurred_at": days([280, 280, 100]),
            "valence": [-1, -3, 2],
        }
    )
    found = moments([met, bought, people])
    # a left ten days after, but the window of forty days is not over: both are censored
    assert found.experiences[["valence", "used", "censored"]].to_numpy().tolist() == [
        ["negative", 0, 2],
        ["positive", 1, 0],
    ]
    rows = found.table.set_index(["valence", "outcome"])
    assert rows.loc[("negative", "left"), "method"] == "no-experiences"
    assert rows.loc[("positive", "same"), "estimate"] == 1


def test_without_customers_nobody_leaves(engine: Engine) -> None:
    met, bought, _ = study()
    found = moments([engine(met), engine(bought)])
    gone = found.table.query("outcome == 'left'")
    assert gone["estimate"].isna().all()
    assert set(gone["method"]) == {"leaving-unknown"}
    assert "leaving-unknown" in [a.code for a in found.assumptions]
    assert not (found.differences["outcome"] == "left").any()
    shares = found.table.query("outcome != 'left'").groupby(["touchpoint", "valence"])["estimate"].sum()
    np.testing.assert_allclose(shares, 1)


def test_twice_the_customers_is_twice_the_information() -> None:
    met, bought, there = study()
    twice = [pd.concat([t, t.assign(customer_id=t["customer_id"] + "'")]) for t in (met, bought, there)]
    once, more = moments(study(), adjust="segment"), moments(twice, adjust="segment")
    np.testing.assert_allclose(more.differences["difference"], once.differences["difference"], atol=1e-12)
    ratio = (once.differences["std_error"] / more.differences["std_error"]).dropna()
    np.testing.assert_allclose(ratio, np.sqrt(2), rtol=0.05)


def test_the_false_discovery_rate_is_held_over_touchpoints() -> None:
    table = moments(study()).differences
    for _, family in table.groupby(["valence", "reference", "outcome"]):
        p = family["p_value"].to_numpy()
        # Benjamini and Hochberg for two tests: max p, or twice the smaller
        np.testing.assert_allclose(family["p_adjusted"].min(), min(2 * p.min(), p.max()))
        np.testing.assert_allclose(family["p_adjusted"].max(), p.max())


def test_the_result_goes_round() -> None:
    found = moments(study(), adjust=["segment"])
    assert Result.from_json(found.to_json()) == found
    assert tuple(found.table.columns) == MOMENT_COLUMNS
    assert found.adjusted_for == ("segment",)
    assert found.plot().to_dict()["encoding"]["x"]["stack"] == "normalize"


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({}, {"touchpoint": "touch"}, "touchpoint='touch'"),
        ({}, {"valence": "mood"}, "valence='mood'"),
        ({0: {"valence": "bad"}}, {}, "'valence' holds 'bad'"),
        ({0: {"valence": "postive"}}, {}, "Did you mean 'positive'"),
        ({}, {"change": 10}, "change must be a share"),
        ({}, {"before": "1mo"}, "days or weeks"),
        ({}, {"before": "200d", "after": "200d"}, "less than both windows together"),
        ({}, {"adjust": "region"}, "adjust='region'"),
        ({0: {"occurred_at": pd.Timestamp("2024-03-01", tz="UTC")}}, {}, "different time zones"),
        ({0: {"occurred_at": "2024-03-01"}}, {}, "must hold dates or times"),
        ({0: {"customer_id": 7}}, {}, "make both text or both whole numbers"),
        ({0: {"customer_id": "nobody"}}, {}, "no experience can be used"),
        ({0: {"occurred_at": days(295)}}, {}, "less than 40 days after them"),
        ({1: {"amount": "much"}}, {}, "must hold numbers"),
        ({1: {"amount": np.inf}}, {}, "null or infinite in 900 rows"),
        ({1: {"amount": np.nan}}, {}, "null or infinite in 900 rows"),
        ({1: {"occurred_at": pd.NaT}}, {}, "null in every row"),
        ({2: {"customer_id": "c1"}}, {}, "drop the duplicates"),
        ({2: {"left_at": days(-80)}}, {}, "lies before 'acquired_at'"),
        ({2: {"segment": range(25)}}, {"adjust": ("segment", "customer_id")}, "cut numbers into bands"),
        ({}, {"until": "soon"}, "until must be a date"),
        ({}, {"level": 95}, "Did you mean 0.95"),
    ],
)
def test_bad_input_is_named(change: dict, options: dict, match: str) -> None:
    tables = [table.assign(**change.get(i, {})) for i, table in enumerate(study())]
    before = [table.copy(deep=True) for table in tables]
    with pytest.raises(CemkitError, match=match):
        moments(tables, **options)
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_more_bad_input_is_named() -> None:
    met, bought, there = study()
    with pytest.raises(CemkitError, match="give the table of customers"):
        moments([met, bought], adjust="segment")
    with pytest.raises(CemkitError, match="experiences has no rows"):
        moments([met.iloc[:0], bought, there])
    pl = pytest.importorskip("polars")
    with pytest.raises(CemkitError, match="different engines"):
        moments([met, pl.from_pandas(bought), there])


LEAVE = {"negative": 0.30, "neutral": 0.08, "positive": 0.08}
MORE = {"negative": 0.2, "neutral": 0.3, "positive": 0.55}


def world(customers: int, seed: int) -> list[pd.DataFrame]:
    """Return customers whose one experience decides what they do next; heavy users meet more bad ones and leave less.

    Leaving within 60 days has the chance LEAVE less .05 for heavy users; who stays buys 10 a day apart before, and
    after it 20 with chance MORE, else 10.
    """
    rng = np.random.default_rng(seed)
    heavy = rng.random(customers) < 0.5
    valence = np.where(
        rng.random(customers) < np.where(heavy, 0.5, 0.2),
        "negative",
        np.where(rng.random(customers) < 0.5, "neutral", "positive"),
    )
    at = rng.integers(61, 200, customers)
    leave = np.array([LEAVE[v] for v in valence]) - 0.05 * heavy
    gone = rng.random(customers) < leave
    more = rng.random(customers) < np.array([MORE[v] for v in valence])
    names = np.arange(customers)
    there = pd.DataFrame(
        {
            "customer_id": names,
            "acquired_at": days(np.full(customers, -10)),
            "left_at": pd.Series(days(at + rng.integers(1, 60, customers))).where(gone),
            "use": np.where(heavy, "heavy", "light"),
        }
    )
    met = pd.DataFrame({"customer_id": names, "touchpoint_id": "call", "occurred_at": days(at), "valence": valence})
    bought = pd.DataFrame(
        {
            "customer_id": np.r_[names, names, [0, 0]],
            "occurred_at": np.r_[days(at - 20), days(at + 20), days([0, 300])],
            "amount": np.r_[np.full(customers, 10.0), np.where(more, 20.0, 10.0), [0.0, 0.0]],
        }
    )
    return [met, bought, there]


@pytest.mark.slow
def test_truth_and_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    # within a stratum the differences are those of LEAVE and of MORE among who stays
    def stays(valence: str, heavy: bool) -> float:
        return 1 - LEAVE[valence] + 0.05 * heavy

    exposed = {True: 0.5 * 0.5, False: 0.5 * 0.2}
    weight = exposed[True] / sum(exposed.values())
    more = sum(
        w * (MORE["negative"] * stays("negative", h) - MORE["neutral"] * stays("neutral", h))
        for h, w in ((True, weight), (False, 1 - weight))
    )
    truth = {"left": LEAVE["negative"] - LEAVE["neutral"], "more": more}
    # positive ones are met by 1 − .5 and 1 − .2 of the two, halved
    heavy = 0.5 / (0.5 + 0.8)
    gain = sum(
        w * stays("neutral", h) * (MORE["positive"] - MORE["neutral"]) for h, w in ((True, heavy), (False, 1 - heavy))
    )
    runs = replicates(60)
    held, gone = [], np.zeros(3)
    for seed in range(runs):
        found = moments(world(500, seed), before="60d", after="60d", adjust="use")
        rows = found.differences.query("valence == 'negative' and reference == 'neutral'").set_index("outcome")
        values = [
            (rows.loc[o, "difference"], rows.loc[o, "low"], rows.loc[o, "high"], truth[o]) for o in ("left", "more")
        ]
        row = found.asymmetry.iloc[0]
        # nobody buys less in this world
        values.append((row["estimate"], row["low"], row["high"], truth["left"] - gain))
        held.append([low <= true <= high for _, low, high, true in values])
        gone += [value - true for value, *_, true in values]
    assert (np.abs(gone / runs) < 0.012).all(), gone / runs
    slack = 4 * np.sqrt(0.95 * 0.05 / runs) + 0.005
    covers(
        held,
        estimator="churn.moments_of_truth: left, more, asymmetry",
        world="500 customers of whom heavy users have more bad experiences and leave less",
        slack=(slack, slack),
    )
