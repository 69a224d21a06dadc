"""Path models: numbers of R plspm, seminr and cSEM on the mobile-phone survey, an oracle with scores, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peer_data import ECSI_ARROWS, ECSI_PATHS, ecsi_block, mobi

from cemkit.errors import CemkitError
from cemkit.statistics.moments import bootstrap_moments, correlate, weighted_moments
from cemkit.statistics.pls import SCHEMES, Scheme, consistent_paths, path_model

ARROWS = tuple(zip(*ECSI_ARROWS, strict=True))
# PyPI seminr 0.2.1, estimate_pls(mobi, ..., stop_criterion=10): path coefficients in the order of ECSI_ARROWS
PEER: dict[tuple[str, Scheme], list[float]] = {
    ("AAAAAAA", "path"): [
        *[0.5049139336, 0.1787395001, 0.1957553331, 0.5567489624, 0.0499883925, 0.0625228695],
        *[0.5583043795, 0.51202394, 0.1947651042, 0.5280662463, 0.4854776236, 0.066926069],
    ],
    ("AAAAAAA", "factorial"): [
        *[0.504943138, 0.1785926719, 0.1958196184, 0.5567590274, 0.0501781002, 0.064943655],
        *[0.5577624464, 0.5129747004, 0.19144526, 0.5258565524, 0.4830591744, 0.0703105732],
    ],
    ("BBBBBAB", "path"): [
        *[0.5033775276, 0.1913781052, 0.1530522017, 0.5582264073, 0.0274960984, 0.0335522896],
        *[0.600180912, 0.5109301539, 0.2119009916, 0.548680326, 0.539276663, 0.0754166986],
    ],
    ("BABAAAA", "factorial"): [
        *[0.5042910446, 0.16828269, 0.2093988884, 0.5569514835, 0.039544225, 0.0538282185],
        *[0.5785227083, 0.5566397073, 0.1685578405, 0.5259272735, 0.4742475748, 0.0684240345],
    ],
}
# the same with reflective(...), inner_weights=path_weighting: consistent PLS
CONSISTENT = [
    *[0.8632932243, 0.1499129291, -0.0909719789, 0.8710156623, -0.054225459, 0.0267459799],
    *[0.721338681, 0.6693203538, 0.1782657589, 0.5944590636, 0.9615201304, -0.039225123],
]

# PyPI plspm 0.5.7 (metric items as they are, tolerance 1e-12): centroid and path scheme
UNSCALED: dict[Scheme, list[float]] = {
    "centroid": [
        *[0.4930521552, 0.1526891124, 0.2122585139, 0.5451077506, 0.0659011147, 0.0370862291],
        *[0.54029121, 0.5444043145, 0.1997084495, 0.5400283428, 0.4654964777, 0.0499960464],
    ],
    "path": [
        *[0.4936477309, 0.152873198, 0.2139802518, 0.5448842894, 0.0652836423, 0.0354203881],
        *[0.5414114443, 0.5429359577, 0.2021767921, 0.5412218101, 0.4660069219, 0.0454221679],
    ],
}


def phones() -> tuple[np.ndarray, np.ndarray]:
    names, x = mobi()
    return x, ecsi_block(names)


def small(seed: int, n: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    one = rng.normal(size=(n, 1))
    two = 0.6 * one + rng.normal(size=(n, 1))
    three = 0.4 * one + 0.5 * two + rng.normal(size=(n, 1))
    x = np.column_stack([part + 0.8 * rng.normal(size=(n, 3)) for part in (one, two, three)])
    paths = np.zeros((3, 3), dtype=bool)
    paths[0, 1] = paths[0, 2] = paths[1, 2] = True
    return x * np.arange(1, 10), np.repeat([0, 1, 2], 3), paths


def by_scores(
    x: np.ndarray, block: np.ndarray, paths: np.ndarray, modes: str, scheme: str
) -> tuple[np.ndarray, np.ndarray]:
    """The textbook's iterations on the scores themselves."""
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    count, w = len(paths), np.ones(x.shape[1])
    for _ in range(400):
        y = np.column_stack([z[:, block == j] @ w[block == j] for j in range(count)])
        y /= y.std(axis=0)
        for j in range(count):
            inner = np.zeros(len(x))
            before, after = np.flatnonzero(paths[:, j]), np.flatnonzero(paths[j])
            c = np.corrcoef(y, rowvar=False)
            if scheme == "path":
                if len(before):
                    inner += y[:, before] @ np.linalg.lstsq(y[:, before], y[:, j], rcond=None)[0]
                inner += y[:, after] @ c[after, j]
            else:
                near = np.r_[before, after]
                inner += y[:, near] @ (np.sign(c[near, j]) if scheme == "centroid" else c[near, j])
            own = z[:, block == j]
            new = own.T @ inner if modes[j] == "A" else np.linalg.lstsq(own, inner, rcond=None)[0]
            w[block == j] = new / (own @ new).std()
    y = np.column_stack([z[:, block == j] @ w[block == j] for j in range(count)])
    return w, np.corrcoef(y, rowvar=False)


