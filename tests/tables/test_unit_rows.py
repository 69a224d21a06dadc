from __future__ import annotations

import numpy as np
import pandas as pd
from engines import Engine

from cemkit.tables import bind
from cemkit.tables.preceding import NO_MOMENT
from cemkit.tables.unit_rows import collected_rows, flagged_unit_rows

ROWS = {
    "who": ["a", "a", "b", None, "c"],
    "flag": [True, False, False, True, None],
    "x": [1.0, None, 3.0, 4.0, 5.0],
    "at": [pd.Timestamp("1970-01-02").to_pydatetime(), None, *[pd.Timestamp("1970-01-01 00:01").to_pydatetime()] * 3],
}


def test_only_units_with_the_flag_leave_the_engine(engine: Engine) -> None:
    found = flagged_unit_rows(bind(engine(ROWS)), unit="who", flag="flag", numbers=["x"], times=["at"])
    order = np.argsort(~found["flag"])
    assert list(found["who"]) == ["a", "a"]
    assert found["flag"][order].tolist() == [True, False]
    assert found["x"][order][0] == 1.0
    assert np.isnan(found["x"][order][1])
    assert found["at"][order].tolist() == [86_400, NO_MOMENT]


def test_all_rows(local_engine: Engine) -> None:
    found = collected_rows(bind(local_engine(ROWS)), keys=["who"], numbers=["x"], flags=["flag"], times=["at"])
    assert found["flag"].tolist() == [True, False, False, True, False]
    assert found["at"].tolist() == [86_400, NO_MOMENT, 60, 60, 60]
