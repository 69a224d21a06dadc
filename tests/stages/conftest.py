"""One small world of the simulated telecom company."""

from __future__ import annotations

import pytest

from cemkit.simulate.world import telecom_tables


@pytest.fixture(scope="session")
def world():
    return telecom_tables(customers=6_000, months=18, seed=1)


@pytest.fixture(scope="session")
def tables(world):
    return world[0]


@pytest.fixture(scope="session")
def truth(world):
    return world[2]
