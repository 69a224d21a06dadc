"""Reliability through the public call."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from peer_data import ATTITUDE, rdataset

import cemkit as cem
from cemkit import csi
from cemkit.errors import CemkitError, ColumnError


def survey(n: int = 250, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, 2)) @ np.array([[1.0, 0.5], [0.0, np.sqrt(0.75)]])
    x = latent[:, [0, 0, 0, 1, 1]] + 0.8 * rng.standard_normal((n, 5))
    return pd.DataFrame(x, columns=list("abcde")).assign(w=rng.integers(1, 4, n).astype(float))


CONSTRUCTS = {"staff": ["a", "b", "c"], "price": ["d", "e"]}


def test_alpha_of_the_attitude_survey() -> None:
    frame = pd.DataFrame(rdataset("attitude", ATTITUDE), columns=ATTITUDE)
    found = csi.reliability(frame, constructs={"all": ATTITUDE}).to_frame()
    # by hand: k r̄/(1 + (k − 1) r̄), r̄ the mean correlation
    r = frame.corr().to_numpy()[np.triu_indices(7, 1)].mean()
    assert found["alpha"][0] == pytest.approx(7 * r / (1 + 6 * r))


def test_against_the_model_that_made_the_answers() -> None:
    found = csi.reliability(survey(20_000), constructs=CONSTRUCTS)
    # items of variance 1.64 with covariance 1: alpha = k r/(1 + (k − 1) r), r = 1/1.64; the constructs correlate at .5
    r = 1 / 1.64
    alpha = [3 * r / (1 + 2 * r), 2 * r / (1 + r)]
    np.testing.assert_allclose(found.to_frame()["alpha"], alpha, atol=0.01)
    np.testing.assert_allclose(found.to_frame()["rho_a"], alpha, atol=0.01)
    assert found.htmt["estimate"][0] == pytest.approx(0.5, abs=0.02)
    # first principal component: λ² = (1 + (k − 1) r)/k
    np.testing.assert_allclose(found.to_frame()["ave"], [(1 + 2 * r) / 3, (1 + r) / 2], atol=0.01)


def test_engines(local_engine: Engine) -> None:
    frame = survey()
    asked = {"constructs": CONSTRUCTS, "design": cem.Design(weights="w"), "bootstrap": 40, "seed": 1}
    found = csi.reliability(local_engine(frame), **asked)
    other = csi.reliability(frame[::-1], **asked)
    for part in ("table", "htmt", "loadings"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(other, part), rtol=1e-7)
    assert found.from_json(found.to_json()) == found
    table = found.to_frame()
    assert ((table["alpha_low"] < table["alpha"]) & (table["alpha"] < table["alpha_high"])).all()


@pytest.mark.parametrize(
    ("constructs", "error", "words"),
    [
        ({"x": ["a", "b"], "y": ["b"]}, CemkitError, "'b' is in the constructs"),
        ({"x": "a"}, CemkitError, "list of at least one item"),
        ({}, CemkitError, "constructs must be"),
        ({"x": ["a", "z"]}, ColumnError, "constructs='z'"),
    ],
)
def test_bad_input(constructs: dict, error: type[CemkitError], words: str) -> None:
    with pytest.raises(error, match=words):
        csi.reliability(survey(), constructs=constructs)
