"""The pictures of journeys, rules and pain points: what they draw, and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.charts.journey import journey_chart, rule_chart
from cemkit.charts.pain import pain_chart

pytest.importorskip("altair")

TABLE = pd.DataFrame(
    {
        "stage": ["visit", "visit", "use"],
        "touchpoint_id": ["a", "b", "c"],
        "name": ["Desk", "Desk", "App"],
        "estimate": [4.0, 2.0, np.nan],
        "low": [3.5, 1.5, np.nan],
        "high": [4.5, 2.5, np.nan],
        "n": pd.array([10, 20, 0], dtype="Int64"),
    }
)
CHANNELS = pd.DataFrame(
    {"touchpoint_id": ["a", "b"], "name": ["Desk", "Desk"], "channel": ["shop", None], "estimate": [4.0, 2.0], "low": [3.5, 1.5],
     "high": [4.5, 2.5], "n": pd.array([10, 20], dtype="Int64")}
)  # fmt: skip
MOMENTS = pd.DataFrame(
    {"moment": ["peak", "low", "end"], "touchpoint_id": ["a", "b", "b"], "estimate": [4.0, 2.0, 2.0]}
)


def values(spec: Any) -> list[Any]:
    """Return all rows that the layers draw, wherever they stand."""
    parts = [spec, *spec["layer"], *({"data": {"values": rows}} for rows in spec.get("datasets", {}).values())]
    return [row for part in parts for row in part.get("data", {}).get("values", [])]


def test_names_that_repeat_are_told_apart_and_words_can_be_replaced() -> None:
    chart = journey_chart(TABLE, CHANNELS, MOMENTS, low=1, high=5, labels={"peak-point": "절정", "visit": "방문"})
    spec = chart.to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["Desk (a)", "Desk (b)", "App"]
    rows = values(spec)
    assert {row["stage"] for row in rows if "shade" in row} == {"방문", "use"}
    texts = [layer["mark"].get("text") for layer in spec["layer"]]
    assert "절정" in texts
    assert "low" in texts
    # a channel that is not known has no mark, a touchpoint without a mean no point
    assert {row["_channel"] for row in rows if "_channel" in row} == {"shop"}
    assert not [row for row in rows if row.get("_name") == "App"]
    assert all(
        layer["encoding"]["y"]["scale"]["domain"] == [1, 5]
        for layer in spec["layer"]
        if "scale" in str(layer["encoding"].get("y"))
    )


def test_without_channels_and_moments() -> None:
    spec = journey_chart(TABLE, CHANNELS.head(0), MOMENTS.head(0), low=1, high=5).to_dict()
    assert "size" not in str([layer["encoding"] for layer in spec["layer"]])


def test_rules() -> None:
    table = pd.DataFrame(
        {"rule": pd.array([1, None], dtype="Int64"), "kind": ["unique", None], "n": [3, 1], "share": [0.75, 0.25]}
    )
    spec = rule_chart(table).to_dict()
    assert spec["encoding"]["y"]["sort"] == ["1 · unique", "(none)"]


def test_pain() -> None:
    table = pd.DataFrame(
        {
            "touchpoint_id": ["a", "b"], "reach": [0.5, 0.0], "episodes": [1.5, np.nan], "severity": [1.2, np.nan], "estimate": [0.9, 0.0],
            "low": [0.8, 0.0], "high": [1.0, 0.1], "rank_low": [1, 1], "rank_high": [1, 2],
        }
    )  # fmt: skip
    spec = pain_chart(table, labels={"a": "창구"}).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["창구", "b"]
    rows = [row for row in values(spec) if "_rank" in row]
    assert [(row["_rank"], row["_factors"]) for row in rows][:2] == [("1", "50.0% × 1.50 × 1.20"), ("1–2", "")]
