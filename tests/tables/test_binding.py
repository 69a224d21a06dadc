"""Tables of every engine are looked at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from engines import arrow
from oracles import plain

import cemkit
from cemkit.errors import ColumnError
from cemkit.tables import bind
from cemkit.tables.binding import as_text, collect, column_names
from cemkit.tables.rows import collect_columns


def test_engine_and_columns(engine: Callable[[Any], Any]) -> None:
    data = engine({"score": [1, 2], "g": ["a", None]})
    bound = bind(data)
    assert bound.engine in ("pandas", "polars", "pyarrow", "duckdb", "dask", "pyspark")
    assert list(bound.schema) == ["score", "g"]
    assert bind(bound) is bound
    if bound.engine != "dask":  # of which narwhals warns
        assert bind(nw.from_native(data)).engine == bound.engine


def test_collected_columns_are_plain(engine: Callable[[Any], Any]) -> None:
    table = collect(bind(engine({"i": [1, 2], "f": [0.5, None], "s": ["a", None], "b": [True, None]})).frame)
    assert np.asarray(table["i"]).tolist() == [1, 2]
    assert table["f"][0] == 0.5
    assert np.isnan(table["f"][1])
    assert [v if isinstance(v, str) else None for v in table["s"]] == ["a", None]
    assert list(table["b"]) == [True, None]


def test_times(engine: Callable[[Any], Any]) -> None:
    import pyarrow as pa

    moments = pa.array([dt.datetime(2024, 1, 1), None], pa.timestamp("us"))
    bound = bind(engine({"at": moments, "text": ["2024-01-01", None]}))
    assert bound.require_time("at", "at") == "at"
    with pytest.raises(ColumnError, match=r"at='text' must hold dates or times, found text such as '2024-01-01'"):
        bound.require_time("text", "at")


def test_times_of_python_beyond_nanoseconds() -> None:
    told = pd.DataFrame({"at": pd.Series([dt.datetime(9999, 12, 31), None], dtype=object)})
    with pytest.raises(ColumnError, match=r"must hold dates or times.*df\['at'\]\.astype\('datetime64\[us\]'\)"):
        bind(told).require_time("at", "at")
    done = told.assign(at=told["at"].astype("datetime64[us]"))
    assert bind(done).require_time("at", "at") == "at"


def test_text_of_null_is_null(engine: Callable[[Any], Any]) -> None:
    bound = bind(engine({"s": ["a", None], "i": [1, None], "t": [dt.date(2024, 1, 2), None]}))
    found = collect(bound.frame.select(*(as_text(bound, name).alias(name) for name in bound.schema)))
    for name, texts in {"s": ("a",), "i": ("1", "1.0"), "t": ("2024-01-02",)}.items():
        assert found[name][0] in texts
        assert plain(found[name][1]) is None


def test_columns_named_like_keywords(engine: Callable[[Any], Any]) -> None:
    bound = bind(engine({"order": ["b", "a"], "at last": [1, 2]}))
    assert bound.first_values("order") == ["b", "a"]
    assert list(collect_columns(bound, ["at last", "order"])["at last"]) == [1, 2]


def test_first_values(engine: Callable[[Any], Any]) -> None:
    assert bind(engine({"x": [None, "b", "b", "a"]})).first_values("x") == ["b", "a"]


@pytest.mark.parametrize(("by", "names"), [(None, ()), ("a", ("a",)), (["a", "b"], ("a", "b"))])
def test_column_names(by: Any, names: tuple[str, ...]) -> None:
    assert column_names(by) == names


@pytest.mark.dask
def test_dask_as_pandas_reads_a_file() -> None:
    """Numpy-backed partitions, where whole numbers with nulls are floats."""
    dd = pytest.importorskip("dask.dataframe")
    from cemkit import nps

    columns = {"score": [10, 3, None, 9], "g": [1, None, 2, 2], "s": ["a", None, "b", "b"]}
    found = nps.score(dd.from_pandas(arrow(columns).to_pandas(), npartitions=2), by=["g", "s"])
    assert found == nps.score(arrow(columns), by=["g", "s"])


@pytest.mark.parametrize(
    "values",
    [[dt.timedelta(days=1), dt.timedelta(days=2)], [[1], [2]], [{"a": 1}, {"a": 2}]],
    ids=["duration", "list", "struct"],
)
def test_columns_that_cannot_name_groups(values: list[Any]) -> None:
    # DuckDB gave triples of numbers for durations, Polars an error of its own, pandas 'unhashable'
    duckdb, pa, pl = (pytest.importorskip(name) for name in ("duckdb", "pyarrow", "polars"))
    frame = pd.DataFrame({"score": [10, 3], "g": values})
    table = pa.Table.from_pylist([{"score": 10, "g": values[0]}, {"score": 3, "g": values[1]}])
    for data in (frame, table, pl.from_arrow(table), duckdb.connect().from_arrow(table)):
        with pytest.raises(ColumnError, match="by='g' holds .* cannot name groups"):
            cemkit.nps.score(data, by="g")
        with pytest.raises(ColumnError, match="cluster='g' holds .* cannot name groups"):
            cemkit.nps.score(data, design=cemkit.Design(cluster="g"))


@pytest.mark.parametrize("by", [3, 2.5, b"x", object(), pd.NA, {"x": 1}, {"x"}, pd.DataFrame(), lambda x: x])
def test_names_that_are_neither_text_nor_a_list(by: Any) -> None:
    with pytest.raises(ColumnError, match="by must be the name of a column or a list of names, got "):
        column_names(by)
    with pytest.raises(ColumnError, match="by must be the name of a column or a list of names, got .* among them"):
        column_names(["a", by])


def test_names_in_any_list() -> None:
    listed = (
        ["a", "b"],
        ("a", "b"),
        iter(["a", "b"]),
        pd.Index(["a", "b"]),
        np.array(["a", "b"]),
        pd.Series(["a", "b"]),
    )
    assert {column_names(by) for by in listed} == {("a", "b")}


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}], ids=["list", "struct"])
def test_values_that_do_not_hash_are_shown(value: Any, local_engine: Callable[[Any], Any]) -> None:
    bound = bind(local_engine({"x": [value, value]}))
    for require in (bound.require_time, bound.require_number):
        with pytest.raises(ColumnError, match="x='x' must hold .*, found .* such as"):
            require("x", "x")


def test_keys_that_have_no_order() -> None:
    # only pandas has such columns
    frame = pd.DataFrame(
        {"id": pd.Series(["1", 2, None, "3"], dtype=object), "day": pd.to_datetime(["2025-01-01"] * 4)}
    )
    message = "customer='id' mixes text with other values in 1 of 3 rows, and so has no order: make them all text"
    with pytest.raises(ColumnError, match=message):
        bind(frame).require_order("id", "customer")
    with pytest.raises(ColumnError, match=message):
        cemkit.loyalty.history(frame, customer="id", at="day", amount=None)
    with pytest.raises(ColumnError, match=message.replace("customer", "state")):
        cemkit.stages.paths(frame.assign(customer_id=1), state="id", at="day")
    assert bind(frame.assign(id=["1", "2", None, "3"])).require_order("id", "customer") == "id"
