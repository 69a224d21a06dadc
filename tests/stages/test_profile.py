"""Profiles: hand counts, the airport's touchpoints as the report gives them, bad input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, Scale, csat, stages
from cemkit.errors import CemkitError
from cemkit.scales import CSAT_5

ROOT = Path(__file__).parents[2]


def test_by_hand_and_in_the_order_of_the_map(engine: Callable[[Any], Any]) -> None:
    data = engine(
        {"stage": ["use", "bill", "use", "bill", None], "order": [4, 2, 4, 2, None], "perceived": [5, 1, 4, None, 3]}
    )
    found = stages.profile(data).to_frame()
    assert found["stage"].tolist()[:2] == ["bill", "use"]
    assert pd.isna(found["stage"].iloc[2])
    assert found["estimate"].tolist() == [1.0, 4.5, 3.0]
    assert found["n"].tolist() == [1, 2, 1]
    assert found["missing"].tolist() == [1, 0, 0]
    # t with one degree of freedom: 4.5 ± 12.7062 · 0.5, cut at the scale
    assert found["std_error"].iloc[1] == pytest.approx(0.5)


def test_customers_who_come_back_are_the_clusters(experiences: pd.DataFrame, journey_map: Any) -> None:
    found = stages.profile(stages.label(experiences, journey_map), by=["stage", "aspect"])
    assert "customers-are-clusters" in {note.code for note in found.assumptions}
    assert found.table["stage"].drop_duplicates().tolist() == [stage.name for stage in journey_map.stages]
    plain = stages.profile(stages.label(experiences, journey_map), by=["stage", "aspect"], design=Design.independent())
    np.testing.assert_allclose(found.table["estimate"], plain.table["estimate"], rtol=1e-12)


def test_airport_touchpoints_as_in_the_report(shared_data: Path) -> None:
    from cemkit import open_store

    store = open_store(shared_data / "sfo_2017", ROOT / "examples" / "sfo_2017.toml", engine="pandas")
    scale = store.scales["experiences"]
    found = stages.profile(
        store.experiences, by="touchpoint_id", statistic="top", scale=scale, design=store.design, invalid="count"
    ).to_frame()
    # what the report's section of touchpoints computes: cem.csat of "perceived" by touchpoint
    section = csat.with_scale(scale).score(
        store.experiences, score="perceived", by="touchpoint_id", design=store.design, invalid="count"
    )
    pd.testing.assert_frame_equal(
        found.drop(columns="metric"), section.to_frame().drop(columns="metric"), check_exact=True
    )
    # Q7FOOD in 2017, pandas' value_counts of the raw file: 915 fours, 817 threes, 434 fives, 217 twos, 38 ones
    means = stages.profile(
        store.experiences, by="touchpoint_id", scale=scale, design=Design.independent(), invalid="count"
    )
    food = means.to_frame().set_index("touchpoint_id").loc["food"]
    assert food["n"] == 2421
    assert food["estimate"] == pytest.approx((4 * 915 + 3 * 817 + 5 * 434 + 2 * 217 + 38) / 2421, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "no column 'stage': add it with stages.label(experiences, journey_map) first"),
        ({"by": "kind"}, "no column 'kind': add it with stages.classify(experiences) first"),
        ({"by": "g", "score": "percieved"}, "Did you mean 'perceived'"),
        ({"by": "g", "statistic": "median"}, "statistic must be"),
        ({"by": "g", "statistic": pd.DataFrame()}, "statistic must be"),
        ({"by": "g", "scale": None}, "scale must be a cemkit.Scale such as cemkit.LIKERT_5, or (low, high), got None"),
        ({"by": "g", "min_base": 10**400}, "min_base must be a whole number"),
        ({"by": "g", "scale": Scale(1, 3)}, "1 values of 'perceived' are outside the scale 1 to 3"),
        ({"by": "estimate"}, "is also the name of a result column"),
    ],
)
def test_bad_input(options: dict[str, Any], text: str) -> None:
    rows = pd.DataFrame({"g": ["a", "b"], "perceived": [1, 5], "estimate": [1, 2]})
    with pytest.raises(CemkitError) as raised:
        stages.profile(rows, **options)
    assert text in str(raised.value)


def test_codes_that_mean_no_answer() -> None:
    scale = Scale(1, 5, bands=dict(CSAT_5.bands or {}), missing_codes=(0, 6))
    found = stages.profile(pd.DataFrame({"g": ["a"] * 3, "perceived": [0, 6, 4]}), by="g", scale=scale)
    assert (found.only.n, found.only.missing) == (1, 2)
