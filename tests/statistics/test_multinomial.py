"""The net of a multinomial: golden numbers of R's NPS 2.0, laws, exact coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.multinomial import (
    NET_METHODS,
    NetMethod,
    net_coverage,
    net_estimate,
    net_interval,
    net_probability_at_least,
)

# R package NPS 2.0: nps_test_(c(detractors, passives, promoters), test = ...); the peer's score limits come from a
# bisection that stops at about 1e-7, so that it is held to 1.5e-7
COUNTS = np.array([[54, 108, 162], [75, 675, 250], [2, 11, 18], [0, 20, 0]]).T
ESTIMATE = [0.3333333333, 0.175, 0.5161290323, 0.0]
STD_ERROR = [0.04140866625, 0.01715735994, 0.1105371215, 0.0]
GOLDEN: dict[NetMethod, list[tuple[float, float]]] = {
    "wald": [(0.2521738388, 0.4144928278), (0.1413721922, 0.2086278075), (0.2994802551, 0.7327778094), (0, 0)],
    "adjusted-wald": [
        (0.2494525141, 0.4110979446),
        (0.1408588306, 0.2080943100),
        (0.2551233412, 0.6860531294),
        (-0.1043676451, 0.1043676451),
    ],
    "score": [
        (0.2495402262, 0.4116111596),
        (0.1413984761, 0.2087811440),
        (0.2609190917, 0.6991589954),
        (-0.1611252017, 0.1611251235),
    ],
}
counts = st.tuples(*[st.integers(0, 300)] * 3).filter(lambda c: sum(c) > 0)
levels = st.floats(0.8, 0.999)


def test_estimate_matches_the_peer() -> None:
    estimate, std_error = net_estimate(*COUNTS)
    np.testing.assert_allclose(estimate, ESTIMATE, atol=1e-10)
    np.testing.assert_allclose(std_error, STD_ERROR, rtol=1e-9)


@pytest.mark.parametrize(("method", "tolerance"), [("wald", 2e-10), ("adjusted-wald", 1e-10), ("score", 1.5e-7)])
def test_interval_matches_the_peer(method: NetMethod, tolerance: float) -> None:
    np.testing.assert_allclose(np.stack(net_interval(*COUNTS, method=method), axis=1), GOLDEN[method], atol=tolerance)


def test_score_interval_of_all_passive_has_a_closed_form() -> None:
    # with no one at either end the test statistic is n·net / (1 - net), so that the limit is z² / (n + z²)
    z2 = 1.959963984540054**2
    low, high = net_interval(0, 20, 0, method="score")
    np.testing.assert_allclose([low, high], [-z2 / (20 + z2), z2 / (20 + z2)], atol=1e-12)


@settings(deadline=None)
@given(counts, levels)
def test_score_limits_lie_on_the_edge_of_the_test(answers: tuple[int, int, int], level: float) -> None:
    # maximises the restricted likelihood numerically, by another road than the quadratic
    from scipy.optimize import minimize_scalar
    from scipy.special import ndtri, xlogy

    bottom, middle, top = answers
    n, z = sum(answers), float(ndtri((1 + level) / 2))
    for limit in net_interval(bottom, middle, top, level=level, method="score"):
        net = float(limit)
        if abs(net) > 1 - 1e-6 or min(answers) == 0:
            continue
        smallest, largest = max(0.0, -net), (1 - net) / 2
        found = minimize_scalar(
            lambda d, net=net: -float(xlogy(bottom, d) + xlogy(top, d + net) + xlogy(middle, 1 - 2 * d - net)),
            bounds=(smallest, largest),
            method="bounded",
            options={"xatol": 1e-12},
        )
        variance = (2 * found.x + net - net**2) / n
        assert abs((top - bottom) / n - net) / np.sqrt(variance) == pytest.approx(z, rel=1e-4)


def test_t_interval_is_the_one_sample_t_interval() -> None:
    from scipy import stats

    values = np.repeat([-1, 0, 1], [2, 11, 18])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    np.testing.assert_allclose(net_interval(2, 11, 18, method="t"), expected, rtol=1e-12)
    assert np.isnan(net_interval(0, 0, 1, method="t")).all()


@pytest.mark.parametrize("answers", [(0, 20, 0), (0, 0, 20), (2, 11, 18), (0, 1, 0), (300, 0, 700)])
def test_bayes_matches_draws_from_the_posterior(answers: tuple[int, int, int]) -> None:
    shares = np.random.default_rng(7).dirichlet(np.array(answers) + 0.5, size=200_000)
    net = shares[:, 2] - shares[:, 0]
    low, high = net_interval(*answers, method="bayes")
    # 200,000 draws: a tail of .025 has standard error .00035
    assert (net < low).mean() == pytest.approx(0.025, abs=0.0015)
    assert (net > high).mean() == pytest.approx(0.025, abs=0.0015)
    assert net_probability_at_least(*answers, 0.3) == pytest.approx((net >= 0.3).mean(), abs=0.005)


def test_posterior_agrees_with_double_integration() -> None:
    from scipy.integrate import dblquad
    from scipy.stats import dirichlet

    density = dirichlet([2.5, 3.5, 4.5]).pdf
    # over the detractors' share d and the promoters' share p >= d + .1
    expected, _ = dblquad(lambda p, d: density([d, max(1 - d - p, 0), p]), 0, 0.45, lambda d: d + 0.1, lambda d: 1 - d)
    assert net_probability_at_least(2, 3, 4, 0.1) == pytest.approx(expected, abs=1e-8)


def test_posterior_probability_at_the_limits_is_the_tail() -> None:
    low, high = net_interval(*COUNTS, method="bayes", level=0.9)
    np.testing.assert_allclose(net_probability_at_least(*COUNTS, low), 0.95, atol=1e-9)
    np.testing.assert_allclose(net_probability_at_least(*COUNTS, high), 0.05, atol=1e-9)
    np.testing.assert_array_equal(net_probability_at_least(2, 3, 4, [-1, 1]), [1, 0])


def test_bootstrap_is_the_percentile_interval_and_repeats() -> None:
    runs = [net_interval(*COUNTS, method="bootstrap", rng=np.random.default_rng(5)) for _ in range(2)]
    np.testing.assert_array_equal(*runs)
    # close to Wald for 324 and 1000 answers
    wald = np.stack(net_interval(*COUNTS, method="wald"))
    np.testing.assert_allclose(np.stack(runs[0])[:, :2], wald[:, :2], atol=0.01)


@settings(deadline=None)
@given(counts, levels, st.sampled_from(NET_METHODS))
def test_estimate_lies_inside_its_interval_on_the_scale(
    answers: tuple[int, int, int], level: float, method: NetMethod
) -> None:
    bottom, middle, top = answers
    if method == "t" and sum(answers) == 1:
        return
    estimate, _ = net_estimate(*answers)
    low, high = net_interval(*answers, level=level, method=method, rng=np.random.default_rng(1), draws=500)
    assert -1 <= low <= high <= 1
    if method != "bayes" or abs(estimate) < 0.9:
        assert low <= estimate + 1e-12
        assert estimate - 1e-12 <= high
    if method in {"adjusted-wald", "score", "bayes"}:
        assert low < high
    assert middle + bottom + top > 0


@settings(deadline=None)
@given(counts, levels, st.sampled_from(["adjusted-wald", "score", "wald", "t", "bayes"]))
def test_swapping_top_and_bottom_mirrors_the_interval(
    answers: tuple[int, int, int], level: float, method: NetMethod
) -> None:
    bottom, middle, top = answers
    low, high = net_interval(bottom, middle, top, level=level, method=method)
    mirrored_low, mirrored_high = net_interval(top, middle, bottom, level=level, method=method)
    np.testing.assert_allclose([low, high], [-mirrored_high, -mirrored_low], atol=1e-10)


def test_empty_group_is_nan_and_shapes_are_kept() -> None:
    for method in NET_METHODS:
        low, high = net_interval([[0, 5]], 0, [[0, 5]], method=method, rng=np.random.default_rng(1))
        assert low.shape == high.shape == (1, 2)
        assert np.isnan(low[0, 0])
        assert low[0, 1] < 0 < high[0, 1]
    assert np.isnan(net_probability_at_least(0, 0, 0, [-1, 0, 1])).all()


@pytest.mark.parametrize("n", [30, 100, 200])
@pytest.mark.parametrize(
    "shares", [(0.1, 0.1, 0.8), (0.1, 0.8, 0.1), (0.2, 0.3, 0.5), (1 / 3, 1 / 3, 1 / 3), (0.1, 0.45, 0.45)]
)
def test_exact_coverage_is_near_the_level(n: int, shares: tuple[float, float, float]) -> None:
    found = net_coverage(n, shares, methods=("adjusted-wald", "score"))
    assert all(0.93 <= value.coverage <= 0.97 for value in found.values())


def test_exact_coverage_by_hand() -> None:
    # one answer, shares (.2, .3, .5), truth .3; adjusted Wald: a promoter gives .25 ± .735 extended to 1, a passive
    # 0 ± 1.96·sqrt(1.5/4/4) = ±.600, a detractor -.25 ± .735: all hold .3
    found = net_coverage(1, (0.2, 0.3, 0.5), methods=("adjusted-wald", "wald"))
    assert found["adjusted-wald"].coverage == pytest.approx(1)
    assert found["adjusted-wald"].width == pytest.approx(0.7 * 1.4849864942 + 0.3 * 1.2002279, abs=1e-6)
    assert found["wald"] == pytest.approx((0.0, 0.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: net_interval(1, 2, 3, level=95), "0.95"),
        (lambda: net_interval(1, 2, 3, method="scor"), "Did you mean 'score'"),  # type: ignore[arg-type]
        (lambda: net_interval(1, 2, 3, method="bootstrap"), "seed"),
        (lambda: net_interval(1.5, 2, 3, method="bootstrap", rng=np.random.default_rng(1)), "weighted"),
        (lambda: net_coverage(10, (0.5, 0.5, 0.5)), "sum to 1"),
        (lambda: net_coverage(10, (0.5, 0.25, 0.25), methods=("bootstrap",)), "enumerated"),
    ],
)
def test_bad_input_is_one_clear_error(call: object, words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        call()  # type: ignore[operator]
