"""Bounds of shares and the interval between them."""

from __future__ import annotations

import numpy as np

from cemkit.statistics.partial_identification import bounded_interval, missing_bounds


def test_bounds_by_hand() -> None:
    # 30 of 40 answers of 100: none or all of the 60 others
    np.testing.assert_allclose(missing_bounds([30, 0], [40, 0], [100, 0]), [[0.3, np.nan], [0.9, np.nan]])


def test_the_interval_runs_from_the_two_sided_to_the_one_sided_quantile() -> None:
    # no width: 1.95996; a wide one: 1.64485 (tables of the normal distribution)
    low, high = bounded_interval(0.5, [0.5, 0.9], 0.01, 0.01)
    np.testing.assert_allclose(low, [0.5 - 0.0195996, 0.5 - 0.0164485], atol=1e-7)
    np.testing.assert_allclose(high, [0.5 + 0.0195996, 0.9 + 0.0164485], atol=1e-7)
