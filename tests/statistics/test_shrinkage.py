"""Shrunken means of many small groups: the likelihood, the limits, and simulation under the model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.dirichlet_multinomial import fit_concentration, log_likelihood
from cemkit.statistics.shrinkage import ShrunkenMeans, shrink

VALUES = np.array([-100.0, 0.0, 100.0])
MEAN = np.array([0.2, 0.3, 0.5])


def world(rng: np.random.Generator, *, groups: int, concentration: float) -> tuple[np.ndarray, np.ndarray]:
    shares = rng.dirichlet(concentration * MEAN, size=groups)
    return shares @ VALUES, rng.multinomial(rng.integers(3, 40, size=groups), shares)


def shrunken(counts: object, **arguments: float) -> ShrunkenMeans:
    return shrink(counts, VALUES, rng=np.random.default_rng(1), **arguments)  # type: ignore[arg-type]


def test_log_likelihood_is_that_of_scipy() -> None:
    from scipy import stats

    counts, alphas = np.array([[2, 3, 5], [0, 1, 7]]), np.array([[0.5, 2.0, 3.0], [20.0, 30.0, 50.0]])
    expected = [sum(stats.dirichlet_multinomial(a, c.sum()).logpmf(c) for c in counts) for a in alphas]
    constant = sum(stats.multinomial(c.sum(), MEAN).logpmf(c) - (c * np.log(MEAN)).sum() for c in counts)
    np.testing.assert_allclose(log_likelihood(counts.astype(float), alphas) + constant, expected, rtol=1e-10)


def test_fit_finds_the_concentration() -> None:
    _, counts = world(np.random.default_rng(3), groups=2000, concentration=20.0)
    concentration, mean_shares = fit_concentration(counts.astype(float))
    # 2000 groups: the standard error of log A is about .05
    assert concentration == pytest.approx(20, rel=0.2)
    np.testing.assert_allclose(mean_shares, MEAN, atol=0.02)
    alpha = concentration * mean_shares
    nearby = alpha * np.exp(np.random.default_rng(4).normal(0, 0.02, (20, 3)))
    assert (log_likelihood(counts.astype(float), nearby) <= log_likelihood(counts.astype(float), alpha[None])).all()


def test_same_seed_gives_the_same_bytes() -> None:
    _, counts = world(np.random.default_rng(3), groups=8, concentration=10.0)
    one, two = shrunken(counts), shrunken(counts)
    assert one.low.tobytes() == two.low.tobytes()
    assert one.best.tobytes() == two.best.tobytes()


def test_estimates_lie_between_raw_and_mean_and_small_groups_move_most() -> None:
    found = shrunken([[1, 1, 8], [10, 10, 80], [40, 40, 20], [30, 30, 40], [25, 25, 50], [6, 2, 2]])
    raw = np.array([70, 70, -20, 10, 25, -40])
    assert found.status == "fitted"
    assert found.estimate[0] < found.estimate[1] < 70
    assert found.estimate[2] > -20
    assert found.estimate[5] - raw[5] > found.estimate[2] - raw[2]
    assert (found.low < found.estimate).all()
    assert (found.estimate < found.high).all()
    assert found.best.sum() == pytest.approx(1)
    assert found.worst.sum() == pytest.approx(1)
    assert found.rank_low.min() == 1
    assert (found.rank_low <= found.rank_high).all()


def test_weighted_counts_and_two_categories() -> None:
    found = shrink([[3.5, 6.5], [10.2, 4.1], [0, 7.7]], [0, 100], rng=np.random.default_rng(1))
    assert ((found.low >= 0) & (found.high <= 100)).all()
    assert found.mean_shares.sum() == pytest.approx(1)


def test_alike_groups_are_named_homogeneous() -> None:
    found = shrunken([[5, 5, 10], [5, 5, 10], [10, 10, 20]])
    assert found.status == "homogeneous"
    assert np.isposinf(found.concentration)
    # the prior allows for a small difference, so that the larger group lies nearer to its own 25
    assert found.estimate[0] == pytest.approx(found.estimate[1])
    np.testing.assert_allclose(found.estimate, 24, atol=1)
    assert (found.low < found.high).all()
    alike = shrunken([[0, 0, 20], [0, 0, 10]])
    assert alike.status == "homogeneous"
    assert (alike.low < 100).all()


def test_single_group_is_not_shrunken() -> None:
    found = shrunken([[0, 0, 0], [5, 5, 10]])
    assert found.status == "single-group"
    # the Jeffreys posterior: (10.5 - 5.5) / 21.5
    assert found.estimate[1] == pytest.approx(100 * 5 / 21.5)
    assert np.isnan(found.estimate[0])
    assert (found.rank_high[1], found.best[1], found.worst[1]) == (1, 1, 1)


def test_empty_and_unidentified_are_named() -> None:
    assert shrunken([[0, 0, 0]]).status == "empty"
    assert np.isnan(shrunken([[0, 0, 0]]).estimate).all()
    found = shrunken([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    assert found.status == "unidentified"
    assert np.isnan(found.concentration)
    assert np.isfinite(found.estimate).all()


def test_groups_as_different_as_can_be_keep_their_values() -> None:
    found = shrunken([[0, 0, 20], [20, 0, 0], [0, 20, 0], [0, 0, 0]])
    np.testing.assert_allclose(found.estimate[:3], [100, -100, 0], atol=5)
    # a group without answers is a new one of the kind: anything is possible
    assert found.high[3] - found.low[3] > 150


@pytest.mark.slow
@pytest.mark.parametrize("concentration", [5.0, 20.0, 100.0])
def test_intervals_hold_at_their_level_and_errors_shrink(
    replicates: Callable[[int], int], covers: Callable[..., None], concentration: float
) -> None:
    rng = np.random.default_rng(int(concentration))
    trials, groups = replicates(40), 30
    held, raw_error, error = [], 0.0, 0.0
    for _ in range(trials):
        truth, counts = world(rng, groups=groups, concentration=concentration)
        found = shrink(counts, VALUES, rng=rng, draws=1000)
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
        error += ((found.estimate - truth) ** 2).mean()
        raw_error += ((counts @ VALUES / counts.sum(axis=1) - truth) ** 2).mean()
    # the standard error over the groups of 40 trials is about .008; where groups are nearly alike (A = 100) the prior,
    # which allows for differences, makes the intervals hold more often than they claim
    covers(
        held,
        estimator="nps.shrink",
        world=f"30 groups, concentration {concentration:g}; may hold too often where groups are nearly alike",
        slack=(0.03, 0.045),
    )
    assert error < 0.8 * raw_error


@pytest.mark.parametrize(
    ("counts", "k", "words"),
    [([1, 2, 3], 1, "groups x categories"), ([[1, 2, -3]], 1, "1 of 1 groups"), ([[1, 2, 3]], 0, "k must")],
)
def test_bad_input_is_one_clear_error(counts: object, k: int, words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        shrunken(counts, k=k)
