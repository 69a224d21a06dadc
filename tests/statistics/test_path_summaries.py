"""Index with declared bounds, goodness of fit, cross-validated prediction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from peer_data import ECSI_PATHS, ecsi_block, mobi

from cemkit.errors import CemkitError
from cemkit.statistics.moments import Moments, weighted_moments
from cemkit.statistics.path_summaries import (
    blindfolded_relevance,
    construct_index,
    goodness_of_fit,
    predictive_relevance,
)
from cemkit.statistics.pls import path_model


def test_the_index_matches_csem() -> None:
    # R cSEM 0.6: doIPMA on (x - 1)/9·100; Image, Quality, Value, Loyalty
    names, x = mobi()
    block, moments = ecsi_block(names), weighted_moments(x)
    fit = path_model(moments.covariance, block=block, paths=ECSI_PATHS)
    found = construct_index(fit.raw_weights, moments.mean, block=block, low=1, high=10)
    np.testing.assert_allclose(found[[0, 2, 3, 6]], [73.5279818, 74.9765669, 62.3467573, 70.9138536], atol=1e-7)
    # standardised weights on raw means give 71.78, .67 short of satisfaction's index
    wrong = construct_index(fit.weights, moments.mean, block=block, low=1, high=10)
    np.testing.assert_allclose([wrong[4], found[4] - wrong[4]], [71.78, 0.67], atol=0.006)
    # respondents' indices average to the whole's
    each = construct_index(fit.raw_weights, x, block=block, low=1, high=10)
    assert each.shape == (250, 7)
    np.testing.assert_allclose(each.mean(axis=0), found)


@given(
    weights=st.lists(st.floats(0.05, 3), min_size=5, max_size=5),
    low=st.floats(-5, 5),
    width=st.floats(1, 20),
    share=st.floats(0, 1),
)
def test_all_top_is_100_and_between_is_linear(weights: list[float], low: float, width: float, share: float) -> None:
    block = np.array([0, 0, 1, 1, 1])
    mean = np.full(5, low + share * width)
    np.testing.assert_allclose(
        construct_index(np.array(weights), mean, block=block, low=low, high=low + width), 100 * share, atol=1e-7
    )


def test_bounds_may_differ_by_construct() -> None:
    found = construct_index(np.ones(2), np.array([5.0, 5.0]), block=np.array([0, 1]), low=[0, 1], high=[10, 9])
    np.testing.assert_allclose(found, [50.0, 50.0])
    with pytest.raises(CemkitError, match="above its low"):
        construct_index(np.ones(1), np.ones(1), block=np.array([0]), low=10, high=1)


def test_goodness_of_fit_by_hand() -> None:
    # the single item of construct 1 does not count: sqrt(mean(.64, .36) · mean(.5, .3)) = sqrt(.5 · .4)
    found = goodness_of_fit(np.array([0.8, 0.6, 1.0]), np.array([np.nan, 0.5, 0.3]), block=np.array([0, 0, 1]))
    np.testing.assert_allclose(found, np.sqrt(0.2))
    assert np.isnan(goodness_of_fit(np.ones(2), np.array([np.nan]), block=np.array([0, 0])))


def test_goodness_of_fit_matches_plspm() -> None:
    names, x = mobi()
    block = ecsi_block(names)
    fit = path_model(weighted_moments(x).covariance, block=block, paths=ECSI_PATHS, scaled=False)
    # PyPI plspm 0.5.7, path scheme: goodness_of_fit()
    np.testing.assert_allclose(goodness_of_fit(fit.loadings, fit.r_squared, block=block), 0.464569809080, atol=1e-9)


def folded(x: np.ndarray, fold: np.ndarray) -> Moments:
    parts = [x[fold == k] for k in range(int(fold.max()) + 1)]
    return Moments(
        np.array([part.mean(axis=0) for part in parts]),
        np.array([np.cov(part, rowvar=False, bias=True) for part in parts]),
        np.array([float(len(part)) for part in parts]),
    )


def test_prediction_from_moments_is_prediction_of_rows() -> None:
    names, x = mobi()
    block, fold = ecsi_block(names), np.random.default_rng(1).integers(0, 5, 250)
    found = predictive_relevance(folded(x, fold), block=block, paths=ECSI_PATHS)
    error, total = np.zeros((5, 24)), np.zeros((5, 24))
    unit = np.zeros((5, 24))
    for k in range(5):
        train, test = x[fold != k], x[fold == k]
        fit = path_model(np.cov(train, rowvar=False), block=block, paths=ECSI_PATHS)
        mean, sd = train.mean(axis=0), train.std(axis=0)
        z = (test - mean) / sd
        # weights are of items standardised with n - 1: the scores' unit is the same either way
        score = np.column_stack([z[:, block == j] @ fit.weights[block == j] for j in range(7)])
        guess = mean + sd * fit.loadings * (score @ fit.paths)[:, block]
        error[k], total[k], unit[k] = ((test - guess) ** 2).sum(axis=0), ((test - mean) ** 2).sum(axis=0), sd**2
    led = ECSI_PATHS.any(axis=0)[block]
    np.testing.assert_allclose(found.items[led], (1 - error.sum(axis=0) / total.sum(axis=0))[led], atol=1e-10)
    assert np.isnan(found.items[~led]).all()
    own = block == 4
    expected = 1 - (error / unit)[:, own].sum() / (total / unit)[:, own].sum()
    np.testing.assert_allclose(found.constructs[4], expected, atol=1e-10)
    assert found.constructs[4] > 0.3
    assert np.isnan(found.constructs[0])


def test_one_fold_predicts_nothing() -> None:
    names, x = mobi()
    with pytest.raises(CemkitError, match="at least 2 folds"):
        predictive_relevance(folded(x, np.zeros(250, dtype=int)), block=ecsi_block(names), paths=ECSI_PATHS)


def test_blindfolding_is_by_cells() -> None:
    rng = np.random.default_rng(5)
    behind = rng.normal(size=(60, 1))
    x = np.column_stack([behind + rng.normal(size=(60, 2)), 0.8 * behind + rng.normal(size=(60, 2))])
    block, paths = np.array([0, 0, 1, 1]), np.array([[False, True], [False, False]])
    found = blindfolded_relevance(x, block=block, paths=paths, distance=7)
    # by hand, one cell after another: with one predecessor the prediction is its standardised score times slope and loading
    errors, totals = 0.0, 0.0
    for turn in range(7):
        filled, means = x.copy(), {}
        for item in (2, 3):
            out = [r for r in range(60) if (60 * (item - 2) + r) % 7 == turn]
            rest = [r for r in range(60) if r not in out]
            means[item] = x[rest, item].mean()
            filled[out, item] = means[item]
        fit = path_model(np.cov(filled, rowvar=False), block=block, paths=paths)
        score = (filled - filled.mean(axis=0))[:, :2] @ fit.raw_weights[:2]
        slope = np.corrcoef(score, (filled - filled.mean(axis=0))[:, 2:] @ fit.raw_weights[2:])[0, 1]
        for item in (2, 3):
            sd = filled[:, item].std(ddof=1)
            for r in range(60):
                if (60 * (item - 2) + r) % 7 == turn:
                    errors += ((x[r, item] - means[item]) / sd - fit.loadings[item] * slope * score[r]) ** 2
                    totals += ((x[r, item] - means[item]) / sd) ** 2
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1 - errors / totals, rel=1e-9)
    # the distance that divides the rows is not taken, and unit weights change nothing
    np.testing.assert_array_equal(blindfolded_relevance(x, block=block, paths=paths, distance=6), found)
    np.testing.assert_allclose(blindfolded_relevance(x, block=block, paths=paths, weights=np.full(60, 2.0)), found)
    with pytest.raises(CemkitError, match="needs more than 8 rows, found 8"):
        blindfolded_relevance(x[:8], block=block, paths=paths)
