"""The check of coverage lets chance through, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("runs", "share", "slack"),
    [(1000, 0.94, None), (100, 0.88, None), (100, 1.0, None), (1000, 0.9, (0.06, 0.0))],
)
def test_what_chance_allows(covers: Callable[..., None], runs: int, share: float, slack: tuple[float, float]) -> None:
    covers(np.arange(runs) < share * runs, estimator="none", world="none", slack=slack)


@pytest.mark.parametrize(
    ("runs", "share", "slack"),
    [(1000, 0.92, None), (1000, 0.98, None), (100, 0.84, None), (1000, 0.94, (0.005, 0.0))],
)
def test_what_it_does_not(covers: Callable[..., None], runs: int, share: float, slack: tuple[float, float]) -> None:
    with pytest.raises(AssertionError):
        covers(np.arange(runs) < share * runs, estimator="none", world="none", slack=slack)


def test_one_quantity_that_fails_is_enough(covers: Callable[..., None]) -> None:
    held = np.arange(1000)[:, None] < np.array([950, 900])
    with pytest.raises(AssertionError, match=r"0\.9 "):
        covers(held, estimator="none", world="none")
    covers(held[:, 0], estimator="none", world="none")
