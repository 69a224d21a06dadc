"""The whole report over very many rows: `python benchmarks/scale.py --rows 100000000 [--engine duckdb|polars|spark]`.

The tables are written once, ten million rows at a time: so many survey responses and as many experiences of a million
customers (fewer where there are few rows), who leave, buy, and answer. Each section of the report is timed as it is built;
the peak is that of the process's memory (for Spark: that of Python; its engine lives in another process).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import CHUNK, added_peak, in_new_process

import cemkit as cem

CUSTOMERS = 1_000_000
DAYS = 730
START = np.datetime64("2023-01-01", "us")
DAY = np.timedelta64(86_400_000_000, "us")
TOUCHPOINTS = ("advice", "ordering", "activation", "network", "app", "billing", "support", "reminder")
STAGES = ("discover", "consult", "activate", "use", "use", "bill", "support", "bill")
CHANNELS = ("shop", "web", "app", "phone")
RATINGS = np.array([0.06, 0.02, 0.02, 0.03, 0.04, 0.09, 0.07, 0.13, 0.20, 0.16, 0.18])


def folder_of(rows: int) -> Path:
    """Return the folder of the study, written once per machine."""
    folder = Path(tempfile.gettempdir()) / f"cemkit-scale-{rows}"
    if not (folder / "done").exists():
        for table in ("responses", "experiences"):
            (folder / table).mkdir(parents=True, exist_ok=True)
        customers = min(CUSTOMERS, max(rows // 10, 1_000))
        left = write_customers(folder, customers)
        for part, start in enumerate(range(0, rows, CHUNK)):
            size = min(CHUNK, rows - start)
            rng = np.random.default_rng([rows, part])
            responses(rng, size, customers, left).to_parquet(folder / "responses" / f"{part:03}.parquet", index=False)
            experiences(rng, size, customers, left).to_parquet(
                folder / "experiences" / f"{part:03}.parquet", index=False
            )
        transactions(np.random.default_rng(rows), customers, left).to_parquet(
            folder / "transactions.parquet", index=False
        )
        (folder / "done").touch()
    return folder


def write_customers(folder: Path, customers: int) -> np.ndarray:
    """Write the customers, a fifth of whom leave, and return the day on which each left (or the last)."""
    rng = np.random.default_rng(customers)
    leaves = rng.random(customers) < 0.2
    left = np.where(leaves, rng.uniform(30, DAYS, customers), DAYS)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "segment": rng.choice(["consumer", "business", "young"], customers),
            "region": rng.choice(["north", "south", "east", "west"], customers),
            "acquired_at": START - rng.integers(0, 1_500, customers) * DAY,
            "left_at": pd.Series(START + (left * 86_400e6).astype("timedelta64[us]")).where(leaves),
            "left_reason": np.where(leaves, "service", None),
        }
    )
    frame.to_parquet(folder / "customers.parquet", index=False)
    return left


def moments(rng: np.random.Generator, who: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return a time for each row while its customer is there."""
    return START + (rng.random(who.size) * left[who] * 86_400e6).astype("timedelta64[us]")


def responses(rng: np.random.Generator, size: int, customers: int, left: np.ndarray) -> pd.DataFrame:
    """Return answers to the question of recommendation, by wave."""
    who = rng.integers(0, customers, size)
    at = moments(rng, who, left)
    quarter = ((at - START) / np.timedelta64(1, "D") // 91.25).astype(int)
    return pd.DataFrame(
        {
            "customer_id": who,
            "answered_at": at,
            "score": rng.choice(np.arange(11.0), size, p=RATINGS),
            "question": "nps",
            "wave": pd.Categorical.from_codes(quarter, [f"Q{i + 1}" for i in range(9)]).astype("str"),
            "mode": rng.choice(["web", "phone"], size),
        }
    )


def experiences(rng: np.random.Generator, size: int, customers: int, left: np.ndarray) -> pd.DataFrame:
    """Return contacts, one in ten of them bad."""
    who = rng.integers(0, customers, size)
    point = rng.integers(0, len(TOUCHPOINTS), size)
    valence = rng.choice(["negative", "neutral", "positive"], size, p=[0.1, 0.4, 0.5])
    return pd.DataFrame(
        {
            "customer_id": who,
            "touchpoint_id": np.array(TOUCHPOINTS)[point],
            "occurred_at": moments(rng, who, left),
            "channel": rng.choice(CHANNELS, size),
            "valence": valence,
            "perceived": np.where(valence == "negative", 2.0, 4.0) + rng.integers(-1, 2, size),
        }
    )


def transactions(rng: np.random.Generator, customers: int, left: np.ndarray) -> pd.DataFrame:
    """Return about eight purchases a customer."""
    who = rng.integers(0, customers, customers * 8)
    return pd.DataFrame(
        {"customer_id": who, "occurred_at": moments(rng, who, left), "amount": rng.gamma(2.0, 15.0, who.size).round(2)}
    )


def open_study(rows: int, engine: str) -> cem.ExperienceStore:
    """Return the study's store in an engine, nothing read yet."""
    folder = folder_of(rows)
    paths = {
        name: str(folder / name / "*.parquet") if (folder / name).is_dir() else str(folder / f"{name}.parquet")
        for name in ("customers", "responses", "experiences", "transactions")
    }
    points = [
        cem.model.Touchpoint(touchpoint_id=name, name=name, stage=stage)
        for name, stage in zip(TOUCHPOINTS, STAGES, strict=True)
    ]
    journey = cem.model.JourneyMap(name="scale", stages=list(cem.model.TELECOM_STAGES), touchpoints=points)
    return cem.ExperienceStore(**{name: reader(engine)(path) for name, path in paths.items()}, journey_map=journey)


def reader(engine: str) -> Any:
    """Return what opens Parquet files lazily in an engine."""
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect()
        return lambda path: connection.sql(f"select * from read_parquet('{path}')")
    if engine == "polars":
        import polars as pl

        return pl.scan_parquet
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.driver.memory", "8g").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session.read.parquet


def measure(rows: int, engine: str) -> dict[str, Any]:
    """Write the report and return seconds per section and the megabytes added to the process's peak."""
    store = open_study(rows, engine)
    marks: list[tuple[str, float]] = []

    def progress(section: str, _place: int, _of: int) -> None:
        marks.append((section, time.perf_counter()))

    target = Path(tempfile.gettempdir()) / f"cemkit-scale-{rows}.html"
    peak = added_peak(lambda: cem.report.write(store, target, progress=progress))
    marks.append(("", time.perf_counter()))
    seconds = {name: after - at for (name, at), (_, after) in pairwise(marks)}
    return {"rows": rows, "engine": engine, "peak_mb": peak, "seconds": sum(seconds.values()), "sections": seconds}


def main() -> None:
    """Measure each number of rows in a process of its own and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engine", default="duckdb", choices=("duckdb", "polars", "spark"))
    parser.add_argument("--json", help="write the figures to this file, too")
    given = parser.parse_args()
    found = []
    for rows in given.rows:
        folder_of(rows)
        found.append(in_new_process(__file__, "--measure", str(rows), given.engine))
        print(f"{rows:>12,} rows, {given.engine}: {found[-1]['seconds']:.1f} s, peak +{found[-1]['peak_mb']:.0f} MB")
        for section, seconds in found[-1]["sections"].items():
            print(f"{'':>14}{section:<40}{seconds:8.1f} s")
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    import sys

    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]), sys.argv[3])))
    else:
        main()
