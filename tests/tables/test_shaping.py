from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest
from store_frames import ENGINES, as_frame, private_connection

from cemkit.errors import CemkitError, ColumnError
from cemkit.tables.binding import Bound, bind, collect
from cemkit.tables.mapping import FileMap, Item
from cemkit.tables.shaping import blank_codes, dress, lengthen, parse_times, stack

LAZY = [p for p in ENGINES if p.values[0] in ("pandas", "polars-lazy", "duckdb")]


def column(bound: Bound, name: str) -> list[object]:
    return [None if v is None or v != v else v for v in collect(bound.frame)[name]]


@pytest.mark.parametrize("engine", LAZY)
def test_codes_become_null(engine: str) -> None:
    table = pd.DataFrame({"x": [0, 1, 6, 5], "t": ["0", "4", "Blank", "5.0"]})
    bound = bind(as_frame(engine, table))
    assert column(blank_codes(bound, "x", [0, 6, "Blank"]), "x") == [None, 1, None, 5]
    assert column(blank_codes(bound, "t", [0, "Blank"], numbers=True), "t") == [None, 4, None, 5]
    with pytest.raises(ColumnError, match=r"'t' must hold ratings.*'Blank' \(1 rows\); add it to missing_codes"):
        blank_codes(bound, "t", [0], numbers=True)


@pytest.mark.parametrize("engine", LAZY)
def test_labels(engine: str) -> None:
    table = pd.DataFrame({"s": [1.0, 2.0, None, 3.0], "t": ["a", "b", None, "c"]})
    labels = {"s": {"1": "AM", "2": "MID"}, "t": {"a": "Alpha"}}
    shaped = dress(as_frame(engine, table), FileMap(labels=labels), where="f")
    found = column(shaped, "s")
    assert found[:3] == ["AM", "MID", None]
    assert str(found[3]) in ("3", "3.0")
    assert column(shaped, "t") == ["Alpha", "b", None, "c"]
    with pytest.raises(CemkitError, match="the label for 'one' can never apply"):
        dress(as_frame(engine, table), FileMap(labels={"s": {"one": "x"}}), where="f")


@pytest.mark.parametrize("engine", LAZY)
def test_names_constants_and_prefixes(engine: str) -> None:
    table = pd.DataFrame({" RESP ": [7, 8], "y": [1, 2]})
    file = FileMap(columns={"customer_id": "RESP"}, constants={"wave": "1"}, id_prefix="w1-")
    shaped = dress(as_frame(engine, table), file, where="f")
    assert column(shaped, "customer_id") == ["w1-7", "w1-8"]
    assert column(shaped, "wave") == ["1", "1"]
    assert list(shaped.schema) == ["customer_id", "y", "wave"]
    unknown = dress(
        as_frame(engine, pd.DataFrame({"RESP": ["a", None]})),
        FileMap(columns={"customer_id": "RESP"}, id_prefix="w1-"),
        where="f",
    )
    assert column(unknown, "customer_id") == ["w1-a", None]


def test_names_that_do_not_fit() -> None:
    table = pd.DataFrame({"score": [1], "NETPRO": [2]})
    with pytest.raises(
        ColumnError, match="f has no column 'NETPR', which the mapping names as score. Did you mean 'NETPRO'"
    ):
        dress(table, FileMap(columns={"score": "NETPR"}), where="f")
    with pytest.raises(ColumnError, match="two columns 'score'"):
        dress(table, FileMap(columns={"score": "NETPRO"}), where="f")
    with pytest.raises(ColumnError, match="already has a column 'score'"):
        dress(table, FileMap(constants={"score": 1}), where="f")
    with pytest.raises(ColumnError, match="id_prefix needs a customer_id"):
        dress(table, FileMap(id_prefix="x"), where="f")
    with pytest.raises(ColumnError, match="other way round"):
        dress(table, FileMap(columns={"NETPRO": "recommend"}), where="f")


@pytest.mark.parametrize("engine", LAZY)
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2025-01-02", None], datetime(2025, 1, 2)),
        (["2025-01-02 03:04:05", "2025-01-02T03:04"], datetime(2025, 1, 2, 3, 4, 5)),
        (["2025-01-02T03:04:05.250", None], datetime(2025, 1, 2, 3, 4, 5, 250_000)),
        (["2025-01-02T03:04:05+02:00", "2025-01-02 03:04:05Z"], pd.Timestamp("2025-01-02 01:04:05", tz="UTC")),
    ],
)
def test_iso_times_are_read(engine: str, texts: list[str | None], expected: object) -> None:
    table = pd.DataFrame({"at": pd.Series(texts, dtype="str")})
    assert column(parse_times(bind(as_frame(engine, table))), "at")[0] == expected


@pytest.mark.parametrize("engine", LAZY)
def test_other_times_stay_text_unless_their_format_is_told(engine: str) -> None:
    table = pd.DataFrame({"us": ["05/11/2016", None], "mixed": ["2025-01-02", "2025-01-02 03:04"]})
    shaped = dress(as_frame(engine, table), FileMap(), where="f")
    assert column(shaped, "us") == ["05/11/2016", None]
    assert column(shaped, "mixed") == ["2025-01-02", "2025-01-02 03:04"]
    told = dress(as_frame(engine, table), FileMap(times={"us": "%m/%d/%Y"}), where="f")
    assert column(told, "us") == [datetime(2016, 5, 11), None]
    with pytest.raises(CemkitError, match="us does not follow the format '%Y'; it holds '05/11/2016'"):
        dress(as_frame(engine, table), FileMap(times={"us": "%Y"}), where="f")


@pytest.mark.parametrize("engine", LAZY)
def test_wide_becomes_long(engine: str) -> None:
    table = pd.DataFrame({"customer_id": ["a", "b"], "q1": [9.0, None], "q2": [4, 5], "w": [1.5, 2.0]})
    items = {"q1": Item("nps"), "q2": Item("csat", constants={"touchpoint_id": "shop"}), "absent": Item("x")}
    long = lengthen(
        bind(as_frame(engine, table)), items, subject="question", rating="score", carry=["customer_id", "w"]
    )
    rows = collect(long.frame.sort("question", "customer_id"))
    assert list(rows["question"]) == ["csat", "csat", "nps", "nps"]
    assert list(rows["customer_id"]) == ["a", "b", "a", "b"]
    assert [None if v != v else v for v in rows["score"]] == [4, 5, 9, None]
    assert [None if v is None or v != v else v for v in rows["touchpoint_id"]] == ["shop", "shop", None, None]


@pytest.mark.parametrize("engine", LAZY)
def test_stacking_takes_the_union_of_columns(engine: str) -> None:
    connection = private_connection() if engine == "duckdb" else None
    first = as_frame(engine, pd.DataFrame({"a": [1, 2], "b": [1, 2], "c": [1.5, 2.5], "d": ["x", "y"]}), connection)
    second = as_frame(engine, pd.DataFrame({"b": ["u"], "c": [3], "e": [True], "a": [3]}), connection)
    both = stack([bind(first), bind(second)])
    assert list(both.schema) == ["a", "b", "c", "d", "e"]
    rows = collect(both.frame.sort("a"))
    assert list(rows["b"]) == ["1", "2", "u"]
    third = as_frame(engine, pd.DataFrame({"b": pd.Series([1, None], dtype="Int64")}), connection)
    assert column(stack([bind(second), bind(third)]), "b") == ["u", "1", None]
    assert list(rows["c"]) == [1.5, 2.5, 3.0]
    assert pd.isna(rows["d"][2])
