"""Sums per key against a loop."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from engines import Engine
from oracles import keys_found

from cemkit.tables import bind
from cemkit.tables.key_totals import key_totals


def test_against_a_loop(engine: Engine) -> None:
    rng = np.random.default_rng(2)
    who = [None if i == 0 else f"c{i}" for i in rng.integers(0, 6, 60)]
    brand = rng.integers(0, 3, 60).tolist()
    values = [None if v == 0 else float("nan") if v == 1 else float(v) for v in rng.integers(0, 9, 60)]
    expected = defaultdict(lambda: np.zeros(3))
    for *key, v in zip(who, brand, values, strict=True):
        gone = v is None or v != v
        expected[tuple(key)] += (1, 0 if gone else v, gone)
    bound = bind(engine({"who": who, "brand": brand, "v": values}))
    found = key_totals(bound, keys=("who", "brand"), values=("v",))
    names = keys_found(found.keys, ("who", "brand"), len(found.rows))
    rows = np.column_stack([found.rows, found.sums["v"], found.missing["v"]])
    assert {k: tuple(r) for k, r in zip(names, rows, strict=True)} == {k: tuple(r) for k, r in expected.items()}
