"""Records: round trips through JSON, frozen, strict about names and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cemkit import model
from cemkit.model import Channel, Customer, Experience, Journey, JourneyMap, Response, Stage, Touchpoint, Transaction
from cemkit.model.base import Record

RECORDS = [Channel, Customer, Experience, Journey, JourneyMap, Response, Stage, Touchpoint, Transaction]
NOON = datetime(2025, 5, 1, 12)

texts = st.text(min_size=1, max_size=8)
some_text = st.none() | texts
ratings = st.none() | st.floats(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([None, UTC])
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1))
leaves = (
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
attributes = st.dictionaries(texts, leaves | st.lists(leaves, max_size=3) | st.dictionaries(texts, leaves, max_size=2))


@st.composite
def spells(draw: st.DrawFn) -> tuple[datetime | None, datetime | None]:
    zone = draw(zones)
    first, second = sorted((draw(moments), draw(moments)))
    ends = (first.replace(tzinfo=zone), second.replace(tzinfo=zone))
    return draw(st.sampled_from([ends, (ends[0], None), (None, ends[1]), (None, None)]))


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(["customer", "transaction", "experience", "response", "touchpoint", "channel"]))
    start, end = draw(spells())
    if kind == "customer":
        return Customer(
            customer_id=draw(texts),
            segment=draw(some_text),
            acquired_at=start,
            left_at=end,
            left_reason=draw(some_text),
            attributes=draw(attributes),
        )
    if kind == "transaction":
        amount = draw(st.floats(allow_nan=False, allow_infinity=False))
        return Transaction(customer_id=draw(texts), occurred_at=draw(moments), amount=amount, margin=draw(ratings))
    if kind == "experience":
        return Experience(
            customer_id=draw(texts),
            touchpoint_id=draw(texts),
            occurred_at=start,
            resolved_at=end,
            kind=draw(st.sampled_from([None, "typical", "critical", "unique"])),
            valence=draw(st.sampled_from([None, "negative", "neutral", "positive"])),
            perceived=draw(ratings),
            comment=draw(some_text),
        )
    if kind == "response":
        weight = draw(st.none() | st.floats(0, 1e9))
        return Response(
            customer_id=draw(texts),
            invited_at=start,
            answered_at=end,
            score=draw(ratings),
            weight=weight,
            wave=draw(some_text),
        )
    if kind == "channel":
        return Channel(name=draw(texts), online=draw(st.booleans()))
    aspect = draw(st.sampled_from([None, "rational", "emotional"]))
    return Touchpoint(touchpoint_id=draw(texts), name=draw(texts), stage=draw(texts), aspect=aspect)


@given(records())
def test_records_round_trip_through_json(record: Record) -> None:
    again = type(record).model_validate_json(record.model_dump_json())
    assert again == record
    assert type(record).model_validate(record.model_dump()) == record


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_says_what_it_is(record: type[Record]) -> None:
    assert record.__doc__
    silent = [name for name, field in record.model_fields.items() if not (field.description or "").strip()]
    assert silent == []
    properties = record.model_json_schema()["properties"]
    assert all("description" in part for part in properties.values())


def test_the_module_names_its_records() -> None:
    assert {record.__name__ for record in RECORDS} < set(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)


def test_records_are_frozen_and_know_their_fields() -> None:
    customer = Customer(customer_id="a")
    with pytest.raises(ValidationError, match="frozen"):
        customer.segment = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="segmet"):
        Customer(customer_id="a", segmet="x")  # type: ignore[call-arg]
    assert customer == Customer(customer_id="a")
    assert len({Stage(name="use", order=1), Stage(name="use", order=1)}) == 1


@pytest.mark.parametrize("number", [7, np.int64(7), np.uint8(7)])
def test_whole_numbers_are_taken_as_identifiers(number: object) -> None:
    response = Response(customer_id=number, wave=number, stratum=number, cluster=number, touchpoint_id=number)
    assert {response.customer_id, response.wave, response.stratum, response.cluster, response.touchpoint_id} == {"7"}
    assert Experience(customer_id=1, touchpoint_id=2, journey_id=3).journey_id == "3"
    assert Customer(customer_id=1, segment=2).segment == "2"


@pytest.mark.parametrize("wrong", ["", None, True, 7.0, ["a"]])
def test_other_things_are_no_identifiers(wrong: object) -> None:
    with pytest.raises(ValidationError, match="customer_id"):
        Customer(customer_id=wrong)


@pytest.mark.parametrize(
    ("record", "first", "second", "more"),
    [
        (Customer, "acquired_at", "left_at", {}),
        (Response, "invited_at", "answered_at", {}),
        (Experience, "occurred_at", "resolved_at", {"touchpoint_id": "shop"}),
    ],
)
def test_times_come_in_their_order(record: type[Record], first: str, second: str, more: dict[str, str]) -> None:
    def made(early: datetime, late: datetime) -> Record:
        return record(customer_id="c9", **{first: early, second: late}, **more)

    assert made(NOON, NOON)
    assert made(NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC) + timedelta(1))
    with pytest.raises(ValidationError, match=f"customer 'c9': {second} .2025-04-30T12:00:00. is before {first}"):
        made(NOON, NOON - timedelta(1))
    with pytest.raises(ValidationError, match=f"{first} and {second} mix times with and without a time zone"):
        made(NOON, (NOON + timedelta(1)).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Response(customer_id="a", weight=-1), "weight"),
        (lambda: Response(customer_id="a", score=float("nan")), "score"),
        (lambda: Response(customer_id="a", weight=float("inf")), "weight"),
        (lambda: Experience(customer_id="a", touchpoint_id="t", kind="odd"), "kind"),
        (lambda: Experience(customer_id="a", touchpoint_id="t", valence="good"), "valence"),
        (lambda: Touchpoint(touchpoint_id="t", name="T", stage="use", aspect="both"), "aspect"),
        (lambda: Transaction(customer_id="a", occurred_at=NOON, amount="ten"), "amount"),
        (lambda: Transaction(customer_id="a", amount=1), "occurred_at"),
        (lambda: Customer(customer_id="a", acquired_at="yesterday"), "acquired_at"),
    ],
)
def test_values_that_cannot_be_are_named(make: object, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        make()  # type: ignore[operator]


def test_invited_and_not_answered() -> None:
    silent = Response(customer_id="a", invited_at=NOON)
    assert (silent.answered_at, silent.score, silent.question) == (None, None, "nps")
