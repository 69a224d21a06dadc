"""Credits by rule and by sets: hand arithmetic and laws."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.paths import (
    RULES,
    Paths,
    bootstrap_paths,
    check_paths,
    membership,
    rule_weights,
    set_credits,
    touch_credits,
)

PATHS = st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=1, max_size=12)


def flat(lists: list[list[int]], touchpoints: int = 5) -> Paths:
    touch = np.array([t for path in lists for t in path], dtype=int)
    return check_paths(touch, np.cumsum([0, *map(len, lists)]), touchpoints=touchpoints)


def test_rules_by_hand() -> None:
    paths = flat([[0, 1, 2, 1], [2, 0], [3]])
    left = [10, 4, 1]
    by_rule = {rule: touch_credits(paths, rule_weights(paths, rule=rule, half_life=1), left) for rule in RULES}
    np.testing.assert_allclose(by_rule["first"], [10, 0, 4, 1, 0])
    np.testing.assert_allclose(by_rule["last"], [4, 10, 0, 1, 0])
    np.testing.assert_allclose(by_rule["linear"], [2.5 + 2, 5, 2.5 + 2, 1, 0])
    # 40 % first, 40 % last, 10 % each between
    np.testing.assert_allclose(by_rule["position"], [4 + 2, 1 + 4, 1 + 2, 1, 0])
    # weights 1/8, 1/4, 1/2, 1 of 15/8; 1/2, 1 of 3/2
    expected = [10 / 15 + 8 / 3, 10 * (2 + 8) / 15, 10 * 4 / 15 + 4 / 3, 1, 0]
    np.testing.assert_allclose(by_rule["time-decay"], expected)
    days = rule_weights(paths, rule="time-decay", age=[3000, 2007, 2007, 2000, 7, 0, 9], half_life=7)
    np.testing.assert_allclose(days[1:], [0.25, 0.25, 0.5, 1 / 3, 2 / 3, 1], atol=1e-12)


@given(PATHS)
def test_every_rule_gives_away_each_path_once(lists: list[list[int]]) -> None:
    paths = flat(lists)
    left = np.arange(1.0, len(lists) + 1)
    met = sum(n for n, path in zip(left, lists, strict=True) if path)
    for rule in RULES:
        credit = touch_credits(paths, rule_weights(paths, rule=rule), left)
        assert credit.sum() == pytest.approx(met)
        # touchpoint 4 was met by nobody
        assert credit[4] == 0
    credit = set_credits(membership(paths), left)
    assert (credit.sum(), credit[4]) == (pytest.approx(met), 0)


@given(PATHS)
def test_set_credits_are_shapley_values(lists: list[list[int]]) -> None:
    left = np.arange(1.0, len(lists) + 1)

    def gain(coalition: tuple[int, ...]) -> float:
        return sum(n for n, path in zip(left, lists, strict=True) if path and set(path) <= set(coalition))

    for c in range(4):
        rest = [p for p in range(4) if p != c]
        value = sum(
            factorial(size) * factorial(3 - size) / factorial(4) * (gain((*others, c)) - gain(others))
            for size in range(4)
            for others in combinations(rest, size)
        )
        assert set_credits(membership(flat(lists)), left)[c] == pytest.approx(value)


def test_customers_are_drawn_anew() -> None:
    drawn = bootstrap_paths([3, 5, 2], np.random.default_rng(0), replicates=4000)
    np.testing.assert_array_equal(drawn.sum(axis=1), 10)
    # multinomial: mean n p, variance n p (1 − p)
    np.testing.assert_allclose(drawn.mean(axis=0), [3, 5, 2], atol=0.1)
    np.testing.assert_allclose(drawn.var(axis=0), [2.1, 2.5, 1.6], rtol=0.1)
    unit = np.array([0, 0, 1])
    drawn = bootstrap_paths([1, 2, 1], np.random.default_rng(0), replicates=50, unit=unit)
    np.testing.assert_array_equal(drawn[:, 1], 2 * drawn[:, 0])
    np.testing.assert_array_equal(drawn[:, 0] + drawn[:, 2], 2)


def test_bad_paths_get_a_sentence() -> None:
    with pytest.raises(CemkitError, match="offsets must rise"):
        check_paths(np.array([0, 1]), np.array([0, 1]), touchpoints=2)
    with pytest.raises(CemkitError, match="numbered 0 to 1: found 0 to 2"):
        check_paths(np.array([0, 2]), np.array([0, 2]), touchpoints=2)
    with pytest.raises(CemkitError, match="half_life"):
        rule_weights(flat([[0]]), rule="linear", half_life=0)
    with pytest.raises(CemkitError, match="Did you mean 'linear'"):
        rule_weights(flat([[0]]), rule="lineer")
    with pytest.raises(CemkitError, match="whole counts"):
        bootstrap_paths([0.5], np.random.default_rng(0), replicates=2)
