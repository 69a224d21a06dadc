"""Regression: numbers of R (lm with HC3, survey::svyglm), contrasts, equivalence, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from peer_data import rdataset

from cemkit.errors import CemkitError, DesignError
from cemkit.statistics.regression import Regression, contrasts, equivalence_p, joint_test, least_squares


def cars() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    data = rdataset("mtcars", ["wt", "hp", "mpg", "gear", "carb", "am"])
    cluster = np.unique(data[:, 5] * 10 + data[:, 4], return_inverse=True)[1]
    return data[:, :2], data[:, 2], data[:, 3], cluster, data[:, 5].astype(int)


def test_hc3_matches_r() -> None:
    # R: m <- lm(mpg ~ wt + hp, mtcars); e <- resid(m)/(1 - hatvalues(m)); X <- model.matrix(m); B <- solve(crossprod(X));
    # sqrt(diag(B %*% crossprod(X*e) %*% B)), which is sandwich::vcovHC(m, "HC3")
    x, y, *_ = cars()
    fit = least_squares(x, y)
    np.testing.assert_allclose(fit.std_error, [2.22980540343622, 0.76851905035781, 0.00938513790865], rtol=1e-10)
    np.testing.assert_allclose(fit.r_squared, 0.8267855, atol=1e-7)  # summary(m)$r.squared
    assert fit.df == 29


def test_a_design_matches_r_survey() -> None:
    # R survey: m <- svyglm(mpg ~ wt + hp, svydesign(id=~carb, strata=~am, weights=~gear, nest=TRUE, data=mtcars))
    x, y, weights, cluster, stratum = cars()
    fit = least_squares(x, y, weights=weights, cluster=cluster, stratum=stratum)
    np.testing.assert_allclose(fit.coefficients, [37.7862995266739, -4.0892005707163, -0.0305549334112], rtol=1e-11)
    np.testing.assert_allclose(fit.std_error, [1.98429826742531, 0.62073950361333, 0.00730066403527], rtol=1e-10)
    assert fit.df == 5
    # regTermTest(m, ~wt + hp)
    found = joint_test(fit, [[0, 1, 0], [0, 0, 1]])
    np.testing.assert_allclose([found.statistic, found.p_value], [50.5475907902, 4.82154095151e-04], rtol=1e-9)
    assert (found.df1, found.df2) == (2, 5)


def test_a_census_has_no_variance() -> None:
    x, y, _, cluster, stratum = cars()
    sizes = np.array([len(set(cluster[stratum == s])) for s in (0, 1)], dtype=float)
    fit = least_squares(x, y, cluster=cluster, stratum=stratum, population=sizes)
    np.testing.assert_allclose(fit.covariance, 0.0, atol=1e-20)
    half = least_squares(x, y, cluster=cluster, stratum=stratum, population=2 * sizes)
    whole = least_squares(x, y, cluster=cluster, stratum=stratum)
    np.testing.assert_allclose(half.covariance, whole.covariance / 2)


@given(seed=st.integers(0, 1000), times=st.floats(0.1, 50))
def test_weights_are_relative_and_units_too(seed: int, times: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=40)
    w = rng.uniform(0.5, 2, 40)
    one, two = least_squares(x, y, weights=w), least_squares(x, y, weights=times * w)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-8, atol=1e-14)
    scaled = least_squares(times * x + 3, y, weights=w)
    np.testing.assert_allclose(scaled.coefficients[1:], one.coefficients[1:] / times, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(scaled.r_squared, one.r_squared)
    unit = least_squares(x, y, weights=np.ones(40))
    np.testing.assert_allclose(unit.covariance, least_squares(x, y, linearised=True).covariance)
    np.testing.assert_allclose(unit.coefficients, least_squares(x, y).coefficients)
    # each row its own cluster is no cluster
    alone = least_squares(x, y, cluster=rng.permutation(40))
    np.testing.assert_allclose(alone.covariance, unit.covariance)


def test_contrasts_by_hand() -> None:
    fit = Regression(np.array([1.0, -0.5, 0.8]), np.diag([0.01, 0.04, 0.09]), 0.3, 20.0, 23)
    found = contrasts(fit, [0, 1, 1])
    # .3 ± t(20, .975)·sqrt(.13) with t = 2.085963447
    np.testing.assert_allclose(found.estimate, [0.3])
    np.testing.assert_allclose(found.std_error, [np.sqrt(0.13)])
    np.testing.assert_allclose(found.high - found.estimate, [2.085963447 * np.sqrt(0.13)], rtol=1e-9)
    # a joint test of one combination is the t test squared
    joint = joint_test(fit, [0, 1, 1])
    np.testing.assert_allclose([joint.statistic, joint.p_value], [found.statistic[0] ** 2, found.p_value[0]])
    assert np.isnan(joint_test(fit, [[0, 1, 1], [0, 2, 2]]).p_value)


def test_equivalence_by_hand() -> None:
    # |.1| against .3 with error .1: z = -2, p = .0227501; far apart: near 1
    np.testing.assert_allclose(
        equivalence_p([0.1, -0.1, 2.0], [0.1, 0.1, 0.1], margin=0.3), [0.0227501319, 0.0227501319, 1.0], atol=1e-10
    )
    # t(10): pt(-2, 10) = .03669402
    np.testing.assert_allclose(equivalence_p(0.1, 0.1, margin=0.3, df=10), 0.0366940174, atol=1e-9)
    assert np.isnan(equivalence_p(0.1, 0.1, margin=0.3, df=0))
    with pytest.raises(CemkitError, match="must be positive"):
        equivalence_p(0.1, 0.1, margin=0)


def test_bad_input_is_said() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    with pytest.raises(CemkitError, match="found 4 complete rows and 4 coefficients"):
        least_squares(x[:4], y[:4])
    flat = x.copy()
    flat[:, 1] = 0.1
    with pytest.raises(CemkitError, match="columns 1 do not vary"):
        least_squares(flat, y)
    twin = x.copy()
    twin[:, 2] = 1 - twin[:, 0]
    with pytest.raises(CemkitError, match="columns 0, 2 are perfectly collinear"):
        least_squares(twin, y)
    with pytest.raises(DesignError, match="1 of 2 strata have a single cluster"):
        least_squares(x, y, cluster=np.repeat([0, 1, 2], 10), stratum=np.repeat([0, 0, 1], 10))
