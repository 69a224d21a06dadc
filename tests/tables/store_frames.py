"""The same rows as a frame of each engine that is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import pandas as pd
import pytest

ENGINES = [
    pytest.param(name, marks=() if importlib.util.find_spec(package) else pytest.mark.skip(reason=f"no {package}"))
    for name, package in (
        ("pandas", "pandas"),
        ("pandas-arrow", "pyarrow"),
        ("polars", "polars"),
        ("polars-lazy", "polars"),
        ("pyarrow", "pyarrow"),
        ("duckdb", "duckdb"),
    )
]
FILE_ENGINES = [
    pytest.param(name, marks=() if importlib.util.find_spec(name) else pytest.mark.skip(reason=f"no {name}"))
    for name in ("pandas", "polars", "duckdb")
]


def private_connection() -> Any:
    """Return a DuckDB connection that is not the default one, where replacement scans do not work."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


def frames(engine: str, **tables: pd.DataFrame) -> dict[str, Any]:
    """Return pandas tables as tables of one engine (of one connection)."""
    connection = private_connection() if engine == "duckdb" else None
    return {name: as_frame(engine, table, connection) for name, table in tables.items()}


def as_frame(engine: str, table: pd.DataFrame, connection: Any = None) -> Any:
    """Return a pandas table as a table of an engine."""
    if engine == "pandas":
        return table
    if engine == "pandas-arrow":
        return table.convert_dtypes(dtype_backend="pyarrow")
    import pyarrow as pa

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    if engine == "pyarrow":
        return arrow
    if engine == "duckdb":
        return (connection or private_connection()).from_arrow(arrow)
    import polars as pl

    eager = pl.from_arrow(arrow)
    return eager.lazy() if engine == "polars-lazy" else eager
