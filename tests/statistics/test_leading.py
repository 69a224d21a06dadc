from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from cemkit.statistics.leading import probability_largest


def test_two_means_have_a_closed_form() -> None:
    found = probability_largest([1.0, 0.8], [0.1, 0.2])
    # P(X > Y) = Phi((mx - my) / sqrt(sx² + sy²))
    assert found[0] == pytest.approx(norm.cdf(0.2 / np.hypot(0.1, 0.2)), abs=1e-6)
    assert found.sum() == pytest.approx(1)


def test_against_draws() -> None:
    mean, error = np.array([0.0, 0.1, 0.3, -1.0]), np.array([0.3, 0.1, 0.2, 0.5])
    drawn = np.random.default_rng(4).normal(mean, error, (200_000, 4)).argmax(axis=1)
    np.testing.assert_allclose(probability_largest(mean, error), np.bincount(drawn, minlength=4) / 200_000, atol=0.004)


def test_edges() -> None:
    assert np.isnan(probability_largest([1.0, 2.0], [np.nan, np.nan])).all()
    found = probability_largest([1.0, np.nan, 5.0], [0.1, 0.1, np.nan])
    assert found[0] == 1.0
    assert np.isnan(found[1:]).all()
    np.testing.assert_allclose(probability_largest([2.0, 2.0], [0.0, 0.0]), [0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(probability_largest([3.0, 1.0], [0.0, 0.0]), [1.0, 0.0], atol=1e-12)
