"""Restricted cubic splines: hand arithmetic, their defining properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.splines import restricted_cubic_spline, spline_knots


def test_by_hand() -> None:
    # knots 0, 1, 2: at 3, d₀ = (27 − 1)/2 = 13, d₁ = (8 − 1)/1 = 7, (13 − 7)/2 = 3
    np.testing.assert_allclose(restricted_cubic_spline([3.0], [0, 1, 2]), [[3, 3]])


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=7, unique=True).filter(lambda k: np.diff(sorted(k)).min() > 0.1))
def test_straight_beyond_the_knots_and_smooth_between(values: list[float]) -> None:
    knots = np.array(sorted(values))
    for outside in (knots[-1] + np.arange(4.0), knots[0] - np.arange(4.0)):
        curve = restricted_cubic_spline(outside, knots)
        np.testing.assert_allclose(np.diff(curve, n=2, axis=0), 0, atol=1e-6 * max(1, np.abs(curve).max()))
    step = 1e-4
    for knot in knots:
        curve = restricted_cubic_spline(knot + step * np.array([-2, -1, 0, 1, 2]), knots)
        slope = np.diff(curve, axis=0) / step
        assert np.abs(np.diff(slope, axis=0)).max() < 0.05


def test_knots_are_quantiles_with_counts_as_rows() -> None:
    values = np.arange(1.0, 101)
    np.testing.assert_array_equal(spline_knots(values, knots=3), [10, 50, 90])
    counts = np.array([1, 3, 2, 5])
    np.testing.assert_array_equal(
        spline_knots([4.0, 1, 2, 9], counts=counts), spline_knots(np.repeat([4.0, 1, 2, 9], counts))
    )
    assert spline_knots([0.0, 1, np.nan, 1]).tolist() == [0, 1]


def test_bad_input_gets_a_sentence() -> None:
    with pytest.raises(CemkitError, match="3 to 7 knots"):
        spline_knots([1.0], knots=2)
    with pytest.raises(CemkitError, match="all are missing"):
        spline_knots([np.nan])
    with pytest.raises(CemkitError, match="knots that rise"):
        restricted_cubic_spline([1.0], [1, 1])
