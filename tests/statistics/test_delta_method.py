"""The delta method against what it is exact for."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.statistics.delta_method import log_parameter_errors, positive_limits


def test_a_product_of_powers_is_linear_in_the_logarithms() -> None:
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    params = np.array([2.0, 3.0])
    error = log_parameter_errors(lambda p: np.array([p[0] ** 2 / p[1]]), params, covariance)
    # var(2 log a - log b) = 4·.04 - 4·.01 + .09 = .21
    assert error[0] / (4 / 3) == pytest.approx(np.sqrt(0.21), rel=1e-6)
    low, high = positive_limits(np.array([4 / 3]), error, level=0.95)
    assert np.log(high / low)[0] == pytest.approx(2 * 1.959964 * np.sqrt(0.21), rel=1e-5)
