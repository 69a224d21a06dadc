from __future__ import annotations

import pandas as pd
import pytest
from store_frames import ENGINES, as_frame, frames
from test_store import ALL, CUSTOMERS, EXPERIENCES, RESPONSES, TOUCHPOINTS

from cemkit.errors import ContractError
from cemkit.model import JourneyMap, Touchpoint
from cemkit.scales import NPS_SCALE
from cemkit.tables import ExperienceStore


@pytest.mark.parametrize("engine", ENGINES)
def test_unknown_touchpoints(engine: str) -> None:
    strange = EXPERIENCES.assign(touchpoint_id=["shop", "app", "app", None])
    store = ExperienceStore(**frames(engine, touchpoints=TOUCHPOINTS, experiences=strange))
    found = {v.rule: v for v in store.check().violations}
    assert (found["reference"].rows, found["reference"].examples) == (2, ("app",))
    assert found["null"].rows == 1
    assert str(found["reference"]).startswith(
        "experiences.touchpoint_id: values are unknown in 2 rows, such as 'app': they are"
    )


def test_the_map_knows_touchpoints_too() -> None:
    the_map = JourneyMap(name="m", touchpoints=(Touchpoint(touchpoint_id="shop", name="Shop", stage="visit"),))
    (found,) = ExperienceStore(experiences=EXPERIENCES, journey_map=the_map).check().violations
    assert (found.rows, found.examples) == (2, ("bill",))
    assert ExperienceStore(experiences=EXPERIENCES, touchpoints=TOUCHPOINTS, journey_map=the_map).check().ok


def test_stages_that_the_map_does_not_have() -> None:
    store = ExperienceStore(touchpoints=TOUCHPOINTS.assign(stage=["visit", "fly"]), journey_map=JourneyMap(name="m"))
    (found,) = store.check().violations
    assert (found.column, found.rows, found.examples) == ("stage", 1, ("fly",))


@pytest.mark.parametrize("engine", ENGINES)
def test_unknown_customers(engine: str) -> None:
    more = pd.DataFrame({"customer_id": ["a", "z", "y", "z", None], "score": [1.0] * 5})
    store = ExperienceStore(**frames(engine, customers=CUSTOMERS, responses=more))
    found = {v.rule: v for v in store.check().violations}
    assert (found["reference"].rows, found["reference"].examples) == (3, ("y", "z"))


@pytest.mark.parametrize("customers", ["pandas", "polars", "duckdb"])
@pytest.mark.parametrize("others", ["pyarrow", "duckdb", "polars-lazy"])
def test_mixed_engines(customers: str, others: str) -> None:
    # Two DuckDB relations here come from different connections, which cannot be joined either.
    more = pd.DataFrame({"customer_id": ["a", "z", "y", "z"], "score": [1.0] * 4})
    store = ExperienceStore(
        customers=as_frame(customers, CUSTOMERS),
        responses=as_frame(others, more),
        experiences=as_frame(others, EXPERIENCES.assign(occurred_at=pd.Timestamp("2025-03-01"))),
    )
    check = store.check()
    (found,) = check.violations
    assert (found.table, found.rows, found.examples) == ("responses", 3, ("y", "z"))
    (note,) = check.notes
    assert (note.rows, note.examples) == (2, ("b",))


def test_keys_of_two_types() -> None:
    store = ExperienceStore(customers=CUSTOMERS, responses=RESPONSES.assign(customer_id=[1, 2, 3]))
    (found,) = store.check().violations
    assert found.rule == "type"
    assert "make both text or both whole numbers" in found.hint


@pytest.mark.parametrize("engine", ENGINES)
def test_experiences_after_leaving_are_noted(engine: str) -> None:
    late = EXPERIENCES.assign(occurred_at=pd.to_datetime(["2024-05-02", "2025-06-01", "2025-01-01", "2025-05-01"]))
    check = ExperienceStore(**frames(engine, customers=CUSTOMERS, experiences=late)).check()
    assert check.ok
    (note,) = check.notes
    # b left on 2025-01-01: the experience on that very day is not after it; a never left.
    assert (note.rule, note.rows, note.examples) == ("after-leaving", 1, ("b",))
    assert check.to_frame()["violation"].tolist() == [False]


@pytest.mark.parametrize("engine", ENGINES)
def test_mixed_time_zones_between_tables(engine: str) -> None:
    if engine == "pandas-arrow":
        pytest.skip("convert_dtypes keeps the zone, as the pandas case does")
    aware = CUSTOMERS.assign(acquired_at=CUSTOMERS["acquired_at"].dt.tz_localize("UTC")).drop(columns="left_at")
    store = ExperienceStore(**frames(engine, customers=aware, experiences=EXPERIENCES))
    (found,) = store.check().violations
    assert (found.rule, found.column, found.rows) == ("time-zone", "occurred_at", 4)
    assert "experiences.occurred_at: times mix time zones" in str(found)
    assert "customers.acquired_at in UTC" in found.hint


def test_raise_if_bad_says_how_many_more() -> None:
    twice = pd.concat([CUSTOMERS, CUSTOMERS])
    check = ExperienceStore(customers=twice, responses=RESPONSES.assign(score=12.0), scales={"nps": NPS_SCALE}).check()
    assert len(check.violations) == 2
    with pytest.raises(ContractError, match=r"customers.customer_id.*6 rows.*and 1 more violations"):
        check.raise_if_bad()
    assert "2 violation(s)" in str(check)
    ExperienceStore(**ALL).check().raise_if_bad()


@pytest.mark.filterwarnings("ignore")
def test_dask_counts_the_same_over_several_partitions() -> None:
    dask = pytest.importorskip("dask.dataframe")
    good = ExperienceStore(**{name: dask.from_pandas(table, npartitions=2) for name, table in ALL.items()})
    assert good.check().ok
    assert good.join("responses", customers=["age"]).compute()["age"].sum() == 31 + 52 + 52
    assert good.customer("b").segment == "old"
    more = pd.DataFrame({"customer_id": ["a", "z", "y", "z", None], "score": [1.0, 11.0, 2.0, 3.0, None]})
    bad = ExperienceStore(
        customers=dask.from_pandas(pd.concat([CUSTOMERS, CUSTOMERS]), npartitions=3),
        responses=dask.from_pandas(more, npartitions=2),
        scales={"nps": NPS_SCALE},
    )
    found = {(v.table, v.rule): v.rows for v in bad.check().violations}
    assert found == {
        ("customers", "unique"): 6,
        ("responses", "null"): 1,
        ("responses", "scale"): 1,
        ("responses", "reference"): 3,
    }
