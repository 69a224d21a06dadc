"""Shares: statsmodels' intervals, laws, the logit interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.proportions import (
    PROPORTION_METHODS,
    ProportionMethod,
    logit_interval,
    proportion_estimate,
    proportion_interval,
    proportion_probability_at_least,
)

answers = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("method", "low", "high"),
    # statsmodels proportion_confint(82, 100, method=...)
    [("wilson", 0.733326, 0.882998), ("beta", 0.730523, 0.889689), ("jeffreys", 0.736163, 0.885633)],
)
def test_golden_82_of_100(method: ProportionMethod, low: float, high: float) -> None:
    np.testing.assert_allclose(proportion_interval(82, 100, method=method), [low, high], atol=5e-7)


@pytest.mark.parametrize(
    ("method", "peer"), [("wilson", "wilson"), ("beta", "beta"), ("agresti-coull", "agresti_coull"), ("wald", "normal")]
)
def test_statsmodels_agrees(method: ProportionMethod, peer: str) -> None:
    from statsmodels.stats.proportion import proportion_confint

    successes, n = np.array([0, 1, 7, 82, 99, 100]), np.array([10, 10, 9, 100, 100, 100])
    expected = np.array(proportion_confint(successes, n, alpha=0.1, method=peer)).clip(0, 1)
    np.testing.assert_allclose(proportion_interval(successes, n, level=0.9, method=method), expected, atol=1e-12)


def test_t_interval_is_the_one_sample_t_interval() -> None:
    from scipy import stats

    expected = stats.ttest_1samp(np.repeat([0, 1], [4, 7]), 0).confidence_interval(0.95)
    np.testing.assert_allclose(proportion_interval(7, 11, method="t"), expected, rtol=1e-12)


@settings(deadline=None)
@given(answers, st.floats(0.8, 0.999), st.sampled_from(PROPORTION_METHODS))
def test_estimate_lies_inside_on_the_scale_and_mirrors(
    counts: tuple[int, int], level: float, method: ProportionMethod
) -> None:
    successes, n = counts
    if method == "t" and n == 1:
        return
    share, _ = proportion_estimate(successes, n)
    low, high = proportion_interval(successes, n, level=level, method=method)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    mirrored = proportion_interval(n - successes, n, level=level, method=method)
    np.testing.assert_allclose([low, high], [1 - mirrored[1], 1 - mirrored[0]], atol=1e-10)
    if method not in {"wald", "t"}:
        assert low < high


def test_empty_group_is_nan() -> None:
    for method in PROPORTION_METHODS:
        low, high = proportion_interval([0, 3], [0, 10], method=method)
        assert np.isnan([low[0], high[0]]).all()
        assert low[1] < 0.3 < high[1]
    assert np.isnan(proportion_probability_at_least(0, 0, 0.5))


def test_logit_interval() -> None:
    # by hand: logit(.8) = ln 4; se / (p q) = .04 / .16 = .25; z = 1.959964: ln 4 ± .489991
    low, high = logit_interval([0.8, 0, 1], 0.04)
    limits = np.log(4) + np.array([-1, 1]) * 0.25 * 1.959963984540054
    np.testing.assert_allclose([low[0], high[0]], 1 / (1 + np.exp(-limits)), rtol=1e-12)
    assert np.isnan(low[1:]).all()
    assert np.isnan(high[1:]).all()
    wider_low, wider_high = logit_interval(0.8, 0.04, 10)
    assert wider_low < low[0]
    assert wider_high > high[0]


def test_probability_at_least_is_the_beta_tail() -> None:
    from scipy import stats

    np.testing.assert_allclose(
        proportion_probability_at_least(82, 100, [0, 0.75, 0.8, 1]),
        stats.beta(82.5, 18.5).sf([0, 0.75, 0.8, 1]),
        rtol=1e-9,
    )


def test_unknown_method_is_one_clear_error() -> None:
    with pytest.raises(CemkitError, match="Did you mean 'wilson'"):
        proportion_interval(1, 2, method="wilsn")  # type: ignore[arg-type]
