"""Stages: hand arithmetic on a few experiences, scipy, scikit-learn."""

from __future__ import annotations

from functools import cache, partial

import pandas as pd
from validation.reference import Reference

from cemkit import stages
from cemkit.model import JourneyMap, Touchpoint

RATED = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "b", "b", "c", "d", "d"],
        "touchpoint_id": ["bill", "bill", "shop", "bill", "shop", "shop", "shop", "fair"],
        "perceived": [1.0, 2, 5, 2, 2, 4, None, 3],
    }
)
PLACES = JourneyMap(
    name="retail",
    touchpoints=[
        Touchpoint(touchpoint_id="web", name="Web page", stage="discover", channel="web"),
        Touchpoint(touchpoint_id="shop", name="Shop", stage="visit", channel="shop"),
        Touchpoint(touchpoint_id="till", name="Till", stage="purchase", channel="shop"),
    ],
)
JOURNEYS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "b", "b", "b"],
        "touchpoint_id": ["web", "shop", "till", "web", "till", "till"],
        "perceived": [3.0, 5, 2, 4, 1, 5],
        "occurred_at": pd.to_datetime([f"2025-01-0{d}" for d in (1, 2, 3, 1, 2, 2)]),
    }
)
COMMENTS = pd.DataFrame({"waiting": [1, 1, 0, 0, 1, None], "nps": [2.0, 4, 8, 10, None, 9]})


@cache
def pain() -> pd.DataFrame:
    return stages.pain_points(RATED, seed=1).to_frame().set_index("touchpoint_id")


@cache
def moments() -> pd.Series:
    return stages.journey_curve(JOURNEYS, PLACES).peak_end.set_index("metric")["estimate"]


@cache
def voice() -> pd.DataFrame:
    return stages.voice(COMMENTS, codes=["waiting"], outcome="nps").to_frame().set_index("metric")


def pain_points() -> list[Reference]:
    known = {
        "reach": (0.5, "hand: 2 of 4 customers lost points"),
        "episodes": (1.5, "hand: 3 bad experiences of 2 customers"),
        "severity": (4 / 3, "hand: (2 + 1 + 1)/3 points under the midpoint"),
        "estimate": (1.0, "hand: (2 + 1 + 1)/4 points per customer"),
        "std_error": (0.5**0.5, "hand: standard deviation of 3, 1, 0, 0 over √4"),
    }
    return [
        Reference("stages.pain_points", f"eight experiences, at the bill: {column}", source, value,
                  partial(lambda c: float(pain().loc["bill", c]), column))
        for column, (value, source) in known.items()
    ]  # fmt: skip


def journeys() -> list[Reference]:
    known = {
        "best": (5.0, "(5 + 5)/2"),
        "worst": (1.5, "(2 + 1)/2"),
        "most intense": (3.0, "(5 + 1)/2: of two as intense the worse"),
        "last": (2.5, "(2 + 3)/2: 1 and 5 in b's last second"),
        "peak-end": (2.75, "(3.5 + 2)/2"),
        "mean": (10 / 3, "(10/3 + 10/3)/2"),
    }
    return [
        Reference("stages.journey_curve", f"two customers, {metric}", f"hand: {source}", value,
                  partial(lambda m: float(moments()[m]), metric))
        for metric, (value, source) in known.items()
    ]  # fmt: skip


def voices() -> list[Reference]:
    # two and two: 6 below, s² 2 in both; Satterthwaite's df are 2, and t(2; .975) is 4.302652729911275
    reach = 4.302652729911275 * 2**0.5
    return [
        Reference("stages.voice", "waiting in 3 of 5 comments: share", "hand: 3/5", 0.6, lambda: float(voice().loc["share", "estimate"])),
        Reference("stages.voice", "scores 2, 4 with waiting and 8, 10 without: low", "hand: -6 - t(2) √(2/2 + 2/2)", -6 - reach,
                  lambda: float(voice().loc["difference", "low"])),
        Reference("stages.voice", "the same: high", "hand: -6 + t(2) √(2/2 + 2/2)", -6 + reach,
                  lambda: float(voice().loc["difference", "high"])),
    ]  # fmt: skip


REFERENCES = [*pain_points(), *journeys(), *voices()]
