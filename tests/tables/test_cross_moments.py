"""Products of totals across groups against multiplying pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracles
import pytest

from cemkit.tables import Bound
from cemkit.tables.cross_moments import cross_moments
from cemkit.tables.terms import band_terms

TERMS = band_terms(oracles.CODED)


@pytest.mark.parametrize("strata", [None, "stratum"])
@pytest.mark.parametrize(
    ("within", "over"),
    [((), ("key_float",)), (("key_bool",), ("key_date",)), ((), ("key_text", "key_int")), ((), ("key_category",))],
)
def test_against_pairs(bound: Bound, within: tuple[str, ...], over: tuple[str, ...], strata: str | None) -> None:
    keys = (*within, *over)
    stratified = () if strata is None else (strata,)
    found = cross_moments(
        bound,
        within=within,
        over=over,
        strata=strata,
        cluster="cluster",
        value="score",
        scale=oracles.CODED,
        terms=TERMS,
        weights="weight",
    )
    totals = oracles.cluster_totals(
        oracles.survey(), (*keys, *stratified), "cluster", "score", oracles.CODED, TERMS, "weight"
    )
    answered = [(key[: len(keys)], key[len(keys) :], c, total) for (key, c), (n, total) in totals.items() if n]
    expected: dict[Any, tuple[int, np.ndarray]] = {}
    for left, stratum, cluster, one in answered:
        for right, other_stratum, other, two in answered:
            meet = (stratum, cluster, left[: len(within)]) == (other_stratum, other, right[: len(within)])
            if meet and left != right:
                name = (left, right, stratum[0] if stratum else None)
                n, products = expected.get(name, (0, np.zeros((3, 3))))
                expected[name] = n + 1, products + np.outer(one, two)
    lefts, rights = (oracles.keys_found(side, keys, len(found.clusters)) for side in (found.left, found.right))
    names = list(zip(lefts, rights, found.stratum, strict=True))
    assert len(names) == len(set(names))
    assert set(names) == set(expected)
    for i, name in enumerate(names):
        assert found.clusters[i] == expected[name][0]
        np.testing.assert_allclose(found.products[i], expected[name][1], rtol=1e-12, atol=1e-10)
