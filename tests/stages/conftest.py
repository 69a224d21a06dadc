"""Two small worlds of the simulated telecom company."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cemkit.simulate.world import telecom_tables


@pytest.fixture(scope="session")
def world() -> Any:
    """Return tables, map and truth of a year."""
    return telecom_tables(customers=4000, months=12, seed=2)


@pytest.fixture(scope="session")
def experiences(world: Any) -> pd.DataFrame:
    return world[0]["experiences"]


@pytest.fixture(scope="session")
def journey_map(world: Any) -> Any:
    return world[1]


@pytest.fixture(scope="session")
def longer_world() -> Any:
    """Return tables, map and truth of more customers and months, where effects are to be seen."""
    return telecom_tables(customers=6_000, months=18, seed=1)


@pytest.fixture(scope="session")
def tables(longer_world: Any) -> Any:
    return longer_world[0]


@pytest.fixture(scope="session")
def truth(longer_world: Any) -> Any:
    return longer_world[2]
