"""Charts of curves and hazard ratios: faithful to their tables, thinned where there is too much to see."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cemkit.charts.forest import forest_chart
from cemkit.charts.survival_curve import MOST_STEPS, expected_chart, incidence_chart, survival_chart

pytest.importorskip("altair")


def values(chart):
    made = json.loads(chart.to_json())
    found = [made.get("data"), *(layer.get("data") for layer in made.get("layer", []))]
    rows = [d["values"] for d in found if d and "values" in d]
    return made, max(rows, key=len)


def curve(steps, group="a"):
    time = np.arange(1.0, steps + 1)
    share = np.linspace(1, 0.2, steps + 1)[1:]
    table = pd.DataFrame({"g": group, "time": time, "survival": share, "low": share - 0.1, "high": share + 0.05})
    return table, pd.DataFrame({"g": [group], "n": [100], "times": [steps], "last": [steps + 5.0]})


def test_a_curve_starts_at_one_and_goes_on_to_its_end():
    table, groups = curve(3)
    _, rows = values(survival_chart(table, groups, by=["g"], unit="day"))
    assert (rows[0]["time"], rows[0]["value"]) == (0.0, 1.0)
    assert rows[-1]["time"] == 8.0
    assert rows[-1]["value"] == pytest.approx(0.2)


def test_long_curves_are_thinned():
    table, groups = curve(5000)
    _, rows = values(survival_chart(table, groups, by=["g"]))
    assert len(rows) <= MOST_STEPS + 1
    assert {row["value"] for row in rows} <= {1.0, *table["survival"]}


def test_many_groups_have_panels_and_nobody_left_is_a_straight_line():
    parts = [curve(2, f"g{i}") for i in range(8)]
    table, groups = (pd.concat([part[i] for part in parts], ignore_index=True) for i in (0, 1))
    made, _ = values(survival_chart(table, groups, by=["g"]))
    assert made["columns"] == 2
    nothing = groups.head(1).assign(times=0)
    _, rows = values(survival_chart(table.head(0), nothing, by=["g"]))
    assert [(row["time"], row["value"]) for row in rows] == [(0.0, 1.0), (7.0, 1.0)]


def test_incidence_has_a_colour_per_cause_and_a_panel_per_group():
    table = pd.DataFrame(
        {
            "g": list("aabb"),
            "cause": ["x", "y"] * 2,
            "time": 1.0,
            "incidence": [0.1, 0.2, 0.3, 0.4],
            "low": 0.0,
            "high": 0.5,
        }
    )
    groups = table[["g", "cause"]].assign(n=10, times=1, last=2.0)
    made, rows = values(incidence_chart(table, groups, by=["g"], labels={"x": "가격"}))
    assert made["columns"] == 2
    assert {row["series"] for row in rows} == {"가격", "y"}
    assert {row["panel"] for row in rows} == {"a", "b"}
    made, _ = values(incidence_chart(table.head(2), groups.head(2)))
    assert "columns" not in made


def test_observed_and_expected():
    table = pd.DataFrame({"g": ["a", "b"], "n": [10, 20], "observed": [3, 4], "expected": [3.5, 3.5]})
    _, rows = values(expected_chart(table, by=["g"]))
    assert [row["observed"] for row in rows] == [3, 4]


def test_forest_marks_only_what_is_finite():
    table = pd.DataFrame(
        {
            "covariate": ["a", "b=x", "c"],
            "hazard_ratio": [2.0, 0.5, np.inf],
            "hazard_ratio_low": [1.5, 0.4, np.nan],
            "hazard_ratio_high": [2.5, 1.1, np.nan],
            "p_value": [0.01, 0.2, np.nan],
            "reference": [None, "y", None],
        }
    )
    made, rows = values(forest_chart(table, labels={"a": "요금"}))
    assert [row["_label"] for row in rows] == ["요금", "b=x", "c"]
    assert [row["hazard_ratio"] for row in rows] == [2.0, 0.5, None]
    assert made["layer"][1]["encoding"]["x"]["scale"]["type"] == "log"
