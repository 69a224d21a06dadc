"""A real survey: passengers of San Francisco airport, 2017 (shared data; skipped where they are absent)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, Scale, nps
from cemkit.scales import NPS_SCALE

METRIC = nps.with_scale(Scale(0, 10, bands=dict(NPS_SCALE.bands or {}), missing_codes=(11,)))


@pytest.fixture(scope="module")
def passengers(shared_data: Path) -> pd.DataFrame:
    frame = pd.read_csv(shared_data / "sfo_2017" / "sfo_2017.csv", low_memory=False).rename(columns=str.strip)
    return frame[["NETPRO", "WEIGHT", "GATE", "STRATA", "BAREA"]].rename(columns=str.lower)


def test_headline(engine: Callable[[Any], Any], passengers: pd.DataFrame) -> None:
    data = engine(passengers)
    found = METRIC.score(data, score="netpro")
    # Counted by hand from the file: 1436 promoters, 968 passives, 342 detractors; 84 coded 11 and 1 blank.
    assert (found.only.n, found.only.missing, found.only.invalid) == (2746, 85, 0)
    np.testing.assert_allclose(found.only.estimate, 100 * (1436 - 342) / 2746, rtol=1e-12)
    assert round(found.only.estimate, 3) == 39.840
    assert found.bands["n"].tolist() == [342, 968, 1436]
    weighted = METRIC.score(data, score="netpro", design=Design(weights="weight")).only
    assert round(weighted.estimate, 3) == 40.398


@pytest.mark.parametrize(
    ("by", "design"),
    [
        ("strata", Design(weights="weight", cluster="gate")),
        (["barea", "strata"], None),
        ("gate", Design(weights="weight", strata="strata")),
    ],
)
def test_engines_agree(engine: Callable[[Any], Any], passengers: pd.DataFrame, by: Any, design: Design | None) -> None:
    expected = METRIC.score(passengers, score="netpro", by=by, design=design).to_frame()
    found = METRIC.score(engine(passengers), score="netpro", by=by, design=design).to_frame()
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
