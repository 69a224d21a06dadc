"""Latent classes by EM."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.latent_class import class_scores, latent_classes

# Stouffer and Toby (1951), 216 respondents, four role conflicts: the counts of the 16 patterns, as in Goodman (1974, table 1)
STOUFFER = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20]


def stouffer() -> np.ndarray:
    patterns = np.array([[(i >> (3 - j)) & 1 for j in range(4)] for i in range(16)])
    return np.repeat(patterns, STOUFFER, axis=0)


def test_goodman() -> None:
    found = latent_classes(stouffer(), (2,) * 4, k=2, rng=np.random.default_rng(0))
    # Linzer and Lewis (2011), poLCA's example `values`: log-likelihood -504.4677, BIC 1057.313, shares .2792 and .7208
    assert found.log_likelihood == pytest.approx(-504.4677, abs=5e-5)
    assert found.bic(216) == pytest.approx(1057.313, abs=5e-4)
    np.testing.assert_allclose(np.sort(found.share), [0.2792, 0.7208], atol=5e-4)
    # Goodman (1974): likelihood-ratio chi-square 2.720 on 6 degrees of freedom
    counts = np.array(STOUFFER, dtype=float)
    patterns = np.unique(stouffer(), axis=0)
    fitted = np.exp(class_scores(found.share, found.probability, patterns)).sum(axis=1) * 216
    assert 2 * (counts * np.log(counts / fitted)).sum() == pytest.approx(2.720, abs=5e-4)
    assert 16 - 1 - found.parameters == 6
    assert found.converged
    assert found.starts > 1


def test_one_class_is_the_margins() -> None:
    found = latent_classes(stouffer(), (2,) * 4, k=1, rng=np.random.default_rng(0))
    np.testing.assert_allclose([p[0, 1] for p in found.probability], stouffer().mean(axis=0))
    by_hand = sum(216 * (m * np.log(m) + (1 - m) * np.log(1 - m)) for m in stouffer().mean(axis=0))
    assert found.log_likelihood == pytest.approx(by_hand)


STEPMIX = (-1618.3759527597313, (0.16519399, 0.28086259, 0.55394342))


def three_classes() -> np.ndarray:
    rng = np.random.default_rng(11)
    chance = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    own = rng.choice(3, 400, p=[0.5, 0.3, 0.2])
    return np.column_stack([[rng.choice(3, p=chance[j]) for j in own] for _ in range(5)])


def test_stepmix() -> None:
    # PyPI stepmix 3.0.0: StepMix(n_components=3, measurement="categorical", n_init=50, max_iter=5000, abs_tol=1e-10,
    # random_state=1).fit(three_classes()); .score(X) * 400 and .weights_
    found = latent_classes(three_classes(), (3,) * 5, k=3, rng=np.random.default_rng(0))
    assert found.log_likelihood == pytest.approx(STEPMIX[0], abs=1e-3)
    np.testing.assert_allclose(np.sort(found.share), STEPMIX[1], atol=1e-3)


def test_order_of_rows_does_not_matter() -> None:
    codes = stouffer()
    mixed = codes[np.random.default_rng(4).permutation(len(codes))]
    first, second = (latent_classes(c, (2,) * 4, k=2, rng=np.random.default_rng(3), starts=3) for c in (codes, mixed))
    np.testing.assert_array_equal(first.share, second.share)


def test_wrong_shape() -> None:
    with pytest.raises(CemkitError, match="rows of 3 items"):
        latent_classes(stouffer(), (2,) * 3, k=2, rng=np.random.default_rng(0))
