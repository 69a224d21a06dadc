"""The spread of true means: tau, its interval, Welch's test, shrunken means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.random_means import shrink_channels
from cemkit.statistics.variance_components import channel_spread, root_mean_square

MEANS = np.array([4.1, 3.6, 3.9, 3.2, 4.4])
VARIANCES = np.array([0.004, 0.010, 0.006, 0.020, 0.012])


@pytest.mark.parametrize(
    ("method", "square", "mean", "error"),
    [
        # R metafor 3.8-1: rma(yi, vi, method=..., control=list(tol=1e-14, threshold=1e-14, maxiter=10000))
        ("dl", 0.123108348135, 3.8501258755, 0.163267551953),
        ("pm", 0.198021954012, 3.84659209025, 0.204095759451),
        ("reml", 0.193303698445, 3.84674020554, 0.201769075023),
    ],
)
def test_metafor(method, square, mean, error) -> None:
    found = channel_spread(MEANS, VARIANCES, most=2.0, method=method)
    np.testing.assert_allclose([found.tau**2, found.mean, found.mean_std_error], [square, mean, error], rtol=1e-8)
    # confint(f, control=list(tol=1e-14)): the Q-profile does not depend on the estimator
    np.testing.assert_allclose([found.low**2, found.high**2], [0.0616171405213, 1.74376753646], rtol=1e-9)
    assert found.statistic * 4 == pytest.approx(63.2393162393, rel=1e-10)  # QE
    assert found.p_value == pytest.approx(6.04277416719e-13, rel=1e-3)


def test_means_that_share_customers() -> None:
    # R metafor 3.8-1: rma.mv(yi, V, random = ~ 1 | id), V with these two covariances
    covariance = np.diag(VARIANCES)
    covariance[0, 1] = covariance[1, 0] = 0.003
    covariance[2, 3] = covariance[3, 2] = -0.002
    found = channel_spread(MEANS, covariance, most=2.0)
    np.testing.assert_allclose(
        [found.tau**2, found.mean, found.mean_std_error], [0.19388240811, 3.84555584068, 0.202270928812], rtol=1e-7
    )
    assert found.statistic * 4 == pytest.approx(80.9176579638, rel=1e-10)


def test_welch() -> None:
    # R 4.2.2: oneway.test(x ~ g): F = 9.144785953, num df = 3, denom df = 12.01505587, p = 0.00199469326
    groups = ([5, 4, 4, 3, 5, 4], [3, 3, 4, 2, 3, 5, 1], [4, 5, 5, 4, 5], [2, 3, 1, 2, 4, 3, 3, 2])
    n = np.array([len(g) for g in groups])
    found = channel_spread(
        [np.mean(g) for g in groups], [np.var(g, ddof=1) / len(g) for g in groups], df=n - 1, most=2.0
    )
    np.testing.assert_allclose(
        [found.statistic, found.df2, found.p_value], [9.144785953, 12.01505587, 0.00199469326], rtol=1e-8
    )
    wide = channel_spread([np.mean(g) for g in groups], [np.var(g, ddof=1) / len(g) for g in groups], most=2.0)
    assert found.low < wide.low


def test_two_equal_variances_by_hand() -> None:
    # y = (0, d), v each: Q(0) = d²/(2v); DL = PM = REML = d²/2 − v; spread² = d²/2 − v, sd of (0, d) is d/√2
    d, v = 0.8, 0.05
    for method in ("dl", "pm", "reml"):
        found = channel_spread([0.0, d], [v, v], most=5.0, method=method)
        assert found.tau**2 == pytest.approx(d**2 / 2 - v, rel=1e-8)
    assert found.spread**2 == pytest.approx(d**2 / 2 - v)
    assert found.statistic == pytest.approx(d**2 / (2 * v))


def test_limits_stay_within_the_scale() -> None:
    found = channel_spread([1.0, 5.0], [0.01, 0.01], most=2.0)
    assert (found.tau, found.high) == (2.0, 2.0)
    alike = channel_spread([3.0, 3.0, 3.0], [0.1, 0.2, 0.3], most=2.0)
    assert (alike.tau, alike.low, alike.spread, alike.spread_low) == (0.0, 0.0, 0.0, 0.0)
    assert np.isnan(alike.std_error)


def test_root_mean_square() -> None:
    # one unit: its own limits; equal units: the limits narrow as their number grows
    np.testing.assert_allclose(root_mean_square([0.3], [0.1], [0.5]), (0.3, 0.1, 0.5))
    one, four = root_mean_square([0.3], [0.1], [0.5]), root_mean_square([0.3] * 4, [0.1] * 4, [0.5] * 4)
    assert four[0] == pytest.approx(0.3)
    assert one[1] < four[1] < four[0] < four[2] < one[2]


def test_shrunken_means() -> None:
    found = shrink_channels(MEANS, np.diag(VARIANCES), most=2.0, rng=np.random.default_rng(0))
    # given tau, the mean is the BLUP (R metafor: blup(rma(yi, vi, method="REML"))); the rest is not knowing tau
    blup = [4.0949, 3.6121, 3.8984, 3.2606, 4.3677]
    assert np.abs(found.estimate - blup).max() < 0.02
    assert (found.std_error > [0.0627, 0.0980, 0.0765, 0.1360, 0.1069]).all()
    np.testing.assert_allclose(found.draws.mean(axis=0), found.estimate, atol=0.01)
    np.testing.assert_allclose(np.quantile(found.draws, 0.025, axis=0), found.low, atol=0.02)
    alike = shrink_channels([3.0, 3.2, 3.1], np.diag([0.5, 0.5, 0.001]), most=2.0, rng=np.random.default_rng(0))
    assert abs(alike.estimate[0] - 3.1) < abs(3.0 - 3.1)


def test_shrunken_mean_against_quadrature() -> None:
    # two equal variances and a flat mean: given t, the difference is shrunken by t/(t + v), and y1 − y2 ~ N(0, 2(t + v))
    y, v, most = np.array([3.0, 4.0]), 0.2, 1.5
    tau = np.linspace(0, most, 200001)
    weight = np.exp(-1.0 / (4 * (tau**2 + v))) / np.sqrt(tau**2 + v)
    pull = (weight * tau**2 / (tau**2 + v)).sum() / weight.sum()
    found = shrink_channels(y, np.eye(2) * v, most=most, rng=np.random.default_rng(0))
    np.testing.assert_allclose(found.estimate, [3.5 - pull / 2, 3.5 + pull / 2], rtol=2e-4)


@given(st.floats(-5, 5), st.floats(0.1, 10), st.permutations(range(5)))
@settings(max_examples=25)
def test_shift_scale_and_order(shift, factor, order) -> None:
    own = channel_spread(MEANS, VARIANCES, df=[5, 8, 9, 12, 30], most=2.0)
    places = np.array(order)
    other = channel_spread(
        (shift + factor * MEANS)[places],
        (factor**2 * VARIANCES)[places],
        df=np.array([5, 8, 9, 12, 30])[places],
        most=2.0 * factor,
    )
    for name in ("tau", "low", "high", "spread", "spread_low", "spread_high"):
        assert getattr(other, name) == pytest.approx(factor * getattr(own, name), rel=1e-6)
    assert other.p_value == pytest.approx(own.p_value, rel=1e-8)
    assert other.mean == pytest.approx(shift + factor * own.mean)


def test_bad_arguments() -> None:
    with pytest.raises(CemkitError, match="at least two means"):
        channel_spread([3.0], [0.1], most=2.0)
    with pytest.raises(CemkitError, match="variances positive"):
        channel_spread([3.0, 4.0], [0.1, 0.0], most=2.0)
    with pytest.raises(CemkitError, match="'ml' is not one of"):
        channel_spread([3.0, 4.0], [0.1, 0.1], most=2.0, method="ml")  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "sizes", "tau"), [(10, (5, 15), 0.2), (10, (20, 80), 0.2), (4, (200, 2000), 0.0)])
def test_coverage(replicates, covers, k, sizes, tau) -> None:
    rng, runs = np.random.default_rng(5), replicates(120)
    held = np.zeros((runs, 3))
    for r in range(runs):
        n = rng.integers(sizes[0], sizes[1] + 1, k)
        theta = 3.4 + tau * rng.standard_normal(k)
        spread = 0.8 + 0.4 * (np.arange(k) % 2)
        rows = [theta[i] + spread[i] * rng.standard_normal(n[i]) for i in range(k)]
        y, v = np.array([x.mean() for x in rows]), np.array([x.var(ddof=1) / len(x) for x in rows])
        found = channel_spread(y, v, df=n - 1, most=2.0)
        inverse = np.diag(1 / v) - np.outer(1 / v, 1 / v) / (1 / v).sum()
        true = np.sqrt(max(theta @ inverse @ theta, 0.0) / np.trace(inverse))
        shrunken = shrink_channels(y, np.diag(v), df=n - 1, most=2.0, rng=rng, draws=2)
        inside = (shrunken.low <= theta) & (theta <= shrunken.high)
        held[r] = found.low <= tau <= found.high, found.spread_low - 1e-9 <= true <= found.spread_high, inside.mean()
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    covers(
        held,
        estimator="stages.consistency: tau, spread, shrunken channels",
        world=f"{k} channels of {sizes[0]} to {sizes[1]} answers, tau {tau}; may hold too often where tau is near its bound 0",
        slack=(error, 0.05),
    )
