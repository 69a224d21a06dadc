"""Collinearity named by column, variance inflation, coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from peer_data import ATTITUDE, SWISS, rdataset

from cemkit.errors import CemkitError
from cemkit.statistics.predictors import (
    collinear_columns,
    constant_columns,
    standardised_coefficients,
    variance_inflation,
)


def sample(seed: int = 1, n: int = 80, p: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)) + rng.normal(size=(n, 1))


def test_collinear_columns_are_those_of_the_relation() -> None:
    x = sample()
    x[:, 3] = 2 * x[:, 0] - x[:, 1] + 7
    assert collinear_columns(np.cov(x, rowvar=False)) == (0, 1, 3)
    assert collinear_columns(np.cov(sample(), rowvar=False)) == ()


def test_variance_inflation_matches_r() -> None:
    # R: diag(solve(cor(attitude[, -1]))), which is car::vif(lm(rating ~ ., attitude))
    expected = [2.667060308, 1.600891407, 2.271043158, 3.078226218, 1.228108967, 1.951590791]
    r = np.corrcoef(rdataset("attitude", ATTITUDE)[:, :-1], rowvar=False)
    found = variance_inflation(r)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(variance_inflation(np.stack([r, r])), [found, found])


def test_variance_inflation_of_a_relation_is_infinite() -> None:
    x = sample()
    x[:, 3] = x[:, 0] + x[:, 1]
    found = variance_inflation(np.cov(x, rowvar=False))
    np.testing.assert_array_equal(np.isinf(found), [True, True, False, True, False])
    regular = variance_inflation(np.cov(x[:, [0, 1, 2, 4]], rowvar=False))
    np.testing.assert_allclose(found[[2, 4]], regular[[2, 3]])


def test_coefficients_are_those_of_least_squares() -> None:
    data = rdataset("swiss", SWISS)
    z = (data - data.mean(axis=0)) / data.std(axis=0)
    expected = np.linalg.lstsq(z[:, :-1], z[:, -1], rcond=None)[0]
    np.testing.assert_allclose(standardised_coefficients(np.cov(data, rowvar=False)), expected, rtol=1e-10)


def test_bad_matrices_are_named_by_column() -> None:
    x = sample()
    x[:, 2] = x[:, 0]
    with pytest.raises(CemkitError, match="columns 0, 2 are perfectly collinear"):
        standardised_coefficients(np.cov(x, rowvar=False))
    x = sample()
    x[:, 1] = 3.0
    covariance = np.cov(x, rowvar=False)
    assert constant_columns(covariance) == (1,)
    with pytest.raises(CemkitError, match="column 1 does not vary"):
        standardised_coefficients(covariance)


def test_what_is_no_correlation_matrix_is_refused() -> None:
    pairwise = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    with pytest.raises(CemkitError, match="negative eigenvalue -0.8"):
        standardised_coefficients(pairwise)
    with pytest.raises(CemkitError, match="asymmetric"):
        standardised_coefficients(np.array([[1, 0.2, 0.3], [0.1, 1, 0.2], [0.3, 0.2, 1]]))
    with pytest.raises(CemkitError, match="2 missing entries"):
        standardised_coefficients(np.array([[1, np.nan, 0.3], [np.nan, 1, 0.2], [0.3, 0.2, 1]]))
    assert np.isnan(standardised_coefficients(np.stack([pairwise, np.eye(3)]))[0]).all()


def test_a_singular_replicate_is_nan_alone() -> None:
    x = sample()
    good = np.cov(x, rowvar=False)
    x[:, 2] = x[:, 0]
    twin = np.cov(x, rowvar=False)
    flat = good.copy()
    flat[1] = flat[:, 1] = 0.0
    found = standardised_coefficients(np.stack([good, twin, flat]))
    np.testing.assert_allclose(found[0], standardised_coefficients(good))
    assert np.isnan(found[1:]).all()
