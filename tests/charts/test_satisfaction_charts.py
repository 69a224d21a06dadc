"""Charts of satisfaction: valid, faithful to their result, in the reader's words, and closed under grouping."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import csi
from cemkit.charts.drivers import driver_chart
from cemkit.charts.gap import gap_chart
from cemkit.charts.kano import kano_chart
from cemkit.charts.path_diagram import path_chart
from cemkit.charts.theme import BLUE, GREY, RED
from cemkit.scales import Scale

pytest.importorskip("altair")

TEN = Scale(1, 10)
QUALITY, SATISFACTION, LOYALTY = ["q1", "q2"], ["s1", "s2"], ["l1", "l2"]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    quality = rng.standard_normal(120)
    satisfaction = 0.7 * quality + 0.7 * rng.standard_normal(120)
    loyalty = 0.6 * satisfaction + 0.8 * rng.standard_normal(120)
    behind = {"q": quality, "s": satisfaction, "l": loyalty}
    frame = pd.DataFrame(
        {
            f"{k}{i}": np.clip(np.rint(6 + 2 * x + rng.standard_normal(120)), 1, 10)
            for k, x in behind.items()
            for i in (1, 2)
        }
    )
    frame["e1"], frame["e2"] = np.clip(frame["q1"] + 2, 1, 10), frame["q2"]
    for i in (1, 2):
        frame[f"f{i}"], frame[f"d{i}"] = rng.integers(1, 3, 120), rng.integers(3, 6, 120)
    return frame.assign(plan=np.where(np.arange(120) % 2, "<b>new</b>", "old"))


def path_model(data: pd.DataFrame, **more: Any) -> Any:
    model = csi.PathModel(
        {"quality": QUALITY, "satisfaction": SATISFACTION, "loyalty": LOYALTY},
        [("quality", "satisfaction"), ("satisfaction", "loyalty"), ("quality", "loyalty")],
    )
    return csi.path_model(data, model, scale=(1, 10), bootstrap=20, seed=1, **more)


CALLS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "gap": lambda d: csi.gap(d, expected=["e1", "e2"], perceived=QUALITY, scale=TEN),
    "gap by": lambda d: csi.gap(d, expected=["e1", "e2"], perceived=QUALITY, scale=TEN, by="plan"),
    "kano": lambda d: csi.kano(d, functional=["f1", "f2"], dysfunctional=["d1", "d2"]),
    "kano by": lambda d: csi.kano(d, functional=["f1", "f2"], dysfunctional=["d1", "d2"], by="plan"),
    "drivers": lambda d: csi.drivers(d, outcome="l1", items=QUALITY, bootstrap=20, seed=1),
    "drivers by": lambda d: csi.drivers(d, outcome="l1", items=QUALITY, by="plan"),
    "importance": lambda d: csi.importance_performance(d, items=QUALITY, outcome="l1", scale=TEN, bootstrap=20, seed=1),
    "both": lambda d: csi.importance_performance(
        d, items=QUALITY, importance=["e1", "e2"], outcome="l1", scale=TEN, bootstrap=20, seed=1
    ),
    "penalty": lambda d: csi.penalty_reward(d, items=QUALITY, outcome="l1", low=4, high=8),
    "path": path_model,
    "path by": lambda d: path_model(d, by="plan"),
    "reliability": lambda d: csi.reliability(d, constructs={"quality": QUALITY, "loyalty": LOYALTY}, bootstrap=20, seed=1),
    "index": lambda d: csi.index(d, items=QUALITY, scale=TEN, by="plan"),
    "delivery": lambda d: csi.delivery_gap(d[:40], d[40:], score="q1", scale=TEN, top=8),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_every_result_draws_a_valid_chart(answers: pd.DataFrame, name: str) -> None:
    result = CALLS[name](answers)
    before = result.to_json()
    spec = result.plot().to_dict()  # validated against the schema
    assert "NaN" not in json.dumps(spec)
    assert result.to_json() == before


def rows_of(chart: Any) -> list[dict[str, Any]]:
    """Return the longest data of a chart."""
    found: list[list[dict[str, Any]]] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            values = part.get("data", {}).get("values") if isinstance(part.get("data"), dict) else None
            if values:
                found.append(values)
            for value in part.values():
                look(value)
        elif isinstance(part, list):
            for value in part:
                look(value)

    look(chart.to_dict())
    return max(found, key=len)


def test_gaps_have_the_colour_of_what_is_shown() -> None:
    table = pd.DataFrame(
        {"item": ["a", "b", "c"], "expected": 5.0, "perceived": [4.0, 6.0, 5.1], "estimate": [-1.0, 1.0, 0.1],
         "low": [-1.5, 0.5, -0.4], "high": [-0.5, 1.5, 0.6], "n": 40}
    )  # fmt: skip
    rows = rows_of(gap_chart(table, labels={"a": "가"}))
    assert [row["_colour"] for row in rows] == [RED, BLUE, GREY]
    assert [row["_label"] for row in rows] == ["가", "b", "c"]
    # the interval is drawn from what was expected
    assert (rows[0]["_low"], rows[0]["_high"]) == (3.5, 4.5)


def test_drivers_come_greatest_first_and_show_their_sign() -> None:
    table = pd.DataFrame(
        {"item": ["a", "b"], "share": [0.2, 0.8], "share_low": [0.1, 0.7], "share_high": [0.3, 0.9],
         "coefficient": [1.0, -1.0], "rank": [2, 1], "rank_low": [2.0, 1.0], "rank_high": [2.0, 2.0], "n": 50}
    )  # fmt: skip
    rows = rows_of(driver_chart(table, probe=0.05))
    assert [(row["item"], row["_colour"], row["_rank"]) for row in rows] == [("b", RED, "1 (1–2)"), ("a", BLUE, "2")]


def test_kano_draws_worse_as_its_size() -> None:
    table = pd.DataFrame(
        {"item": ["a"], "category": ["must-be"], "probability_top": [0.9], "better": [0.2], "better_low": [0.1],
         "better_high": [0.3], "worse": [-0.7], "worse_low": [-0.8], "worse_high": [-0.6], "n": [30]}
    )  # fmt: skip
    row = rows_of(kano_chart(table, labels={"must-be": "당연적"}))[0]
    assert (row["_x"], row["_x_low"], row["_x_high"]) == (0.7, 0.6, 0.8)
    assert (row["_kind"], row["_sure"]) == ("당연적", False)


def test_no_box_of_a_path_diagram_hides_another() -> None:
    names = [f"c{i}" for i in range(12)]
    pairs = [(names[i], names[j]) for i in range(12) for j in range(i + 1, min(i + 4, 12))]
    for arrows in (pairs, pairs[:8], [("a", "b")]):
        table = pd.DataFrame(arrows, columns=["source", "target"]).assign(estimate=-0.3, low=np.nan, high=np.nan)
        spec = path_chart(table, index={}, r_squared={}).to_dict()
        boxes = next(
            part["data"]["values"] for part in spec["layer"] if part["data"]["values"][0].get("said") is not None
        )
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                beside = min(one["high"], other["high"]) - max(one["low"], other["low"])
                above = min(one["top"], other["top"]) - max(one["bottom"], other["bottom"])
                assert beside <= 0 or above <= 0
