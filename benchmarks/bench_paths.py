"""Path attribution against the package that has it, and paths counted where they lie: `python benchmarks/bench_paths.py`."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import added_peak, options, paired, show

from cemkit import churn

TOUCHPOINTS = 12


def taken(rows: int, seed: int = 0) -> pd.DataFrame:
    """Return different paths of one to eight touches, with the customers who left and who stayed."""
    rng = np.random.default_rng(seed)
    names = np.array([f"touchpoint {i}" for i in range(TOUCHPOINTS)], dtype=object)
    weight = 1.0 / np.arange(1, TOUCHPOINTS + 1)
    length = rng.integers(1, 9, 2 * rows)
    steps = names[rng.choice(TOUCHPOINTS, (2 * rows, 8), p=weight / weight.sum())]
    paths = [" > ".join(row[:n]) for row, n in zip(steps.tolist(), length.tolist(), strict=True)]
    frame = pd.DataFrame({"path": paths}).drop_duplicates().head(rows).reset_index(drop=True)
    left = rng.integers(0, 4, len(frame))
    return frame.assign(left=left, kept=rng.integers(1, 20, len(frame)))


def peer(frame: pd.DataFrame, order: int) -> Any:
    """Run the other package as it comes: it simulates paths until its effects have settled within 5 %."""
    import ChannelAttribution

    with contextlib.redirect_stdout(io.StringIO()):
        return ChannelAttribution.markov_model(
            frame, "path", "left", var_null="kept", order=order, out_more=True, verbose=False, flg_pro=False
        )


def ours(frame: pd.DataFrame, order: int, *, level: float | None = None) -> Any:
    return churn.path_attribution(frame, order=order, level=level)


def against_peer(rows: int, order: int, runs: int) -> dict[str, Any]:
    frame = taken(rows)
    ratio = paired(partial(peer, frame, order), partial(ours, frame, order), runs=runs)
    return {
        "case": f"Markov, order {order}, {len(frame):,} paths, times ChannelAttribution",
        "target": 1.0,
        "faster": 1 / ratio.ratio,
        "faster (processor)": 1 / ratio.cpu_ratio,
        "seconds": ratio.seconds,
    }


def with_intervals(rows: int, order: int, runs: int) -> dict[str, Any]:
    frame = taken(rows)
    ratio = paired(partial(ours, frame, order), partial(ours, frame, order, level=0.95), runs=runs)
    return {"case": f"Markov, order {order}, {len(frame):,} paths, intervals too", "seconds": ratio.seconds}


def counted(engine: str, rows: int) -> dict[str, Any]:
    """Time attribution over a Parquet file of a row per customer, which is never collected."""
    import polars as pl

    path = Path(tempfile.gettempdir()) / f"cemkit-paths-{rows}.parquet"
    if not path.exists():
        rng = np.random.default_rng(1)
        which = taken(2_000)["path"].to_numpy()[rng.zipf(1.3, rows) % 2_000]
        pl.DataFrame({"path": which, "left": rng.random(rows) < 0.1}).write_parquet(path)
    if engine == "duckdb":
        import duckdb

        data: Any = duckdb.connect().sql(f"SELECT * FROM read_parquet('{path}')")
    else:
        data = pl.scan_parquet(path)
    start = time.perf_counter()
    peak = added_peak(partial(churn.path_attribution, data))
    return {
        "case": f"{engine}, {rows:,} customers, intervals too",
        "seconds": time.perf_counter() - start,
        "megabytes": peak,
    }


def main() -> None:
    given = options(__doc__ or "", rows=10_000_000, runs=5)
    cases: list[tuple[str, Callable[[], dict[str, Any]]]] = []
    for rows in (1_000, 100_000):
        for order in (1, 2):
            if importlib.util.find_spec("ChannelAttribution"):
                cases.append((f"peer {rows} {order}", partial(against_peer, rows, order, given.runs)))
            cases.append((f"intervals {rows} {order}", partial(with_intervals, rows, order, min(given.runs, 3))))
    cases += [(engine, partial(counted, engine, given.rows)) for engine in ("polars", "duckdb")]
    show("paths", [case() for name, case in cases if given.only in name], given)


if __name__ == "__main__":
    main()
