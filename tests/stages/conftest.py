"""One small world for the tests of stages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cemkit.simulate.world import telecom_tables


@pytest.fixture(scope="session")
def world() -> Any:
    """Return tables, map and truth of a simulated company."""
    return telecom_tables(customers=4000, months=12, seed=2)


@pytest.fixture(scope="session")
def experiences(world: Any) -> pd.DataFrame:
    return world[0]["experiences"]


@pytest.fixture(scope="session")
def journey_map(world: Any) -> Any:
    return world[1]
