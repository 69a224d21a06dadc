"""Real purchase data: CDNOW, as the package `lifetimes` carries it (only its files are read)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest


def cdnow_folder() -> Path:
    """Return the folder of the data; skip where the package is not installed."""
    spec = find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package lifetimes, whose data are read, is not installed")
    return Path(spec.submodule_search_locations[0]) / "datasets"


def cdnow_log() -> pd.DataFrame:
    """Return the 1/10 sample of transactions: customer_id, occurred_at, amount."""
    text = (cdnow_folder() / "CDNOW_sample.txt").read_text()
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return pd.DataFrame(
        {
            "customer_id": [int(row[1]) for row in rows],
            "occurred_at": pd.to_datetime([f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows]),
            "amount": [float(row[4]) for row in rows],
        }
    )
