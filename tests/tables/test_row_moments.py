"""Moments over rows against adding up row by row."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

from cemkit.errors import DesignError
from cemkit.scales import Scale
from cemkit.tables import Bound
from cemkit.tables.row_moments import row_moments
from cemkit.tables.terms import band_terms, mean_terms


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("keys", [(), ("key_float",), ("key_text", "key_int")])
@pytest.mark.parametrize(
    ("value", "scale"), [("score", oracles.CONTINUOUS), ("score_small", oracles.CONTINUOUS), ("score", oracles.CODED)]
)
def test_against_rows(bound: Bound, value: str, scale: Scale, keys: tuple[str, ...], weights: str | None) -> None:
    terms = mean_terms(scale) if scale.bands is None else band_terms(scale)
    found = row_moments(bound, keys=keys, value=value, scale=scale, terms=terms, weights=weights)
    expected = oracles.moments(oracles.survey(), keys, value, scale, terms, weights)
    names = oracles.keys_found(found.keys, keys, len(found.n))
    assert len(names) == len(set(names)) == len(expected)
    for i, key in enumerate(names):
        n, missing, invalid, counts, sums, products = expected[key]
        assert (found.n[i], found.missing[i], found.invalid[i]) == (n, missing, invalid)
        np.testing.assert_allclose(found.counts[i], counts, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(found.sums[i], sums, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(found.products[i], products, rtol=1e-12, atol=1e-10)


def test_weights_that_are_all_zero(local_engine: object) -> None:
    from cemkit.tables import bind

    bound = bind(local_engine({"score": [1.5, 2.5, 5.0], "w": [0.0, 0.0, 0.0]}))  # type: ignore[operator]
    scale = Scale(0, 10, step=None)
    with pytest.raises(DesignError, match="all weights in 'w' are zero"):
        row_moments(bound, keys=[], value="score", scale=scale, terms=mean_terms(scale), weights="w")
