"""Quadrature over beta and gamma variables, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import beta as beta_function
from scipy.special import hyp2f1

from cemkit.statistics.mixing import beta_nodes, gamma_nodes


@pytest.mark.parametrize("a", [0.05, 0.3, 0.8, 1.0, 3.0, 500.0])
@pytest.mark.parametrize("b", [0.1, 1.0, 2.4, 40.0, 1500.0])
def test_moments_and_powers_of_a_beta_variable(a: float, b: float) -> None:
    p, weights = beta_nodes(np.array(a), np.array(b))
    # E p = a/(a+b), E p² = a(a+1)/((a+b)(a+b+1))
    np.testing.assert_allclose((p * weights).sum(), a / (a + b), rtol=1e-8)
    np.testing.assert_allclose((p**2 * weights).sum(), a * (a + 1) / (a + b) / (a + b + 1), rtol=1e-6)
    # E (1 + 2p)^-3 = 2F1(3, a; a+b; -2) (Euler's integral), by Pfaff's transformation
    expected = 3.0**-3 * hyp2f1(3.0, b, a + b, 2.0 / 3.0)
    np.testing.assert_allclose((weights * (1 + 2 * p) ** -3).sum(), expected, rtol=1e-7)
    # E (1-p) = B(a, b+1) / B(a, b)
    if beta_function(a, b) > 0:
        np.testing.assert_allclose(((1 - p) * weights).sum(), beta_function(a, b + 1) / beta_function(a, b), rtol=1e-7)


@pytest.mark.parametrize("shape", [0.02, 0.3, 1.0, 2.5, 60.0, 1500.0])
def test_moments_of_a_gamma_variable(shape: float) -> None:
    value, weights = gamma_nodes(np.array(shape))
    np.testing.assert_allclose((value * weights).sum(), shape, rtol=1e-7)
    np.testing.assert_allclose((value**2 * weights).sum(), shape * (shape + 1), rtol=1e-6)
    # E exp(-2 y) = 3^-shape
    np.testing.assert_allclose((np.exp(-2 * value) * weights).sum(), 3.0**-shape, rtol=1e-6, atol=1e-300)
