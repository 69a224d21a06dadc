"""Rate and mix of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.decomposition import rate_mix

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NOTHING = np.zeros((8, 8))
VALUES = np.array([-100.0, 0.0, 100.0])


def multinomial_moments(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Means, shares and their covariance (2S, 2S) of one sample of counts (S, 3) of -100, 0, 100."""
    n = counts.sum()
    size = counts.sum(axis=1)
    mean, share = counts @ VALUES / size, size / n
    variance = (counts @ VALUES**2 / size - mean**2) / size
    # given the sizes the means are independent of the shares, which are multinomial
    zero = np.zeros((mean.size, mean.size))
    return mean, share, np.block([[np.diag(variance), zero], [zero, (np.diag(share) - np.outer(share, share)) / n]])


def two_samples(before: Floats, after: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    r0, m0, c0 = multinomial_moments(before)
    r1, m1, c1 = multinomial_moments(after)
    zero = np.zeros_like(c0)
    return r0, m0, r1, m1, np.block([[c0, zero], [zero, c1]])


def test_parts_by_hand() -> None:
    # totals 30 and 37.5, midpoint 33.75; rate .375 · 10 and .625 · 0; mix (25 − 33.75)(−.25) and (40 − 33.75)(.25)
    found = rate_mix([20, 40], [0.5, 0.5], [30, 40], [0.25, 0.75], covariance=NOTHING)
    assert found.rate.tolist() == [3.75, 0]
    assert found.mix.tolist() == [2.1875, 1.5625]
    assert found.contribution.tolist() == [5.9375, 1.5625]
    assert (found.total_before, found.total_after, found.change) == (30, 37.5, 7.5)
    assert (found.rate_total, found.mix_total) == (3.75, 3.75)
    assert not found.appeared.any()
    assert not found.vanished.any()
    assert not found.rate_std_error.any()


def test_known_shares_leave_the_variance_of_the_means() -> None:
    # by hand: shares are fixed, so Var(rate_s) = m̄² (v0 + v1), and Var(change) = Σ m0² v0 + m1² v1
    variance = np.array([4.0, 9, 0, 0, 1, 16, 0, 0])
    found = rate_mix([20, 40], [0.5, 0.5], [30, 40], [0.25, 0.75], covariance=np.diag(variance))
    assert found.rate_std_error == pytest.approx([0.375 * np.sqrt(5), 0.625 * np.sqrt(25)])
    assert found.change_std_error == pytest.approx(np.sqrt(0.25 * 4 + 0.25 * 9 + 0.0625 * 1 + 0.5625 * 16))


def test_total_of_one_sample_has_the_variance_of_a_net_score() -> None:
    before = np.array([[10.0, 20, 30], [25, 10, 5]])
    after = np.array([[20.0, 30, 40], [15, 15, 15]])
    r0, m0, r1, m1, sigma = two_samples(before, after)
    found = rate_mix(r0, m0, r1, m1, covariance=sigma)
    for counts, total, error in (
        (before, found.total_before, found.total_before_std_error),
        (after, found.total_after, found.total_after_std_error),
    ):
        d, _, p = counts.sum(axis=0) / counts.sum()
        assert total == pytest.approx(100 * (p - d))
        # Rocks (2016): (p + d − (p − d)²) / n
        assert error == pytest.approx(100 * np.sqrt((p + d - (p - d) ** 2) / counts.sum()))
    assert found.change_std_error == pytest.approx(np.hypot(found.total_before_std_error, found.total_after_std_error))


def test_segments_that_appear_or_vanish_are_mix() -> None:
    nan = float("nan")
    sigma = np.diag([1.0, nan, 4, 0, 0, 0, 9, 1, nan, 0, 0, 0])
    sigma[1, :] = sigma[:, 1] = nan
    found = rate_mix([20, nan, 50], [0.8, 0, 0.2], [30, 10, nan], [0.6, 0.4, 0], covariance=sigma)
    assert found.appeared.tolist() == [False, True, False]
    assert found.vanished.tolist() == [False, False, True]
    # totals 26 and 22, midpoint 24: rate .7 · 10; mix (25 − 24)(−.2), (10 − 24) · .4, (50 − 24)(−.2)
    assert found.rate == pytest.approx([7, 0, 0])
    assert found.mix == pytest.approx([-0.2, -5.6, -5.2])
    assert found.contribution.sum() == pytest.approx(found.change)
    assert found.rate_std_error == pytest.approx([0.7 * np.sqrt(10), 0, 0])
    assert found.total_before_std_error == pytest.approx(np.sqrt(0.64 + 0.04 * 4))
    assert found.total_after_std_error == pytest.approx(np.sqrt(0.36 * 9 + 0.16))


def test_a_segment_in_neither_period_has_no_part() -> None:
    nan = float("nan")
    found = rate_mix([20, nan], [1, 0], [30, nan], [1, 0], covariance=NOTHING)
    assert found.contribution.tolist() == [10, 0]
    assert not (found.appeared | found.vanished).any()


shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda x: np.array(x) / np.sum(x))
means = st.lists(st.floats(-100, 100), min_size=4, max_size=4).map(np.array)
gone = st.lists(st.booleans(), min_size=3, max_size=3)


