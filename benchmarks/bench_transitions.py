"""Transitions against the hand-written query, from pandas against another package, and memory: `python benchmarks/bench_transitions.py`.

`--peer PYTHON` names the interpreter of an environment with the package `retentioneering`; without it that case is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import added_peak, in_new_process, options, paired, show, timed

import cemkit as cem

STATES = 12
TARGET, PEER_TARGET = 1.2, 10.0
COLUMNS = ["customer_id", "occurred_at", "touchpoint_id"]

DUCKDB = """
WITH t AS MATERIALIZED (
    SELECT customer_id AS c, touchpoint_id AS s, lead(touchpoint_id) OVER w AS g,
        epoch_us(lead(occurred_at) OVER w - occurred_at) AS d
    FROM {source} WINDOW w AS (PARTITION BY customer_id ORDER BY occurred_at, touchpoint_id)),
cells AS (SELECT c, s, g, count(*) AS x, sum(d) AS d FROM t WHERE g IS NOT NULL GROUP BY ALL),
wide AS (SELECT *, sum(x) OVER (PARTITION BY c, s) AS n FROM cells),
sums AS (SELECT s, g, sum(x) AS x, count(*) AS u, sum(d) AS d, sum(x * x) AS xx, sum(x * n) AS xn, sum(x / n) AS f
    FROM wide GROUP BY ALL)
