"""The satisfaction index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st

import cemkit as cem
from cemkit.csi import index
from cemkit.errors import CemkitError
from cemkit.scales import CSAT_5, Scale

TEN = Scale(1, 10, missing_codes=(99,))
ITEMS = ["a", "b", "c"]


def answers(rows: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({name: rng.integers(1, 11, rows).astype(float) for name in ITEMS})
    frame.loc[:4, "a"] = np.nan
    frame.loc[2, ["b", "c"]] = [np.nan, 99]
    return frame.assign(g=["x", "y"] * (rows // 2), w=rng.integers(1, 4, rows).astype(float))


@pytest.mark.parametrize("weights", [None, [1, 2, 0.5], {"c": 3, "a": 1, "b": 1}])
def test_every_engine(local_engine: Engine, weights) -> None:
    frame = answers()
    found = index(local_engine(frame), items=ITEMS, item_weights=weights, scale=TEN)
    w = np.array([1, 1, 1] if weights is None else [1, 2, 0.5] if isinstance(weights, list) else [1, 1, 3])
    x = frame[ITEMS].replace(99, np.nan).to_numpy()
    there = ~np.isnan(x)
    with np.errstate(invalid="ignore"):
        mean = np.where(there, x * w, 0).sum(axis=1) / (there * w).sum(axis=1)
    points = pd.Series(100 * (mean - 1) / 9).dropna()
    row = found.only
    assert row.estimate == pytest.approx(points.mean())
    assert row.std_error == pytest.approx(points.std() / 7)
    assert (row.n, row.missing, row.unit, row.metric) == (49, 1, "points", "csi")
    notes = {note.code: note.values for note in found.assumptions}
    assert notes["items-answered"]["rows"] == 4


def test_groups_and_design(local_engine: Engine) -> None:
    frame = answers()
    design = cem.Design(weights="w")
    found = index(local_engine(frame), items=ITEMS, scale=TEN, by="g", design=design).to_frame()
    hand = frame.assign(m=100 * (frame[ITEMS].replace(99, np.nan).mean(axis=1) - 1) / 9)
    metric = cem.ScoreMetric("m", cem.PERCENT, "mean")
    wanted = metric.score(hand, score="m", by="g", design=design).to_frame()
    for column in ("estimate", "std_error", "low", "high"):
        np.testing.assert_allclose(found[column].astype(float), wanted[column].astype(float))


def test_form_of_the_acsi() -> None:
    # Fornell et al. (1996): 100 (Σ w x̄ − low Σ w)/((high − low) Σ w); means 8, 6, 7 of 1..10, weights .4, .3, .3
    data = pd.DataFrame({"a": [7, 9], "b": [5, 7], "c": [8, 6]})
    found = index(data, items=ITEMS, item_weights=[0.4, 0.3, 0.3], scale=TEN)
    assert found.only.estimate == pytest.approx(100 * (0.4 * 8 + 0.3 * 6 + 0.3 * 7 - 1) / 9)


@settings(max_examples=10)
@given(st.integers(2, 20), st.booleans())
def test_all_top_is_100(rows, lower) -> None:
    scale = Scale(1, 7, direction="lower-is-better" if lower else "higher-is-better")
    data = pd.DataFrame({name: [1 if lower else 7] * rows for name in ITEMS})
    row = index(data, items=ITEMS, scale=scale).only
    assert row.estimate == 100
    assert row.low < row.high == 100


def test_airline(shared_data) -> None:
    data = pd.read_csv(shared_data / "oddjob_airlinesat" / "airlinesat.csv")
    items = ["sat1", "sat2", "sat3"]
    row = index(data, items=items, scale=Scale(1, 7)).only
    assert row.estimate == pytest.approx((data[items].mean(axis=1).mean() - 1) / 6 * 100)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scale": None}, "declared and never guessed (the answers run from 1 to 99)"),
        ({"scale": CSAT_5}, "values of 'a', 'b', 'c' are outside the scale 1 to 5"),
        ({"items": []}, "at least one column"),
        ({"items": ["a", "a"]}, "'a' twice"),
        ({"items": ["a", "g"]}, "must hold numbers"),
        ({"items": ["a", "z"]}, "no such column"),
        ({"item_weights": [1, 2]}, "2 values for 3 items"),
        ({"item_weights": [0, 0, 0]}, "not all zero"),
        ({"item_weights": {"a": 1, "b": 1, "d": 1}}, "no value for 'c'"),
        ({"level": 0}, "between 0 and 1"),
        ({"by": "estimate"}, "result column"),
    ],
)
def test_bad_input(change, said) -> None:
    frame = answers()
    before = frame.copy(deep=True)
    with pytest.raises(CemkitError) as found:
        index(frame, **{"items": ITEMS, "scale": TEN, **change})
    assert said in str(found.value)
    pd.testing.assert_frame_equal(frame, before)


def test_nobody_answered() -> None:
    with pytest.raises(CemkitError, match="have no answer"):
        index(answers().assign(a=np.nan)[["a"]], items="a", scale=TEN)
    with pytest.raises(CemkitError, match="no rows"):
        index(answers().head(0), items=ITEMS, scale=TEN)