def without(mean: Floats, share: Floats, missing: list[bool]) -> tuple[Floats, Floats]:
    flag = np.array([*missing, False])
    share = np.where(flag, 0, share)
    return np.where(flag, np.nan, mean), share / share.sum()


@settings(deadline=None)
@given(st.builds(without, means, shares, gone), st.builds(without, means, shares, gone))
def test_parts_sum_to_the_change(before: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> None:
    (r0, m0), (r1, m1) = before, after
    rng = np.random.default_rng(0)
    root = rng.normal(size=(16, 16))
    sigma = root @ root.T
    found = rate_mix(r0, m0, r1, m1, covariance=sigma)
    assert found.contribution.sum() == pytest.approx(found.change, abs=1e-10)
    assert found.rate_total + found.mix_total == pytest.approx(found.change, abs=1e-10)
    assert found.change == pytest.approx(np.nansum(m1 * r1) - np.nansum(m0 * r0), abs=1e-10)
    # going back is the same with the sign turned
    turned = np.roll(np.arange(16), 8)
    back = rate_mix(r1, m1, r0, m0, covariance=sigma[np.ix_(turned, turned)])
    assert back.rate == pytest.approx(-found.rate, abs=1e-10)
    assert back.mix == pytest.approx(-found.mix, abs=1e-10)
    assert back.mix_std_error == pytest.approx(found.mix_std_error)
    assert np.array_equal(back.appeared, found.vanished)


@settings(max_examples=30, deadline=None)
@given(means, shares, means, shares)
def test_standard_errors_are_the_delta_method(r0: Floats, m0: Floats, r1: Floats, m1: Floats) -> None:
    # central differences along each of the 16 moments; shares move in pairs so that they still sum to 1
    point = np.concatenate([r0, m0, r1, m1])
    rng = np.random.default_rng(1)
    root = rng.normal(size=(16, 16))
    for share in (slice(4, 8), slice(12, 16)):
        root[share] -= root[share].mean(axis=0)
    step = 1e-5 * m0.min() * m1.min()

    def parts(x: Floats) -> Floats:
        found = rate_mix(x[:4], x[4:8], x[8:12], x[12:], covariance=np.zeros((16, 16)))
        return np.concatenate([found.rate, found.mix, found.contribution, [found.rate_total, found.mix_total]])

    slopes = np.stack([(parts(point + step * d) - parts(point - step * d)) / (2 * step) for d in root.T], axis=1)
    found = rate_mix(r0, m0, r1, m1, covariance=root @ root.T)
    errors = np.concatenate(
        [
            found.rate_std_error,
            found.mix_std_error,
            found.contribution_std_error,
            [found.rate_total_std_error, found.mix_total_std_error],
        ]
    )
    assert errors == pytest.approx(np.sqrt(np.sum(slopes**2, axis=1)), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("mean", "share", "message"),
    [
        ([20.0, 40.0], [0.5, 0.6], "shares before .* sum to 1.1"),
        ([20.0, 40.0], [-0.5, 1.5], "must not be negative"),
        ([20.0, 40.0], [np.nan, 1.0], "they sum to nan"),
        ([20.0, np.nan], [0.5, 0.5], "segment 'new' has a share of 0.5 before and no mean: merge"),
        ([np.nan, np.nan], [0.5, 0.5], "segment 'old' .* and so have 1 more"),
        ([20.0], [1.0], "found shapes"),
    ],
)
def test_bad_segments_are_one_sentence(mean: list[float], share: list[float], message: str) -> None:
    with pytest.raises(CemkitError, match=message):
        rate_mix(mean, share, [20, 30], [0.5, 0.5], covariance=NOTHING, labels=["old", "new"])


def test_bad_covariance_is_one_sentence() -> None:
    with pytest.raises(CemkitError, match=r"2 segments has shape \(8, 8\)"):
        rate_mix([1, 2], [0.5, 0.5], [1, 2], [0.5, 0.5], covariance=np.zeros((4, 4)))
    with pytest.raises(CemkitError, match="not finite"):
        rate_mix([1, 2], [0.5, 0.5], [1, 2], [0.5, 0.5], covariance=np.full((8, 8), np.nan))


@pytest.mark.slow
def test_standard_errors_are_those_of_simulated_surveys(replicates: Callable[[int], int]) -> None:
    rng = np.random.default_rng(2)
    before = np.array([[0.10, 0.10, 0.30], [0.20, 0.10, 0.05], [0.05, 0.05, 0.05]])
    after = np.array([[0.05, 0.05, 0.20], [0.10, 0.05, 0.05], [0.15, 0.15, 0.20]])
    found = []
    for _ in range(replicates(2000)):
        counts = [rng.multinomial(800, p.ravel()).reshape(3, 3).astype(float) for p in (before, after)]
        *moments, sigma = two_samples(*counts)
        found.append(rate_mix(*moments, covariance=sigma))
    slack = 4 / np.sqrt(2 * len(found))
    for part in ("rate", "mix", "contribution", "rate_total", "mix_total", "change"):
        spread = np.std([getattr(one, part) for one in found], axis=0)
        errors = np.mean([getattr(one, f"{part}_std_error") for one in found], axis=0)
        assert errors == pytest.approx(spread, rel=slack), part
