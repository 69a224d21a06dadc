"""Best, worst, most intense and last of every unit, against a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit.tables import bind
from cemkit.tables.unit_extremes import EXTREMES, unit_extremes

ORIGIN = 3.0


def rows() -> dict[str, Any]:
    rng = np.random.default_rng(9)
    size = 240
    return {
        "who": [None if rng.random() < 0.04 else f"c{i}" for i in rng.integers(0, 40, size)],
        "group": [[None, "x", "y"][i] for i in rng.integers(0, 3, size)],
        "at": [
            None if rng.random() < 0.3 else (pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(d))).to_pydatetime()
            for d in rng.integers(0, 6, size)
        ],
        "x": [None if rng.random() < 0.1 else float(v) for v in rng.integers(1, 6, size)],
    }


def by_loop(data: dict[str, Any], keys: tuple[str, ...], sign: float) -> dict[Any, list[list[float]]]:
    people: dict[Any, list[tuple[float, Any]]] = {}
    for i, who in enumerate(data["who"]):
        if who is not None and data["x"][i] is not None:
            people.setdefault((*(data[k][i] for k in keys), who), []).append((data["x"][i] - ORIGIN, data["at"][i]))
    found: dict[Any, list[list[float]]] = {}
    for (*key, _), values in people.items():
        x = [v for v, _ in values]
        high, low = max(x), min(x)
        intense = high if (high > -low if sign > 0 else high >= -low) else low
        last = max((t for _, t in values if t is not None), default=None)
        end = float(np.mean([v for v, t in values if t == last])) if last is not None else None
        row = [high, low, intense, end, None if end is None else (intense + end) / 2, float(np.mean(x))]
        lists = found.setdefault(tuple(key), [[] for _ in EXTREMES])
        for kept, value in zip(lists, row, strict=True):
            if value is not None:
                kept.append(value)
    return found


@pytest.mark.parametrize(("keys", "sign"), [((), 1.0), (("group",), 1.0), ((), -1.0)])
def test_against_a_loop(engine: Engine, keys: tuple[str, ...], sign: float) -> None:
    data = rows()
    expected = by_loop(data, keys, sign)
    found = unit_extremes(bind(engine(data)), keys=keys, unit="who", value="x", at="at", origin=ORIGIN, sign=sign)
    assert len(found.n) == len(expected)
    for i in range(len(found.n)):
        key = tuple(
            None if found.keys[k][i] is None or found.keys[k][i] != found.keys[k][i] else found.keys[k][i] for k in keys
        )
        lists = expected[key]
        assert found.n[i].tolist() == [len(v) for v in lists]
        np.testing.assert_allclose(found.sums[i], [sum(v) for v in lists], atol=1e-12)
        np.testing.assert_allclose(found.squares[i], [sum(x * x for x in v) for v in lists], atol=1e-12)


def test_without_times(local_engine: Engine) -> None:
    found = unit_extremes(bind(local_engine(rows())), keys=(), unit="who", value="x", at=None, origin=ORIGIN)
    assert found.n[0, 3] == found.n[0, 4] == 0
    assert found.n[0, 0] == found.n[0, 5] > 30
