"""Journeys: order, ties, stages passed, low point, end, duration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cemkit.errors import CemkitError
from cemkit.model import Experience, Journey, JourneyMap, Touchpoint

DAY = datetime(2025, 5, 1)
MAP = JourneyMap(
    name="m",
    touchpoints=[
        Touchpoint(touchpoint_id="ad", name="Ad", stage="discover"),
        Touchpoint(touchpoint_id="shop", name="Shop", stage="visit"),
        Touchpoint(touchpoint_id="till", name="Till", stage="purchase"),
        Touchpoint(touchpoint_id="queue", name="Queue", stage="visit"),
    ],
)


def step(touchpoint: str, day: int | None = None, **more: Any) -> Experience:
    when = None if day is None else DAY + timedelta(days=day)
    return Experience(customer_id=more.pop("customer", "a"), touchpoint_id=touchpoint, occurred_at=when, **more)


def ids(journey: Journey) -> list[str]:
    return [e.touchpoint_id for e in journey.experiences]


def test_experiences_come_in_order_of_time_then_touchpoint_and_undated_ones_last() -> None:
    rows = [step("x"), step("till", 2), step("shop", 1), step("ad", 0), step("queue", 1), step("b")]
    journey = Journey.from_experiences(iter(rows), journey_map=MAP)
    assert ids(journey) == ["ad", "queue", "shop", "till", "x", "b"]
    assert journey.stages == ("discover", "visit", "purchase")
    assert journey.duration == timedelta(days=2)
    assert journey.end.touchpoint_id == "till"
    assert ids(Journey(customer_id="a", experiences=rows)) == ids(journey)
    assert Journey.from_experiences(rows).stages == ()


def test_a_stage_that_is_left_and_entered_again_is_passed_twice() -> None:
    rows = [step("shop", 0), step("till", 1), step("queue", 2), step("unknown", 3), step("shop", 4)]
    assert Journey.from_experiences(rows, journey_map=MAP).stages == ("visit", "purchase", "visit")


def test_the_low_point_is_the_first_of_the_worst() -> None:
    rated = [step("ad", 0, perceived=5), step("shop", 1, perceived=2), step("till", 2, perceived=2), step("x", 3)]
    assert Journey.from_experiences(rated).low_point.touchpoint_id == "shop"
    felt = [step("ad", 0, valence="positive"), step("shop", 1), step("till", 2, valence="negative")]
    assert Journey.from_experiences(felt).low_point.touchpoint_id == "till"
    # no rating and no feeling: the first
    assert Journey.from_experiences([step("b", 1), step("a", 0)]).low_point.touchpoint_id == "a"


def test_without_dates() -> None:
    journey = Journey.from_experiences([step("b"), step("a")])
    assert journey.duration == timedelta(0)
    assert ids(journey) == ["b", "a"]
    assert journey.end.touchpoint_id == "a"


def test_the_journey_has_a_key_where_all_its_experiences_have_the_same() -> None:
    assert Journey.from_experiences([step("a", journey_id=4), step("b", journey_id="4")]).journey_id == "4"
    assert Journey.from_experiences([step("a", journey_id=4), step("b", journey_id=5)]).journey_id is None
    assert Journey.from_experiences([step("a", journey_id=4), step("b")]).journey_id is None


def test_what_is_no_journey() -> None:
    with pytest.raises(CemkitError, match="at least one experience"):
        Journey.from_experiences([])
    with pytest.raises(ValidationError, match="customer 'a' has no experiences"):
        Journey(customer_id="a", experiences=())
    with pytest.raises(ValidationError, match="customer 'a' holds experiences of b"):
        Journey.from_experiences([step("x", 0), step("y", 1, customer="b")])
    zoned = Experience(customer_id="a", touchpoint_id="z", occurred_at=DAY.replace(tzinfo=UTC))
    with pytest.raises(CemkitError, match="customer 'a' mix times with and without a time zone"):
        Journey.from_experiences([step("x", 0), zoned])
    with pytest.raises(ValidationError, match="mix times"):
        Journey(customer_id="a", experiences=[step("x", 0), zoned])


days = st.none() | st.integers(0, 3)
steps = st.builds(
    step, st.sampled_from(["ad", "shop", "till", "queue", "?"]), days, perceived=st.none() | st.integers(1, 5)
)


@given(st.lists(steps, min_size=1, max_size=8))
def test_laws_of_journeys(rows: list[Experience]) -> None:
    journey = Journey.from_experiences(rows, journey_map=MAP)
    times = [e.occurred_at for e in journey.experiences if e.occurred_at is not None]
    assert times == sorted(times)
    assert sorted(map(repr, rows)) == sorted(map(repr, journey.experiences))
    assert journey.duration >= timedelta(0)
    assert all(a != b for a, b in zip(journey.stages, journey.stages[1:], strict=False))
    assert journey.low_point in journey.experiences
    assert Journey.model_validate_json(journey.model_dump_json()) == journey
    assert Journey.from_experiences(reversed(journey.experiences)).duration == journey.duration
