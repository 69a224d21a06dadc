"""Logs of purchases for the tests of loyalty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


def cdnow() -> pd.DataFrame:
    """Return the log of 2,357 customers of CDNOW (Fader and Hardie 2001), from the PyPI package ``lifetimes``."""
    lifetimes = pytest.importorskip("lifetimes", reason="the CDNOW log comes from the package lifetimes")
    file = Path(str(lifetimes.__file__)).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(file, sep=r"\s+", header=None, names=["master", "customer_id", "day", "cds", "amount"])
    return log.assign(occurred_at=pd.to_datetime(log["day"].astype(str)))[["customer_id", "occurred_at", "amount"]]


def random_log(rows: int = 300, seed: int = 3) -> pd.DataFrame:
    """Return a log with a region per customer (sometimes null) and months of 2024."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, 60, rows)
    region = np.array(["north", "south", None], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "occurred_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 240, rows), unit="D"),
            "amount": rng.integers(0, 50, rows).astype(float),
            "region": region[who % 3],
            "weight": 1.0 + who % 4,
        }
    )
