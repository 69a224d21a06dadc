"""Units by their vector of totals, against a loop."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit.errors import CemkitError
from cemkit.tables import bind
from cemkit.tables.unit_profiles import unit_profiles


def rows() -> dict[str, Any]:
    rng = np.random.default_rng(6)
    size = 300
    value = rng.choice([0.0, 0.5, 1.0, 2.0], size, p=[0.6, 0.1, 0.2, 0.1])
    return {
        "who": [f"c{i}" for i in rng.integers(0, 90, size)],
        "item": [f"t{i}" for i in rng.integers(0, 4, size)],
        "lost": [None if rng.random() < 0.2 else float(v) for v in value],
    }


def test_against_a_loop(engine: Engine) -> None:
    data = rows()
    items = ["t0", "t1", "t2", "t3"]
    vectors: dict[str, list[float]] = {}
    for who, item, lost in zip(data["who"], data["item"], data["lost"], strict=True):
        if lost is not None:
            vectors.setdefault(who, [0.0] * 4)[items.index(item)] += lost
    expected = sorted(Counter(tuple(v) for v in vectors.values()).items())
    found = unit_profiles(bind(engine(data)), unit="who", item="item", items=items, value="lost")
    assert [tuple(v) for v in found.totals] == [v for v, _ in expected]
    assert found.units.tolist() == [n for _, n in expected]


def test_too_many_items() -> None:
    bound = bind(pd.DataFrame(rows()))
    with pytest.raises(CemkitError, match="'item' has 301 different values, more than 300"):
        unit_profiles(bound, unit="who", item="item", items=list(range(301)), value="lost")


def test_without_any_value(local_engine: Engine) -> None:
    bound = bind(local_engine({"who": ["a"], "item": ["t"], "lost": np.array([np.nan])}))
    found = unit_profiles(bound, unit="who", item="item", items=["t"], value="lost")
    assert found.units.sum() == 0
