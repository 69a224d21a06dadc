"""Who was seen again within days of the first, against a loop."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import pytest
from engines import Engine
from oracles import plain
from test_unit_periods import log

from cemkit.tables import bind
from cemkit.tables.binding import collect
from cemkit.tables.first_again import within_of_first


@pytest.mark.parametrize("days", [1, 5, 60])
def test_against_a_loop(engine: Engine, days: int) -> None:
    columns = log(90)
    epoch = dt.date(1970, 1, 1)
    seen, region = defaultdict(set), {}
    for who, at, where in zip(columns["who"], columns["at"], columns["region"], strict=True):
        seen[who].add((at.date() - epoch).days)
        region[who] = where
    last = max(max(d) for d in seen.values())
    expected = Counter()
    for who, found in seen.items():
        first = min(found)
        again = float(any(first < d <= first + days for d in found))
        expected[region[who], None if first + days > last else again] += 1
    people = within_of_first(
        bind(engine(columns)), unit="who", at="at", keep=["region"], days=days, last_day=last, name="again"
    )
    table = collect(people.frame)
    assert Counter(zip(map(plain, table["region"]), map(plain, table["again"]), strict=True)) == expected
