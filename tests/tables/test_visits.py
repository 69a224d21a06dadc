"""Visits against a loop, on every engine."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

import numpy as np
from engines import Engine
from oracles import plain
from state_logs import group_of, random_log, sequences

from cemkit.tables import bind
from cemkit.tables.state_log import state_log
from cemkit.tables.transition_kernel import BOUND
from cemkit.tables.visits import CELLS, visits


def test_against_a_loop(engine: Engine) -> None:
    columns = random_log()
    log = state_log(bind(engine(columns)), unit="who", at="at", state="state", keys=["group"])
    end = log.last + 1_000_000
    found = visits(log, end=end)
    group = group_of(columns)
    cells = defaultdict(lambda: np.zeros(len(CELLS)))
    lengths = defaultdict(list)
    for who, events in sequences(columns).items():
        runs = [(state, next(rows)[0]) for state, rows in groupby(events, key=lambda e: e[1])]
        ends = [at for _, at in runs[1:]] + [end]
        unit = defaultdict(lambda: [0, 0.0])
        for i, ((state, begin), over) in enumerate(zip(runs, ends, strict=True)):
            is_open = i == len(runs) - 1
            lengths[group[who], state, int(is_open)].append(float(over - begin))
            unit[state][0] += not is_open
            unit[state][1] += 0.0 if is_open else over - begin
        for state, (c, d) in unit.items():
            cells[group[who], state] += (1, c, d, c > 0, d * d, c * d, c * c)
    got = {(plain(r["group"]), r["_s"]): r for _, r in found.cells.iterrows()}
    assert got.keys() == cells.keys()
    for key, sums in cells.items():
        np.testing.assert_allclose([got[key][c] for c in CELLS], sums, rtol=1e-12)
    sorted_ = defaultdict(list)
    for _, row in found.lengths.iterrows():
        sorted_[plain(row["group"]), row["_s"], int(row["_i"])] += [row["_d"] / row["_n"]] * int(row["_n"])
    assert sorted_.keys() == lengths.keys()
    for key, values in lengths.items():
        np.testing.assert_allclose(sorted(sorted_[key]), sorted(values), rtol=BOUND)
        np.testing.assert_allclose(sum(sorted_[key]), sum(values), rtol=1e-12)
