"""What is hidden cannot be had by subtraction from the same table."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit import nps
from cemkit.estimation.suppression import suppressed_groups


def test_a_cell_alone_in_its_lines_is_hidden_with_a_neighbour() -> None:
    # no two cells share a row or a column: only the whole table's total gives the first one away
    keys = (("a", "x"), ("b", "y"), ("c", "z"))
    assert suppressed_groups(keys, np.array([2.0, 30.0, 20.0]), 10).tolist() == [True, False, True]


def test_the_total_of_a_decomposition_gives_no_segment_away() -> None:
    # 2 answers of (a, x) before: without a hidden neighbour n_before of the total less the shown ones would be 2
    cells = {("a", "x"): (2, 20), ("b", "y"): (30, 30), ("c", "z"): (40, 40)}
    rows = [
        {"wave": wave, "plan": plan, "city": city, "score": 10 - 3 * (i % 3)}
        for (plan, city), sizes in cells.items()
        for wave, size in zip("12", sizes, strict=True)
        for i in range(size)
    ]
    found = nps.decompose(pd.DataFrame(rows), over="wave", by=["plan", "city"], min_base=10)
    assert found.to_frame()["suppressed"].tolist() == [True, True, False]
    assert found.total["n_before"].item() - found.to_frame()["n_before"].sum() == 32


def test_one_small_group_is_not_told_by_the_model_of_all() -> None:
    data = pd.DataFrame({"g": ["a"] * 2 + ["b"] * 3, "score": [10, 3, 9, 8, 10]})
    model = nps.shrink(data, by="g", min_base=10).model
    assert model[["n_eff", "mean", "concentration"]].isna().all(axis=None)
    assert nps.shrink(data, by="g", min_base=5).model["n_eff"].item() == pytest.approx(5)


@given(
    st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 3), st.integers(0, 30), min_size=2, max_size=15),
    st.integers(1, 12),
)
def test_no_margin_has_a_single_hidden_cell_or_a_small_hidden_sum(
    table: dict[tuple[str, str, str], int], min_base: int
) -> None:
    keys, bases = tuple(table), np.array(list(table.values()), dtype=np.float64)
    hidden = suppressed_groups(keys, bases, min_base)
    assert hidden[bases < min_base].all()
    for size in range(3):
        for fixed in combinations(range(3), size):
            for held in {tuple(key[i] for i in fixed) for key in keys}:
                cells = np.array([tuple(key[i] for i in fixed) == held for key in keys])
                inside = cells & hidden
                if inside.any() and not hidden[cells].all():
                    assert inside.sum() > 1
                    assert bases[inside].sum() >= min_base
