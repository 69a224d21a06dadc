"""Totals in two windows, and rows that repeat, against a loop."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
from engines import Engine
from test_unit_periods import log

from cemkit.tables import bind
from cemkit.tables.window_totals import Window, equal_rows, window_totals


def test_against_a_loop(engine: Engine) -> None:
    columns = log(120)
    columns["amount"] = np.random.default_rng(4).integers(-3, 20, 120).astype(float).tolist()
    day = [(at.date() - dt.date(1970, 1, 1)).days for at in columns["at"]]
    before, after = Window(min(day) + 30, min(day) + 60), Window(min(day) + 70, min(day) + 90)
    people = defaultdict(lambda: [0.0, 0.0, False, False, False, (after.last + 1, False)])
    for who, d, x, noise in zip(columns["who"], day, columns["amount"], columns["noise"], strict=True):
        if d > after.last:
            continue
        p = people[who]
        p[2] |= d < after.first
        if before.first <= d <= before.last:
            p[0], p[3] = p[0] + x, True
        if after.first <= d <= after.last:
            p[1], p[4] = p[1] + x, True
            first, marked = p[5]
            p[5] = (d, noise == 1) if d < first else (first, marked or (noise == 1 and d == first))
    expected = defaultdict(lambda: np.zeros(6))
    for b, a, earlier, in_b, in_a, (_, marked) in people.values():
        expected[in_b, in_a, earlier and not in_b, marked, a >= b] += (1, b, a, b * b, a * b, a * a)
    found = window_totals(
        bind(engine(columns)), unit="who", at="at", value="amount", before=before, after=after, mark="noise", marks=[1]
    )
    kinds = zip(
        *(x.tolist() for x in (found.before, found.after, found.earlier, found.marked, found.more)), strict=True
    )
    sums = np.column_stack([found.n, found.b, found.a, found.bb, found.ab, found.aa])
    got = dict(zip(kinds, sums, strict=True))
    assert got.keys() == expected.keys()
    for kind, values in got.items():
        np.testing.assert_allclose(values, expected[kind], rtol=1e-12)
    rows = list(zip(columns["who"], columns["year"], columns["noise"], strict=True))
    assert equal_rows(bind(engine(columns)), ["who", "year", "noise"]) == len(rows) - len(set(rows))
