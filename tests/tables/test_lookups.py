from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit.tables import bind
from cemkit.tables.binding import collect
from cemkit.tables.lookups import with_lookups

LOOKUPS: dict[str, dict[str, Any]] = {
    "stage": {"a": "use", "b": "use", "c": "bill"},
    "order": {"a": 1, "b": 1, "c": 2},
    "aspect": {"a": None, "b": "rational", "c": None},
    "empty": {"a": None},
}


def columns(frame: Any, *names: str) -> list[list[Any]]:
    table = collect(bind(frame).frame.select(*names))
    return [[None if v is None or v != v else v for v in table[name]] for name in names]


def test_values_nulls_and_strangers(engine: Engine) -> None:
    data = engine({"row": [0, 1, 2, 3, 4], "key": ["a", "c", None, "x", "b"]})
    found = with_lookups(data, "key", LOOKUPS)
    assert type(found) is type(data)
    row, stage, order, aspect, empty = columns(found, "row", "stage", "order", "aspect", "empty")
    where = np.argsort(row)
    assert [stage[i] for i in where] == ["use", "bill", None, None, "use"]
    assert [order[i] for i in where] == [1, 2, None, None, 1]
    assert [aspect[i] for i in where] == [None, None, None, None, "rational"]
    assert empty == [None] * 5


def test_numbers_are_compared_as_text(local_engine: Engine) -> None:
    found = with_lookups(local_engine({"key": [1, 2, 3]}), "key", {"stage": {"1": "use", "3": "bill"}})
    assert columns(found, "stage") == [["use", None, "bill"]]


def test_pandas_keeps_index_types_and_the_callers_frame() -> None:
    data = pd.DataFrame({"key": ["a", "c"]}, index=[7, 3])
    found = with_lookups(data, "key", LOOKUPS)
    assert found.index.tolist() == [7, 3]
    assert found["order"].dtype == "int64"
    assert found["stage"].dtype == data["key"].dtype
    assert list(data.columns) == ["key"]
    assert len(with_lookups(data.iloc[:0], "key", LOOKUPS)) == 0


def test_eager_stays_eager_and_lazy_stays_lazy() -> None:
    pl = pytest.importorskip("polars")
    eager = pl.DataFrame({"key": ["a"]})
    assert isinstance(with_lookups(eager, "key", LOOKUPS), pl.DataFrame)
    assert isinstance(with_lookups(eager.lazy(), "key", LOOKUPS), pl.LazyFrame)
