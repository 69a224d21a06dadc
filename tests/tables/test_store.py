from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest
from store_frames import ENGINES, as_frame, frames

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.model import JourneyMap, Stage, Touchpoint
from cemkit.tables import ExperienceStore
from cemkit.tables.binding import bind, collect
from cemkit.tables.design import Design

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "segment": ["new", "old", None],
        "acquired_at": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
        "left_at": pd.to_datetime([None, "2025-01-01", None]),
        "age": [31, 52, 47],
    }
)
TOUCHPOINTS = pd.DataFrame({"touchpoint_id": ["shop", "bill"], "name": ["Shop", "Bill"], "stage": ["visit", "care"]})
EXPERIENCES = pd.DataFrame(
    {
        "customer_id": ["a", "b", "b", "a"],
        "touchpoint_id": ["shop", "shop", "bill", "bill"],
        "occurred_at": pd.to_datetime(["2024-05-02", "2024-06-01", "2024-06-09", "2024-05-01"]),
        "perceived": [5.0, 4.0, None, 2.0],
        "journey_id": ["j2", "k", "k", "j1"],
    }
)
RESPONSES = pd.DataFrame({"customer_id": ["a", "b", "b"], "score": [9.0, 3.0, None], "wave": ["1", "1", "2"]})
ALL = {"customers": CUSTOMERS, "touchpoints": TOUCHPOINTS, "experiences": EXPERIENCES, "responses": RESPONSES}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_good_study(engine: str) -> None:
    store = ExperienceStore(**frames(engine, **ALL))
    assert store.tables == ("customers", "touchpoints", "experiences", "responses")
    check = store.check()
    assert check.ok, str(check)
    assert check.rows["experiences"] == 4
    assert check.to_frame().empty


def test_absent_tables_say_which_there_are() -> None:
    store = ExperienceStore(responses=RESPONSES)
    with pytest.raises(CemkitError, match="the store has no table 'transactions'; it has responses"):
        _ = store.transactions
    with pytest.raises(CemkitError, match="no journey map.*it has responses"):
        _ = store.journey_map
    assert not store.has("customers")
    assert store.has("responses")
    with pytest.raises(CemkitError, match="Did you mean 'responses'"):
        store.has("response")


def test_no_table_at_all() -> None:
    with pytest.raises(CemkitError, match="at least one table"):
        ExperienceStore()


def test_a_table_must_be_a_frame() -> None:
    with pytest.raises(CemkitError, match="customers must be a table.*got list"):
        ExperienceStore(customers=[1, 2])


def test_tables_are_held_as_they_are() -> None:
    store = ExperienceStore(customers=CUSTOMERS)
    assert store.customers is CUSTOMERS


def test_repr_is_short() -> None:
    store = ExperienceStore(**ALL, design=Design(weights="w"))
    assert repr(store) == "ExperienceStore(customers, touchpoints, experiences, responses; design; pandas)"


@pytest.mark.parametrize("engine", ENGINES)
def test_join_adds_columns_and_keeps_rows(engine: str) -> None:
    store = ExperienceStore(**frames(engine, **ALL))
    joined = store.join("responses", customers=["segment", "age"])
    assert type(joined) is type(store.responses)
    rows = collect(bind(joined).frame.sort("customer_id", "wave"))
    assert list(rows) == ["customer_id", "score", "wave", "segment", "age"]
    assert list(rows["segment"]) == ["new", "old", "old"]
    assert [int(v) for v in rows["age"]] == [31, 52, 52]


@pytest.mark.parametrize("engine", ENGINES)
def test_join_keeps_rows_of_unknown_customers(engine: str) -> None:
    more = pd.DataFrame({"customer_id": ["a", "zz", None], "score": [1.0, 2.0, 3.0]})
    store = ExperienceStore(**frames(engine, customers=CUSTOMERS, responses=more))
    rows = collect(bind(store.join("responses", customers="age")).frame.sort("score"))
    assert len(rows["score"]) == 3
    assert list(pd.isna(pd.Series(rows["age"], dtype="object"))) == [False, True, True]


@pytest.mark.parametrize("engine", ENGINES)
def test_join_refuses_duplicate_keys(engine: str) -> None:
    twice = pd.concat([CUSTOMERS, CUSTOMERS.head(1)], ignore_index=True)
    store = ExperienceStore(**frames(engine, customers=twice, responses=RESPONSES))
    with pytest.raises(
        ContractError, match="customers.customer_id: values appear in more than one row in 2 rows, such as 'a'"
    ):
        store.join("responses", customers=["segment"])


def test_join_refuses_null_keys() -> None:
    store = ExperienceStore(customers=pd.DataFrame({"customer_id": ["a", None], "x": [1, 2]}), responses=RESPONSES)
    with pytest.raises(ContractError, match="1 rows have no key"):
        store.join("responses", customers=["x"])


