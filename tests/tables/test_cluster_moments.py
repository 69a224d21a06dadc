"""Sums over cluster totals against adding up row by row."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import oracles
import pytest

from cemkit.scales import NPS_SCALE, Scale
from cemkit.tables import Bound
from cemkit.tables.cluster_moments import cluster_moments, cluster_totals
from cemkit.tables.terms import band_terms, mean_terms

CASES = [
    ((), "score", oracles.CODED, None),
    (("key_float", "stratum"), "score", oracles.CODED, "weight"),
    (("key_text", "key_date"), "score_half", oracles.HALVES, "weight_int"),
    (("key_int",), "score_int", oracles.EVEN, None),
    (("key_bool", "stratum"), "score_small", oracles.CONTINUOUS, "weight"),
    (("key_category",), "score_full", NPS_SCALE, None),
]


@pytest.mark.parametrize(("keys", "value", "scale", "weights"), CASES)
def test_totals(bound: Bound, keys: tuple[str, ...], value: str, scale: Scale, weights: str | None) -> None:
    terms = mean_terms(scale) if scale.bands is None else band_terms(scale)
    found = cluster_totals(bound, keys=keys, cluster="cluster", value=value, scale=scale, terms=terms, weights=weights)
    expected = oracles.cluster_totals(oracles.survey(), keys, "cluster", value, scale, terms, weights)
    names = oracles.keys_found(found.keys, (*keys, "cluster"), len(found.answers))
    assert len(names) == len(set(names)) == len(expected)
    for i, name in enumerate(names):
        answers, totals = expected[name[:-1], name[-1]]
        assert found.answers[i] == answers
        np.testing.assert_allclose(found.totals[i], totals, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize(("keys", "value", "scale", "weights"), CASES)
def test_moments(bound: Bound, keys: tuple[str, ...], value: str, scale: Scale, weights: str | None) -> None:
    terms = mean_terms(scale) if scale.bands is None else band_terms(scale)
    found = cluster_moments(bound, keys=keys, cluster="cluster", value=value, scale=scale, terms=terms, weights=weights)
    totals = oracles.cluster_totals(oracles.survey(), keys, "cluster", value, scale, terms, weights)
    k = len(terms)
    expected: dict[Any, list[Any]] = defaultdict(lambda: [0, np.zeros(k), np.zeros((k, k))])
    for (key, _), (answers, total) in totals.items():
        sums = expected[key]
        sums[0] += answers > 0
        sums[1] = sums[1] + total
        sums[2] = sums[2] + np.outer(total, total)
    names = oracles.keys_found(found.keys, keys, len(found.clusters))
    assert len(names) == len(set(names)) == len(expected)
    for i, name in enumerate(names):
        clusters, total, products = expected[name]
        assert found.clusters[i] == clusters
        np.testing.assert_allclose(found.sums[i], total, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(found.products[i], products, rtol=1e-12, atol=1e-10)
