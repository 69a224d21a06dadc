"""The journey curve: hand values on every engine, the simulated company's truth, the picture, bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, Scale, stages
from cemkit.errors import CemkitError, ContractError
from cemkit.model import JourneyMap, Touchpoint
from cemkit.results import Result
from cemkit.simulate.world import telecom_tables
from cemkit.stages.journey_curve import CURVE_COLUMNS

PLACES = JourneyMap(
    name="retail",
    touchpoints=[
        Touchpoint(touchpoint_id="till", name="Till", stage="purchase", channel="shop"),
        Touchpoint(touchpoint_id="web", name="Web page", stage="discover", channel="web", aspect="rational"),
        Touchpoint(touchpoint_id="shop", name="Shop", stage="visit", channel="shop", aspect="emotional"),
        Touchpoint(touchpoint_id="desk", name="Desk", stage="care"),
    ],
)
ROWS = {
    "customer_id": ["a", "a", "a", "b", "b", "b", "c"],
    "touchpoint_id": ["web", "shop", "till", "web", "till", "till", "shop"],
    "perceived": [3.0, 5, 2, 4, 1, 5, None],
    "occurred_at": [pd.Timestamp(f"2025-01-0{d}").to_pydatetime() for d in (1, 2, 3, 1, 2, 2, 1)],
    "plan": ["x", "x", "x", None, None, None, "x"],
}


def test_by_hand(engine: Callable[[Any], Any]) -> None:
    found = stages.journey_curve(engine(ROWS), PLACES)
    table = found.to_frame()
    assert tuple(table.columns) == CURVE_COLUMNS
    # in the order of the map's stages, a touchpoint without a rating included
    assert table["touchpoint_id"].tolist() == ["web", "shop", "till", "desk"]
    assert table["n"].tolist() == [2, 1, 3, 0]
    assert table["missing"].tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(table["estimate"], [3.5, 5, 8 / 3, np.nan])
    assert found.stages["stage"].tolist() == ["discover", "visit", "purchase", "use", "care"]
    assert found.stages["n"].tolist() == [2, 1, 3, 0, 0]
    assert found.channels["channel"].tolist() == ["web", "shop", "shop"]
    assert found.moments[["moment", "touchpoint_id"]].values.tolist() == [
        ["peak", "shop"],
        ["low", "till"],
        ["end", "till"],
    ]
    own = found.peak_end.set_index("metric")
    # a: 3, 5, 2 ending in 2; b: 4, 1, 5 with 1 and 5 in the last second; of two equally intense the worse one
    assert own["n"].tolist() == [2] * 6
    expected = {
        "best": 5,
        "worst": 1.5,
        "most intense": (5 + 1) / 2,
        "last": (2 + 3) / 2,
        "peak-end": (3.5 + 2) / 2,
        "mean": 10 / 3,
    }
    assert own["estimate"].to_dict() == pytest.approx(expected)


def test_groups_and_their_nulls(engine: Callable[[Any], Any]) -> None:
    found = stages.journey_curve(engine(ROWS), PLACES, by="plan")
    assert len(found.table) == 2 * 4
    assert found.table["plan"].isna().tolist() == [False] * 4 + [True] * 4
    assert found.table["n"].tolist() == [1, 1, 1, 0, 1, 0, 2, 0]
    assert found.moments["moment"].tolist() == ["peak", "low", "end"] * 2
    assert found.moments["touchpoint_id"].tolist() == ["shop", "till", "till", "web", "till", "till"]
    assert found.peak_end["n"].tolist() == [1] * 12


def test_the_simulated_companys_curve_and_channels(world: Any) -> None:
    tables, places, truth = world
    found = stages.journey_curve(tables["experiences"], places, level=0.999)
    known = truth.touchpoints[truth.touchpoints["channel"].isna()].set_index("touchpoint_id")["perceived"]
    for row in found.table.itertuples():
        assert row.low < known[row.touchpoint_id] < row.high, row
    by_channel = truth.touchpoints.dropna(subset="channel").set_index(["touchpoint_id", "channel"])["perceived"]
    for row in found.channels[found.channels["n"] >= 30].itertuples():
        assert row.low < by_channel[row.touchpoint_id, row.channel] < row.high, row
    low = found.moments.set_index("moment").loc["low"]
    assert low["touchpoint_id"] == known.idxmin() == "cancellation"
    assert low["certainty"] > 0.99


def test_the_curve_is_an_estimate_like_any_other(experiences: pd.DataFrame, journey_map: JourneyMap) -> None:
    found = stages.journey_curve(experiences, journey_map).table.set_index("touchpoint_id")
    profile = stages.profile(experiences, by="touchpoint_id").table.set_index("touchpoint_id")
    for name in ("estimate", "std_error", "low", "high", "df"):
        np.testing.assert_allclose(found[name], profile[name].loc[found.index].astype(float), rtol=1e-12)
    plain = stages.journey_curve(experiences, journey_map, design=Design.independent()).table
    assert plain["method"].iloc[0] == "t"


def test_engines_agree(local_engine: Callable[[Any], Any], experiences: pd.DataFrame, journey_map: JourneyMap) -> None:
    some = experiences.head(2500).drop(columns="journey_id")
    expected = stages.journey_curve(some, journey_map, by="kind")
    found = stages.journey_curve(local_engine(some.sample(frac=1, random_state=3)), journey_map, by="kind")
    for part in ("table", "stages", "channels", "moments", "peak_end"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), rtol=1e-9)


def test_lower_is_better_ends_and_no_customers() -> None:
    rows = pd.DataFrame(ROWS)
    turned = stages.journey_curve(rows, PLACES, scale=Scale(1, 5, direction="lower-is-better")).peak_end.set_index(
        "metric"
    )
    assert turned.loc["best", "estimate"] == 1.5
    assert turned.loc["worst", "estimate"] == 5
    assert turned.loc["most intense", "estimate"] == 5
    plain = stages.journey_curve(rows.drop(columns=["customer_id"]), PLACES)
    assert len(plain.peak_end) == 0
    undated = stages.journey_curve(rows.drop(columns=["occurred_at"]), PLACES).peak_end.set_index("metric")
    assert undated.loc["last", "n"] == 0
    assert undated.loc["last", "missing"] == 2
    assert undated.loc["best", "estimate"] == 5


def test_what_is_counted_as_invalid_is_nobodys_peak(engine: Callable[[Any], Any]) -> None:
    rows = {**ROWS, "perceived": [3.0, 9, 2, 4, 1, 5, None]}
    found = stages.journey_curve(engine(rows), PLACES, invalid="count")
    assert found.table["invalid"].tolist() == [0, 1, 0, 0]
    own = found.peak_end.set_index("metric")["estimate"]
    assert own["best"] == (3 + 5) / 2
    assert own["mean"] == pytest.approx((2.5 + 10 / 3) / 2)


def test_round_trip_and_picture(experiences: pd.DataFrame, journey_map: JourneyMap) -> None:
    found = stages.journey_curve(experiences.head(4000), journey_map)
    assert Result.from_json(found.to_json()) == found
    spec = found.plot().to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks.count("rect") == 1
    assert {"area", "line", "point", "text"} <= set(marks)
    order = [
        point.name for stage in journey_map.stages for point in journey_map.touchpoints if point.stage == stage.name
    ]
    for layer in spec["layer"]:
        if "x" in layer["encoding"]:
            assert layer["encoding"]["x"]["scale"]["domain"] == order
    part = experiences[experiences["kind"].isin(["critical", "unique"])].head(500)
    two = stages.journey_curve(part, journey_map, by="kind").plot()
    assert [picture.title.text for picture in two.vconcat] == ["critical", "unique"]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"journey_map": "retail"}, CemkitError, "journey_map must be a cemkit.model.JourneyMap"),
        ({"level": 95}, CemkitError, "Did you mean 0.95"),
        ({"by": "stage"}, CemkitError, "by='stage' is also the name of a result column"),
        ({"by": "plna"}, CemkitError, "Did you mean 'plan'"),
        ({"score": "plan"}, CemkitError, "score='plan' must hold numbers"),
        ({"scale": Scale(1, 4)}, ContractError, "outside the scale 1 to 4"),
        (
            {"scale": (1, 5, 7)},
            CemkitError,
            "scale must be a cemkit.Scale such as cemkit.LIKERT_5, or (low, high), got",
        ),
        ({"at": "plan"}, CemkitError, "at='plan' must hold dates or times"),
        ({"touchpoint": "customer_id"}, ContractError, "7 rows name 3 touchpoint(s) that are not on it"),
    ],
)
def test_bad_input(options: dict[str, Any], error: type[CemkitError], text: str) -> None:
    frame = pd.DataFrame(ROWS)
    places = options.pop("journey_map", PLACES)
    with pytest.raises(error) as raised:
        stages.journey_curve(frame, places, **options)
    assert text in str(raised.value)


def test_nothing_rated() -> None:
    with pytest.raises(CemkitError, match="has no answer"):
        stages.journey_curve(pd.DataFrame(ROWS).assign(perceived=np.nan), PLACES)
    with pytest.raises(CemkitError):
        stages.journey_curve(pd.DataFrame(ROWS).head(0), PLACES)


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    count = replicates(12)
    held, items = [], 0
    for seed in range(200, 200 + count):
        tables, places, truth = telecom_tables(1500, 8, seed)
        found = stages.journey_curve(tables["experiences"], places).table
        known = truth.touchpoints[truth.touchpoints["channel"].isna()].set_index("touchpoint_id")["perceived"]
        held.append(np.mean([row.low < known[row.touchpoint_id] < row.high for row in found.itertuples()]))
        items += len(found)
    slack = 0.02 + 4 * np.sqrt(0.05 * 0.95 / items)
    world = "telecom, 1,500 customers in 8 months: the mean over its touchpoints"
    covers(held, estimator="stages.journey_curve", world=world, slack=(slack, slack))
