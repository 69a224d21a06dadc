"""Histories from a log of purchases, as a ratio to a hand-written query: `python benchmarks/bench_history.py --rows 10000000`.

By hand, rows are summed to days and days to customers: repeat purchases, first and last day, total, the amount of the first day and (with
intervals) the sum of log times between purchases. From pandas the other side is a plain ``groupby`` of the same steps.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import added_peak, options, paired, show

from cemkit import loyalty

TARGETS = {"polars": 1.2, "duckdb": 1.2, "pandas": 1 / 1.5}
PER_CUSTOMER = 10
DAYS = 730


def log(rows: int) -> str:
    """Return the path of a Parquet file with a log of purchases, written once per machine."""
    path = Path(tempfile.gettempdir()) / f"cemkit-purchases-{rows}.parquet"
    if not path.exists():
        rng = np.random.default_rng(1)
        day = np.datetime64("2023-01-01", "us") + rng.integers(0, DAYS * 86_400, rows).astype("timedelta64[s]")
        table = pd.DataFrame(
            {
                "customer_id": rng.integers(0, max(rows // PER_CUSTOMER, 10), rows),
                "occurred_at": day,
                "amount": np.round(rng.gamma(2.0, 20.0, rows), 2),
            }
        )
        half = path.with_suffix(".part")
        table.to_parquet(half)
        half.rename(path)
    return str(path)


def frame(engine: str, rows: int) -> Any:
    """Return the log as a frame of an engine."""
    if engine == "polars":
        import polars as pl

        return pl.read_parquet(log(rows)).rechunk()
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect()
        connection.execute(f"CREATE TABLE log AS SELECT * FROM read_parquet('{log(rows)}')")
        return connection.table("log")
    return pd.read_parquet(log(rows))


def by_hand_polars(data: Any, *, intervals: bool) -> pd.DataFrame:
    import polars as pl

    days = (
        data.lazy()
        .group_by("customer_id", pl.col("occurred_at").dt.date().alias("day"))
        .agg(pl.col("amount").sum())
        .with_columns(pl.col("day").cast(pl.Int32))
    )
    sums = [
        pl.len().alias("days"),
        pl.col("day").min().alias("first"),
        pl.col("day").max().alias("last"),
        pl.col("amount").sum().alias("total"),
        pl.col("amount").get(pl.col("day").arg_min()).alias("first_amount"),
    ]
    if intervals:
        sums.append(pl.col("day").sort().diff().cast(pl.Float64).log().sum().alias("gaps"))
    return days.group_by("customer_id").agg(sums).sort("customer_id").collect().to_pandas()


def by_hand_duckdb(data: Any, *, intervals: bool) -> pd.DataFrame:
    gap = ", lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS before" if intervals else ""
    gaps = ", coalesce(sum(ln(date_diff('day', before, day))), 0) AS gaps" if intervals else ""
    return data.query(
        "log_of_purchases",
        f"""
        WITH days AS (
            SELECT customer_id, occurred_at::DATE AS day, sum(amount) AS amount FROM log_of_purchases GROUP BY ALL
        ), ordered AS (SELECT *{gap} FROM days)
        SELECT customer_id, count(*) AS days, min(day) AS first, max(day) AS last, sum(amount) AS total,
               arg_min(amount, day) AS first_amount{gaps}
        FROM ordered GROUP BY customer_id ORDER BY customer_id
        """,
    ).df()


def by_hand_pandas(data: pd.DataFrame, *, intervals: bool) -> pd.DataFrame:
    days = (
        data.assign(day=data["occurred_at"].dt.floor("D"))
        .groupby(["customer_id", "day"], as_index=False)["amount"]
        .sum()
    )
    grouped = days.groupby("customer_id")
    found = grouped.agg(days=("day", "size"), first=("day", "min"), last=("day", "max"), total=("amount", "sum"))
    found["first_amount"] = grouped["amount"].first()
    if intervals:
        gap = np.log(grouped["day"].diff().dt.days.to_numpy())
        found["gaps"] = pd.Series(gap, index=days["customer_id"]).groupby(level=0).sum()
    return found.reset_index()


BY_HAND = {"polars": by_hand_polars, "duckdb": by_hand_duckdb, "pandas": by_hand_pandas}


def require_agreement(case: str, hand: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Stop where the two sides do not give the same numbers."""
    hand = hand.sort_values("customer_id", ignore_index=True)
    spend = np.where(hand["days"] > 1, (hand["total"] - hand["first_amount"]) / np.maximum(hand["days"] - 1, 1), 0.0)
    same = [
        np.array_equal(hand["customer_id"], ours["customer_id"]),
        np.array_equal(hand["days"] - 1, ours["frequency"]),
        np.allclose(hand["total"], ours["total"], rtol=1e-9),
        np.allclose(spend, ours["spend"], rtol=1e-7, atol=1e-9),
    ]
    if "gaps" in hand:
        same.append(np.allclose(hand["gaps"], ours["log_interval"], rtol=1e-9, atol=1e-9))
    if not all(same):
        msg = f"{case}: the hand-written query and cemkit differ"
        raise SystemExit(msg)


def main() -> None:
    given = options(__doc__ or "", rows=10_000_000, runs=5)
    results = []
    for engine, target in TARGETS.items():
        for intervals in (False, True):
            case = f"{engine}: {'with' if intervals else 'without'} times between purchases"
            if given.only not in case:
                continue
            data = frame(engine, given.rows)
            hand = partial(BY_HAND[engine], data, intervals=intervals)
            ours = partial(loyalty.history, data, unit="day", intervals=intervals)
            require_agreement(case, hand(), ours().to_frame())
            ratio = paired(hand, ours, runs=given.runs)
            memory = {"hand_added_mb": added_peak(hand), "added_mb": added_peak(ours)}
            results.append({"case": case, "target": target, **ratio._asdict(), **memory})
            print(f"{case}: {ratio.ratio:.2f} (processor {ratio.cpu_ratio:.2f})", flush=True)
            del data
    show("history", results, given)


if __name__ == "__main__":
    main()
