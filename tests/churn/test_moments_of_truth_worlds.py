"""Moments of truth in worlds whose truth is known: bias and coverage, also where the last day cuts windows short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cemkit import churn

START = pd.Timestamp("2024-01-01")


def days(values: Any) -> Any:
    return START + pd.to_timedelta(values, unit="D")


LEAVE = {"negative": 0.40, "neutral": 0.25, "positive": 0.25}
MORE = {"negative": 0.2, "neutral": 0.3, "positive": 0.55}
BAD = {True: 0.6, False: 0.2}
LOYAL = 0.2
LAST = 300


def observed(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return what is known on the last day: later experiences, purchases and leavings have not happened yet."""
    met, bought, there = tables
    end = days(LAST)
    ends = pd.DataFrame({"customer_id": 0, "occurred_at": [START, end], "amount": 0.0})
    return [
        met[met["occurred_at"] <= end],
        pd.concat([bought[bought["occurred_at"].between(START, end)], ends]),
        there.assign(left_at=there["left_at"].where(there["left_at"] <= end)),
    ]


def world(customers: int, seed: int) -> list[pd.DataFrame]:
    """Return customers whose one experience decides what they do next; heavy users meet more bad ones and leave less.

    Leaving within 60 days has the chance LEAVE less LOYAL for heavy users; who stays buys for 10 before, and after it for
    20 with chance MORE, else for 10. Some experiences come too early or too late, and the leavers among the late are
    known sooner than the stayers.
    """
    rng = np.random.default_rng(seed)
    heavy = rng.random(customers) < 0.5
    valence = np.where(
        rng.random(customers) < np.where(heavy, BAD[True], BAD[False]),
        "negative",
        np.where(rng.random(customers) < 0.5, "neutral", "positive"),
    )
    at = rng.integers(40, LAST, customers)
    gone = rng.random(customers) < np.array([LEAVE[v] for v in valence]) - LOYAL * heavy
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
            "customer_id": np.r_[names, names],
            "occurred_at": np.r_[days(at - 20), days(at + 20)],
            "amount": np.r_[np.full(customers, 10.0), np.where(more, 20.0, 10.0)],
        }
    )
    return observed([met, bought, there])


def idle_world(customers: int, seed: int) -> list[pd.DataFrame]:
    """Return customers who meet experiences again and again that change nothing.

    Heavy users meet more of them, and more bad ones among them, and leave less; each leaves and buys at a rate of their own.
    """
    rng = np.random.default_rng(seed)
    heavy = rng.random(customers) < 0.5
    entered = rng.integers(-100, 150, customers)
    left = entered + rng.exponential(np.where(heavy, 900, 250)).astype(int) + 1
    until = np.minimum(left, LAST + 1)

    def log(gap: Any) -> tuple[Any, Any]:
        """Return who and when: on average one in so many days, while they are there."""
        number = rng.poisson((until - entered) / gap)
        who = np.repeat(np.arange(customers), number)
        return who, entered[who] + (rng.random(who.size) * (until - entered)[who]).astype(int)

    who, at = log(np.where(heavy, 60, 180))
    bad = rng.random(who.size) < np.where(heavy, BAD[True], BAD[False])[who]
    valence = np.where(bad, "negative", np.where(rng.random(who.size) < 0.5, "neutral", "positive"))
    met = pd.DataFrame({"customer_id": who, "touchpoint_id": "call", "occurred_at": days(at), "valence": valence})
    buyer, day = log(rng.choice([10, 40], customers))
    bought = pd.DataFrame({"customer_id": buyer, "occurred_at": days(day), "amount": 10.0})
    there = pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "acquired_at": days(entered),
            "left_at": days(left),
            "use": np.where(heavy, "heavy", "light"),
        }
    )
    return observed([met, bought, there])


def compared(tables: list[pd.DataFrame], before: str) -> churn.MomentsOfTruth:
    return churn.moments_of_truth(*tables, before=before, after="60d", adjust="use")


def check(name: str, estimates: list[tuple[float, float, float, float]], truth: float) -> None:
    """Check estimates, errors and limits of many worlds by the error that so many worlds leave."""
    value, error, low, high = np.array(estimates).T
    runs = value.size
    assert abs(value.mean() - truth) < 4 * error.mean() / np.sqrt(runs), (name, value.mean() - truth)
    hits = int(((low <= truth) & (truth <= high)).sum())
    # of 500 worlds the limits held the truth in .924 to .972, by contrast (docs/moments_of_truth.md)
    fewest, most = binom.ppf(1e-5, runs, 0.92), binom.ppf(1 - 1e-5, runs, 0.975)
    assert fewest <= hits <= most, (name, hits / runs)


def estimates(found: pd.DataFrame, valence: str, reference: str, outcome: str) -> list[Any]:
    rows = found.query(f"valence == '{valence}' and reference == '{reference}' and outcome == '{outcome}'")
    return rows[["difference", "std_error", "low", "high", "unadjusted"]].iloc[0].tolist()


@pytest.mark.slow
def test_truth_and_coverage(replicates: Callable[[int], int]) -> None:
    # within a stratum the differences are those of LEAVE and of MORE among who stays
    def stays(valence: str, heavy: bool) -> float:
        return 1 - LEAVE[valence] + LOYAL * heavy

    def standardised(bought: Callable[[bool], float], meet: dict[bool, float]) -> float:
        return sum(meet[heavy] * bought(heavy) for heavy in meet) / sum(meet.values())

    more = standardised(lambda h: MORE["negative"] * stays("negative", h) - MORE["neutral"] * stays("neutral", h), BAD)
    gain = standardised(
        lambda h: stays("neutral", h) * (MORE["positive"] - MORE["neutral"]), {h: 1 - bad for h, bad in BAD.items()}
    )
    left = LEAVE["negative"] - LEAVE["neutral"]
    runs = replicates(40)
    rows: dict[str, list[Any]] = {"left": [], "more": [], "asymmetry": []}
    for seed in range(runs):
        found = compared(world(1_000, seed), "60d")
        for outcome in ("left", "more"):
            rows[outcome].append(estimates(found.differences, "negative", "neutral", outcome))
        # nobody buys less in this world, where windows are of one length
        rows["asymmetry"].append(found.asymmetry[["estimate", "std_error", "low", "high"]].iloc[0].tolist())
    for name, truth in (("left", left), ("more", more), ("asymmetry", left - gain)):
        check(name, [row[:4] for row in rows[name]], truth)
    if runs >= 25:
        # so many worlds are enough to see that heavy users have more bad experiences and leave less
        plain = [[row[4], *row[1:4]] for row in rows["left"]]
        with pytest.raises(AssertionError, match="left"):
            check("left", plain, left)


@pytest.mark.slow
def test_experiences_that_change_nothing_and_repeat(replicates: Callable[[int], int]) -> None:
    runs = replicates(40)
    pairs = [("negative", "neutral"), ("negative", "none"), ("positive", "none")]
    rows: dict[Any, list[Any]] = {(*pair, outcome): [] for pair in pairs for outcome in ("left", "more", "less")}
    for seed in range(runs):
        found = compared(idle_world(500, seed), "50d").differences
        for key, kept in rows.items():
            kept.append(estimates(found, *key))
    for key, kept in rows.items():
        check(" ".join(key), [row[:4] for row in kept], 0.0)
    if runs >= 25:
        plain = [[row[4], *row[1:4]] for row in rows["negative", "none", "left"]]
        with pytest.raises(AssertionError, match="left"):
            check("left", plain, 0.0)
