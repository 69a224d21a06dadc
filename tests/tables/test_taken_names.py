"""Columns named like those that cemkit's queries make for themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cemkit
from cemkit import Design, nps, response_rate
from cemkit.errors import ColumnError
from cemkit.tables.binding import _TAKEN

SOURCES = Path(cemkit.__file__).parent


def answers(**names: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "score": [10, 9, 3, 7, 8, 0, 10, 5],
            "shop": list("abababab"),
            "w": [1.0, 2, 1, 2, 3, 1, 1, 2],
            "cl": [0, 0, 1, 1, 2, 2, 3, 3],
        }
    )
    return frame.rename(columns=names)


@pytest.mark.parametrize("name", ["_w", "_x", "_t0", "_n", "_value", "_W", "_p0_1", "_stratum", "_period"])
def test_a_name_that_queries_use_is_refused(engine: Callable[..., Any], name: str) -> None:
    # DuckDB read the caller's column instead of the query's: a cluster named '_w' became the weight
    with pytest.raises(ColumnError, match=re.escape(name) + ".*rename"):
        nps.score(engine(answers(cl=name)), by="shop", design=Design(weights="w", cluster=name))
    with pytest.raises(ColumnError, match="rename"):
        nps.score(engine(answers(shop=name)), by=name)
    with pytest.raises(ColumnError, match="rename"):
        nps.score(engine(answers(score=name)), score=name)


def test_such_a_column_does_no_harm_where_it_is_not_asked_for(engine: Callable[..., Any]) -> None:
    frame = answers().assign(_w=5.0, _x=1, _t0=2, _n="a", _value=3)
    found = nps.score(engine(frame), by="shop", design=Design(weights="w", cluster="cl"))
    assert found == nps.score(answers(), by="shop", design=Design(weights="w", cluster="cl"))


def test_other_names_with_an_underscore_are_free() -> None:
    frame = answers(shop="_id", cl="_shop_number")
    assert len(nps.score(frame, by="_id", design=Design(cluster="_shop_number"))) == 2


def test_columns_that_are_made_on_the_way_are_not_overwritten() -> None:
    with pytest.raises(ColumnError, match="_answered"):
        response_rate(answers().assign(_answered=1))
    with pytest.raises(ColumnError, match="_period"):
        nps.trend(answers().assign(_period=1, answered_at=pd.Timestamp("2024-01-01")))


def test_every_name_that_the_sources_make_is_known_as_taken() -> None:
    folders = ("tables", "estimation", "scores")
    text = "".join(path.read_text("utf-8") for folder in folders for path in (SOURCES / folder).glob("*.py"))
    made = set(re.findall(r'alias\(f?"(_\w+)"\)|\b(_[a-z]\w*)=(?:nw\.|flag|weight\b|rating\b|null\b)', text))
    names = {name for pair in made for name in pair if name}
    assert {"_n", "_w", "_x", "_anchor"} <= names
    assert [name for name in sorted(names) if not _TAKEN.fullmatch(name)] == []
