from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from store_frames import ENGINES, as_frame

from cemkit.model import Customer, Experience, Response, Touchpoint, Transaction
from cemkit.scales import CSAT_5, NPS_SCALE, PERCENT, Scale
from cemkit.tables.checks import check_table
from cemkit.tables.contracts import contract_of

RESPONSES = contract_of(Response)
CUSTOMERS = contract_of(Customer)


def by_rule(violations: object) -> dict[tuple[str, str], object]:
    return {(v.column, v.rule): v for v in violations}  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_good_table_has_no_violation(engine: str) -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "score": [9.0, None, 0.0],
            "question": ["nps", "nps", "nps"],
            "answered_at": pd.to_datetime(["2025-01-01", None, "2025-01-03"]),
            "weight": [1.0, 0.0, 2.5],
            "colour": ["red", None, "blue"],
        }
    )
    assert check_table(as_frame(engine, table), RESPONSES, scale=NPS_SCALE) == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_rule_counts_its_rows(engine: str) -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "", None, "d", "e", "f"],
            "score": [11.0, -1.0, 7.5, 10.0, None, np.inf],
            "weight": [1.0, -2.0, -0.5, 0.0, None, 1.0],
            "invited_at": pd.to_datetime(["2025-01-02"] * 6),
            "answered_at": pd.to_datetime(["2025-01-01", "2025-01-03", None, "2025-01-01", "2025-01-02", "2025-01-05"]),
        }
    )
    found = by_rule(check_table(as_frame(engine, table), RESPONSES, scale=NPS_SCALE))
    assert {key: v.rows for key, v in found.items()} == {  # type: ignore[attr-defined]
        ("customer_id", "null"): 1,
        ("customer_id", "empty"): 1,
        ("score", "infinite"): 1,
        ("score", "scale"): 4,
        ("weight", "range"): 2,
        ("answered_at", "order"): 2,
    }
    assert set(found["weight", "range"].examples) == {-2.0, -0.5}  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_nan_is_missing_and_not_off_the_scale(engine: str) -> None:
    if engine == "pandas":
        frame = pd.DataFrame({"customer_id": [1, 2, 3], "score": [np.nan, 9.0, 12.0]})
    elif engine == "polars":
        frame = pytest.importorskip("polars").DataFrame({"customer_id": [1, 2, 3], "score": [float("nan"), 9.0, 12.0]})
    else:
        from store_frames import private_connection

        frame = private_connection().sql(
            "select * from (values (1, 'nan'::double), (2, 9), (3, 12)) t(customer_id, score)"
        )
    (found,) = check_table(frame, RESPONSES, scale=NPS_SCALE)
    assert (found.rule, found.rows, found.examples) == ("scale", 1, (12.0,))


@pytest.mark.parametrize("engine", ENGINES)
def test_integers_are_identifiers_and_scores_too(engine: str) -> None:
    table = pd.DataFrame({"customer_id": [1, 2, 3], "score": [0, 10, 11]})
    (found,) = check_table(as_frame(engine, table), RESPONSES, scale=NPS_SCALE)
    assert (found.rule, found.rows, found.examples) == ("scale", 1, (11,))


@pytest.mark.parametrize("engine", ENGINES)
def test_duplicate_keys(engine: str) -> None:
    table = pd.DataFrame({"customer_id": ["a", "b", "a", "c", "c", "a", None, None]})
    found = by_rule(check_table(as_frame(engine, table), CUSTOMERS))
    twice = found["customer_id", "unique"]
    assert twice.rows == 5  # type: ignore[attr-defined]
    assert set(twice.examples) == {"a", "c"}  # type: ignore[attr-defined]
    assert found["customer_id", "null"].rows == 2  # type: ignore[attr-defined]
    assert "keep one row for each customer_id" in str(twice)


