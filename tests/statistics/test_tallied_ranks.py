from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.tallied_ranks import interval_ranks, tallied_ranks


def test_ranks_by_hand_and_ties() -> None:
    totals = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, 1.0]])
    found = tallied_ranks(totals, [3, 4], np.random.default_rng(1), replicates=200)
    assert found.rank.tolist() == [1, 2, 2]
    # the last two are always equal: between them lie ranks 2 and 3, whoever is drawn
    assert found.low.tolist() == [1, 2, 2]
    assert found.high[1:].tolist() == [3, 3]


def test_the_same_seed_gives_the_same_bytes_and_more_draws_change_little() -> None:
    rng = np.random.default_rng(2)
    totals = np.unique(rng.poisson(0.3, (300, 5)).astype(float), axis=0)
    units = rng.integers(1, 20, len(totals))
    first, again = (tallied_ranks(totals, units, np.random.default_rng(7), replicates=300) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first.low <= first.rank).all()
    assert (first.rank <= first.high).all()
    wide = tallied_ranks(totals, units, np.random.default_rng(7), replicates=300, level=0.99)
    assert (wide.low <= first.low).all()
    assert (wide.high >= first.high).all()


def test_clearly_apart() -> None:
    # a hundred times as many lose at the first: no draw of 1,000 can turn them round
    totals = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = tallied_ranks(totals, [10, 1000], np.random.default_rng(3), replicates=1000)
    assert (found.rank.tolist(), found.low.tolist(), found.high.tolist()) == ([1, 2], [1, 2], [1, 2])


def test_ranks_of_intervals() -> None:
    found = interval_ranks([0.3, 0.2, 0.05, np.nan], [0.25, 0.1, 0.0, np.nan], [0.35, 0.28, 0.08, np.nan])
    assert found.rank.tolist() == [1, 2, 3, 0]
    assert found.low.tolist() == [1, 1, 3, 0]
    assert found.high.tolist() == [2, 2, 3, 0]
    with pytest.raises(CemkitError, match="level"):
        tallied_ranks(np.zeros((1, 1)), [1], np.random.default_rng(1), replicates=100, level=2)
