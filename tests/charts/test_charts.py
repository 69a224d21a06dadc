"""Charts: valid, faithful to their table, and quiet about what is hidden."""

from __future__ import annotations

import builtins
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.charts.bands import bands_chart
from cemkit.charts.intervals import difference_chart, interval_chart
from cemkit.charts.ranking import ranking_chart
from cemkit.charts.theme import BLUE, GREY, RED
from cemkit.charts.trend import trend_chart
from cemkit.errors import MissingExtraError

pytest.importorskip("altair")


def estimates() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city": ["부산", "대전", None],
            "metric": "nps",
            "estimate": [12.5, np.nan, 40.0],
            "low": [1.0, np.nan, 10.0],
            "high": [22.0, np.nan, 60.0],
            "unit": "points",
            "n": pd.array([120, None, 29], dtype="Int64"),
            "suppressed": [False, True, False],
        }
    )


def differences() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city": ["a", "a", "b"],
            "metric": "nps",
            "group": [2, 3, 2],
            "reference": [1, 1, 1],
            "difference": [5.0, -8.0, 1.0],
            "low": [1.0, -12.0, -3.0],
            "high": [9.0, -4.0, 5.0],
            "p_adjusted": [0.01, 0.001, 0.6],
            "n_group": pd.array([50, 20, 50], dtype="Int64"),
            "n_reference": pd.array([50, 50, 50], dtype="Int64"),
            "unit": "points",
        }
    )


def trend(lines: tuple[str, ...] = ("a",)) -> pd.DataFrame:
    one = pd.DataFrame(
        {
            "period": pd.date_range("2024-01-01", periods=5, freq="MS"),
            "metric": "nps",
            "estimate": [30.0, 32, np.nan, 31, 60],
            "low": [20.0, 22, np.nan, 21, 50],
            "high": [40.0, 42, np.nan, 41, 70],
            "unit": "points",
            "n": pd.array([100, 20, 0, 100, 100], dtype="Int64"),
            "complete": [True] * 4 + [False],
            "centre": 31.0,
            "control_low": 15.0,
            "control_high": [47.0, 47, np.nan, 47, 47],
            "signal": ["", "", "", "", "beyond-limits, six-in-a-row"],
            "stretch": [1, 1, 1, 2, 2],
        }
    )
    return pd.concat([one.assign(line=line) for line in lines], ignore_index=True)


def bands() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city": ["a"] * 3 + ["b"] * 3,
            "metric": "nps",
            "band": ["detractor", "passive", "promoter"] * 2,
            "n": pd.array([20, 30, 50, None, None, None], dtype="Int64"),
            "share": [0.2, 0.3, 0.5, np.nan, np.nan, np.nan],
            "low": [0.1, 0.2, 0.4, np.nan, np.nan, np.nan],
            "high": [0.3, 0.4, 0.6, np.nan, np.nan, np.nan],
        }
    )


def ranking() -> pd.DataFrame:
    return estimates().assign(
        raw_estimate=[15.0, np.nan, 80.0], rank_low=[2.0, np.nan, 1.0], rank_high=[2.0, np.nan, 3.0]
    )


CASES = [
    (interval_chart, estimates(), ["city"]),
    (interval_chart, estimates().iloc[:1], []),
    (difference_chart, differences(), ["city"]),
    (difference_chart, differences(), []),
    (trend_chart, trend(), []),
    (trend_chart, trend(("a", "b")), ["line"]),
    (bands_chart, bands(), ["city"]),
    (ranking_chart, ranking(), ["city"]),
]


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found = [part["data"]["values"] for part in [spec, *spec.get("layer", [])] if "data" in part]
    return max(found, key=lambda rows: (len(rows[0]) if rows else 0, len(rows)))


@pytest.mark.parametrize(("chart", "table", "by"), CASES)
def test_charts_are_valid_and_hold_their_table(chart: Any, table: pd.DataFrame, by: list[str]) -> None:
    spec = chart(table, by=by).to_dict()  # altair validates against the schema of Vega-Lite
    rows = rows_of(spec)
    assert len(rows) == len(table)
    for column in table.columns:
        kept = [row[column] for row in rows]
        if column == "period":
            kept = [pd.Timestamp(value) for value in kept]
        wanted = [None if pd.isna(value) else value for value in table[column].tolist()]
        assert kept == wanted, column
    assert "Noto Sans KR" in spec["config"]["font"]


