"""Rows to days to units on every engine, against a loop over rows."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engines import Engine

from cemkit.tables.binding import bind
from cemkit.tables.periods import parse_period
from cemkit.tables.unit_rollup import EventColumns, event_check, later_days, unit_rollup

START = datetime(2023, 12, 25)
EPOCH = datetime(1970, 1, 1)


def rows() -> dict[str, list[Any]]:
    rng = np.random.default_rng(4)
    size = 300
    who = [f"c{i}" for i in rng.integers(0, 30, size)]
    when = [START + timedelta(hours=int(h)) for h in rng.integers(0, 24 * 90, size)]
    paid = [float(v) for v in rng.choice([-5.0, 0.0, 5.0, 7.5, 10.0], size, p=[0.25, 0.1, 0.25, 0.2, 0.2])]
    return {
        "who": [*who, None, "c1", "only-refund"],
        "when": [*when, START, None, START],
        "paid": [*paid, 4.0, 3.0, -2.0],
    }


def oracle(until: int, *, days: int = 1, drop: bool = False) -> dict[str, tuple[float, ...]]:
    data = rows()
    per_day: dict[str, dict[int, list[float]]] = {}
    for who, when, paid in zip(data["who"], data["when"], data["paid"], strict=True):
        if who is None or when is None or (drop and paid < 0):
            continue
        number = (when - EPOCH).days
        number = (number + 3) // 7 if days == 7 else number
        if number <= until:
            per_day.setdefault(who, {}).setdefault(number, []).append(paid)
    found = {}
    for who, calendar in per_day.items():
        bought = sorted(day for day, paid in calendar.items() if max(paid) >= 0)
        if not bought:
            continue
        first = bought[0]
        found[who] = (
            len(bought),
            first,
            bought[-1],
            sum(sum(paid) for day, paid in calendar.items() if day >= first),
            sum(calendar[first]),
            sum(math.log(b - a) for a, b in pairwise(bought)),
            sum(len(calendar[day]) - 1 for day in bought if len(set(calendar[day])) == 1),
        )
    return found


LAST = (datetime(2024, 3, 10) - EPOCH).days


@pytest.mark.parametrize(("every", "drop"), [("1d", False), ("1d", True), ("1w", False)])
def test_rollup_is_that_of_a_loop(engine: Engine, every: str, drop: bool) -> None:
    period = parse_period(every)
    until = int(period.index(LAST))
    columns = EventColumns("who", "when", "paid", period, drop_negative=drop)
    found = unit_rollup(bind(engine(rows())), columns, until=until)
    expected = oracle(until, days=period.days, drop=drop)
    assert sorted(found.units) == sorted(expected)
    parts = (found.days, found.first, found.last, found.amount, found.first_amount, found.log_gaps, found.alike)
    for i, who in enumerate(found.units):
        assert [float(part[i]) for part in parts] == pytest.approx(expected[who], rel=1e-12, abs=1e-12)


def test_without_amounts_and_intervals(local_engine: Engine) -> None:
    columns = EventColumns("who", "when", None, parse_period("1d"))
    found = unit_rollup(bind(local_engine(rows())), columns, until=LAST, intervals=False)
    assert "only-refund" in found.units
    assert np.isnan(found.log_gaps).all()
    assert (found.amount == 0).all()


def test_faults_are_counted(engine: Engine) -> None:
    data = rows()
    data["paid"] = [*data["paid"][:-1], None]
    found = event_check(bind(engine(data)), EventColumns("who", "when", "paid", parse_period("1d")))
    negative = sum(v is not None and v < 0 for v in data["paid"])
    assert (found.rows, found.null_units, found.null_times, found.bad_amounts) == (303, 1, 1, 1)
    assert found.negative == negative
    days = [(w - EPOCH).days for w in data["when"] if w is not None]
    assert (found.first, found.last) == (min(days), max(days))


def test_later_days_are_those_of_a_loop(engine: Engine) -> None:
    data = rows()
    first_until = (datetime(2024, 1, 1) - EPOCH).days
    bought: dict[str, set[int]] = {}
    for who, when, paid in zip(data["who"], data["when"], data["paid"], strict=True):
        if who is not None and when is not None and paid >= 0:
            bought.setdefault(who, set()).add((when - EPOCH).days)
    expected: dict[int, int] = {}
    for calendar in bought.values():
        if min(calendar) <= first_until:
            for day in calendar - {min(calendar)}:
                if day <= LAST:
                    expected[day] = expected.get(day, 0) + 1
    columns = EventColumns("who", "when", "paid", parse_period("1d"))
    days, counts = later_days(bind(engine(data)), columns, until=LAST, first_until=first_until)
    assert dict(zip(days.tolist(), counts.tolist(), strict=True)) == expected
    assert (np.diff(days) > 0).all()
