"""Least squares on cells' means."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.statistics.cell_regression import cell_contrasts, dummies


def test_cells_are_as_good_as_rows() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    x = rng.integers(0, 3, 200)
    z = rng.integers(0, 2, 200)
    w = rng.uniform(0.5, 2, 200)
    y = x - 2.0 * z + rng.normal(size=200)
    rows = np.column_stack([dummies(x, 3), z == 1]).astype(float)
    fit = sm.WLS(y, rows, weights=w).fit()
    cells = [(a, b) for a in range(3) for b in range(2)]
    inside = [(x == a) & (z == b) for a, b in cells]
    design = np.array([[a == 0, a == 1, a == 2, b] for a, b in cells], dtype=float)
    weight = np.array([w[i].sum() for i in inside])
    mean = np.array([np.average(y[i], weights=w[i]) for i in inside])
    found = cell_contrasts(design, weight, mean, np.eye(4))
    np.testing.assert_allclose(found.estimate, fit.params)
    np.testing.assert_allclose(found.fitted, design @ fit.params)
    assert found.rank == 4
    # the influence of a unit of weight: bread times the predictors
    np.testing.assert_allclose(found.influence, np.linalg.inv((rows * w[:, None]).T @ rows) @ design.T, atol=1e-12)


def test_what_the_data_do_not_determine_is_nan() -> None:
    # level 2 never meets level 0 or 1 in the same mix
    design = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 1]], dtype=float)
    contrast = np.array([[1, -1, 0, 0, 0], [1, 0, -1, 0, 0]], dtype=float)
    found = cell_contrasts(design, np.ones(3), np.array([1.0, 3.0, 9.0]), contrast)
    assert found.estimate[0] == pytest.approx(-2.0)
    assert np.isnan(found.estimate[1])
