"""Stages: `pm4py` on a help desk's log, hand arithmetic on a few experiences."""

from __future__ import annotations

from functools import cache, partial

import pandas as pd
from stages_flow_data import helpdesk
from validation.reference import Reference, shared_data

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


# ---- flows ----------------------------------------------------------------------------------------------------------
PM4PY = "PyPI pm4py 2.7.23.11: {}, log sorted by case, time and activity"
COUNTS = {
    ("Resolve ticket", "Closed"): 4558,
    ("Assign seriousness", "Take in charge ticket"): 4160,
    ("Take in charge ticket", "Resolve ticket"): 3563,
    ("Take in charge ticket", "Wait"): 1265,
    ("Wait", "Resolve ticket"): 773,
    ("Resolve ticket", "Resolve ticket"): 254,
}
TIMES = {
    ("Take in charge ticket", "Resolve ticket"): (295563.94386752736, 9758.0),
    ("Resolve ticket", "Closed"): (2538109.2770952173, 2592116.0),
    ("Wait", "Wait"): (350517.73451327434, 84877.0),
}
VARIANTS = (2366, 552, 228, 213)
DAY = 86_400.0


@cache
def helpdesk_moves() -> pd.DataFrame:
    return stages.transitions(helpdesk(shared_data())).table.set_index(["source", "target"])


@cache
def helpdesk_paths() -> pd.DataFrame:
    return stages.paths(helpdesk(shared_data()), state="touchpoint_id", collapse=False, top=4).table


@cache
def moves() -> pd.DataFrame:
    log = pd.DataFrame(
        {
            "customer_id": ["a"] * 6 + ["b"] * 2,
            "touchpoint_id": ["x", "y", "x", "y", "x", "x", "x", "y"],
            "occurred_at": pd.date_range("2025-01-01", periods=8),
        }
    )
    return stages.transitions(log).table.set_index(["source", "target"])


@cache
def conversion() -> pd.Series:
    rows = [("a", "shop", 1), ("a", "bill", 3), ("b", "shop", 1), ("c", "shop", 28), ("d", "shop", 2), ("d", "bill", 7)]
    log = pd.DataFrame(rows, columns=["customer_id", "touchpoint_id", "day"])
    log["occurred_at"] = pd.Timestamp("2024-12-31") + pd.to_timedelta(log.pop("day"), unit="D")
    return stages.funnel(log, ["shop", "bill"], within="10d", until="2025-01-31 00:00:00.000001").table.iloc[1]


@cache
def stays() -> pd.Series:
    log = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "a", "a", "b", "b", "c"],
            "stage": ["x", "x", "y", "x", "y", "x", "y", "x"],
            "occurred_at": pd.to_datetime([f"2025-01-{d:02d}" for d in (1, 2, 3, 10, 13, 1, 8, 11)]),
        }
    )
    return stages.dwell(log, until="2025-01-15 23:59:59.999999").table.set_index("state").loc["x"]


def moved(pair: tuple[str, str], column: str, factor: float = 1.0) -> float:
    return float(helpdesk_moves().loc[pair, column]) * factor


def flows() -> list[Reference]:
    name = "help desk, {} to {}".format
    return [
        *(
            Reference("stages.transitions", f"{name(*pair)}: count", PM4PY.format("discover_dfg"), value, partial(moved, pair, "count"))
            for pair, value in COUNTS.items()
        ),
        *(
            Reference("stages.transitions", f"{name(*pair)}: {column}, in seconds", PM4PY.format("discover_performance_dfg"), value,
                      partial(moved, pair, column, DAY))
            for pair, known in TIMES.items()
            for column, value in zip(("mean_time", "median_time"), known, strict=True)
        ),
        Reference("stages.transitions", "customers with 3 and 1 moves from x, 2 and 1 to y: std_error", "hand: √(2 (1/4² + 1/4²)/4²)",
                  (2 * (2 / 16) / 16) ** 0.5, lambda: float(moves().loc[("x", "y"), "std_error"])),
        *(
            Reference("stages.paths", f"help desk, cases on path {i + 1}", PM4PY.format("get_variants"), value,
                      partial(lambda i: float(helpdesk_paths()["customers"].iloc[i]), i))
            for i, value in enumerate(VARIANTS)
        ),
        Reference("stages.funnel", "two of four came, one is watched for 3 days only: conversion", "hand: 1/4 + 3/4 · 1/2", 0.625,
                  lambda: float(conversion()["conversion"])),
        Reference("stages.dwell", "stays of 2, 3 and 7 days: mean", "hand: 12/3", 4.0, lambda: float(stays()["mean"])),
        Reference("stages.dwell", "of two customers: std_error", "hand: √(2 ((5 - 2·4)² + (7 - 4)²)/3²)", 2.0,
                  lambda: float(stays()["std_error"])),
    ]  # fmt: skip


REFERENCES = [*journeys(), *pain_points(), *voices(), *flows()]
