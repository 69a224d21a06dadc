"""A bad weight is found on every engine, wherever it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from cemkit.errors import DesignError
from cemkit.scales import NPS_SCALE, Scale
from cemkit.tables import bind, rating_tally
from cemkit.tables.replicate_tally import replicate_tally
from cemkit.tables.row_moments import row_moments
from cemkit.tables.terms import mean_terms
from cemkit.tables.weight_sums import weight_sums

BAD = [
    ([1.0, None, 2.0, math.nan], "2 null"),
    ([1.0, -1.0, 2.0, 3.0], "1 negative"),
    ([1.0, 2.0, 3.0, math.inf], "1 infinite"),
]


@pytest.mark.parametrize(("weights", "found"), BAD)
def test_every_primitive_sees_it(engine: Callable[[Any], Any], weights: list[Any], found: str) -> None:
    # The last row has no answer: its weight is checked all the same.
    bound = bind(engine({"score": [10, 9, 1, None], "w": weights, "v": [1.0, 1.0, 1.0, 1.0]}))
    with pytest.raises(DesignError, match=f"weights in 'w' .* found {found}"):
        rating_tally(bound, keys=[], value="score", scale=NPS_SCALE, weights="w")
    with pytest.raises(DesignError, match=f"weights in 'w' .* found {found}"):
        replicate_tally(bound, keys=[], value="score", scale=NPS_SCALE, replicates=["v", "w"])
    scale = Scale(0, 10, step=None)
    with pytest.raises(DesignError, match=f"weights in 'w' .* found {found}"):
        row_moments(bound, keys=[], value="score", scale=scale, terms=mean_terms(scale), weights="w")


def test_zero_is_a_weight(engine: Callable[[Any], Any]) -> None:
    tally = rating_tally(
        bind(engine({"score": [10, 9, 1], "w": [1, 0, 2]})), keys=[], value="score", scale=NPS_SCALE, weights="w"
    )
    assert sorted(tally.w.tolist()) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("weight", "word"), [(1e300, "large"), (1e-300, "small"), (1.7e308, "large")])
def test_weights_whose_squares_are_no_numbers(engine: Callable[[Any], Any], weight: float, word: str) -> None:
    # 1e-300 squared is zero: every standard error was zero, or noise that differed between engines
    bound = bind(engine({"score": [10, 9, 1, 10], "w": [weight] * 4, "g": [1, 1, 2, 2]}))
    with pytest.raises(DesignError, match=f"too {word} for their squares .* divide them by their mean"):
        rating_tally(bound, keys=[], value="score", scale=NPS_SCALE, weights="w")
    with pytest.raises(DesignError, match=f"too {word} for their squares"):
        weight_sums(bound, keys=["g"], weights=["w"])
