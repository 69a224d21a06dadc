from __future__ import annotations

import numpy as np
import pandas as pd

from cemkit.simulate.frames import pick, texts, time_order, times


def test_time_order_is_the_stable_argsort():
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 1000):
        seconds = rng.integers(0, 300, size)
        np.testing.assert_array_equal(time_order(seconds), np.argsort(seconds, kind="stable"))


def test_a_code_of_minus_one_is_null():
    column = pd.Series(texts(["a", "b"], np.array([1, -1, 0])))
    assert column.isna().tolist() == [False, True, False]
    assert column.dropna().tolist() == ["b", "a"]


def test_unknown_times_are_null():
    stamps = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[us]")
    found = times(stamps, np.array([True, False]))
    assert found.dtype == np.dtype("datetime64[us]")
    assert np.isnat(found).tolist() == [False, True]


def test_pick_takes_the_share_that_a_number_falls_into():
    # Hand: shares .2, .3, .5 end at .2, .5, 1; rows of their own in the second call.
    uniform = np.array([0.0, 0.19, 0.2, 0.49, 0.5, 0.99])
    assert pick(uniform, np.array([0.2, 0.3, 0.5])).tolist() == [0, 0, 1, 1, 2, 2]
    assert pick(np.array([0.3, 0.3]), np.array([[0.2, 0.8], [0.4, 0.6]])).tolist() == [1, 0]
