"""Comparing partitions, and how many clusters a cloud has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.statistics.partitions import adjusted_rand, best_jaccard, gap_choice, gap_statistic

codes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=40)


@given(codes)
@settings(max_examples=60)
def test_adjusted_rand_is_that_of_scikit_learn(pairs) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    assert adjusted_rand(left, right) == pytest.approx(metrics.adjusted_rand_score(left, right), abs=1e-12)


def test_labels_do_not_matter() -> None:
    left = np.array([0, 0, 1, 1, 2])
    assert adjusted_rand(left, np.array([2, 2, 0, 0, 1])) == 1.0
    np.testing.assert_allclose(best_jaccard(left, np.array([2, 2, 0, 0, 1]), segments=3), 1.0)


def test_jaccard_by_hand() -> None:
    # {0,1,2} against {0,1} and {2,3}: 2/3 and 1/4; {3} against {2,3}: 1/2; the third segment drew nobody
    found = best_jaccard(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), segments=3)
    np.testing.assert_allclose(found, [2 / 3, 1 / 2, np.nan])


def test_gap_choice() -> None:
    assert gap_choice(np.array([0.5, 0.45, 0.9]), np.full(3, 0.01)) == 0
    assert gap_choice(np.array([0.2, 0.6, 0.605]), np.full(3, 0.01)) == 1
    assert gap_choice(np.array([0.1, 0.2, 0.3]), np.full(3, 0.01)) == 2


def test_the_gap_of_one_cluster_by_hand() -> None:
    z = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 2.0]])

    def within(x, k) -> float:
        return float(((x - x.mean(axis=0)) ** 2).sum())

    gap, error = gap_statistic(z, within, candidates=[1], rng=np.random.default_rng(0), references=2000)
    # W of four uniform points in the box 1 by 2, simulated in its own axes
    clouds = np.random.default_rng(1).uniform(0, 1, (2000, 4, 2)) * [1, 2]
    log = np.log([within(cloud, 1) for cloud in clouds])
    assert gap[0] == pytest.approx(log.mean() - np.log(5.0), abs=4 * log.std() / np.sqrt(1000))
    assert error[0] == pytest.approx(log.std(), rel=0.1)