def test_duplicate_touchpoints() -> None:
    table = pd.DataFrame({"touchpoint_id": [1, 1], "name": ["x", "y"], "stage": ["use", "use"]})
    (found,) = check_table(table, contract_of(Touchpoint))
    assert str(found) == (
        "touchpoints.touchpoint_id: values appear in more than one row in 2 rows, such as 1: "
        "keep one row for each touchpoint_id"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_choices(engine: str) -> None:
    table = pd.DataFrame(
        {"customer_id": ["a"] * 4, "touchpoint_id": ["t"] * 4, "valence": ["positive", "good", None, "bad"]}
    )
    (found,) = check_table(as_frame(engine, table), contract_of(Experience))
    assert (found.rule, found.rows, set(found.examples)) == ("choice", 2, {"good", "bad"})
    assert "negative, neutral, positive" in found.hint


def test_a_pandas_category_is_checked_by_its_words() -> None:
    table = pd.DataFrame({"customer_id": [1, 2], "touchpoint_id": [1, 1], "kind": pd.Categorical(["typical", "odd"])})
    (found,) = check_table(table, contract_of(Experience))
    assert (found.rule, found.rows) == ("choice", 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_required_column_is_absent(engine: str) -> None:
    table = pd.DataFrame({"custmer_id": ["a", "b"]})
    (found,) = check_table(as_frame(engine, table), RESPONSES)
    assert (found.rule, found.rows) == ("required", 2)
    assert "Did you mean 'custmer_id'?" in str(found)


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_as_text(engine: str) -> None:
    table = pd.DataFrame({"customer_id": ["a", "b"], "answered_at": ["2025-01-01", "1/2/25"]})
    (found,) = check_table(as_frame(engine, table), RESPONSES)
    assert (found.rule, found.rows) == ("type", 2)
    assert "found text" in found.hint
    assert "to_datetime" in found.hint


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_as_text(engine: str) -> None:
    table = pd.DataFrame({"customer_id": ["a", "b"], "score": ["9", "ten"]})
    (found,) = check_table(as_frame(engine, table), RESPONSES, scale=NPS_SCALE)
    assert (found.rule, found.column, found.rows, found.examples) == ("type", "score", 2, ("9", "ten"))


def test_identifiers_as_floats() -> None:
    (found,) = check_table(pd.DataFrame({"customer_id": [1.0, 2.0]}), RESPONSES)
    assert found.rule == "type"
    assert "text or whole numbers" in found.hint


def test_identifiers_of_two_kinds() -> None:
    (found,) = check_table(pd.DataFrame({"customer_id": [1, "b"]}), RESPONSES)
    assert "text and numbers are mixed" in found.hint


def test_an_empty_column_has_any_type() -> None:
    table = pd.DataFrame(
        {"customer_id": [1], "comment": [np.nan], "channel": [None], "answered_at": [None], "score": [None]}
    )
    assert check_table(table, RESPONSES, scale=NPS_SCALE) == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_table(engine: str) -> None:
    table = pd.DataFrame({"customer_id": pd.Series([], dtype="str"), "score": pd.Series([], dtype="float64")})
    assert check_table(as_frame(engine, table), RESPONSES, scale=NPS_SCALE) == ()


@pytest.mark.parametrize("engine", ["pandas", "polars", "pyarrow", "duckdb"])
def test_mixed_time_zones_in_one_table(engine: str) -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a"],
            "acquired_at": pd.to_datetime(["2025-01-01"]),
            "left_at": pd.to_datetime(["2025-02-01"], utc=True),
        }
    )
    (found,) = check_table(as_frame(engine, table), CUSTOMERS)
    assert found.rule == "time-zone"
    assert "in UTC" in found.hint
    assert "without a time zone" in found.hint


def test_mixed_time_zones_in_one_pandas_column() -> None:
    times = pd.Series(
        [datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=9)))], dtype="object"
    )
    (found,) = check_table(pd.DataFrame({"customer_id": ["a", "b"], "answered_at": times}), RESPONSES)
    assert (found.rule, found.rows) == ("type", 2)
    assert "mix time zones" in found.hint


@pytest.mark.parametrize("engine", ENGINES)
def test_scales_by_question(engine: str) -> None:
    table = pd.DataFrame(
        {"customer_id": list("abcd"), "score": [10.0, 10.0, 5.0, 11.0], "question": ["nps", "csat", "csat", "nps"]}
    )
    scales = {"nps": Scale(0, 10, missing_codes=(11,)), "csat": CSAT_5}
    (found,) = check_table(as_frame(engine, table), RESPONSES, scale=scales)
    assert (found.rows, found.examples) == (1, (10.0,))
    assert "question 'csat'" in found.hint


def test_a_continuous_scale() -> None:
    table = pd.DataFrame(
        {"customer_id": [1, 2], "touchpoint_id": [1, 1], "perceived": [0.5, 100.5], "expected": [101.0, 3.25]}
    )
    found = by_rule(check_table(table, contract_of(Experience), scale=PERCENT))
    assert {key[0]: v.rows for key, v in found.items()} == {"perceived": 1, "expected": 1}  # type: ignore[attr-defined]


def test_examples_are_the_first_three() -> None:
    table = pd.DataFrame(
        {"customer_id": range(6), "occurred_at": pd.to_datetime(["2025-01-01"] * 6), "amount": [1.0] * 6}
    )
    table["margin"] = ["a", "b", "b", "c", "d", "e"]
    (found,) = check_table(table, contract_of(Transaction))
    assert found.examples == ("a", "b", "c")
