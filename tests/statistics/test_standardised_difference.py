"""Standardised differences: hand arithmetic, and influences against the gradient."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.statistics.standardised_difference import Cells, standardised_difference


def cells(unit: list[int], stratum: list[int], n: list[float], yes: list[float]) -> Cells:
    return Cells(np.array(unit), np.array(stratum), np.array(n), np.array(yes))


FIRST = cells([0, 1, 2, 3], [0, 0, 1, 2], [2, 1, 3, 1], [1, 1, 1, 0])
SECOND = cells([0, 4, 5, 6], [0, 0, 1, 1], [1, 3, 2, 2], [1, 0, 1, 2])


def test_by_hand() -> None:
    found = standardised_difference(FIRST, SECOND, units=7, strata=3)
    # stratum 0: 2/3 and 1/4; stratum 1: 1/3 and 3/4; nobody to compare with in stratum 2
    assert found.estimate == pytest.approx(3 / 6 * (2 / 3 - 1 / 4) + 3 / 6 * (1 / 3 - 3 / 4))
    assert (found.n, found.reference, found.covered) == (6, 8, pytest.approx(6 / 7))
    assert found.influence.sum() == pytest.approx(0, abs=1e-12)


def test_influences_are_derivatives() -> None:
    found = standardised_difference(FIRST, SECOND, units=7, strata=3)
    for who in range(7):
        sides = []
        for step in (1e-6, -1e-6):
            moved = [
                c._replace(
                    n=c.n * np.where(c.unit == who, 1 + step, 1), yes=c.yes * np.where(c.unit == who, 1 + step, 1)
                )
                for c in (FIRST, SECOND)
            ]
            sides.append(standardised_difference(*moved, units=7, strata=3).estimate)
        assert found.influence[who] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-8)


def test_no_overlap_is_no_estimate() -> None:
    found = standardised_difference(cells([0], [0], [1], [1]), cells([1], [1], [1], [1]), units=2, strata=2)
    assert np.isnan(found.estimate)
    assert found.covered == 0
    assert np.isnan(found.std_error)
