"""Two nets against R's NPS 2.0, and Welch's tests against R."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.differences import net_difference, welch_anova

GROUP, REFERENCE = (20, 30, 50), (35, 30, 35)
samples = st.tuples(*[st.integers(0, 80)] * 3).filter(lambda c: sum(c) > 1)


def test_wald_matches_the_peer() -> None:
    # R NPS 2.0, nps_test(test = "wald"), two samples
    found = net_difference(GROUP, REFERENCE, method="wald")
    assert found.estimate == pytest.approx(0.3)
    assert found.std_error == pytest.approx(0.1144552314, abs=1e-10)
    assert found.p_value == pytest.approx(0.00876434197, abs=1e-10)


def test_adjusted_matches_the_peer() -> None:
    # R NPS 2.0, nps_test(test = "adjust"): ¾, 1½, ¾ are added to each sample, so the centre is 30/103
    found = net_difference(GROUP, REFERENCE)
    assert found.estimate == pytest.approx(0.3)
    assert found.std_error == pytest.approx(0.1124966400, abs=1e-10)
    assert found.low == pytest.approx(0.0707727732, abs=1e-10)
    assert found.high == pytest.approx(0.5117514987, abs=1e-10)
    assert found.p_value == pytest.approx(0.00962343862, abs=1e-10)
    assert found.statistic * found.std_error == pytest.approx(30 / 103)


def test_welch_t_matches_r() -> None:
    # R t.test(promoters..., var.equal = FALSE)
    found = net_difference(GROUP, REFERENCE, method="t")
    assert found.statistic == pytest.approx(2.607974, abs=1e-6)
    assert found.df == pytest.approx(197.0698, abs=1e-4)
    assert found.p_value == pytest.approx(0.00980551, abs=1e-8)


def test_welch_anova_matches_r() -> None:
    # R oneway.test(value ~ group)
    found = welch_anova([GROUP, REFERENCE, (30, 40, 30)])
    assert found.statistic == pytest.approx(4.758486, abs=1e-6)
    assert found.p_value == pytest.approx(0.00958514, abs=1e-8)


def test_welch_anova_of_two_is_the_square_of_welch_t() -> None:
    t = net_difference(GROUP, REFERENCE, method="t")
    f = welch_anova([GROUP, REFERENCE])
    assert f.statistic == pytest.approx(t.statistic**2)
    assert f.df2 == pytest.approx(t.df)
    assert f.p_value == pytest.approx(t.p_value)


@settings(deadline=None)
@given(samples, samples, st.sampled_from(["adjusted-wald", "wald", "t"]), st.floats(0.5, 0.99))
def test_p_value_agrees_with_the_interval(group: tuple[int], reference: tuple[int], method: str, level: float) -> None:
    found = net_difference(group, reference, level=level, method=method)  # type: ignore[arg-type]
    if found.std_error > 0 and abs(found.p_value - (1 - level)) > 1e-9:
        assert (found.p_value < 1 - level) == (found.low > 0 or found.high < 0)
    else:
        assert np.isnan(found.p_value) or found.std_error > 0


@settings(deadline=None)
@given(samples, samples)
def test_exchanging_the_groups_changes_the_sign(group: tuple[int], reference: tuple[int]) -> None:
    one = net_difference(group, reference)  # type: ignore[arg-type]
    two = net_difference(reference, group)  # type: ignore[arg-type]
    np.testing.assert_allclose([one.estimate, one.low, one.high], [-two.estimate, -two.high, -two.low], atol=1e-12)


def test_arrays_empty_and_constant_samples() -> None:
    found = net_difference(([0, 20, 5], [0, 0, 5], [0, 0, 5]), (0, 0, 20), method="wald")
    np.testing.assert_array_equal(found.estimate, [np.nan, -2, -1])
    assert np.isnan(found.p_value).tolist() == [True, True, False]
    assert net_difference((20, 0, 0), (0, 0, 20)).p_value < 1e-10
    assert np.isnan(welch_anova([(0, 0, 20), (5, 5, 5)]).p_value)


def test_bad_shape_is_one_clear_error() -> None:
    with pytest.raises(CemkitError, match="three counts"):
        welch_anova([1, 2, 3])
