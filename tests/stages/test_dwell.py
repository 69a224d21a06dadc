"""Lengths of stay against hand arithmetic, laws, engines and bad input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from stages_flow_data import helpdesk, random_experiences

from cemkit.errors import CemkitError, ColumnError
from cemkit.results import Result
from cemkit.stages import dwell, transitions

STATE = {"state": "touchpoint_id"}


def test_by_hand() -> None:
    # visits to x: a 2 days and 3 days, b 7 days; c came 5 days before the end and is there still
    log = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "a", "a", "b", "b", "c"],
            "stage": ["x", "x", "y", "x", "y", "x", "y", "x"],
            "occurred_at": pd.to_datetime([f"2025-01-{d:02d}" for d in (1, 2, 3, 10, 13, 1, 8, 11)]),
        }
    )
    found = dwell(log, until="2025-01-15 23:59:59.999999")
    row = found.table[found.table["state"] == "x"].iloc[0]
    assert row[["visits", "customers", "completed", "open"]].tolist() == [4, 3, 3, 1]
    assert row["mean"] == pytest.approx(4)
    # customers a and b: (5 - 2 * 4) and (7 - 4), 2 / 1 * (9 + 9) / 9
    assert row["std_error"] == pytest.approx(2)
    assert row["median"] == pytest.approx(3)
    # Kaplan-Meier: 4 at risk at day 2, 3 at day 3 (S = 1/2)
    assert row["median_all"] == pytest.approx(3)
    assert found.table["open"].sum() == 3


def test_the_help_desk(shared_data) -> None:
    log = helpdesk(shared_data)
    found = dwell(log, **STATE).table.set_index("state")
    assert (found["visits"].sum(), found["open"].sum()) == (found["completed"].sum() + 4580, 4580)
    # hand count: runs of the same activity by case in the order of time and activity
    ordered = log.sort_values(["customer_id", "occurred_at", "touchpoint_id"], kind="stable")
    same = ordered["customer_id"].eq(ordered["customer_id"].shift())
    runs = ordered[~(same & ordered["touchpoint_id"].eq(ordered["touchpoint_id"].shift()))]
    follows = runs["customer_id"].eq(runs["customer_id"].shift(-1))
    days = ((runs["occurred_at"].shift(-1) - runs["occurred_at"]) / pd.Timedelta(days=1)).where(follows)
    for state, values in days.groupby(runs["touchpoint_id"]):
        np.testing.assert_allclose(found.loc[state, "mean"], values.mean(), rtol=1e-9)
        np.testing.assert_allclose(found.loc[state, "median"], values.median(), rtol=0.01)
        assert found.loc[state, "completed"] == values.notna().sum()


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_laws(seed: int) -> None:
    log = random_experiences(seed)
    found = dwell(log, by="segment", **STATE)
    assert (found.table["visits"] == found.table["completed"] + found.table["open"]).all()
    assert found.table["open"].sum() == log["customer_id"].nunique()
    for _, curve in found.curves.groupby(["segment", "state"], dropna=False):
        assert (np.diff(curve["share"]) <= 1e-12).all()
    moved = transitions(log).table
    assert found.table["completed"].sum() == moved.loc[moved["source"] != moved["target"], "count"].sum()
    again = dwell(log.sample(frac=1, random_state=seed), by="segment", **STATE)
    pd.testing.assert_frame_equal(again.table, found.table, rtol=1e-12)


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    log = random_experiences(3)
    expected, found = (dwell(data, by="segment", **STATE) for data in (log, local_engine(log)))
    for part in ("table", "curves"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), rtol=1e-9)


def test_shapes_copies_and_pictures() -> None:
    found = dwell(random_experiences(2), by="segment", **STATE)
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    assert found.plot().to_dict()
    assert dwell(random_experiences(2), **STATE).plot().to_dict()


def test_bad_input_is_one_clear_sentence(local_engine: Engine) -> None:
    data = local_engine(random_experiences(1))
    with pytest.raises(ColumnError, match="state='stage': the table has no such column"):
        dwell(data)
    with pytest.raises(CemkitError, match="until must be a date or a time"):
        dwell(data, until=3, **STATE)
    with pytest.raises(
        CemkitError, match="until='2025-01-01T00:00Z' has a time zone, the times in 'occurred_at' have none"
    ):
        dwell(data, until="2025-01-01T00:00Z", **STATE)
    with pytest.raises(CemkitError, match="level must lie between 0 and 1"):
        dwell(data, level=1, **STATE)