@pytest.mark.parametrize(("modes", "scheme"), PEER)
def test_paths_match_seminr(modes: str, scheme: Scheme) -> None:
    x, block = phones()
    fit = path_model(weighted_moments(x).covariance, block=block, paths=ECSI_PATHS, modes=list(modes), scheme=scheme)
    np.testing.assert_allclose(fit.paths[ARROWS], PEER[modes, scheme], atol=2e-10)
    assert fit.converged
    assert fit.proper


def test_r_squared_weights_and_loadings_match_the_peers() -> None:
    x, block = phones()
    fit = path_model(weighted_moments(x).covariance, block=block, paths=ECSI_PATHS)
    # R plspm 0.5.1, seminr and cSEM 0.6 agree on .681078 and .456944
    np.testing.assert_allclose(fit.r_squared[[4, 6]], [0.681078, 0.456944], atol=5e-7)
    assert np.isnan(fit.r_squared[0])
    # PyPI seminr 0.2.1: outer_weights and outer_loadings of IMAG1 to IMAG5 and of CUSL1 to CUSL3
    image, loyalty = block == 0, block == 6
    np.testing.assert_allclose(
        fit.weights[image], [0.301312155, 0.2596911531, 0.2179230531, 0.3285035665, 0.3246814064], atol=2e-8
    )
    np.testing.assert_allclose(
        fit.loadings[image], [0.7452080729, 0.5992003825, 0.5763589531, 0.7687616592, 0.7444524294], atol=2e-8
    )
    np.testing.assert_allclose(fit.loadings[loyalty], [0.820413196, 0.2020217094, 0.9154362868], atol=2e-8)
    np.testing.assert_allclose(fit.raw_weights, fit.weights / x.std(axis=0, ddof=1))


def test_consistent_paths_match_seminr() -> None:
    x, block = phones()
    covariance = weighted_moments(x).covariance
    fit = path_model(covariance, block=block, paths=ECSI_PATHS)
    found = consistent_paths(fit, covariance, block=block, paths=ECSI_PATHS)
    np.testing.assert_allclose(found.paths[ARROWS], CONSISTENT, atol=2e-9)
    # corrected correlations of nearly one construct: no correlation matrix, and said so
    assert not found.proper
    assert np.linalg.eigvalsh(found.correlations)[0] < 0


def test_consistent_paths_recover_the_factor_model() -> None:
    # a population matrix of two correlated factors: disattenuation gives the truth back exactly
    loading, block = np.array([0.9, 0.7, 0.6, 0.8, 0.7, 0.5]), np.repeat([0, 1], 3)
    matrix = np.outer(loading, loading) * np.where(block[:, None] == block, 1.0, 0.45)
    np.fill_diagonal(matrix, 1.0)
    paths = np.array([[False, True], [False, False]])
    fit = path_model(matrix, block=block, paths=paths)
    found = consistent_paths(fit, matrix, block=block, paths=paths)
    np.testing.assert_allclose(found.paths[0, 1], 0.45, atol=1e-9)
    np.testing.assert_allclose(found.loadings, loading, atol=1e-8)
    np.testing.assert_allclose(found.r_squared[1], 0.45**2, atol=1e-9)
    assert found.proper
    assert fit.paths[0, 1] < 0.45


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("modes", ["AAA", "BBB", "ABA"])
def test_matrices_give_what_scores_give(scheme: Scheme, modes: str) -> None:
    x, block, paths = small(3)
    fit = path_model(np.cov(x, rowvar=False), block=block, paths=paths, modes=list(modes), scheme=scheme)
    weights, between = by_scores(x, block, paths, modes, scheme)
    np.testing.assert_allclose(fit.weights, weights, atol=1e-8)
    np.testing.assert_allclose(fit.correlations, between, atol=1e-8)
    np.testing.assert_allclose(fit.paths[0, 1], between[0, 1], atol=1e-8)


def test_unscaled_items_count_by_their_variance() -> None:
    x, block, paths = small(4)
    scaled = path_model(np.cov(x, rowvar=False), block=block, paths=paths)
    raw = path_model(np.cov(x, rowvar=False), block=block, paths=paths, scaled=False)
    standard = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    again = path_model(np.cov(standard, rowvar=False), block=block, paths=paths, scaled=False)
    np.testing.assert_allclose(again.paths, scaled.paths, atol=1e-8)
    assert raw.weights[2] > scaled.weights[2]
    score = x @ np.where(block[:, None] == np.arange(3), raw.raw_weights[:, None], 0.0)
    np.testing.assert_allclose(score.var(axis=0, ddof=1), 1.0)
    np.testing.assert_allclose(np.corrcoef(score, rowvar=False), raw.correlations, atol=1e-10)
    np.testing.assert_allclose(
        raw.loadings, [np.corrcoef(x[:, i], score[:, block[i]])[0, 1] for i in range(9)], atol=1e-10
    )


def test_unscaled_matches_plspm() -> None:
    x, block = phones()
    covariance = weighted_moments(x).covariance
    for scheme, expected in UNSCALED.items():
        fit = path_model(covariance, block=block, paths=ECSI_PATHS, scheme=scheme, scaled=False)
        np.testing.assert_allclose(fit.paths[ARROWS], expected, atol=2e-9)


