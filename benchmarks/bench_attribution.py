"""Time and memory of the ledger of churn: `python benchmarks/bench_attribution.py`.

60,000 customers × 24 months × 6 touchpoints. The memory of a call on a scanned log is measured in a process of its own, with the
log as it is and with so many more experiences that are no exposure: what leaves the engine are only exposures.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from harness import added_peak, in_new_process, options, show, timed

import cemkit as cem

CUSTOMERS = 60_000
TOUCHPOINTS = ("app", "billing", "network", "reminder", "shop_advice", "support")
FOLDER = Path(tempfile.gettempdir()) / "cemkit_benchmarks"
TIMES = (1, 4, 16)
ENGINES = ("polars-scan", "duckdb-scan")
TARGET_SECONDS, TARGET_GROWTH = 60.0, 1.5


def world() -> tuple[Path, dict[int, Path]]:
    """Write the customers, and the log with 1, 4 and 16 times as many experiences that are no exposure."""
    FOLDER.mkdir(exist_ok=True)
    customers = FOLDER / "ledger_customers.parquet"
    logs = {times: FOLDER / f"ledger_log_{times}.parquet" for times in TIMES}
    if not all(path.exists() for path in (customers, *logs.values())):
        store, _ = cem.simulate.telecom(customers=CUSTOMERS, months=24, seed=1)
        store.customers[["customer_id", "acquired_at", "left_at"]].to_parquet(customers)
        log = store.experiences[["customer_id", "touchpoint_id", "occurred_at", "valence"]]
        log = log[log["touchpoint_id"].isin(TOUCHPOINTS)]
        rest = log[log["valence"] != "negative"]
        for times, path in logs.items():
            pd.concat([log, *[rest] * (times - 1)], ignore_index=True).to_parquet(path)
    return customers, logs


def table(engine: str, path: Path) -> Any:
    if engine == "polars-scan":
        import polars as pl

        return pl.scan_parquet(path)
    if engine == "duckdb-scan":
        import duckdb

        return duckdb.connect().read_parquet(str(path))
    return pd.read_parquet(path)


def measure(engine: str, times: int) -> dict[str, float]:
    customers, logs = world()
    people, log = table(engine, customers), table(engine, logs[times])
    seconds: list[float] = []
    added = added_peak(lambda: seconds.append(timed(lambda: cem.churn.attribute(people, log))[1]))
    return {"added_mb": added, "cpu_seconds": seconds[0]}


def main() -> None:
    given = options(__doc__, rows=CUSTOMERS, runs=1)
    world()
    found: list[dict[str, Any]] = []
    for engine in ("pandas", *ENGINES):
        first = None
        for times in TIMES if engine in ENGINES else TIMES[:1]:
            case = f"attribute, {engine}, {times} x the experiences"
            if given.only not in case:
                continue
            row = in_new_process(__file__, "--measure", engine, str(times))
            first = first or row["added_mb"]
            found.append({"case": case, "target": TARGET_SECONDS, **row, "growth": row["added_mb"] / first})
    show("attribution", found, given)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
