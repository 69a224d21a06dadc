"""All subset fits against one regression each, and the sums over them against loops."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from cemkit.statistics import subsets
from cemkit.statistics.subsets import complete_dominance, contributions_by_size, pair_dominance, subset_fits


def matrices(count: int, batch: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, 60, count + 1)) + rng.normal(size=(batch, 60, 1))
    return np.array([np.corrcoef(one, rowvar=False) for one in x])


def fit(covariance: np.ndarray, used: list[int]) -> float:
    if not used:
        return 0.0
    across = covariance[used, -1]
    return float(across @ np.linalg.solve(covariance[np.ix_(used, used)], across))


@pytest.mark.parametrize(("count", "batch", "tail"), [(1, 1, 10), (4, 3, 10), (6, 2, 3), (5, 1, 0), (7, 70, 4)])
def test_every_subset_is_its_own_regression(count: int, batch: int, tail: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsets, "_TAIL", tail)
    covariance = matrices(count, batch, seed=count)
    found = subset_fits(covariance, sizes=[1] * count)
    assert found.shape == (batch, 2**count)
    for b in range(0, batch, 23):
        expected = [fit(covariance[b], [i for i in range(count) if t >> i & 1]) for t in range(2**count)]
        np.testing.assert_allclose(found[b], expected, atol=1e-12)


@pytest.mark.parametrize("tail", [1, 2, 10])
def test_blocks_enter_together(tail: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsets, "_TAIL", tail)
    covariance = matrices(6, 2, seed=5)
    blocks = [[0, 1, 2], [3], [4, 5]]
    found = subset_fits(covariance, sizes=[3, 1, 2])
    for t in range(8):
        used = [i for g, block in enumerate(blocks) if t >> g & 1 for i in block]
        np.testing.assert_allclose(found[:, t], [fit(one, used) for one in covariance], atol=1e-12)


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_contributions_by_size_are_means_over_subsets(count: int) -> None:
    fits = np.random.default_rng(count).normal(size=(2, 2**count))
    fits[:, 0] = 0.0
    found = contributions_by_size(fits)
    for i in range(count):
        others = [j for j in range(count) if j != i]
        for size in range(count):
            total = 0.0
            for subset in combinations(others, size):
                t = sum(1 << j for j in subset)
                total += fits[:, t | 1 << i] - fits[:, t]
            np.testing.assert_allclose(found[:, i, size], total / comb(count - 1, size), atol=1e-12)


def test_complete_dominance_is_by_every_subset() -> None:
    fits = subset_fits(matrices(5, 4, seed=8), sizes=[1] * 5)
    sizes = contributions_by_size(fits)
    ahead = sizes[:, :, None] - sizes[:, None]
    conditional = pair_dominance(ahead.min(axis=3), ahead.max(axis=3), tolerance=1e-12)
    found = complete_dominance(fits, conditional=conditional)
    for i in range(5):
        for j in range(5):
            rest = [k for k in range(5) if k not in (i, j)]
            sets = [sum(1 << k for k in s) for r in range(4) for s in combinations(rest, r)]
            more = np.array([fits[:, t | 1 << i] - fits[:, t | 1 << j] for t in sets])
            expected = np.where((more > 0).all(axis=0), 1.0, np.where((more < 0).all(axis=0), 0.0, 0.5))
            np.testing.assert_array_equal(found[:, i, j], expected)
