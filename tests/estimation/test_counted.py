"""Degrees of freedom of unions of groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, nps
from cemkit.estimation import counted as module
from cemkit.estimation.counted import count, degrees_of_freedom
from cemkit.estimation.sample import sample

RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "score": RNG.integers(0, 11, 200),
        "g": RNG.choice(list("abc"), 200),
        "wave": RNG.choice(list("12"), 200),
        "st": RNG.choice(list("uvw"), 200),
        "cl": RNG.integers(0, 30, 200),
        "w": RNG.uniform(0.5, 2, 200),
    }
)
DESIGNS = [
    Design(weights="w"),
    Design(strata="st"),
    Design(strata="wave"),
    Design(strata="g"),
    Design(cluster="cl"),
    Design(strata="st", cluster="cl"),
    Design(strata="wave", cluster="cl"),
]


@pytest.mark.parametrize("design", DESIGNS)
def test_they_are_those_of_a_count_by_the_fewer_columns(design: Design) -> None:
    rows = sample(DATA, score="score", scale=nps.scale, by=["g", "wave"], design=design, reserved=())
    measure = nps.measure()
    found = degrees_of_freedom(rows, measure, count(rows, measure), ("g",))
    whole = count(replace(rows, by=("g",)), measure)
    expected = [
        float((whole.answering[whole.group == g] - (whole.answering[whole.group == g] > 0)).sum())
        for g in range(len(whole.groups))
    ]
    assert list(found) == list(whole.groups.keys)
    assert list(found.values()) == expected


@pytest.mark.parametrize(("design", "passes"), [(Design(weights="w", strata="st"), 1), (Design(cluster="cl"), 2)])
def test_without_clusters_nothing_is_counted_twice(
    monkeypatch: pytest.MonkeyPatch, design: Design, passes: int
) -> None:
    made: list[int] = []
    original = module.row_moments

    def counting(*args: Any, **options: Any) -> Any:
        made.append(1)
        return original(*args, **options)

    monkeypatch.setattr(module, "row_moments", counting)
    nps.compare(DATA, over="wave", by="g", design=design)
    assert len(made) == passes
    made.clear()
    nps.decompose(DATA, over="wave", by="g", design=design)
    assert len(made) == passes


@pytest.mark.parametrize("empty", ["weights", "answers"])
def test_a_slice_in_which_nothing_counts_is_a_row_without_numbers(empty: str) -> None:
    # of no group there was a contrast of -1 rows: "negative dimensions are not allowed"
    inside = DATA["g"] == "a"
    data = (
        DATA.assign(w=DATA["w"].where(~inside, 0.0))
        if empty == "weights"
        else DATA.assign(score=DATA["score"].mask(inside))
    )
    found = nps.compare(data, over="wave", by="g", design=Design(weights="w"))
    assert found.to_frame()["difference"].isna().tolist() == [True, False, False]
    assert found.omnibus["p_value"].isna().tolist() == [True, False, False]
