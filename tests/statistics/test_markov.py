"""Markov chains of paths: hand arithmetic, chains without the touchpoint, laws at every order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics import markov
from cemkit.statistics.markov import Chain, chain_counts, markov_removal, path_transitions
from cemkit.statistics.paths import Paths, check_paths

TAKEN = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=6), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12
)


def flat(lists: list[list[int]], touchpoints: int = 5) -> Paths:
    touch = np.array([t for path in lists for t in path], dtype=int)
    return check_paths(touch, np.cumsum([0, *map(len, lists)]), touchpoints=touchpoints)


def removal(lists: list[list[int]], left, other, order: int = 1) -> markov.Removal:
    moves = path_transitions(flat(lists), order=order)
    return markov_removal(chain_counts(moves, left, other), moves.member)


def test_by_hand() -> None:
    # 0 → 1 → left, 0 → left, 1 → kept, and back: from 0 half moves on, from 1 half leaves.
    found = removal([[0, 1], [0], [1]], [1, 1, 0], [0, 0, 1])
    # x₁ = 1/2, x₀ = 1/2 + 1/4; s = (2/3, 1/3): s'x = 2/3
    assert found.base_rate == pytest.approx(2 / 3)
    # without 0 only 1/3 · 1/2 is left; without 1 only 2/3 · 1/2
    np.testing.assert_allclose(found.effect, [0.75, 0.5, 0, 0, 0])
    np.testing.assert_allclose(found.share, [0.6, 0.4, 0, 0, 0])


@given(TAKEN, st.integers(1, 4))
def test_base_rate_is_the_rate_observed_at_every_order(taken: list, order: int) -> None:
    lists, left, other = map(list, zip(*taken, strict=True))
    found = removal(lists, left, other, order)
    if sum(left) + sum(other) == 0:
        assert found.status == "no-leavers"
        return
    assert found.base_rate == pytest.approx(sum(left) / (sum(left) + sum(other)), abs=1e-12)
    if found.status == "ok":
        # nobody met touchpoint 4
        assert found.effect[4] == 0
        assert np.all((found.effect >= -1e-12) & (found.effect <= 1 + 1e-12))


@given(TAKEN, st.integers(1, 3))
def test_numbers_of_touchpoints_do_not_matter(taken: list, order: int) -> None:
    lists, left, other = map(list, zip(*taken, strict=True))
    new = [3, 1, 0, 2]
    first = removal(lists, left, other, order)
    second = removal([[new[t] for t in path] for path in lists], left, other, order)
    np.testing.assert_allclose(second.effect[new], first.effect[:4], atol=1e-10)


@given(TAKEN, st.integers(1, 3))
def test_the_two_ways_agree(taken: list, order: int) -> None:
    lists, left, other = map(list, zip(*taken, strict=True))
    first = removal(lists, left, other, order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markov, "DENSE_STATES", -1)
        second = removal(lists, left, other, order)
    np.testing.assert_allclose(second.effect, first.effect, atol=1e-10)
    np.testing.assert_allclose(second.chance, first.chance, atol=1e-10)


def test_at_a_high_order_removal_drops_the_paths_themselves() -> None:
    # an order as long as the longest path remembers everything: what is lost are the leavers who met the touchpoint
    lists, left, other = [[0, 1, 0], [1, 2], [2, 0], [2], []], [4, 3, 2, 1, 5], [1, 6, 2, 2, 0]
    found = removal(lists, left, other, 3)
    np.testing.assert_allclose(found.effect * 15, [6, 7, 6, 0, 0])


def test_self_loops_change_nothing() -> None:
    with_loops = Chain(
        np.array([3.0, 1]), *np.divmod([0, 1, 3], 2), np.array([6.0, 2, 9]), *np.array([[1.0, 2], [0, 1]])
    )
    without = with_loops._replace(source=np.array([0]), target=np.array([1]), moves=np.array([2.0]))
    first, second = (markov_removal(chain, np.eye(2, dtype=bool)) for chain in (with_loops, without))
    np.testing.assert_allclose(first.effect, second.effect)


def test_degenerate_chains() -> None:
    kept = removal([[0], [1]], [0, 0], [2, 3])
    assert (kept.base_rate, kept.status) == (0, "no-leavers")
    np.testing.assert_array_equal(kept.effect, [np.nan, np.nan, 0, 0, 0])
    assert removal([[], []], [1, 1], [1, 1]).base_rate == 0.5
    with pytest.raises(CemkitError, match="at least 1"):
        path_transitions(flat([[0]]), order=0)
    endless = Chain(np.array([1.0, 0]), *np.array([[0, 1], [1, 0]]), np.array([1.0, 1]), np.zeros(2), np.zeros(2))
    with pytest.raises(CemkitError, match="every path must end"):
        markov_removal(endless, np.eye(2, dtype=bool))
    with pytest.raises(CemkitError, match="entered but never left"):
        markov_removal(endless._replace(moves=np.array([1.0, 0])), np.eye(2, dtype=bool))
