"""The last event before a moment, against a loop."""

from __future__ import annotations

import datetime as dt

import narwhals.stable.v2 as nw
import numpy as np
import pytest
from engines import Engine

from cemkit.errors import CemkitError
from cemkit.tables import bind
from cemkit.tables.asof_last import asof_last, check_joinable, stamped

START = dt.datetime(2024, 1, 1)


def columns(rows: int, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    # few different times, so that many are equal; some rows have no unit or no time
    at = [
        START + dt.timedelta(hours=6 * int(h), microseconds=int(m))
        for h, m in zip(rng.integers(0, 60, rows), rng.integers(0, 2, rows), strict=True)
    ]
    return {
        "who": [None if u == 9 else f"c{u}" for u in rng.integers(0, 10, rows)],
        "at": [None if gone else t for gone, t in zip(rng.random(rows) < 0.1, at, strict=True)],
        "x": rng.integers(0, 2, rows).astype(float).tolist(),
    }


@pytest.mark.parametrize("within", [None, 2.0])
def test_against_a_loop(engine: Engine, within: float | None) -> None:
    asked, given = columns(40, 1), columns(90, 2)
    expected = {}
    for who, at in zip(asked["who"], asked["at"], strict=True):
        if who is None or at is None:
            continue
        before = [
            (t, x)
            for u, t, x in zip(*given.values(), strict=True)
            if u == who and t is not None and t < at and (within is None or at - t <= dt.timedelta(days=within))
        ]
        if before:
            last = max(t for t, _ in before)
            values = [x for t, x in before if t == last]
            expected[who, at] = (sum(values) / len(values), (at - last) / dt.timedelta(days=1))
    moments = stamped(bind(engine(asked)), unit="who", at="at")
    events = stamped(bind(engine(given)), unit="who", at="at", value=nw.col("x"))
    found = asof_last(moments, events, within=within)
    epoch = dt.datetime(1970, 1, 1)
    got = {
        (who, epoch + dt.timedelta(microseconds=round(at * 86_400_000_000))): (value, age)
        for who, at, value, age in zip(found.units, found.at, found.value, found.age, strict=True)
    }
    assert got.keys() == expected.keys()
    for key, values in expected.items():
        assert got[key] == pytest.approx(values, abs=1e-9)


def test_nothing_before_is_no_row(engine: Engine) -> None:
    moments = stamped(bind(engine({"who": ["a"], "at": [START]})), unit="who", at="at")
    events = stamped(bind(engine({"who": ["a", "b"], "at": [START, START]})), unit="who", at="at")
    assert len(asof_last(moments, events).units) == 0


def test_tables_that_cannot_be_joined_are_named(local_engine: Engine) -> None:
    text = bind(local_engine({"who": ["a"], "at": [START]}))
    number = bind(local_engine({"who": [1], "at": [START]}))
    zoned = bind(local_engine({"who": ["a"], "at": [START.replace(tzinfo=dt.UTC)]}))
    names, times = ("customers", "responses"), ("at", "at")
    with pytest.raises(CemkitError, match="make both text or both whole numbers"):
        check_joinable(text, number, names=names, unit="who", times=times)
    with pytest.raises(CemkitError, match="different time zones"):
        check_joinable(text, zoned, names=names, unit="who", times=times)
    check_joinable(text, text, names=names, unit="who", times=times)
