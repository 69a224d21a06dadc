"""Charts of loyalty: valid, faithful to their table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cdnow import cdnow_log

from cemkit import loyalty
from cemkit.charts.bars import bars_chart, bridge_chart
from cemkit.charts.distribution import distribution_rows
from cemkit.charts.heat_map import heat_chart
from cemkit.charts.line_bands import lines_chart

pytest.importorskip("altair")


def values_of(chart) -> list[dict]:
    """Return the rows inside the chart, which validates it, too."""
    made = chart.to_dict()
    return made["data"]["values"] if "values" in made.get("data", {}) else made["layer"][0]["data"]["values"]


def test_distribution_counts_everybody_and_opens_the_last_bar() -> None:
    rows = distribution_rows(np.r_[np.zeros(500), np.ones(497), 5, 900.0])
    assert rows["units"].sum() == 999
    assert rows["low"].tolist()[:2] == [0, 1]
    assert rows["open"].tolist()[-1]
    assert len(distribution_rows([np.nan])) == 0
    weighted = distribution_rows([0.5, 2.5], [3, 4], bins=2)
    assert weighted["units"].tolist() == [3, 4]


def test_a_bridge_reaches_its_end() -> None:
    table = pd.DataFrame(
        {"row": ["start", "new", "left", "end"], "value": [10.0, 5, -8, 7], "total": [True, False, False, True]}
    )
    rows = values_of(bridge_chart(table, title="revenue"))
    assert [(r["_from"], r["_to"]) for r in rows] == [(0, 10), (10, 15), (15, 7), (0, 7)]


def test_empty_cells_are_null_and_words_are_the_caller_s() -> None:
    cells = pd.DataFrame({"row": ["a", "a"], "column": [0, 1], "value": [0.5, np.nan], "unit": "share"})
    chart = heat_chart(cells, rows="cohort", columns="period", labels={"cohort": "코호트"})
    assert [r["value"] for r in values_of(chart)] == [0.5, None]
    assert "코호트" in chart.to_json()
    nothing = heat_chart(cells.assign(value=np.nan), rows="cohort", columns="period")
    assert "(none)" in nothing.to_json()


def test_lines_and_bars_keep_their_order() -> None:
    lines = pd.DataFrame(
        {"x": [0, 1] * 2, "series": ["b", "b", "a", "a"], "estimate": [1.0, 2, 3, 4], "unit": "number"}
    )
    colour = lines_chart(lines, x="t", y="y").to_dict()["layer"][0]["encoding"]["color"]
    assert colour["scale"]["domain"] == ["b", "a"]
    bars = pd.DataFrame({"row": ["z", "a"], "part": ["p", "p"], "value": [1.0, 2.0], "unit": "customers"})
    assert [r["_row"] for r in values_of(bars_chart(bars, title="customers"))] == ["z", "a"]


def test_every_result_has_a_chart() -> None:
    log = cdnow_log()
    log = log[log["customer_id"] < 300]
    history = loyalty.history(log, until="1997-09-30", intervals=False)
    fit, spend = loyalty.fit(history, "mbg/nbd"), loyalty.fit_spend(history)
    cohort = pd.DataFrame({"cohort": "A", "period": range(5), "customers": [1000, 869, 743, 653, 593]})
    rng = np.random.default_rng(0)
    asked = pd.DataFrame({"csat": rng.integers(1, 6, 200), "y": rng.random(200), "z": rng.random(200)})
    stood = pd.DataFrame({"c": np.repeat(range(20), 3), "w": np.tile(range(3), 20), "r": rng.choice(["a", "b"], 60)})
    brands = pd.DataFrame({"who": [1, 1, 2], "brand": ["x", "y", "x"], "spent": [1.0, 2, 3]})
    spans = {"before": ("1997-01-01", "1997-06-30"), "after": ("1997-07-01", "1997-12-31")}
    quadrant = {"attitude": "csat", "behaviour": "y", "cuts": {"csat": 3, "y": 0.5}}
    results = [
        history,
        fit,
        fit.expected_purchases(39),
        fit.expected_new([1, 2], level=0.9),
        loyalty.PurchaseFit.from_params("bg/bb", [1.2, 0.75, 0.66, 2.78]),
        spend,
        loyalty.fit_contract(cohort),
        loyalty.lifetime_value(fit, spend, margin_rate=0.3),
        loyalty.lifetime_value(loyalty.fit_contract(cohort), margin_rate=0.3, arpu=10),
        loyalty.compare_models(log, split="1997-09-30", models=["nbd"]),
        loyalty.rfm(history),
        loyalty.cohorts(log),
        loyalty.repurchase_rate(log, within="90d"),
        loyalty.wallet(brands, customer="who", brand="brand", spend="spent"),
        loyalty.revenue_retention(log, **spans),
        loyalty.quadrants(asked, **quadrant),
        loyalty.ladder(stood, customer="c", at="w", rung="r", rungs=["a", "b"]),
        loyalty.satisfaction_link(asked, satisfaction="csat", outcome="y", draws=100),
        loyalty.satisfaction_link(asked, satisfaction="csat", outcome=["y", "z"], draws=100),
        loyalty.dormancy(fit, spend, contact_cost=1, margin_rate=0.3, horizon=26),
    ]
    for result in results:
        assert result.plot().to_dict()["$schema"]
