"""Penalty-reward contrasts: recovery of known factors, nothing claimed where nothing is shown."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.asymmetry import FACTORS, penalty_reward


def world(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 6, size=(n, 4))
    low, high = answers <= 2, answers >= 4
    # penalties -1, -.6, -.1, -.2 and rewards .1, .6, 1, .2
    y = low @ np.array([-1, -0.6, -0.1, -0.2]) + high @ np.array([0.1, 0.6, 1, 0.2]) + rng.normal(size=n)
    return low, high, y


def test_known_factors_are_found() -> None:
    found = penalty_reward(*world(8000), margin=0.25)
    assert [FACTORS[k] for k in found.factor] == ["basic", "performance", "excitement", "performance"]
    np.testing.assert_allclose(found.penalty.estimate, [-1, -0.6, -0.1, -0.2], atol=0.1)
    np.testing.assert_allclose(found.difference.estimate, found.penalty.estimate + found.reward.estimate, atol=1e-12)
    assert (np.abs(found.reward.estimate - [0.1, 0.6, 1, 0.2]) < 4 * found.reward.std_error).all()


def test_few_rows_show_nothing() -> None:
    found = penalty_reward(*world(60), margin=0.1)
    assert (found.factor == 3).sum() >= 3


def test_classes_keep_their_error_rate() -> None:
    # penalty and reward alike: 'basic' or 'excitement' is said in about 5 % of samples
    wrong = 0
    for seed in range(300):
        low, high, y = world(250, seed)
        found = penalty_reward(low[:, [1]], high[:, [1]], y, margin=0.01)
        wrong += int(found.factor[0] in (0, 2))
    assert 4 <= wrong <= 28  # binomial(300, .05): mean 15, sd 3.8


def test_a_design_is_taken() -> None:
    low, high, y = world(400)
    plain = penalty_reward(low, high, y, margin=0.2)
    cluster = np.repeat(np.arange(100), 4)
    found = penalty_reward(low, high, y, margin=0.2, cluster=cluster, weights=np.ones(400))
    np.testing.assert_allclose(found.penalty.estimate, plain.penalty.estimate)
    assert found.fit.df == 99 - 8
    assert plain.fit.df == 400 - 9


def test_bad_input_is_said() -> None:
    low, high, y = world(100)
    low[:, 2] = False
    with pytest.raises(CemkitError, match="no respondent gave a low answer to the items in columns 2"):
        penalty_reward(low, high, y, margin=0.1)
    low, high, y = world(100)
    high[:, 0] = ~low[:, 0]
    with pytest.raises(CemkitError, match="a middling answer to the items in columns 0"):
        penalty_reward(low, high, y, margin=0.1)
