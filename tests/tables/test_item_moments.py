"""Means and cross-products of complete rows against summing row by row."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import oracles
import pandas as pd
import pytest
from engines import Engine

from cemkit.errors import DesignError
from cemkit.tables import Bound, bind
from cemkit.tables.item_moments import item_moments

ITEMS = ("score", "score_half", "score_decimal")
ORIGIN = np.array([5.0, 2.5, 5.0])


def expected(table: Any, keys: tuple[str, ...], weights: str | None) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(lambda: [0, np.zeros(3), 0, 0.0, np.zeros(3), np.zeros((3, 3))])
    for row in oracles.rows_of(table):
        sums = found[oracles.key_of(row, keys)]
        values = [math.nan if row[name] is None else float(row[name]) for name in ITEMS]
        x, there = np.array(values) - ORIGIN, np.isfinite(values)
        sums[0] += 1
        sums[1] = sums[1] + there
        if there.all():
            w = 1.0 if weights is None else float(row[weights])
            sums[2] += 1
            sums[3] += w
            sums[4] = sums[4] + w * x
            sums[5] = sums[5] + w * np.outer(x, x)
    return dict(found)


@pytest.mark.parametrize("weights", [None, "weight", "weight_int"])
@pytest.mark.parametrize("keys", [(), ("key_float",), ("key_category", "key_bool")])
def test_against_rows(bound: Bound, keys: tuple[str, ...], weights: str | None) -> None:
    found = item_moments(bound, keys=keys, items=ITEMS, weights=weights, origin=ORIGIN)
    want = expected(oracles.survey(), keys, weights)
    names = oracles.keys_found(found.keys, keys, len(found.n))
    assert set(names) == set(want)
    assert len(names) == len(set(names))
    for i, name in enumerate(names):
        parts = (found.rows, found.observed, found.n, found.size, found.sums, found.products)
        for part, value in zip(parts, want[name], strict=True):
            np.testing.assert_allclose(part[i], value, rtol=1e-12, atol=1e-9)


def test_moments_of_the_complete_rows(bound: Bound) -> None:
    found = item_moments(bound, keys=(), items=("weight", "population")).moments
    frame = oracles.survey().to_pandas()[["weight", "population"]]
    np.testing.assert_allclose(found.mean[0], frame.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.covariance[0], frame.cov(), rtol=1e-10)


def test_a_great_mean_costs_no_digits() -> None:
    x = np.random.default_rng(1).standard_normal((5000, 2))
    frame = pd.DataFrame(x + 1e8, columns=["a", "b"])
    found = item_moments(bind(frame), keys=(), items=("a", "b")).moments
    np.testing.assert_allclose(found.covariance[0], frame.cov(), rtol=1e-7)


def test_bad_weights_are_named(local_engine: Engine) -> None:
    data = bind(local_engine({"x": [1.0, 2.0, 3.0], "w": [1.0, -1.0, 2.0]}))
    with pytest.raises(DesignError, match="1 negative"):
        item_moments(data, keys=(), items=("x",), weights="w")
