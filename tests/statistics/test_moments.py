"""Weighted moments against numpy, bootstrap moments against resampled rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics import moments as module
from cemkit.statistics.moments import bootstrap_moments, correlate, weighted_moments


def rows(n: int = 300, p: int = 4, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 50 + rng.normal(size=(n, p)) + rng.normal(size=(n, 1))


def test_unit_weights_are_no_weights() -> None:
    x = rows()
    plain, unit = weighted_moments(x), weighted_moments(x, weights=np.full(300, 2.0))
    np.testing.assert_allclose(plain.mean, x.mean(axis=0))
    np.testing.assert_allclose(plain.covariance, np.cov(x, rowvar=False))
    np.testing.assert_allclose(unit.covariance, plain.covariance)
    assert unit.size == 600


@given(seed=st.integers(0, 1000))
def test_whole_weights_are_repeated_rows(seed: int) -> None:
    x, w = rows(seed=seed), np.random.default_rng(seed).integers(1, 4, 300)
    found, repeated = weighted_moments(x, weights=w), np.repeat(x, w, axis=0)
    np.testing.assert_allclose(found.mean, repeated.mean(axis=0))
    np.testing.assert_allclose(found.covariance, np.cov(repeated, rowvar=False, bias=True) * 300 / 299)


def test_correlations_of_constant_columns_are_nan() -> None:
    x = rows()
    x[:, 2] = 5.0
    found = correlate(np.cov(x, rowvar=False))
    assert np.isnan(found[2]).all()
    keep = [0, 1, 3]
    np.testing.assert_allclose(found[np.ix_(keep, keep)], np.corrcoef(x[:, keep], rowvar=False))


def test_resamples_are_resampled_rows() -> None:
    x = rows()
    found = bootstrap_moments(x, rng=np.random.default_rng(4), replicates=5)
    ordered = x[np.lexsort(x.T[::-1])]
    rng = np.random.default_rng(4)
    for b in range(5):
        drawn = ordered[rng.integers(0, 300, size=300)]
        np.testing.assert_allclose(found.mean[b], drawn.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.covariance[b], np.cov(drawn, rowvar=False), rtol=1e-9)
        assert found.size[b] == 300


def test_neither_row_order_nor_chunks_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, w = rows(), np.random.default_rng(2).uniform(0.5, 2, 300)
    turn = np.random.default_rng(3).permutation(300)
    one = bootstrap_moments(x, rng=np.random.default_rng(4), replicates=20, weights=w)
    monkeypatch.setattr(module, "_CHUNK_CELLS", 900)
    two = bootstrap_moments(x[turn], rng=np.random.default_rng(4), replicates=20, weights=w[turn])
    for left, right in zip(one, two, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12)


def test_the_spread_of_resampled_means_is_their_standard_error() -> None:
    x = rows(n=400)
    found = bootstrap_moments(x, rng=np.random.default_rng(4), replicates=4000)
    np.testing.assert_allclose(np.cov(found.mean, rowvar=False), np.cov(x, rowvar=False) / 400, rtol=0.12)


def test_clusters_are_drawn_whole_and_within_strata() -> None:
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(60), 5)
    effect = rng.normal(size=60)[cluster]
    x = np.column_stack([effect + 0.3 * rng.normal(size=300), rng.normal(size=300)])
    stratum = (cluster >= 20).astype(int)
    found = bootstrap_moments(x, rng=rng, replicates=3000, cluster=cluster)
    means = x.reshape(60, 5, 2).mean(axis=1)
    np.testing.assert_allclose(found.mean.var(axis=0), means.var(axis=0, ddof=1) / 60, rtol=0.12)
    split = bootstrap_moments(x, rng=rng, replicates=3000, cluster=cluster, stratum=stratum)
    parts = [(means[:20], 20), (means[20:], 40)]
    expected = sum((size / 60) ** 2 * part.var(axis=0, ddof=1) / size for part, size in parts)
    np.testing.assert_allclose(split.mean.var(axis=0), expected, rtol=0.12)
    strata_only = bootstrap_moments(x, rng=rng, replicates=200, stratum=stratum)
    assert strata_only.mean.shape == (200, 2)


def test_a_column_that_becomes_constant_has_no_variance() -> None:
    x = rows(n=12)
    x[:, 1] = 7.3
    x[0, 1] = 7.4
    found = bootstrap_moments(x, rng=np.random.default_rng(1), replicates=200)
    constant = np.isclose(found.mean[:, 1], 7.3, rtol=1e-14, atol=0)
    assert constant.any()
    np.testing.assert_array_equal(found.covariance[:, 1, 1] == 0.0, constant)
    assert (found.covariance[constant][:, 1] == 0).all()


def test_bad_input_is_said() -> None:
    x = rows()
    x[3, 1] = np.nan
    with pytest.raises(CemkitError, match="1 of 300 rows miss a value"):
        weighted_moments(x)
    with pytest.raises(CemkitError, match="at least 2 complete rows"):
        weighted_moments(x[:1])
    with pytest.raises(CemkitError, match="at least 1 replicate"):
        bootstrap_moments(rows(), rng=np.random.default_rng(1), replicates=0)
