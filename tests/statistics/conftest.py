"""Real purchase data for the purchase models: CDNOW, as the package `lifetimes` carries it (only its files are read)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cemkit.statistics.histories import Histories, histories


@dataclass(frozen=True)
class Cdnow:
    """The sample of 2,357 customers: exact weeks, spend per repeat purchase, and the 39 weeks that follow."""

    histories: Histories
    spend: np.ndarray
    later: np.ndarray


@pytest.fixture(scope="session")
def lifetimes_data() -> Path:
    spec = find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package lifetimes, whose data are read, is not installed")
    return Path(spec.submodule_search_locations[0]) / "datasets"


@pytest.fixture(scope="session")
def cdnow(lifetimes_data: Path) -> Cdnow:
    rows = [line.split() for line in (lifetimes_data / "CDNOW_sample.txt").read_text().splitlines() if line.strip()]
    log = pd.DataFrame(
        {
            "customer": [int(row[1]) for row in rows],
            "day": pd.to_datetime([f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows]),
            "amount": [float(row[4]) for row in rows],
        }
    )
    days = log.groupby(["customer", "day"], as_index=False)["amount"].sum()
    end = pd.Timestamp("1997-09-30")
    seen = days[days["day"] <= end].copy()
    seen["gap"] = seen.groupby("customer")["day"].diff().dt.days / 7
    seen["log_gap"] = np.log(seen["gap"])
    grouped = seen.groupby("customer")
    first, last = grouped["day"].min(), grouped["day"].max()
    spend = seen[seen["gap"].notna()].groupby("customer")["amount"].mean().reindex(first.index, fill_value=0.0)
    later = days[days["day"] > end].groupby("customer").size().reindex(first.index, fill_value=0)
    data = histories(
        grouped.size() - 1,
        (last - first).dt.days / 7,
        (end - first).dt.days / 7,
        log_interval=grouped["log_gap"].sum(),
    )
    return Cdnow(data, spend.to_numpy(), later.to_numpy())
