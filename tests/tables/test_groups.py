"""Groups come in one order, whatever engine counted them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.tables import bind
from cemkit.tables.groups import Groups, group_rows, known_order, natural_key


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        (["10차", "2차", None, "1차"], ["1차", "2차", "10차", None]),
        (["b", "", "a10", "a9"], ["", "a9", "a10", "b"]),
        ([2**60 + 1, 2**60, None, -1], [-1, 2**60, 2**60 + 1, None]),
        ([1.5, float("nan"), 0.5], [0.5, 1.5, None]),
        ([True, None, False], [False, True, None]),
        ([Decimal("1.5"), Decimal(1)], [Decimal(1), Decimal("1.5")]),
        (
            [dt.date(2024, 2, 1), None, dt.date(2023, 3, 1)],
            [dt.date(2023, 3, 1), dt.date(2024, 2, 1), None],
        ),
        (
            [pd.NaT, pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-01")],
            [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02"), None],
        ),
    ],
)
def test_order(values: list[Any], ordered: list[Any]) -> None:
    groups, place = group_rows({"k": values}, ["k"])
    assert [key[0] for key in groups.keys] == ordered
    assert [groups.keys[i][0] for i in place] == [None if v is pd.NaT or v != v else v for v in values]


def test_whole_numbers_with_a_null_stay_whole() -> None:
    groups, _ = group_rows({"k": np.array([2.0, np.nan, 1.0])}, ["k"])
    assert groups.frame()["k"].dtype == "Int64"
    assert groups.frame()["k"].tolist() == [1, 2, pd.NA]


def test_several_columns_the_first_one_slowest() -> None:
    groups, place = group_rows({"a": ["y", "x", "x"], "b": [1, 2, 1]}, ["a", "b"])
    assert groups.keys == (("x", 1), ("x", 2), ("y", 1))
    assert place.tolist() == [2, 1, 0]


def test_no_columns_are_one_group() -> None:
    groups, place = group_rows({}, [], rows=3)
    assert groups.keys == ((),)
    assert place.tolist() == [0, 0, 0]


def test_codes_of_another_table() -> None:
    groups = Groups(("k",), (("a",), (None,)))
    assert groups.codes({"k": [None, "z", "a"]}).tolist() == [1, -1, 0]


@given(st.lists(st.none() | st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False)))
def test_any_values_have_an_order(values: list[Any]) -> None:
    ordered = sorted(values, key=natural_key)
    assert [natural_key(v) for v in ordered] == sorted(natural_key(v) for v in reversed(values))
    assert None not in ordered[: len(ordered) - values.count(None)]


def test_levels() -> None:
    bound = bind(pd.DataFrame({"a": ["x"], "b": ["y"]}))
    assert known_order(bound, ["a"], ["q", "x"]) == {"a": ["q", "x"]}
    for levels, said in (
        (["x"], "must be a dictionary"),
        ({"c": []}, "names 'c'"),
        ({"a": ["x", "x"]}, "names a level twice"),
    ):
        with pytest.raises(CemkitError, match=said):
            known_order(bound, ["a", "b"], levels)
