"""Data that the tests of churn share."""

from __future__ import annotations

import pandas as pd
import pytest
import survival_data


@pytest.fixture(scope="session")
def flies() -> pd.DataFrame:
    return survival_data.flies()


@pytest.fixture(scope="session")
def cohort() -> pd.DataFrame:
    return survival_data.cohort()


@pytest.fixture(scope="session")
def telco() -> pd.DataFrame:
    return survival_data.telco()


@pytest.fixture(scope="session")
def rossi() -> pd.DataFrame:
    return survival_data.rossi()
