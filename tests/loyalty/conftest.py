"""CDNOW for the functions of loyalty."""

from __future__ import annotations

import pandas as pd
import pytest
from cdnow import cdnow_log

from cemkit import loyalty


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    return cdnow_log()


@pytest.fixture(scope="session")
def cdnow_history(log: pd.DataFrame) -> loyalty.PurchaseHistory:
    return loyalty.history(log, until="1997-09-30")
