"""Rows per second of checking a table of responses against its contract: `python benchmarks/bench_contracts.py`."""

from __future__ import annotations

from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from harness import options, show, timed

from cemkit.model import Response
from cemkit.scales import NPS_SCALE
from cemkit.tables import contract_of
from cemkit.tables.checks import check_table

TARGET = 10.0
ENGINES = ("pandas", "polars", "duckdb", "pyarrow")


def responses(rows: int) -> pd.DataFrame:
    """Return a table that keeps its contract."""
    rng = np.random.default_rng(0)
    seconds = rng.integers(0, 365 * 86400, rows)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, max(rows // 10, 1), rows),
            "answered_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(seconds, unit="s"),
            "score": rng.integers(0, 11, rows),
            "weight": rng.uniform(0.5, 2.0, rows),
        }
    )


def as_frame(engine: str, table: pd.DataFrame) -> Any:
    if engine == "polars":
        import polars as pl

        return pl.from_pandas(table)
    if engine == "pyarrow":
        import pyarrow as pa

        return pa.Table.from_pandas(table, preserve_index=False)
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect()
        connection.register("given", table)
        connection.execute("CREATE TABLE responses AS SELECT * FROM given")
        return connection.table("responses")
    return table


def main() -> None:
    given = options(__doc__, rows=10_000_000)
    table, contract = responses(given.rows), contract_of(Response)
    found = []
    for engine in ENGINES:
        if given.only not in engine:
            continue
        data = as_frame(engine, table)
        broken = check_table(data, contract, scale=NPS_SCALE)
        if broken:
            raise SystemExit(str(broken[0]))
        runs = [timed(lambda data=data: check_table(data, contract, scale=NPS_SCALE)) for _ in range(given.runs)]
        seconds, processor = (median(run[i] for run in runs) for i in range(2))
        speed = {
            "million_rows_per_second": given.rows / seconds / 1e6,
            "seconds": seconds,
            "processor_seconds": processor,
        }
        found.append({"case": engine, "target": TARGET, **speed})
    show("contracts", found, given)


if __name__ == "__main__":
    main()
