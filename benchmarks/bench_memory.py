"""Peak memory that a call adds, each in a process of its own: `python benchmarks/bench_memory.py [--large]`."""

from __future__ import annotations

import json
import sys

import hand_written
from harness import added_peak, frame, in_new_process, options, parquet, show

import cemkit as cem

TARGET = 350.0
ENGINES = ("polars", "polars-scan", "duckdb", "duckdb-scan", "pandas", "pyarrow")
SCANS = ("polars-scan", "duckdb-scan")
LARGE = 100_000_000
DESIGN = cem.Design(weights="w")


def measure(engine: str, rows: int, side: str) -> float:
    """Return the megabytes that a call, or the hand-written query, adds to a process that already holds the frame."""
    cem.nps.score(
        frame(engine, 1_000, ["g", "score", "w"]), by="g", design=DESIGN
    )  # what is imported late is imported now
    data = frame(engine, rows, ["g", "score", "w"])
    if side == "hand":
        return added_peak(lambda: hand_written.histogram(engine, data, "g", weighted=True))
    return added_peak(lambda: cem.nps.score(data, by="g", design=DESIGN))


def main() -> None:
    given = options(__doc__, rows=10_000_000, runs=1)
    found = []
    for rows in (given.rows, *([LARGE] if given.large else [])):
        parquet(rows)
        parquet(1_000)
        for engine in ENGINES if rows == given.rows else SCANS:
            case = f"{engine}, {rows:,} rows"
            if given.only in case:
                ours, hand = (
                    in_new_process(__file__, "--measure", engine, str(rows), side) for side in ("ours", "hand")
                )
                found.append({"case": case, "target": TARGET, "added_mb": ours, "hand_added_mb": hand})
    show("memory", found, given)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
    else:
        main()