def test_a_batch_is_its_members_and_signs_follow_the_reference() -> None:
    x, block = phones()
    fit = path_model(weighted_moments(x).covariance, block=block, paths=ECSI_PATHS)
    many = bootstrap_moments(x, rng=np.random.default_rng(1), replicates=30).covariance
    found = path_model(many, block=block, paths=ECSI_PATHS, reference=fit.loadings)
    for b in (0, 17, 29):
        one = path_model(many[b], block=block, paths=ECSI_PATHS, reference=fit.loadings)
        np.testing.assert_allclose(found.weights[b], one.weights, atol=1e-12)
        np.testing.assert_allclose(found.paths[b], one.paths, atol=1e-12)
        assert found.iterations[b] == one.iterations
    turned = path_model(many, block=block, paths=ECSI_PATHS, reference=-fit.loadings)
    np.testing.assert_allclose(turned.loadings, -found.loadings)
    np.testing.assert_allclose(turned.paths, found.paths, atol=1e-12)


def test_bootstrap_errors_match_seminr() -> None:
    # PyPI seminr 0.2.1, bootstrap_model(nboot=500, seed=7): standard errors of the paths to satisfaction; both simulate
    x, block = phones()
    fit = path_model(weighted_moments(x).covariance, block=block, paths=ECSI_PATHS)
    many = bootstrap_moments(x, rng=np.random.default_rng(1), replicates=1000).covariance
    found = path_model(many, block=block, paths=ECSI_PATHS, reference=fit.loadings)
    assert found.converged.all()
    np.testing.assert_allclose(found.paths[:, [0, 1, 2, 3], 4].std(axis=0), [0.0533, 0.0481, 0.0642, 0.0556], rtol=0.15)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), scheme=st.sampled_from(SCHEMES))
def test_laws(seed: int, scheme: Scheme) -> None:
    x, block, paths = small(seed)
    fit = path_model(np.cov(x, rowvar=False), block=block, paths=paths, scheme=scheme)
    shifted = path_model(np.cov(3 * x - 7, rowvar=False), block=block, paths=paths, scheme=scheme)
    np.testing.assert_allclose(shifted.paths, fit.paths, atol=1e-7)
    order = np.random.default_rng(seed).permutation(9)
    turned = path_model(np.cov(x[:, order], rowvar=False), block=block[order], paths=paths, scheme=scheme)
    np.testing.assert_allclose(turned.weights, fit.weights[order], atol=1e-7)
    for j in range(3):
        r = correlate(np.cov(x[:, block == j], rowvar=False))
        np.testing.assert_allclose(fit.weights[block == j] @ r @ fit.weights[block == j], 1.0, atol=1e-10)


def test_a_construct_alone_is_its_first_principal_component() -> None:
    r = np.corrcoef(small(5)[0][:, :4], rowvar=False)
    fit = path_model(r, block=[0, 0, 0, 0], paths=np.zeros((1, 1), dtype=bool))
    values, vectors = np.linalg.eigh(r)
    np.testing.assert_allclose(fit.loadings, np.abs(vectors[:, -1]) * np.sqrt(values[-1]), atol=1e-7)


def test_singular_and_slow_replicates_are_flagged() -> None:
    x, block, paths = small(6)
    good = np.cov(x, rowvar=False)
    flat = good.copy()
    flat[2] = flat[:, 2] = 0.0
    twin = np.cov(np.column_stack([x[:, :3], x[:, :3], x[:, 6:]]), rowvar=False)
    found = path_model(np.stack([good, flat, twin]), block=block, paths=paths)
    np.testing.assert_array_equal(found.proper, [True, False, False])
    assert np.isnan(found.paths[1]).all()
    np.testing.assert_allclose(found.paths[0], path_model(good, block=block, paths=paths).paths)
    short = path_model(np.stack([good, flat]), block=block, paths=paths, iterations=2)
    assert not short.converged.any()
    assert short.iterations[0] == 2
    corrected = consistent_paths(found, np.stack([good, flat, twin]), block=block, paths=paths)
    np.testing.assert_array_equal(corrected.proper, [True, False, False])


def test_bad_input_is_said() -> None:
    x, block, paths = small(7)
    flat = x.copy()
    flat[:, 4] = 1.0
    with pytest.raises(CemkitError, match="columns 4 do not vary"):
        path_model(np.cov(flat, rowvar=False), block=block, paths=paths)
    twin = x.copy()
    twin[:, 5] = twin[:, 3] * 2
    with pytest.raises(CemkitError, match="columns 3, 5 are perfectly collinear"):
        path_model(np.cov(twin, rowvar=False), block=block, paths=paths, modes=["A", "B", "A"])
    assert path_model(np.cov(twin, rowvar=False), block=block, paths=paths).proper
    with pytest.raises(CemkitError, match="Did you mean 'path'"):
        path_model(np.cov(x, rowvar=False), block=block, paths=paths, scheme="pth")  # type: ignore[arg-type]
