"""The chart of a decomposition: what it draws, in which order, and what it leaves out."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

from cemkit.charts.decomposition import decomposition_chart
from cemkit.errors import CemkitError, MissingExtraError

alt = pytest.importorskip("altair")


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "plan": ["pro", None, "basic"],
            "estimate": [3.0, -1.0, float("nan")],
            "low": [1.0, -2.0, float("nan")],
            "high": [5.0, 0.0, float("nan")],
            "rate": [2.5, -1.5, float("nan")],
            "mix": [0.5, 0.5, float("nan")],
            "unit": ["points"] * 3,
        }
    )


def test_bars_intervals_and_order() -> None:
    spec = decomposition_chart(table(), by=["plan"]).to_dict()
    bars, rule, point = spec["layer"]
    assert [layer["mark"]["type"] for layer in (bars, rule, point)] == ["bar", "rule", "point"]
    # the table's order; a hidden row is left out
    assert bars["encoding"]["y"]["sort"] == ["pro", "(none)"]
    assert bars["encoding"]["x"]["title"] == "Contribution to the change (points)"
    rows = [row for data in spec["datasets"].values() for row in data]
    assert sorted(row["value"] for row in rows if "part" in row) == [-1.5, 0.5, 0.5, 2.5]
    assert {row["part"] for row in rows if "part" in row} == {"its score changed", "its share changed"}
    assert "NaN" not in json.dumps(spec)


def test_words_of_another_language() -> None:
    spec = decomposition_chart(
        table(), by=["plan"], labels={"rate": "점수 변화", "mix": "구성 변화", "axis": "기여"}
    ).to_dict()
    assert spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["점수 변화", "구성 변화"]
    assert spec["layer"][0]["encoding"]["x"]["title"] == "기여 (points)"


def test_the_caller_s_table_is_left_alone() -> None:
    given = table()
    decomposition_chart(given, by=["plan"])
    pd.testing.assert_frame_equal(given, table())


def test_nothing_to_draw_is_one_clear_error() -> None:
    with pytest.raises(CemkitError, match="none of the 1 segments can be drawn"):
        decomposition_chart(table()[2:], by=["plan"])


def test_a_result_draws_itself() -> None:
    from cemkit.scores import nps

    data = pd.DataFrame(
        {"wave": ["1", "2"] * 20, "plan": ["a", "a", "b", "b"] * 10, "city": ["x"] * 40, "score": [9, 3, 7, 10] * 10}
    )
    spec = nps.decompose(data, over="wave", by=["plan", "city"]).plot().to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["a, x", "b, x"]


def test_without_altair_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r"cemkit\[report\]"):
        decomposition_chart(table(), by=["plan"])


def test_altair_is_imported_only_when_a_chart_is_made() -> None:
    code = "import sys, cemkit.charts.decomposition; print('altair' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
