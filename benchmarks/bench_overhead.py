"""What a call costs on 100 rows, and what importing costs: `python benchmarks/bench_overhead.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import partial
from statistics import median
from typing import Any

import hand_written
from harness import frame, options, show, timed

import cemkit as cem

TARGETS = {"polars": 5.0, "duckdb": 15.0, "pandas": None, "pyarrow": None}
ROWS = 100
IMPORT_TARGET = 1.6
FORBIDDEN = ("scipy.stats", "statsmodels", "altair", "polars", "duckdb", "pyarrow", "dask", "pyspark")


def overhead(engine: str, runs: int) -> list[dict[str, Any]]:
    """Return milliseconds of a call and of the query it makes, by hand."""
    data = frame(engine, ROWS, ["g", "score", "w"])
    found = []
    for name, weighted, design in (("equal weights", False, None), ("weights", True, cem.Design(weights="w"))):
        hand = partial(hand_written.histogram, engine, data, "g", weighted=weighted)
        ours = partial(cem.nps.score, data, by="g", design=design)
        for _ in range(3):
            hand()
            ours()
        pairs = [(timed(hand)[0], timed(ours)[0]) for _ in range(runs)]
        by_hand, call = (1000 * median(pair[i] for pair in pairs) for i in range(2))
        values = {"target_ms": TARGETS[engine], "ms": call, "hand_ms": by_hand, "added_ms": call - by_hand}
        found.append({"case": f"{engine}: {name}", **values})
    return found


def imports(runs: int) -> list[dict[str, Any]]:
    """Return how much longer ``import cemkit`` takes than ``import pandas``, each in processes of their own."""

    def seconds(module: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - start

    bare = median(_nothing() for _ in range(runs))
    pairs = [(seconds("pandas") - bare, seconds("cemkit") - bare) for _ in range(runs)]
    listed = f"import cemkit, sys, json; print(json.dumps([m for m in {FORBIDDEN!r} if m in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", listed], check=True, capture_output=True, text=True)
    unwanted = set(json.loads(loaded.stdout)) - _with_pandas()
    return [
        {
            "case": "import cemkit / import pandas",
            "target": IMPORT_TARGET,
            "ratio": median(ours / pandas for pandas, ours in pairs),
            "pandas_ms": 1000 * median(pair[0] for pair in pairs),
            "ms": 1000 * median(pair[1] for pair in pairs),
            "unwanted": ", ".join(sorted(unwanted)),
        }
    ]


def _nothing() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - start


def _with_pandas() -> set[str]:
    """What ``import pandas`` alone brings along (it loads PyArrow where that is installed)."""
    listed = f"import pandas, sys, json; print(json.dumps([m for m in {FORBIDDEN!r} if m in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", listed], check=True, capture_output=True, text=True)
    return set(json.loads(loaded.stdout))


def main() -> None:
    given = options(__doc__, rows=ROWS, runs=99)
    found = [row for engine in TARGETS for row in overhead(engine, given.runs) if given.only in row["case"]]
    show("overhead", found, given)
    if not given.only:
        show("import", imports(min(given.runs, 9)), given)


if __name__ == "__main__":
    main()
