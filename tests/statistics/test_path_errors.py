"""Standard errors of path credits against the gradient taken numerically."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.statistics import path_errors
from cemkit.statistics.markov import chain_counts, markov_removal, path_transitions
from cemkit.statistics.path_errors import credit_errors, path_parts, removal_errors
from cemkit.statistics.paths import Paths, check_paths, rule_weights

LISTS = [[0, 1, 2, 1], [2, 0], [3], [], [1, 1, 0, 3], [2, 2, 3]]
LEFT, OTHER = np.array([40.0, 30, 20, 10, 25, 12]), np.array([60.0, 20, 80, 30, 10, 45])


def flat(lists: list[list[int]]) -> Paths:
    touch = np.array([t for path in lists for t in path], dtype=int)
    return check_paths(touch, np.cumsum([0, *map(len, lists)]), touchpoints=5)


def delta(estimate: Callable[[np.ndarray], np.ndarray], counts: np.ndarray) -> np.ndarray:
    """Return the errors under a multinomial over paths and ends."""
    step = 1e-4
    gradient = np.array(
        [(estimate(counts + e) - estimate(counts - e)) / (2 * step) for e in np.eye(counts.size) * step]
    )
    share = counts / counts.sum()
    covariance = (np.diag(share) - np.outer(share, share)) * counts.sum()
    return np.sqrt(np.diag(gradient.T @ covariance @ gradient))


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("dense", [1500, -1])
def test_removal_errors_are_those_of_the_gradient(order: int, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_errors, "DENSE_STATES", dense)
    moves = path_transitions(flat(LISTS), order=order)
    found = removal_errors(moves, chain_counts(moves, LEFT, OTHER), LEFT, OTHER)
    counts = np.r_[LEFT, OTHER]

    def removal(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        result = markov_removal(chain_counts(moves, weight[:6], weight[6:]), moves.member)
        return result.share, result.effect

    np.testing.assert_allclose(found.share, delta(lambda w: removal(w)[0], counts), atol=1e-7)
    np.testing.assert_allclose(found.effect, delta(lambda w: removal(w)[1], counts), atol=1e-7)
    # nobody met touchpoint 4
    assert (found.share[4], found.effect[4]) == (0, 0)


@settings(max_examples=25)
@given(st.sampled_from(["first", "last", "linear", "time-decay", "position"]))
def test_credit_errors_are_those_of_the_gradient(rule: str) -> None:
    part = path_parts(flat(LISTS), rule_weights(flat(LISTS), rule=rule))

    def share(weight: np.ndarray) -> np.ndarray:
        credit = part.T @ weight
        return credit / credit.sum()

    np.testing.assert_allclose(credit_errors(part, LEFT), delta(share, LEFT), atol=1e-7)
    # every path three times by one customer: clusters know no more than single paths do
    alone = credit_errors(part, np.ones(6))
    thrice = np.repeat(np.arange(6), 3)
    again = credit_errors(part.toarray()[thrice], np.ones(18), unit=thrice)
    np.testing.assert_allclose(again, alone * np.sqrt(6 / 5))
