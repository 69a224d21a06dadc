"""Sequences against a loop, on every engine."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from engines import Engine
from state_logs import random_log, sequences

from cemkit.tables import bind
from cemkit.tables.state_log import state_log
from cemkit.tables.variants import variants


@pytest.mark.parametrize("collapse", [True, False])
def test_against_a_loop(engine: Engine, collapse: bool) -> None:
    columns = random_log(300)
    # many short sequences of which some are alike, beside the long ones
    for i in range(60):
        who = f"u{i}"
        for step in range(1 + i % 3):
            for name, value in (
                ("who", who),
                ("at", columns["at"][0].replace(microsecond=0, hour=step)),
                ("state", ["shop", "shop", "call"][(step + i) % 3]),
                ("group", "x"),
                ("left", None),
            ):
                columns[name].append(value)
    counts: Counter = Counter()
    for events in sequences(columns).values():
        states = [state for _, state in events]
        counts[tuple(s for s, _ in groupby(states)) if collapse else tuple(states)] += 1
    top = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:5]
    found = variants(state_log(bind(engine(columns)), unit="who", at="at", state="state"), most=5, collapse=collapse)
    assert list(zip(found.paths, found.units, strict=True)) == top
    assert (found.all_units, found.different) == (sum(counts.values()), len(counts))
