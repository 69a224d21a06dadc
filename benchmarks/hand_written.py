"""The queries that one would write by hand: the same n, Σw, Σw² per group, in each engine's own words.

The counts are per group and scale point, from which score and variance of every group follow; that is the fastest way
known to us to get all of them in one pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def histogram(engine: str, frame: Any, by: str, *, weighted: bool) -> Any:
    """Count answers (and sum weights and their squares) by group and scale point."""
    if engine.startswith("polars"):
        return _polars(frame, by, weighted=weighted)
    if engine.startswith("duckdb"):
        sums = ", sum(w) AS w, sum(w * w) AS w2" if weighted else ""
        return frame.aggregate(f"{by}, score, count(*) AS n{sums}", f"{by}, score").df()
    if engine == "pyarrow":
        return _pyarrow(frame, by, weighted=weighted)
    if not weighted:
        return frame.groupby([by, "score"], sort=False).size().rename("n").reset_index()
    squared = frame[[by, "score", "w"]].assign(w2=frame["w"] * frame["w"])
    return (
        squared.groupby([by, "score"], sort=False).agg(n=("w", "size"), w=("w", "sum"), w2=("w2", "sum")).reset_index()
    )


def _polars(frame: Any, by: str, *, weighted: bool) -> Any:
    import polars as pl

    sums = [pl.len().alias("n")]
    if weighted:
        sums += [pl.col("w").sum(), (pl.col("w") * pl.col("w")).sum().alias("w2")]
    return frame.lazy().group_by(by, "score").agg(sums).collect()


def _pyarrow(frame: Any, by: str, *, weighted: bool) -> Any:
    import pyarrow.compute as pc

    if not weighted:
        return frame.group_by([by, "score"]).aggregate([([], "count_all")]).rename_columns({"count_all": "n"})
    squared = frame.append_column("w2", pc.multiply(frame["w"], frame["w"]))
    found = squared.group_by([by, "score"]).aggregate([([], "count_all"), ("w", "sum"), ("w2", "sum")])
    return found.rename_columns({"count_all": "n", "w_sum": "w", "w2_sum": "w2"})


def two_steps(engine: str, frame: Any, by: str) -> Any:
    """Sum customers' weighted totals of the three bands and their products: what variances under clusters are made of."""
    pairs = [(i, j) for i in range(3) for j in range(i, 3)]
    if engine.startswith("polars"):
        import polars as pl

        score, w = pl.col("score"), pl.col("w")
        bands = [score <= 6, score.is_between(7, 8), score >= 9]
        once = (
            frame.lazy()
            .group_by(by, "customer")
            .agg(
                pl.len().alias("n"),
                *(pl.when(band).then(w).otherwise(0.0).sum().alias(f"t{i}") for i, band in enumerate(bands)),
            )
        )
        sums = [pl.col("n").sum(), pl.len().alias("clusters"), *(pl.col(f"t{i}").sum() for i in range(3))]
        sums += [(pl.col(f"t{i}") * pl.col(f"t{j}")).sum().alias(f"p{i}{j}") for i, j in pairs]
        return once.group_by(by).agg(sums).collect()
    if engine.startswith("duckdb"):
        bands = ["score <= 6", "score BETWEEN 7 AND 8", "score >= 9"]
        totals = ", ".join(f"sum(CASE WHEN {band} THEN w ELSE 0 END) AS t{i}" for i, band in enumerate(bands))
        once = frame.aggregate(f"{by}, customer, count(*) AS n, {totals}", f"{by}, customer")
        sums = ", ".join(
            [*(f"sum(t{i}) AS t{i}" for i in range(3)), *(f"sum(t{i} * t{j}) AS p{i}{j}" for i, j in pairs)]
        )
        return once.aggregate(f"{by}, sum(n) AS n, count(*) AS clusters, {sums}", by).df()
    score, w = frame["score"].to_numpy(), frame["w"].to_numpy()
    bands = [score <= 6, (score >= 7) & (score <= 8), score >= 9]
    wide = frame[[by, "customer"]].assign(n=1, **{f"t{i}": np.where(band, w, 0.0) for i, band in enumerate(bands)})
    once = wide.groupby([by, "customer"], sort=False).sum()
    once = once.assign(clusters=1, **{f"p{i}{j}": once[f"t{i}"] * once[f"t{j}"] for i, j in pairs})
    return once.groupby(level=0).sum().reset_index()


def scores(found: Any, by: str) -> pd.DataFrame:
    """Return n and the net score of every group, sorted, from either kind of sums: to check that both sides agree."""
    table = found if isinstance(found, pd.DataFrame) else found.to_pandas()
    if "t0" in table:
        value = (table["t2"] - table["t0"]) / (table["t0"] + table["t1"] + table["t2"])
        table = pd.DataFrame({by: table[by], "n": table["n"], "estimate": 100 * value})
    else:
        weight = table["w"] if "w" in table else table["n"]
        sign = np.where(table["score"] >= 9, 1.0, np.where(table["score"] <= 6, -1.0, 0.0))
        table = table.assign(top=weight * sign, weight=weight).groupby(by)[["n", "top", "weight"]].sum().reset_index()
        table["estimate"] = 100 * table["top"] / table["weight"]
    return table[[by, "n", "estimate"]].sort_values(by, ignore_index=True)
