"""Experiences for the tests of flows: the help desk, and small random ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def helpdesk(folder: Path) -> pd.DataFrame:
    """Return the help-desk log with the names of an experience table."""
    columns = {"Case ID": "customer_id", "Activity": "touchpoint_id", "Complete Timestamp": "occurred_at"}
    log = pd.read_csv(
        folder / "helpdesk_italian" / "helpdesk.csv", usecols=[*columns, "product"], keep_default_na=False
    )
    log = log.rename(columns=columns)
    return log.assign(occurred_at=pd.to_datetime(log["occurred_at"]).astype("datetime64[us]"))


def random_experiences(seed: int, customers: int = 12) -> pd.DataFrame:
    """Return experiences of customers at three touchpoints, at whole hours, some at the same one."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(40, 90))
    who = rng.integers(0, customers, rows)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in who],
            "touchpoint_id": np.array(["shop", "bill", "call"], dtype=object)[rng.integers(0, 3, rows)],
            "occurred_at": (np.datetime64("2024-01-01", "h") + rng.integers(0, 900, rows)).astype("datetime64[us]"),
            "segment": [["new", "old", None][i % 3] for i in who],
        }
    )
