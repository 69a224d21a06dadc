from __future__ import annotations

from datetime import datetime

import pandas as pd
import polars as pl
import pytest

from cemkit.errors import ColumnError
from cemkit.tables import columns_of, keep, levels_of, row_count, text_columns, time_span

ROWS = {
    "wave": ["2", "10", None, "2"],
    "score": [1.0, float("nan"), 3.0, None],
    "at": [datetime(2024, 1, 2), None, datetime(2024, 3, 1), datetime(2024, 2, 1)],
    "same": ["x", "x", "x", "x"],
}


def duck(frame):
    duckdb = pytest.importorskip("duckdb")
    return duckdb.connect().from_df(frame)


ENGINES = [pd.DataFrame(ROWS), pl.DataFrame(ROWS), pl.LazyFrame(ROWS)]


@pytest.mark.parametrize("data", ENGINES, ids=["pandas", "polars", "lazy"])
def test_the_profile_is_the_same_on_every_engine(data):
    assert columns_of(data) == tuple(ROWS)
    assert row_count(data) == 4
    assert text_columns(data, most=3) == {"wave": 2}
    assert levels_of(data, column="wave") == {"2": 2, "10": 1}
    assert levels_of(data, column="wave", answered="score") == {"2": 1}
    assert time_span(data, column="at") == (datetime(2024, 1, 2), datetime(2024, 3, 1))
    assert row_count(keep(data, column="wave", values=["2"])) == 2
    assert type(keep(data, column="wave", values=["2"])) is type(data)


def test_duckdb_too():
    data = duck(pd.DataFrame(ROWS))
    assert levels_of(data, column="wave", answered="score") == {"2": 1}
    assert text_columns(data, most=3) == {"wave": 2}
    assert row_count(keep(data, column="wave", values=["10"])) == 1


def test_times_that_are_none_are_told():
    assert time_span(pd.DataFrame({"at": pd.to_datetime([None, None])}), column="at") is None
    with pytest.raises(ColumnError, match="must hold dates or times"):
        time_span(pd.DataFrame({"at": ["x"]}), column="at")
