"""New columns are the same on every engine, and nulls are told from values."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from cemkit.tables.binding import bind, collect
from cemkit.tables.derive import CellFactors, count_nulls, with_cell_factors, with_presence
from cemkit.tables.groups import Groups

ENGINES = ["pandas", "pandas-arrow", "polars", "pyarrow", "duckdb"]


def data() -> pd.DataFrame:
    day = pd.Timestamp("2026-01-01")
    return pd.DataFrame(
        {
            "at": [day, pd.NaT, day, pd.NaT],
            "score": [1.0, np.nan, np.nan, 3.0],
            "sent": [day, day, pd.NaT, pd.NaT],
            "day": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)] * 2,
            "flag": [True, False, True, False],
            "text": ["a", "a", "b", "c"],
        }
    )


def on(engine: str, frame: pd.DataFrame):
    if engine == "pandas":
        return frame
    if engine == "pandas-arrow":
        pytest.importorskip("pyarrow")
        return frame.convert_dtypes(dtype_backend="pyarrow")
    if engine == "polars":
        return pytest.importorskip("polars").from_pandas(frame).lazy()
    if engine == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(frame)
    return pytest.importorskip("duckdb").connect().from_df(frame)


@pytest.mark.parametrize("engine", ENGINES)
def test_presence(engine) -> None:
    bound = bind(on(engine, data()))
    assert list(collect(with_presence(bound, "f", of="at").frame)["f"]) == [1, 0, 1, 0]
    assert list(collect(with_presence(bound, "f", of="score").frame)["f"]) == [1, 0, 0, 1]
    among = collect(with_presence(bound, "f", of="at", among="sent").frame)["f"]
    assert [None if v is None or v != v else int(v) for v in among] == [1, 0, None, None]
    assert count_nulls(bound, ["at", "score", "text", "at"]) == {"at": 2, "score": 2, "text": 0}


@pytest.mark.parametrize("engine", ENGINES)
def test_cell_factors_of_dates_flags_and_text(engine) -> None:
    frame = data()
    cells = Groups(
        ("day", "flag", "text"),
        (
            (dt.date(2026, 1, 1), True, "a"),
            (dt.date(2026, 1, 2), False, "a"),
            (dt.date(2026, 1, 1), True, "b"),
            (dt.date(2026, 1, 2), False, "c"),
        ),
    )
    columns = [
        CellFactors("one", None, np.array([1.0, 2.0, 3.0, 4.0])),
        CellFactors("two", "w", np.array([1.0, 2.0, 3.0, 4.0])),
    ]
    made = with_cell_factors(on(engine, frame.assign(w=[10, 20, 30, 40])), cells, columns)
    table = collect(bind(made).frame)
    assert list(table["one"]) == [1.0, 2.0, 3.0, 4.0]
    assert list(table["two"]) == [10.0, 40.0, 90.0, 160.0]