SELECT * FROM sums JOIN (SELECT s, g, median(d) AS m FROM t WHERE g IS NOT NULL GROUP BY ALL) USING (s, g)
"""


def events(rows: int) -> Path:
    """Return the path of a Parquet file of experiences, ten per customer, written once per machine."""
    path = Path(tempfile.gettempdir()) / f"cemkit-benchmark-experiences-{rows}.parquet"
    if not path.exists():
        rng = np.random.default_rng(0)
        seconds = rng.integers(0, 2 * 365 * 86_400, rows)
        frame = pd.DataFrame(
            {
                "customer_id": rng.integers(0, max(rows // 10, 1), rows),
                "occurred_at": np.datetime64("2024-01-01", "us") + seconds.astype("timedelta64[s]"),
                "touchpoint_id": pd.Categorical.from_codes(
                    rng.integers(0, STATES, rows), [f"touchpoint {i:02d}" for i in range(STATES)]
                ).astype("str"),
            }
        )
        half = path.with_suffix(".part")
        frame.to_parquet(half, index=False, row_group_size=1_000_000)
        half.rename(path)
    return path


def frame(engine: str, rows: int) -> Any:
    path = events(rows)
    if engine.startswith("duckdb"):
        import duckdb

        connection = duckdb.connect()
        connection.execute("CREATE VIEW scanned AS SELECT * FROM read_parquet(?)".replace("?", f"'{path}'"))
        if engine == "duckdb":
            connection.execute("CREATE TABLE events AS SELECT * FROM scanned")
        return connection, connection.table("events") if engine == "duckdb" else connection.view("scanned")
    import polars as pl

    return None, pl.scan_parquet(path) if engine == "polars-scan" else pl.read_parquet(path).lazy()


def by_hand(engine: str, connection: Any, data: Any) -> pd.DataFrame:
    """Return the columns of the answer, but for the limits, by the query that one would write."""
    if engine.startswith("duckdb"):
        found = connection.sql(DUCKDB.format(source="events" if engine == "duckdb" else "scanned")).df()
        return finished(found)
    import polars as pl

    order = {"order_by": ["t", "s"]}
    lagged = data.select(c="customer_id", s="touchpoint_id", t=pl.col("occurred_at").dt.timestamp("us")).with_columns(
        g=pl.col("s").shift(-1).over("c", **order), d=pl.col("t").shift(-1).over("c", **order) - pl.col("t")
    )
    lagged = lagged.filter(pl.col("g").is_not_null())
    x, n = pl.col("x"), pl.col("n")
    cells = lagged.group_by("c", "s", "g").agg(x=pl.len().cast(pl.Int64), d=pl.col("d").cast(pl.Float64).sum())
    cells = cells.with_columns(n=x.sum().over("c", "s"))
    sums = cells.group_by("s", "g").agg(
        x.sum(), pl.len().alias("u"), pl.col("d").sum(), xx=(x * x).sum(), xn=(x * n).sum(), f=(x / n).sum()
    )
    middle = lagged.group_by("s", "g").agg(m=pl.col("d").median())
    return finished(sums.join(middle, on=["s", "g"]).collect().to_pandas())


def finished(table: pd.DataFrame) -> pd.DataFrame:
    """Return probabilities and their clustered standard errors."""
    total = table.groupby("s")[["x", "xn", "f"]].transform("sum")
    p, units = table["x"] / total["x"], total["f"].round()
    squares = table["xx"] - 2 * p * table["xn"] + p**2 * total["xn"]
    return table.assign(p=p, se=np.sqrt(units / (units - 1) * squares) / total["x"]).sort_values(["s", "g"])


def compared(engine: str, rows: int, runs: int) -> dict[str, Any]:
    connection, data = frame(engine, rows)
    ours, hand = cem.stages.transitions(data).table, by_hand(engine, connection, data)
    pairs = (("count", "x"), ("customers", "u"), ("probability", "p"), ("std_error", "se"))
    for name, other in pairs:
        np.testing.assert_allclose(ours[name].astype(float), hand[other].astype(float), rtol=1e-9)
    np.testing.assert_allclose(ours["median_time"], hand["m"].astype(float) / 86_400e6, rtol=1e-12)
    found = paired(lambda: by_hand(engine, connection, data), lambda: cem.stages.transitions(data), runs=runs)
    return {"case": f"transitions, {engine}", "target": TARGET, **found._asdict()}


PEER = """
import json, sys, time
import pandas as pd
data = pd.read_parquet(sys.argv[1])
from retentioneering import {stream}
started = time.process_time()
{build}
built = time.process_time()
{call}
print(json.dumps([built - started, time.process_time() - built]))
"""
NEW = {
    "stream": "Eventstream",
    "build": "stream = Eventstream(data, {'path_cols': ['customer_id'], 'event_col': 'touchpoint_id', "
    "'timestamp_col': 'occurred_at'})",
    "call": "stream.transition_graph_data(edge_weight='proba_out')",
}


def against_peer(python: str, rows: int) -> list[dict[str, Any]]:
    """Return the ratio of the processor times of the peer's transition matrix, alone and with its stream, and ours."""
    data = pd.read_parquet(events(rows))
    cem.stages.transitions(data.head(1_000))
    ours = min(timed(lambda: cem.stages.transitions(data))[1] for _ in range(3))
    command = [python, "-W", "ignore", "-c", PEER.format(**NEW), str(events(rows))]
    quiet = {**os.environ, "RETENTIONEERING_NO_TRACK": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=quiet)
    line = next(line for line in reversed(done.stdout.splitlines()) if line.startswith("["))
    built, matrix = json.loads(line)
    return [
        {
            "case": f"pandas against retentioneering: {name}",
            "target": PEER_TARGET,
            "ratio": theirs / ours,
            "seconds": ours,
        }
        for name, theirs in (("its matrix", matrix), ("its stream and matrix", built + matrix))
    ]


def measure(engine: str, rows: int, side: str) -> float:
    connection, data = frame(engine, 1_000)
    cem.stages.transitions(data)
    connection, data = frame(engine, rows)
    if side == "hand":
        return added_peak(lambda: by_hand(engine, connection, data))
    return added_peak(lambda: cem.stages.transitions(data))


def main() -> None:
    peer = None
    if "--peer" in sys.argv:
        place = sys.argv.index("--peer")
        peer = sys.argv[place + 1]
        del sys.argv[place : place + 2]
    given = options(__doc__ or "", rows=10_000_000, runs=5)
    found = [
        compared(engine, given.rows, given.runs)
        for engine in ("polars", "duckdb")
        if given.only in f"transitions, {engine}"
    ]
    if peer is not None and given.only in "pandas against retentioneering":
        found += against_peer(peer, min(given.rows, 1_000_000))
    for engine in ("polars-scan", "duckdb-scan"):
        for rows in (given.rows // 10, given.rows):
            case = f"added memory (MB), {engine}, {rows:,} rows"
            if given.only in case:
                ours, hand = (in_new_process(__file__, "--measure", engine, str(rows), s) for s in ("ours", "hand"))
                found.append({"case": case, "added_mb": ours, "hand_added_mb": hand})
    show("transitions", found, given)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
    else:
        main()
