"""Spells of any engine: days with their fraction, causes, the end of observation, and what is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cemkit as cem
from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.tables.binding import bind
from cemkit.tables.spell import Spell, as_spell
from cemkit.tables.spells import date_of, require_leavers, spell_table

T = dt.datetime
D = dt.date
CUSTOMERS = {
    "customer_id": ["a", "b", "c", "d", "e"],
    "acquired_at": [
        T(2024, 1, 1, 6),
        T(2024, 2, 29),
        T(2024, 3, 1),
        T(1969, 12, 31, 12),
        T(2024, 6, 1, 0, 0, 0, 250_000),
    ],
    "left_at": [T(2024, 7, 1, 18), None, T(2024, 3, 1), T(2024, 5, 5), None],
    "left_reason": ["moved", None, None, "price", "price"],
    "age": [30.0, None, 50.0, 60.0, 70.0],
    "plan": ["x", "y", None, "x", "y"],
}


def spells(table, **named):
    return spell_table(bind(table), Spell(**named))


def day(moment) -> float:
    return (pd.Timestamp(moment) - pd.Timestamp(0)) / pd.Timedelta(days=1)


def test_days_causes_and_columns_on_every_engine(engine):
    found = spell_table(bind(engine(CUSTOMERS)), Spell(reason="left_reason"), columns=["age", "plan"])
    order = np.argsort([found.ids[i] for i in found.customer])
    end = day(T(2024, 7, 1, 18))
    assert [found.ids[i] for i in found.customer[order]] == ["a", "b", "c", "d", "e"]
    assert found.entered[order].tolist() == [day(moment) for moment in CUSTOMERS["acquired_at"]]
    assert found.left[order].tolist() == [end, end, day(D(2024, 3, 1)), day(D(2024, 5, 5)), end]
    assert found.causes == ("moved", "price", "unknown")
    assert found.cause[order].tolist() == [1, 0, 3, 2, 0]
    assert found.event[order].tolist() == [True, False, True, True, False]
    assert found.until == end
    assert found.zone is None
    age = np.asarray(found.columns["age"])[order]
    assert np.isnan(age[1])
    assert age[[0, 2, 3, 4]].tolist() == [30.0, 50.0, 60.0, 70.0]
    assert [found.columns["plan"][i] for i in order] == ["x", "y", None, "x", "y"]
    assert [str(a) for a in found.assumptions] == [
        (
            "Leaving is taken as observed until 2024-07-01 18:00:00, the last time in the table; whoever had not left by then was "
            "still a customer."
        )
    ]


def test_dates_are_days_on_every_engine(engine):
    table = {"customer_id": [1, 2], "acquired_at": [D(2024, 1, 31), D(2024, 2, 29)], "left_at": [D(2024, 3, 1), None]}
    made = engine(table)
    if isinstance(made, pd.DataFrame) and made["left_at"].dtype == object:  # pandas has no dates of its own
        made = made.assign(acquired_at=pd.to_datetime(made["acquired_at"]), left_at=pd.to_datetime(made["left_at"]))
    found = spells(made, until="2024-03-01")
    order = np.argsort(found.entered)
    assert found.entered[order].tolist() == [19753.0, 19782.0]  # date -d 2024-01-31 +%s, over 86,400
    assert found.left.tolist() == [19783.0, 19783.0]
    assert found.event[order].tolist() == [True, False]
    assert found.causes == ("left",)
    assert found.assumptions == ()


def test_nobody_left_on_every_engine(local_engine):
    import pyarrow as pa

    for kind in (pa.timestamp("us"), pa.string(), pa.float64()):
        table = {
            "customer_id": [1, 2],
            "acquired_at": [T(2024, 1, 1), T(2024, 2, 1)],
            "left_at": pa.array([None, None], kind),
        }
        found = spells(local_engine(table), until="2024-03-01")
        assert found.left.tolist() == [19783.0, 19783.0]
        assert not found.event.any()
        with pytest.raises(CemkitError, match="none of 2 customers left by 2024-03-01"):
            require_leavers(found, Spell())


def test_a_column_of_nothing_is_nobody_left():
    table = pd.DataFrame({"customer_id": [1], "acquired_at": [pd.Timestamp("2024-01-01")], "left_at": [None]})
    assert spells(table, until="2024-01-11").left.tolist() == [day(D(2024, 1, 11))]


def test_local_time_with_a_zone_on_every_engine(engine, request):
    import pyarrow as pa

    if "spark" in request.node.name:
        pytest.skip("the session of the tests has times without zones")
    kind = pa.timestamp("us", tz="UTC")
    moments = [T(2024, 1, 1, 6), T(2024, 2, 1)], [T(2024, 1, 2, 18), None]
    table = dict(zip(("acquired_at", "left_at"), (pa.array(values, kind) for values in moments), strict=True))
    found = spells(engine({"customer_id": [1, 2], **table}), until=pd.Timestamp("2024-02-10 12:00", tz="Europe/Berlin"))
    assert sorted(found.left - found.entered) == pytest.approx([1.5, 9 + 11 / 24], abs=1e-9)


def test_pandas_tells_local_days():
    times = pd.to_datetime(["2024-06-30 23:30"]).tz_localize("UTC").tz_convert("Asia/Seoul")
    table = pd.DataFrame({"customer_id": [1], "acquired_at": times, "left_at": times + pd.Timedelta(hours=1)})
    found = spells(table)
    assert found.zone == "Asia/Seoul"
    assert found.entered[0] == pytest.approx(day(T(2024, 7, 1, 8, 30)), abs=1e-9)


def test_causes_that_are_no_churn():
    found = spells(pd.DataFrame(CUSTOMERS), reason="left_reason", causes=["price"])
    assert found.causes == ("moved", "price", "unknown")
    assert found.churn.tolist() == [False, True, False]
    assert found.cause.tolist() == [1, 0, 3, 2, 0]
    assert found.event.tolist() == [False, False, False, True, False]


def test_reasons_that_are_numbers_on_every_engine(local_engine):
    table = {
        "customer_id": [1, 2, 3],
        "acquired_at": [T(2024, 1, 1)] * 3,
        "left_at": [T(2024, 2, 1)] * 3,
        "code": [10, None, 2],
    }
    found = spells(local_engine(table), reason="code")
    assert found.causes == (2, 10, "unknown")
    assert [type(cause) for cause in found.causes] == [int, int, str]


def test_moments_are_named_to_the_second():
    for moment in (T(2024, 5, 4), T(1971, 1, 1, 23, 59, 58), T(2099, 12, 31, 7, 1, 2)):
        assert date_of(day(moment)) == str(moment).replace(" 00:00:00", "")


def test_until_cuts_leavers_and_entrants():
    found = spells(pd.DataFrame(CUSTOMERS), until="2024-05-04")
    end = day(D(2024, 5, 5)) - 1e-6 / 86_400  # a date is its whole day where times have a time of day
    assert found.ids == ["a", "b", "c", "d"]
    assert found.left.tolist() == [end, end, day(D(2024, 3, 1)), end]
    assert found.event.tolist() == [False, False, True, False]
    assert [a.code for a in found.assumptions] == ["entered-after-until", "left-after-until"]
    assert [a.values["rows"] for a in found.assumptions] == [1, 2]
    assert {a.values["until"] for a in found.assumptions} == {"2024-05-04"}
    exact = spells(pd.DataFrame(CUSTOMERS), until=T(2024, 5, 4, 23, 59))
    assert exact.until == day(T(2024, 5, 4, 23, 59))


def test_a_date_is_its_whole_day():
    table = {
        "customer_id": [1, 2],
        "acquired_at": [T(2024, 1, 1, 1), T(2024, 1, 1)],
        "left_at": [T(2024, 3, 1, 22), T(2024, 3, 2)],
    }
    assert spells(pd.DataFrame(table), until="2024-03-01").event.tolist() == [True, False]


def test_spells_of_customers_who_came_back():
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a"],
            "acquired_at": [T(2024, 5, 1), T(2024, 1, 1), T(2024, 1, 1)],
            "left_at": [None, None, T(2024, 3, 1)],
            "contract": [2, 1, 1],
        }
    )
    found = spells(table, spell_id="contract", until="2024-06-30")
    assert found.customer.tolist() == [0, 1, 0]
    assert len(found) == 3
    with pytest.raises(ContractError, match=r"1 of 2 customers have several rows .*'a'.*say spell_id="):
        spells(table)
    with pytest.raises(ContractError, match="1 rows repeat the 'contract' of their customer"):
        spells(table.assign(contract=1), spell_id="contract")
    table.loc[2, "left_at"] = T(2024, 5, 2)
    with pytest.raises(ContractError, match="the spells of 1 customers overlap .*'a'"):
        spells(table, spell_id="contract")


def test_rows_without_customers():
    table = pd.DataFrame(CUSTOMERS).drop(columns="customer_id")
    assert spell_table(bind(table), Spell(), customer=None).customer.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "spell", "error", "message"),
    [
        (
            {"left_at": [T(2023, 1, 1), None, None, None, None]},
            {},
            ContractError,
            (
                r"'left_at' lies before 'acquired_at' in 1 of 5 rows "
                r"\(first in row 1: entered 2024-01-01 06:00:00, left 2023-01-01\)"
            ),
        ),
        ({"customer_id": ["a", "a", "b", "b", "e"]}, {}, ContractError, "2 of 3 customers have several rows"),
        (
            {"customer_id": ["a", None, "b", "c", "e"]},
            {},
            ContractError,
            "customer='customer_id' is null in 1 of 5 rows",
        ),
        (
            {"acquired_at": [T(2024, 1, 1), None, None, T(2024, 1, 1), T(2024, 1, 1)]},
            {},
            ContractError,
            "entered='acquired_at' is null in 2 of 5 rows",
        ),
        (
            {"acquired_at": ["2024-01-01"] * 5},
            {},
            ColumnError,
            "entered='acquired_at' must hold dates or times, found text",
        ),
        ({"left_at": [1.0, None, None, None, None]}, {}, ColumnError, "left='left_at' must hold dates or times"),
        (
            {},
            {"entered": "aquired_at"},
            ColumnError,
            "entered='aquired_at': the table has no such column. Did you mean 'acquired_at'",
        ),
        ({}, {"reason": "reason"}, ColumnError, "reason='reason': the table has no such column"),
        (
            {},
            {"reason": "left_reason", "causes": "prise"},
            CemkitError,
            "nobody left for this reason. Did you mean 'price'",
        ),
        (
            {},
            {"until": "1960-01-01"},
            CemkitError,
            "until='1960-01-01' lies before all 5 times in 'acquired_at' .*1969-12-31 12:00:00",
        ),
        ({}, {"until": "soon"}, CemkitError, "until must be a date or a time, such as '2025-03-31', got 'soon'"),
        ({}, {"until": 20240101}, CemkitError, "until must be a date or a time"),
        (
            {},
            {"until": pd.Timestamp("2024-06-30", tz="UTC")},
            CemkitError,
            "has a time zone, but the times of the table have none",
        ),
        (
            {"left_at": [T(2999, 1, 1), None, None, None, None]},
            {},
            CemkitError,
            r"'left_at' \(2999-01-01\) lies in the future",
        ),
    ],
)
def test_bad_input(change, spell, error, message):
    table = pd.DataFrame({**CUSTOMERS, **change})
    before = table.copy()
    with pytest.raises(error, match=message):
        spells(table, **spell)
    pd.testing.assert_frame_equal(table, before)


def test_a_table_without_rows():
    with pytest.raises(CemkitError, match="the table of customers has no rows"):
        spells(pd.DataFrame(CUSTOMERS).head(0).astype({"left_at": "datetime64[us]"}))


def test_different_zones_are_refused():
    table = pd.DataFrame(CUSTOMERS)
    zoned = table.assign(left_at=table["left_at"].dt.tz_localize("UTC"))
    with pytest.raises(ColumnError, match=r"have different time zones \('acquired_at': none, 'left_at': UTC\)"):
        spells(zoned)
    mixed = table.assign(
        left_at=pd.Series([T(2024, 8, 1), T(2024, 8, 1, tzinfo=dt.UTC), None, None, None], dtype=object)
    )
    with pytest.raises(ColumnError, match="its times mix time zones"):
        spells(mixed)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"entered": None}, "entered of a spell is the name of a column, got NoneType"),
        ({"reason": 3}, "reason of a spell is the name of a column, got int"),
        ({"entered": "at", "left": "at"}, "two columns, got 'at' for both"),
        ({"causes": ("a",)}, r"causes=\['a'\] needs the column of reasons"),
        ({"reason": "r", "causes": ()}, "causes must name at least one reason"),
    ],
)
def test_odd_spells(named, message):
    with pytest.raises(CemkitError, match=message):
        Spell(**named)


def test_spells_are_values():
    assert cem.Spell is Spell
    assert Spell(reason="r", causes=["x"]) == Spell(reason="r", causes=("x",))
    assert hash(Spell()) == hash(Spell())
    assert as_spell(Spell()) == Spell()
    with pytest.raises(CemkitError, match=r"spell must be a cemkit.Spell, got dict. Write Spell"):
        as_spell({"entered": "at"})
