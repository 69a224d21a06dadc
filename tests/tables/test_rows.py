"""Which rows, how many, how many different: against sets and dictionaries."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import oracles
import pytest

from cemkit.errors import ContractError
from cemkit.tables import Bound, bind
from cemkit.tables.rows import count_by, distinct_per_group, keep_question, repeats, require_rows


@pytest.mark.parametrize("columns", [("key_float",), ("key_text", "key_bool"), ("key_date", "key_category")])
def test_count_by(bound: Bound, columns: tuple[str, ...]) -> None:
    found = {tuple(map(oracles.plain, key)): n for key, n in count_by(bound, columns).items()}
    assert found == Counter(oracles.key_of(row, columns) for row in oracles.rows_of(oracles.survey()))


@pytest.mark.parametrize("by", [(), ("key_float",), ("key_text", "key_int")])
def test_distinct_units_with_an_answer(bound: Bound, by: tuple[str, ...]) -> None:
    found = distinct_per_group(bound, by, "cluster", value="score", scale=oracles.CODED)
    seen = {
        (oracles.key_of(row, by), row["cluster"])
        for row in oracles.rows_of(oracles.survey())
        if oracles.point_of(row["score"], oracles.CODED) not in (oracles.MISSING, oracles.INVALID)
    }
    names = oracles.keys_found(found, by, len(found["_units"]))
    assert dict(zip(names, map(int, found["_units"]), strict=True)) == Counter(key for key, _ in seen)


def test_number_of_rows(bound: Bound) -> None:
    assert require_rows(bound) == oracles.survey().num_rows


def test_units_that_come_back(bound: Bound) -> None:
    found = repeats(bound, "cluster")
    assert (found.rows, found.units) == (oracles.survey().num_rows, 7)
    assert found.most >= 2


@pytest.mark.parametrize("units", [["a", None, "b"], [1.0, math.nan, None]])
def test_units_that_are_not_known(engine: Callable[[Any], Any], units: list[Any]) -> None:
    null = sum(v is None or v != v for v in units)
    with pytest.raises(ContractError, match=rf"'unit' is null in {null} of 3 rows"):
        repeats(bind(engine({"unit": units})), "unit")


def test_rows_of_one_question(bound: Bound) -> None:
    kept, left = keep_question(bound, "10차", column="key_text")
    asked = sum(row["key_text"] == "10차" for row in oracles.rows_of(oracles.survey()))
    assert (require_rows(kept), left) == (asked, oracles.survey().num_rows - asked)
