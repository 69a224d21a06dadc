"""Transitions against a loop, on every engine."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from oracles import plain
from state_logs import group_of, pair_sums, random_log, sequences, twins, usable

from cemkit.errors import ColumnError
from cemkit.tables import bind
from cemkit.tables.state_log import state_log
from cemkit.tables.transitions import BOUND, transitions

SUMS = ["_x", "_u", "_d", "_xx", "_xn", "_f"]


def log_of(table):
    return state_log(bind(table), unit="who", at="at", state="state", keys=["group"])


def keyed(table, order):
    names = ["group", *(f"_s{i}" for i in range(order + 1))]
    return {tuple(map(plain, row[names])): row for _, row in table.iterrows()}


@pytest.mark.parametrize(("order", "drop"), [(1, False), (1, True), (2, False)])
def test_against_a_loop(engine: Engine, order: int, drop: bool) -> None:
    columns = random_log()
    log = log_of(engine(columns))
    assert (log.rows, log.nameless, log.timeless, log.stateless) == (len(usable(columns)), 1, 2, 1)
    found = transitions(log, order=order, ends=True, drop_twins=drop)
    assert found.twins == twins(columns) > 2
    expected = pair_sums(columns, order, drop=drop)
    got = keyed(found.pairs, order)
    assert got.keys() == expected.keys()
    for key, sums in expected.items():
        np.testing.assert_allclose([got[key][c] for c in SUMS], [sums[c] for c in SUMS], rtol=1e-12)
        np.testing.assert_allclose(got[key]["_m"], sums["_m"], rtol=1e-12 if found.exact else BOUND)
    group, starts, ends = group_of(columns), Counter(), Counter()
    for who, events in sequences(columns).items():
        kept = sorted(set(events)) if drop else events
        if len(kept) >= order:
            starts[group[who], *(s for _, s in kept[:order])] += 1
            ends[group[who], *(s for _, s in kept[-order:])] += 1
    for side, counts in ((found.starts, starts), (found.ends, ends)):
        assert {key: row["_u"] for key, row in keyed(side, order - 1).items()} == counts


def test_parts_of_disjoint_units_add_up() -> None:
    columns = pd.DataFrame(random_log(400, seed=9))
    names = ["group", "_s0", "_s1"]
    half = columns["who"].isin(["a", "NA", "10"])
    parts = [transitions(log_of(part)).pairs for part in (columns[half], columns[~half])]
    added = pd.concat(parts).groupby(names, dropna=False)[SUMS].sum()
    whole = transitions(log_of(columns)).pairs.groupby(names, dropna=False)[SUMS].sum()
    pd.testing.assert_frame_equal(added, whole)


def test_times_too_long_to_pack_are_sorted_all_the_same() -> None:
    columns = random_log(120)
    columns["at"][3] = pd.Timestamp("0001-01-02 00:00:00.000001").to_pydatetime()
    columns["at"][4] = pd.Timestamp("9999-12-31 23:59:59.999999").to_pydatetime()
    frame = pd.DataFrame({**columns, "at": np.array(columns["at"], dtype="datetime64[us]")})
    got = keyed(transitions(log_of(frame)).pairs, 1)
    for key, sums in pair_sums(columns).items():
        np.testing.assert_allclose(got[key]["_d"], sums["_d"], rtol=1e-12)


def test_times_with_a_zone_last_as_long_as_they_last(engine: Engine) -> None:
    # an hour is lost in the night of 31 March 2024 in Berlin
    at = pd.to_datetime(["2024-03-31 00:30", "2024-03-31 01:30"], utc=True)
    columns = pd.DataFrame({"who": ["a", "a"], "at": at.as_unit("us").tz_convert("Europe/Berlin"), "state": ["x", "y"]})
    log = state_log(bind(engine(columns)), unit="who", at="at", state="state")
    assert transitions(log).pairs["_d"].tolist() == [3.6e9]


def test_dates_are_days(engine: Engine) -> None:
    import pyarrow as pa

    days = pa.array([19_000, 19_003, None], pa.date32())
    columns = pa.table({"who": ["a", "a", "a"], "at": days, "state": [3, 4, 3]})
    bound = bind(engine(columns))
    if str(bound.schema["at"]) == "Object":  # plain pandas has no dates, and require_time says so
        with pytest.raises(ColumnError, match="must hold dates or times"):
            bound.require_time("at", "at")
        return
    log = state_log(bound, unit="who", at="at", state="state")
    found = transitions(log).pairs
    assert (found["_d"].tolist(), found["_s0"].tolist(), log.timeless) == ([3 * 86_400e6], [3], 1)
