"""Number columns and truth values of any engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import ColumnError, ContractError
from cemkit.tables.binding import bind
from cemkit.tables.number_rows import is_number, number_rows, require_flag, require_flags


def test_numbers_truth_and_keys_on_every_engine(engine):
    bound = bind(engine({"i": [1, None, 3], "b": [True, True, False], "f": [0.5, None, 2.0], "s": ["x", None, "y"]}))
    numbers, keys = number_rows(bound, ["i", "b", "f", "f"], keys=["s", "i"])
    order = np.argsort(numbers["f"])
    np.testing.assert_array_equal(numbers["i"][order], [1, 3, np.nan])
    np.testing.assert_array_equal(numbers["b"][order], [1, 0, 1])
    assert [v for v in keys["s"] if isinstance(v, str)] == ["x", "y"]
    assert [is_number(bound, name) for name in "ibfs"] == [True, True, True, False]
    with pytest.raises(ColumnError, match="event='s' must be true or false"):
        require_flag(bound, "s", "event")


def test_flags_are_zero_and_one():
    assert require_flags(np.array([0.0, 1.0]), "e", "event").tolist() == [False, True]
    with pytest.raises(ContractError, match="event='e' .* is null in 1 of 2 rows"):
        require_flags(np.array([0.0, np.nan]), "e", "event")
    with pytest.raises(ContractError, match="event='e' .* such as 3 in 2 of 2 rows"):
        require_flags(np.array([3.0, np.nan]), "e", "event")


def test_objects_with_nulls_are_told_apart():
    bound = bind(pd.DataFrame({"e": [True, None, False]}))
    with pytest.raises(ContractError, match="event='e' must be true or false, but is null in some rows"):
        require_flag(bound, "e", "event")
