"""Histories of customers: what is refused, and that compression loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.histories import compress, histories


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        (([1.5], [1], [2]), "whole"),
        (([-1], [0], [2]), "whole"),
        (([1], [3], [2]), "between"),
        (([0], [1], [2]), "recency must be 0"),
        (([1], [0], [2]), "recency must be 0"),
        (([1, 2], [1], [2]), "2 rows"),
        (([], [], []), "no customer"),
        (([np.nan], [1], [2]), "finite"),
    ],
)
def test_impossible_histories_are_refused(columns: tuple[list[float], ...], word: str) -> None:
    with pytest.raises(CemkitError, match=word):
        histories(*columns)


def test_a_refusal_says_how_many_and_where() -> None:
    with pytest.raises(CemkitError, match="2 of 3 rows break this, the first at position 1"):
        histories([1, 1, 1], [1, 3, 4], [2, 2, 2])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(3, 5)), min_size=1, max_size=40))
def test_compression_keeps_every_customer(rows: list[tuple[int, int, int]]) -> None:
    x, tx, T = (np.array(column) for column in zip(*rows, strict=True))
    data = histories(x, np.where(x > 0, tx, 0), T, log_interval=x * 0.5)
    unique, back = compress(data)
    assert unique.customers == len(rows)
    assert unique.rows == len({(row.tobytes()) for row in np.column_stack([x, np.where(x > 0, tx, 0), T])})
    np.testing.assert_array_equal(unique.frequency[back], data.frequency)
    np.testing.assert_array_equal(unique.recency[back], data.recency)
    np.testing.assert_array_equal(unique.age[back], data.age)