@pytest.mark.parametrize(("chart", "table", "by"), CASES)
def test_charts_leave_their_table_alone(chart: Any, table: pd.DataFrame, by: list[str]) -> None:
    before = table.copy()
    first = chart(table, by=by).to_dict()
    pd.testing.assert_frame_equal(table, before)
    assert chart(table, by=by).to_dict() == first


def test_single_views_fill_their_container_and_panels_fit_a_telephone() -> None:
    assert trend_chart(trend()).to_dict()["width"] == "container"
    assert interval_chart(estimates(), by=["city"]).to_dict()["width"] == "container"
    panels = trend_chart(trend(("a", "b")), by=["line"]).to_dict()
    assert (panels["spec"]["width"], panels["columns"]) == (280, 1)
    assert panels["facet"]["sort"] == ["a", "b"]


def test_rows_keep_the_order_of_the_table() -> None:
    spec = interval_chart(estimates(), by=["city"]).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["부산", "대전", "(none)"]
    spec = difference_chart(differences(), by=["city"]).to_dict()
    assert spec["layer"][1]["encoding"]["y"]["sort"] == ["a · 2 − 1", "a · 3 − 1", "b · 2 − 1"]


def test_small_bases_are_open_and_explained() -> None:
    spec = interval_chart(estimates(), by=["city"], labels={"small-base": "표본 30 미만"}).to_dict()
    assert [row["_small"] for row in rows_of(spec)] == [False, False, True]
    assert spec["title"]["text"] == "표본 30 미만"
    assert "title" not in interval_chart(estimates().iloc[:1], by=["city"]).to_dict()
    assert [row["_small"] for row in rows_of(difference_chart(differences()).to_dict())] == [False, True, False]
    assert [row["_small"] for row in rows_of(trend_chart(trend()).to_dict())] == [False, True, False, False, False]


def test_differences_are_coloured_by_what_their_interval_excludes() -> None:
    rows = rows_of(difference_chart(differences(), by=["city"]).to_dict())
    assert [row["_colour"] for row in rows] == [BLUE, RED, GREY]


def test_a_lonely_period_keeps_its_interval() -> None:
    table = trend()
    table.loc[3, "stretch"] = 3
    rows = rows_of(trend_chart(table).to_dict())
    assert [row["_alone"] for row in rows] == [False, False, False, True, True]


def test_words_are_the_callers() -> None:
    words = {"nps": "순추천지수", "points": "점", "beyond-limits": "한계 밖", "six-in-a-row": "연속 상승"}
    spec = trend_chart(trend(), labels=words).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["title"] == "순추천지수 (점)"
    assert rows_of(spec)[-1]["_signal"] == "한계 밖, 연속 상승"
    spec = bands_chart(bands(), by=["city"], labels={"promoter": "추천", "share": "비율"}).to_dict()
    assert [row["_band"] for row in rows_of(spec)][:3] == ["detractor", "passive", "추천"]


def test_bars_start_where_the_band_before_ends() -> None:
    rows = rows_of(bands_chart(bands(), by=["city"]).to_dict())
    assert [row["_start"] for row in rows] == [0, 0.2, 0.5, None, None, None]
    assert [row["_middle"] for row in rows] == [0.1, 0.35, 0.75, None, None, None]


def test_ranks_are_written_out() -> None:
    assert [row["_rank"] for row in rows_of(ranking_chart(ranking(), by=["city"]).to_dict())] == ["2", "", "1–3"]


def test_shares_are_shown_in_percent() -> None:
    table = estimates().assign(unit="share", estimate=[0.1, np.nan, 0.4], low=0.0, high=0.5)
    spec = interval_chart(table, by=["city"]).to_dict()
    assert '"format": "~%"' in json.dumps(spec)


def test_many_rows_have_no_limit() -> None:
    table = pd.concat([estimates()] * 2000, ignore_index=True)
    table["city"] = np.arange(6000)
    assert len(rows_of(interval_chart(table, by=["city"]).to_dict())) == 6000


def test_columns_may_have_any_name() -> None:
    table = estimates().rename(columns={"city": "which.city[1]"})
    assert rows_of(interval_chart(table, by=["which.city[1]"]).to_dict())[0]["_label"] == "부산"


def test_without_altair_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "altair":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        MissingExtraError, match=r"charts needs the package 'altair': run `pip install 'cemkit\[report\]'`"
    ):
        interval_chart(estimates(), by=["city"])
