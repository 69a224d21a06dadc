"""Sums per distinct sequence, against a loop."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from engines import Engine

from cemkit.tables import bind
from cemkit.tables.sequence_totals import sequence_totals, units_repeat

ROWS = {
    "path": ["a > b", "a", None, "a > b", "a", "", "a"],
    "gone": [True, False, True, False, True, False, False],
    "later": [0, 1, 0, 0, 0, 0, 0],
    "many": [2.0, 1.0, 1.0, None, 3.0, 1.0, 2.0],
    "who": ["x", "y", "x", "z", "y", "x", "z"],
}


@pytest.mark.parametrize("unit", [None, "who"])
def test_against_a_loop(engine: Engine, unit: str | None) -> None:
    expected: dict = defaultdict(lambda: np.zeros(4))
    for path, gone, later, many, who in zip(*ROWS.values(), strict=True):
        expected[path, who if unit else None] += np.array([1, gone, later, 1 - gone - later]) * [1, *[many or 0] * 3]
    found = sequence_totals(
        bind(engine(ROWS)),
        sequence="path",
        values=["gone", "later"],
        weight="many",
        rest=("kept", ["gone", "later"]),
        unit=unit,
    )
    sums = np.column_stack([found.rows, found.sums["gone"], found.sums["later"], found.sums["kept"]])
    by_path: dict = defaultdict(list)
    for (path, _), values in expected.items():
        by_path[path].append(values.tolist())
    got: dict = defaultdict(list)
    for path, values in zip(found.sequences, sums.tolist(), strict=True):
        got[path].append(values)
    assert {k: sorted(v) for k, v in got.items()} == {k: sorted(v) for k, v in by_path.items()}
    assert found.missing == {"gone": 0, "later": 0, "weight": 1}
    assert found.lowest["gone"] == 0


def test_units_that_repeat(engine: Engine) -> None:
    assert units_repeat(bind(engine(ROWS)), "who") == (True, 0)
    assert units_repeat(bind(engine({"who": ["a", "b", None, None]})), "who") == (False, 2)
