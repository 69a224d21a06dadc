"""Labels: hand values on every engine, and what is said of bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import stages
from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.model import JourneyMap, Stage, Touchpoint
from cemkit.tables.binding import bind, collect

MAP = JourneyMap(
    name="small",
    stages=(Stage(name="visit", order=20), Stage(name="use", order=30), Stage(name="discover", order=10)),
    touchpoints=(
        Touchpoint(touchpoint_id="shop", name="Shop", stage="visit", channel="store", aspect="emotional"),
        Touchpoint(touchpoint_id="NA", name="North America desk", stage="use", aspect="rational"),
    ),
)
ROWS = {"row": [0, 1, 2], "touchpoint_id": ["NA", "shop", "NA"]}


def test_values(engine: Callable[[Any], Any]) -> None:
    # an id called NA is an id
    found = stages.label(engine(ROWS), MAP)
    table = collect(bind(found).frame.select("row", "stage", "order", "channel", "aspect"))
    order = np.argsort(table["row"])
    assert [table["stage"][i] for i in order] == ["use", "visit", "use"]
    assert [table["order"][i] for i in order] == [30, 20, 30]
    assert [table["aspect"][i] for i in order] == ["rational", "emotional", "rational"]
    channel = [table["channel"][i] for i in order]
    assert channel[1] == "store"
    assert pd.isna(channel[0])


def test_rows_are_labelled_whatever_their_order(experiences: pd.DataFrame, journey_map: JourneyMap) -> None:
    some = experiences.head(2000)
    mixed = some.sample(frac=1, random_state=4)
    left, right = stages.label(some, journey_map), stages.label(mixed, journey_map)
    pd.testing.assert_frame_equal(left, right.loc[left.index])
    merged = pd.concat([stages.label(part, journey_map) for part in (some.head(700), some.tail(1300))])
    pd.testing.assert_frame_equal(left, merged)


def test_where_it_happened_is_left_alone() -> None:
    rows = pd.DataFrame({**ROWS, "channel": ["phone", None, "web"]})
    found = stages.label(rows, MAP)
    assert found["channel"].isna().tolist() == [False, True, False]
    assert "stage" not in rows


def test_unknown_touchpoints_are_counted_or_kept(local_engine: Callable[[Any], Any]) -> None:
    data = local_engine({"touchpoint_id": ["shop", "kiosk", "kiosk", "fair", None]})
    with pytest.raises(ContractError) as raised:
        stages.label(data, MAP)
    text = str(raised.value)
    assert "3 rows name 2 touchpoint(s) that are not on it: 'kiosk' (2 rows), 'fair' (1 rows)" in text
    assert "1 rows have a null (pandas reads the text 'NA' as null" in text
    kept = collect(bind(stages.label(data, MAP, unknown="keep")).frame.select("stage"))["stage"]
    assert [None if pd.isna(v) else v for v in kept] == ["visit", None, None, None, None]


@pytest.mark.parametrize(
    ("rows", "places", "options", "error", "text"),
    [
        (ROWS, "map", {}, CemkitError, "journey_map must be a cemkit.model.JourneyMap, got str"),
        (ROWS, JourneyMap(name="bare"), {}, CemkitError, "the journey map 'bare' has no touchpoints"),
        (ROWS, MAP, {"unknown": "drop"}, CemkitError, "unknown must be 'error' or 'keep', got 'drop'"),
        (ROWS, MAP, {"touchpoint": "touchpoint"}, ColumnError, "no such column. Did you mean 'touchpoint_id'"),
        ({**ROWS, "stage": ["a"] * 3}, MAP, {}, ColumnError, "already has the column 'stage'"),
        ({**ROWS, "stage": ["a"] * 3, "aspect": ["b"] * 3}, MAP, {}, ColumnError, "columns 'stage', 'aspect'"),
    ],
)
def test_bad_input(rows: Any, places: Any, options: dict[str, Any], error: type[CemkitError], text: str) -> None:
    with pytest.raises(error) as raised:
        stages.label(pd.DataFrame(rows), places, **options)
    assert text in str(raised.value)


def test_no_rows() -> None:
    found = stages.label(pd.DataFrame({"touchpoint_id": pd.Series(dtype="object")}), MAP)
    assert list(found.columns) == ["touchpoint_id", "stage", "order", "channel", "aspect"]
    assert len(found) == 0
