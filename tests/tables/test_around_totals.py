"""Sums before and after moments, against a loop."""

from __future__ import annotations

import numpy as np
from engines import Engine

from cemkit.tables import bind
from cemkit.tables.around_totals import around_totals
from cemkit.tables.binding import collect


def test_against_a_loop(engine: Engine) -> None:
    rng = np.random.default_rng(2)
    moments = {"_unit": [f"c{u}" for u in rng.integers(0, 8, 60)], "_day": rng.integers(-20, 60, 60).tolist()}
    # c8 and c9 have no moment; c7 has no row in the log
    log = {
        "_unit": [f"c{u}" for u in rng.choice([0, 1, 2, 3, 4, 5, 6, 8, 9], 150)],
        "_day": rng.integers(-40, 90, 150).tolist(),
        "_value": rng.integers(-5, 20, 150).astype(float).tolist(),
    }
    expected = {}
    for who, day in zip(moments["_unit"], moments["_day"], strict=True):
        mine = [(d, x) for u, d, x in zip(*log.values(), strict=True) if u == who]
        expected[who, day] = (
            sum(x for d, x in mine if day - 10 <= d < day),
            sum(x for d, x in mine if day < d <= day + 15),
        )
    table = collect(around_totals(bind(engine(moments)), bind(engine(log)), before=10, after=15).frame)
    rows = zip(table["_unit"], table["_day"], table["_before"], table["_after"], strict=True)
    got = {(who, int(day)): (b, a) for who, day, b, a in rows}
    assert len(got) == len(table["_unit"])
    assert got == expected
