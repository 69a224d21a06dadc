"""Collected rows against the table itself."""

from __future__ import annotations

import numpy as np
import oracles

from cemkit.tables import Bound
from cemkit.tables.item_rows import item_rows


def test_against_the_table(bound: Bound) -> None:
    found = item_rows(bound, items=("score", "score_half"), keys=("key_text", "key_int"), weights="weight")
    text, number = (list(map(oracles.plain, found.keys[name])) for name in ("key_text", "key_int"))
    shown = [
        (a, b, *np.nan_to_num(x, nan=-9.0), w)
        for a, b, x, w in zip(text, number, found.values, found.weight, strict=True)
    ]
    want = []
    for row in oracles.rows_of(oracles.survey()):
        x = [v if v is not None and np.isfinite(v) else -9.0 for v in (row["score"], row["score_half"])]
        want.append((row["key_text"], row["key_int"], *x, row["weight"]))
    assert sorted(shown, key=str) == sorted(want, key=str)
    assert found.complete.sum() == sum(-9.0 not in row[2:4] for row in want)