def test_join_refuses_what_cannot_be() -> None:
    store = ExperienceStore(**ALL)
    with pytest.raises(ColumnError, match="Did you mean 'segment'"):
        store.join("responses", customers=["segmnt"])
    with pytest.raises(ColumnError, match="already has a column 'wave'"):
        ExperienceStore(customers=CUSTOMERS.assign(wave="x"), responses=RESPONSES).join("responses", customers=["wave"])
    numbered = ExperienceStore(customers=CUSTOMERS, responses=RESPONSES.assign(customer_id=[1, 2, 3]))
    with pytest.raises(ColumnError, match="make both text or both whole numbers"):
        numbered.join("responses", customers=["age"])
    with pytest.raises(CemkitError, match="no table 'transactions'"):
        store.join("transactions", customers=["age"])


def test_join_refuses_two_engines() -> None:
    store = ExperienceStore(customers=as_frame("pyarrow", CUSTOMERS), responses=RESPONSES)
    assert store.engine == "mixed"
    with pytest.raises(CemkitError, match=r"responses \(pandas\) and customers \(pyarrow\).*one engine"):
        store.join("responses", customers=["age"])


def test_join_touchpoints() -> None:
    rows = ExperienceStore(**ALL).join("experiences", touchpoints="stage", customers=["segment"])
    assert rows["stage"].tolist() == ["visit", "visit", "care", "care"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_customer(engine: str) -> None:
    store = ExperienceStore(**frames(engine, **ALL))
    customer = store.customer("b")
    assert customer.customer_id == "b"
    assert customer.segment == "old"
    assert customer.left_at == datetime(2025, 1, 1)
    assert customer.attributes == {"age": 52}
    assert store.customer("c").segment is None
    with pytest.raises(CemkitError, match="no customer has customer_id='q'"):
        store.customer("q")


@pytest.mark.parametrize("engine", ENGINES)
def test_customers_with_whole_numbers(engine: str) -> None:
    store = ExperienceStore(customers=as_frame(engine, CUSTOMERS.assign(customer_id=[1, 2, 3])))
    assert store.customer(2).segment == "old"
    assert store.customer("2").customer_id == "2"
    with pytest.raises(CemkitError, match="no customer"):
        store.customer("two")


def test_a_customer_in_two_rows() -> None:
    store = ExperienceStore(customers=pd.concat([CUSTOMERS, CUSTOMERS]))
    with pytest.raises(ContractError, match="2 rows of customers"):
        store.customer("a")


@pytest.mark.parametrize("engine", ENGINES)
def test_journeys(engine: str) -> None:
    store = ExperienceStore(**frames(engine, **ALL))
    first, second = store.journeys("a")
    assert (first.journey_id, second.journey_id) == ("j1", "j2")
    (only,) = store.journeys("b")
    assert only.stages == ("visit", "care")
    assert only.duration.days == 8
    assert store.journeys("nobody") == ()


def test_without_journey_ids_all_is_one_journey() -> None:
    store = ExperienceStore(experiences=EXPERIENCES.drop(columns="journey_id"))
    (journey,) = store.journeys("a")
    assert [e.touchpoint_id for e in journey.experiences] == ["bill", "shop"]
    assert journey.stages == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_map_from_touchpoints(engine: str) -> None:
    store = ExperienceStore(touchpoints=as_frame(engine, TOUCHPOINTS))
    assert store.journey_map.stage_of("bill").name == "care"
    assert [stage.name for stage in store.journey_map.stages] == ["discover", "visit", "purchase", "use", "care"]


def test_stages_of_unknown_order() -> None:
    strange = TOUCHPOINTS.assign(stage=["arrive", "fly"])
    with pytest.raises(ColumnError, match=r"order of the touchpoints' stages \(arrive, fly\) is not known"):
        _ = ExperienceStore(touchpoints=strange).journey_map
    ordered = ExperienceStore(touchpoints=strange.assign(stage_order=[2, 1])).journey_map
    assert [stage.name for stage in ordered.stages] == ["fly", "arrive"]
    stages = (Stage(name="arrive", order=1), Stage(name="fly", order=2))
    given = ExperienceStore(touchpoints=strange, journey_map=JourneyMap(name="air", stages=stages)).journey_map
    assert given.name == "air"
    assert given.stage_of("bill").order == 2


def test_duplicate_touchpoints_make_no_map() -> None:
    twice = pd.concat([TOUCHPOINTS, TOUCHPOINTS])
    with pytest.raises(ContractError, match="touchpoint_id bill, shop appears more than once"):
        _ = ExperienceStore(touchpoints=twice).journey_map


def test_a_given_map_is_kept() -> None:
    given = JourneyMap(name="m", touchpoints=(Touchpoint(touchpoint_id="x", name="X", stage="use"),))
    assert ExperienceStore(experiences=EXPERIENCES, journey_map=given).journey_map is given
