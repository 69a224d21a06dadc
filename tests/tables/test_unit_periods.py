"""Units per first period and period, and logs of events, against loops."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from engines import Engine
from oracles import keys_found, plain

from cemkit.tables import bind
from cemkit.tables.events import event_log, units_with_several
from cemkit.tables.periods import parse_period
from cemkit.tables.unit_periods import unit_periods


def log(rows: int = 160, seed: int = 8) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    who = rng.integers(0, 25, rows).tolist()
    day = [dt.datetime(2023, 11, 20, 13) + dt.timedelta(days=int(d)) for d in rng.integers(0, 150, rows)]
    return {
        "who": [f"c{i}" for i in who],
        "at": day,
        "region": [[None, "2nd", "10th"][i % 3] for i in who],
        "year": [2000 + i % 2 for i in who],
        "noise": rng.integers(0, 2, rows).tolist(),
    }


@pytest.mark.parametrize("keys", [(), ("region",), ("region", "year")])
@pytest.mark.parametrize("every", ["1mo", "1w", "10d"])
def test_unit_periods_against_a_loop(engine: Engine, keys: tuple[str, ...], every: str) -> None:
    columns, period = log(), parse_period(every)
    found = unit_periods(bind(engine(columns)), keys=keys, unit="who", at="at", period=period)
    seen: dict[Any, set[int]] = defaultdict(set)
    for i, who in enumerate(columns["who"]):
        day = (columns["at"][i].date() - dt.date(1970, 1, 1)).days
        seen[who, tuple(columns[k][i] for k in keys)].add(int(period.index(day)))
    expected = Counter((key, min(p), other) for (_, key), p in seen.items() for other in p)
    ends = Counter((key, min(p), max(p)) for (_, key), p in seen.items())
    for pairs, wanted in ((found.seen, expected), (found.last, ends)):
        names = keys_found(pairs.keys, keys, len(pairs.units))
        rows = zip(names, pairs.first.tolist(), pairs.other.tolist(), strict=True)
        assert dict(zip(rows, pairs.units.tolist(), strict=True)) == wanted


def test_event_log_counts_what_it_leaves_out(engine: Engine) -> None:
    day = [dt.datetime(2024, 1, d) for d in (1, 2, 3, 4, 5, 6)]
    columns = {
        "who": ["a", "b", None, "c", "a", None],
        "at": [day[0], None, day[2], day[3], day[5], None],
        "amount": [0.0, -1.0, -1.0, -2.0, float("nan"), 1.0],
    }
    bound = bind(engine(columns))
    whole = event_log(bound, unit="who", at="at", columns=["amount"])
    assert (whole.rows, whole.timeless, whole.nameless, whole.negative, whole.later) == (3, 2, 1, 0, 0)
    epoch = dt.date(1970, 1, 1)
    assert (whole.first_day, whole.last_day) == tuple((d.date() - epoch).days for d in (day[0], day[5]))
    until = (day[4].date() - epoch).days
    some = event_log(bound, unit="who", at="at", positive="amount", until=until)
    assert (some.rows, some.timeless, some.nameless, some.negative, some.later) == (1, 2, 1, 1, 1)
    assert list(some.bound.schema) == ["who", "at"]
    assert some.first_day == some.last_day == (day[0].date() - epoch).days
    none = event_log(bound, unit="who", at="at", until=0)
    assert (none.rows, none.first_day, none.last_day) == (0, None, None)


def test_units_with_several_values(engine: Engine) -> None:
    columns = log()
    bound = bind(engine(columns))
    assert units_with_several(bound, unit="who", columns=["region", "year"]) == 0
    assert units_with_several(bound, unit="who", columns=["who"]) == 0
    several = defaultdict(set)
    for who, noise in zip(columns["who"], columns["noise"], strict=True):
        several[plain(who)].add(noise)
    assert units_with_several(bound, unit="who", columns=["noise"]) == sum(len(v) > 1 for v in several.values())
