"""The voice of customers: hand counts, peers, engines, bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cemkit import Scale, stages
from cemkit.errors import CemkitError
from cemkit.statistics.proportions import proportion_interval

ROWS = {
    "waiting": [1, 1, 0, 0, 1, None],
    "price": [False, True, False, False, False, None],
    "topic": ["queue", "queue", "price", "staff", "queue", None],
    "nps": [2.0, 4, 8, 10, None, 9],
    "plan": ["x", "x", "x", "y", "y", "y"],
}


def test_flags_by_hand(engine: Callable[[Any], Any]) -> None:
    found = (
        stages.voice(engine(ROWS), codes=["waiting", "price"], outcome="nps").to_frame().set_index(["code", "metric"])
    )
    share = found.loc[("waiting", "share")]
    assert (share["estimate"], share["n"], share["missing"], share["method"]) == (3 / 5, 5, 1, "wilson")
    low, high = proportion_interval(np.array([3]), np.array([5]))
    np.testing.assert_allclose([share["low"], share["high"]], [low[0], high[0]], rtol=1e-12)
    moved = found.loc[("waiting", "difference")]
    # Welch: scipy.stats.ttest_ind([2, 4], [8, 10], equal_var=False).confidence_interval(0.95)
    peer = stats.ttest_ind([2, 4], [8, 10], equal_var=False).confidence_interval(0.95)
    assert (moved["estimate"], moved["n"], moved["missing"]) == (-6.0, 4, 2)
    np.testing.assert_allclose([moved["low"], moved["high"]], [peer.low, peer.high], rtol=1e-9)
    assert found.loc[("price", "share"), "estimate"] == 1 / 5


def test_one_code_per_comment_and_groups(engine: Callable[[Any], Any]) -> None:
    found = stages.voice(engine(ROWS), codes="topic", outcome="nps", by="plan").to_frame()
    assert found.columns[:3].tolist() == ["plan", "code", "metric"]
    share = found[found["metric"] == "share"].set_index(["plan", "code"])["estimate"]
    assert share["x"].to_dict() == {"price": 1 / 3, "queue": 2 / 3, "staff": 0.0}
    assert share["y"].to_dict() == {"price": 0.0, "queue": 1 / 2, "staff": 1 / 2}
    moved = found[found["metric"] == "difference"].set_index(["plan", "code"])
    assert moved.loc[("x", "queue"), "estimate"] == 3 - 8
    # nobody in y names the price, and nobody in x the staff: nothing to compare
    assert np.isnan(moved.loc[("y", "price"), "estimate"])
    assert moved.loc[("y", "price"), "n"] == 0


def test_customers_who_wrote_twice_are_clusters() -> None:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {"customer_id": rng.integers(0, 80, 200), "late": rng.integers(0, 2, 200), "y": rng.normal(size=200)}
    )
    found = stages.voice(rows, codes=["late"], outcome="y")
    assert found.table["method"].tolist()[0].startswith("linearised")
    assert "shared-respondents" in {note.code for note in found.assumptions}
    # the regression on the flag with clusters (statistics.regression.least_squares) has the same difference
    moved = found.table.iloc[1]
    assert moved["estimate"] == pytest.approx(rows["y"][rows["late"] == 1].mean() - rows["y"][rows["late"] == 0].mean())


def test_chart_and_round_trip() -> None:
    found = stages.voice(pd.DataFrame(ROWS), codes=["waiting"], outcome="nps")
    assert found.plot().to_dict()["layer"]
    assert type(found).from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"codes": []}, "codes must name at least one column"),
        ({"codes": ["nps"]}, "values of 'nps' are outside the scale 0 to 1"),
        ({"codes": ["waitng"]}, "Did you mean 'waiting'"),
        ({"codes": "empty"}, "codes='empty' has no code"),
        ({"codes": ["waiting", "waiting"]}, "names a column twice"),
        ({"codes": ["waiting"], "by": "code"}, "is also the name of a result column"),
        ({"codes": ["waiting"], "outcome": "plan"}, "outcome='plan' must hold numbers"),
        ({"codes": ["waiting"], "outcome": "blank"}, "outcome='blank' has no value"),
        ({"codes": ["waiting"], "outcome": "huge"}, "too far to be squared"),
        ({"codes": ["waiting"], "outcome": "nps", "scale": Scale(0, 5)}, "outside the scale 0 to 5"),
    ],
)
def test_bad_input(options: dict[str, Any], text: str) -> None:
    rows = pd.DataFrame(ROWS).assign(empty=pd.Series([None] * 6, dtype=object), code="a", blank=np.nan, huge=1e300)
    with pytest.raises(CemkitError) as raised:
        stages.voice(rows, **options)
    assert text in str(raised.value)


def test_no_rows() -> None:
    with pytest.raises(CemkitError, match="experiences has no rows"):
        stages.voice(pd.DataFrame({"late": pd.Series(dtype=float)}), codes=["late"])
