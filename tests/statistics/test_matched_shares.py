"""Shares in matched sets against pairs formed one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.statistics.matched_shares import Spans, bands_of, clustered_error, matched_shares


def world(seed: int, owners: int = 12) -> Spans:
    rng = np.random.default_rng(seed)
    entered = rng.integers(0, 20, owners).astype(float)
    owner, start, end = [], [], []
    for i in range(owners):
        cuts = entered[i] + np.sort(rng.choice(30, 4, replace=False))
        owner += [i, i]
        start += [cuts[0], cuts[2]]
        end += [cuts[1], cuts[3]]
    value = rng.integers(0, 2, 2 * owners).astype(float)
    return Spans(np.array(owner), entered[owner], np.array(start), np.array(end), value)


def means(
    spans: Spans, at: np.ndarray, band: np.ndarray, width: float, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    members, share = np.zeros(at.size), np.full(at.size, np.nan)
    for k, (t, b) in enumerate(zip(at, band, strict=True)):
        inside = (
            (spans.start < t) & (t <= spans.end) & (bands_of(np.full(spans.end.size, t), spans.entered, width) == b)
        )
        members[k] = inside.sum()
        w = weight[spans.owner] * inside
        share[k] = (w * spans.value).sum() / w.sum() if w.sum() else np.nan
    return members, share


@given(st.integers(0, 10_000))
def test_against_pairs(seed: int) -> None:
    spans = world(seed)
    rng = np.random.default_rng(seed + 1)
    at, band = rng.integers(0, 45, 15).astype(float), rng.integers(0, 4, 15)
    used = rng.random(15) < 0.7
    found = matched_shares(spans, at, band, width=7.0, owners=12, used=used)
    members, share = means(spans, at, band, 7.0, np.ones(12))
    np.testing.assert_allclose(found.members, members)
    np.testing.assert_allclose(found.share, share)
    assert abs(found.influence.sum()) < 1e-12
    chosen = used & (members > 0)
    if not chosen.any():
        assert found.owners == 0
        return
    # the influence is the derivative of the mean share by an owner's weight
    for who in range(12):
        sides = []
        for step in (1e-5, -1e-5):
            weight = np.ones(12)
            weight[who] += step
            sides.append(np.mean(means(spans, at, band, 7.0, weight)[1][chosen]))
        assert found.influence[who] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-6)


def test_edges_by_hand() -> None:
    # in force after 0 until 10; bands of 5 days hold their first moment
    spans = Spans(np.array([0]), np.zeros(1), np.zeros(1), np.array([10.0]), np.ones(1))
    found = matched_shares(spans, [0.0, 5.0, 5.0, 10.0, 10.5], [0, 0, 1, 2, 2], width=5.0, owners=1)
    np.testing.assert_array_equal(found.members, [0, 0, 1, 1, 0])
    assert clustered_error(np.array([3.0, 0]), np.array([0, 4.0])) == 5.0
