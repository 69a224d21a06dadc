"""What the benchmarks share: paired runs, peak memory, answers to count, tables of results.

Two functions are run by turns, so that whatever else the machine does falls on both; the figure is the median of the
ratios of the pairs. The ratio of processor time beside it hardly notices other processes.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
GROUPS = 1_000
CUSTOMERS_PER_ROW = 0.1
CHUNK = 10_000_000


class Ratio(NamedTuple):
    """Medians over the pairs: wall clock ratio and its quartiles, processor time ratio, seconds of either side."""

    ratio: float
    low: float
    high: float
    cpu_ratio: float
    hand_seconds: float
    seconds: float


def paired(hand: Callable[[], Any], ours: Callable[[], Any], *, runs: int = 9) -> Ratio:
    """Run both by turns, ``runs`` times after a warm-up, each pair in the other order than the last."""
    hand()
    ours()
    pairs = []
    for run in range(runs):
        order = (hand, ours) if run % 2 == 0 else (ours, hand)
        found = {function: timed(function) for function in order}
        pairs.append((*found[hand], *found[ours]))
    ratios = sorted(wall / hand_wall for hand_wall, _, wall, _ in pairs)
    low, high = np.quantile(ratios, [0.25, 0.75])
    return Ratio(
        median(ratios),
        float(low),
        float(high),
        median(cpu / hand_cpu for _, hand_cpu, _, cpu in pairs),
        median(pair[0] for pair in pairs),
        median(pair[2] for pair in pairs),
    )


def timed(function: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds of wall clock and of processor time (all threads) of one call."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, max(time.process_time() - cpu, 1e-9)


def added_peak(function: Callable[[], Any]) -> float:
    """Return by how many megabytes a call raises the process's peak memory over what it holds before.

    Exact where Linux lets the high-water mark be reset; elsewhere what the call adds to the highest mark so far.
    """
    gc.collect()
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5", encoding="ascii")
    before = _memory("VmRSS:") if reset.exists() else _memory("VmHWM:")
    function()
    return _memory("VmHWM:") - before


def _memory(field: str) -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(field))
        return float(line.split()[1]) / 1024
    import resource

    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def in_new_process(script: str, *arguments: str) -> Any:
    """Run a benchmark script in a process of its own and return what it prints as JSON in its last line."""
    command = [sys.executable, script, *arguments]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.strip().splitlines()[-1])


def answers(rows: int, *, seed: int = 0) -> pd.DataFrame:
    """Return simulated answers: 1,000 groups by number and by name, two waves, and a customer for every ten rows."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, GROUPS, rows)
    return pd.DataFrame(
        {
            "g": group,
            "name": pd.Categorical.from_codes(group, [f"branch {i}" for i in range(GROUPS)]).astype("str"),
            "wave": rng.integers(1, 3, rows),
            "customer": rng.integers(0, max(int(rows * CUSTOMERS_PER_ROW), 20), rows),
            "score": rng.choice(np.arange(11), rows, p=[0.05, *[0.03] * 5, 0.05, 0.15, 0.2, 0.2, 0.2]),
            "w": rng.uniform(0.5, 2.0, rows),
        }
    )


def parquet(rows: int) -> str:
    """Return the path of a Parquet file with ``rows`` answers, written once per machine, ten million at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(tempfile.gettempdir()) / f"cemkit-benchmark-{rows}.parquet"
    if not path.exists():
        half = path.with_suffix(".part")
        starts = range(0, rows, CHUNK)
        first = pa.Table.from_pandas(answers(min(CHUNK, rows)), preserve_index=False)
        with pq.ParquetWriter(half, first.schema) as writer:
            for number, start in enumerate(starts):
                part = first
                if number:
                    chunk = answers(min(CHUNK, rows - start), seed=number)
                    part = pa.Table.from_pandas(chunk, preserve_index=False, schema=first.schema)
                writer.write_table(part, row_group_size=1_000_000)
        half.rename(path)
    return str(path)


def frame(engine: str, rows: int, columns: Sequence[str]) -> Any:
    """Return the answers as a frame of an engine; ``scan`` and ``duckdb-scan`` read the Parquet file lazily."""
    path = parquet(rows)
    if engine in ("duckdb", "duckdb-scan"):
        import duckdb

        connection = duckdb.connect()
        listed = ", ".join(f'"{name}"' for name in columns)
        if engine == "duckdb-scan":
            return connection.sql(f"SELECT {listed} FROM read_parquet('{path}')")
        connection.execute(f"CREATE TABLE answers AS SELECT {listed} FROM read_parquet('{path}')")
        return connection.table("answers")
    if engine == "polars":
        import polars as pl

        return pl.read_parquet(path, columns=list(columns)).rechunk()
    if engine == "polars-scan":
        import polars as pl

        return pl.scan_parquet(path)
    if engine == "pyarrow":
        import pyarrow.parquet as pq

        return pq.read_table(path, columns=list(columns))
    return pd.read_parquet(path, columns=list(columns))


def options(description: str, *, rows: int, runs: int = 9) -> argparse.Namespace:
    """Read the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rows", type=int, default=rows, help=f"rows of answers (default {rows:,})")
    parser.add_argument("--runs", type=int, default=runs, help=f"pairs of runs (default {runs})")
    parser.add_argument("--only", default="", help="only the cases whose name contains this")
    parser.add_argument("--large", action="store_true", help="memory: also 100 million rows")
    parser.add_argument("--json", type=Path, default=None, help="merge the results into this file")
    return parser.parse_args()


def show(section: str, rows: Sequence[dict[str, Any]], given: argparse.Namespace) -> None:
    """Print the results as a table, and merge them into the JSON file if one was named."""
    if not rows:
        print(f"{section}: no case matches --only {given.only!r}")
        return
    print(f"\n{section}, {given.rows:,} rows, {versions()['machine']}")
    print(pd.DataFrame(list(rows)).to_string(index=False, na_rep="", float_format=lambda value: f"{value:.3g}"))
    if given.json is None:
        return
    found = json.loads(given.json.read_text(encoding="utf-8")) if given.json.exists() else {}
    earlier = {row["case"]: row for row in found.get(section, {}).get("results", [])} if given.only else {}
    merged = list({**earlier, **{row["case"]: row for row in rows}}.values())
    found[section] = {"rows": given.rows, "runs": given.runs, "versions": versions(), "load": load(), "results": merged}
    given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def load() -> float | None:
    """Return how many processes wanted a core in the last five minutes, where the system says so."""
    return round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None


def versions() -> dict[str, str]:
    """Return the machine and the versions of what was measured."""
    names = ("cemkit", "narwhals", "numpy", "pandas", "polars", "duckdb", "pyarrow")
    found = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"}
    found["python"] = platform.python_version()
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name == "cemkit":
                import cemkit

                found[name] = cemkit.__version__
    return found
