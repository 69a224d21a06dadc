"""First times of steps against a loop, on every engine."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from engines import Engine
from oracles import plain
from state_logs import EPOCH, group_of, random_log, sequences, usable

from cemkit.tables import bind
from cemkit.tables.state_log import state_log
from cemkit.tables.step_times import states_of, step_times

STEPS = [["bill"], ["shop", "NA"], ["call"]]


def expected(columns, *, strict):
    rows, group = [], group_of(columns)
    left = {row[0]: row[4] for row in usable(columns)}
    for who, events in sequences(columns).items():
        moments: list[float] = []
        for j, states in enumerate(STEPS):
            since = -np.inf if not j else moments[j - 1] if strict else moments[0]
            times = [at for at, state in events if state in states and at >= since]
            first = min(times) if times and since == since else np.nan
            moments.append(first if strict or not j else float(np.maximum(first, moments[j - 1])))
        if moments[0] == moments[0]:
            gone = np.nan if left[who] is None else (left[who] - EPOCH) / dt.timedelta(microseconds=1) - moments[0]
            rows.append((str(group[who]), moments[0], *(m - moments[0] for m in moments[1:]), gone))
    return sorted(rows, key=str)


@pytest.mark.parametrize("strict", [True, False])
def test_against_a_loop(engine: Engine, strict: bool) -> None:
    columns = random_log(60)
    log = state_log(bind(engine(columns)), unit="who", at="at", state="state", keys=["group"], stamps=["left"])
    found = step_times(log, STEPS, strict=strict, stamp=True)
    keys = [str(plain(v)) for v in found.keys["group"]]
    got = zip(keys, found.entered.tolist(), *found.times[:, 1:].T.tolist(), found.stamp.tolist(), strict=True)
    want = expected(columns, strict=strict)
    for mine, theirs in zip(sorted([(k, float(e), *rest) for k, e, *rest in got], key=str), want, strict=True):
        assert mine[0] == theirs[0]
        np.testing.assert_array_equal(mine[1:], theirs[1:])
    assert found.units == len(sequences(columns))
    assert sum(states_of(log).values()) == log.rows
