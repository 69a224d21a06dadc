"""The same table in every engine: what each test of the tables runs on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import pytest

Columns = Mapping[str, Any]
Engine = Callable[[Any], Any]

LOCAL = ("pandas", "pandas-pyarrow", "polars", "polars-lazy", "pyarrow", "duckdb")
REMOTE = ("dask", "pyspark")
PARTITIONS = 3


def engine_params(names: Sequence[str] = (*LOCAL, *REMOTE)) -> list[Any]:
    """Return the parameters of a fixture, with the marks that keep Spark and Dask in a session of their own."""
    marks = {"dask": [pytest.mark.dask], "pyspark": [pytest.mark.spark]}
    return [pytest.param(name, marks=marks.get(name, [])) for name in names]


def constructor(name: str, request: pytest.FixtureRequest) -> Engine:
    """Return the function that turns columns into a table of the engine; skip where it is not installed."""
    pytest.importorskip("pyarrow")
    package = {"pandas-pyarrow": "pyarrow", "polars-lazy": "polars"}.get(name, name)
    pytest.importorskip(package)
    made: dict[str, Engine] = {
        "pandas": lambda columns: arrow(columns).to_pandas(),
        "pandas-pyarrow": lambda columns: arrow(columns).to_pandas(types_mapper=pd.ArrowDtype),
        "polars": _polars,
        "polars-lazy": lambda columns: _polars(columns).lazy(),
        "pyarrow": arrow,
        "duckdb": _duckdb,
        "dask": _dask,
    }
    if name == "pyspark":
        session = request.getfixturevalue("spark")
        return lambda columns: session.createDataFrame(_signed(arrow(columns)))
    return made[name]


def arrow(columns: Any) -> Any:
    """Return a PyArrow table of columns (lists, where None is null and NaN is NaN), a pandas frame, or a table."""
    import pyarrow as pa

    if isinstance(columns, pa.Table):
        return columns
    if isinstance(columns, pd.DataFrame):
        return pa.Table.from_pandas(columns, preserve_index=False)
    return pa.table(
        {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()}
    )


def _polars(columns: Any) -> Any:
    import polars as pl

    return pl.from_arrow(arrow(columns))


@cache
def _connection() -> Any:
    """Return a private connection: relations on it know nothing of DuckDB's default one."""
    import duckdb

    return duckdb.connect()


def _duckdb(columns: Any) -> Any:
    connection, table = _connection(), arrow(columns)
    name = f"t{connection.execute('select count(*) from duckdb_tables()').fetchall()[0][0]}"
    connection.register("source", table)
    connection.execute(f"create table {name} as select * from source").fetchall()
    connection.unregister("source")
    return connection.table(name)


def _dask(columns: Any) -> Any:
    import dask.dataframe as dd
    import pyarrow as pa

    frame = arrow(columns).to_pandas(
        types_mapper=lambda kind: None if pa.types.is_dictionary(kind) else pd.ArrowDtype(kind)
    )
    return dd.from_pandas(frame, npartitions=PARTITIONS, sort=False)


def _signed(table: Any) -> Any:
    """Return the table without unsigned integers and dictionaries, which Spark does not know."""
    import pyarrow as pa

    wider = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.int64()}
    fields = [
        field.with_type(
            wider.get(field.type, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        )
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def spark_session() -> Any:
    """Return a small local Spark session that says nothing."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "512m",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    builder = SparkSession.builder.master("local[1]").appName("cemkit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
