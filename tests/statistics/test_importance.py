"""Shares of R²: numbers of R's relaimpo and rwa, a loop over subsets, and laws."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peer_data import ATTITUDE, MTCARS, SWISS, rdataset

from cemkit.errors import CemkitError
from cemkit.statistics import importance as module
from cemkit.statistics.importance import IMPORTANCE_METHODS, ImportanceMethod, dominance, importance, probe_importance
from cemkit.statistics.predictors import standardised_coefficients

ADDITIVE: tuple[ImportanceMethod, ...] = ("lmg", "relative-weights", "car")


def world(seed: int, p: int = 5, n: int = 60, batch: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(max(batch, 1), n, p + 1)) + rng.normal(size=(max(batch, 1), n, 1))
    found = np.array([np.corrcoef(one, rowvar=False) for one in x])
    return found if batch else found[0]


def r_squared(r: np.ndarray, used: list[int]) -> float:
    return float(r[used, -1] @ np.linalg.solve(r[np.ix_(used, used)], r[used, -1])) if used else 0.0


def by_orders(r: np.ndarray, groups: list[list[int]], controls: list[int]) -> np.ndarray:
    """The mean increment over all orders, one regression each."""
    found = np.zeros(len(groups))
    orders = list(permutations(range(len(groups))))
    for order in orders:
        used = list(controls)
        for g in order:
            found[g] += r_squared(r, used + groups[g]) - r_squared(r, used)
            used = used + groups[g]
    return found / len(orders)


def test_lmg_of_swiss_matches_relaimpo() -> None:
    # R relaimpo 2.2-7: calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")
    expected = [0.05709122077, 0.1711730289, 0.26013467862, 0.10557015037, 0.11276592293]
    found = importance(np.cov(rdataset("swiss", SWISS), rowvar=False))
    np.testing.assert_allclose(found.contribution, expected, atol=1e-11)
    np.testing.assert_allclose(found.r_squared, sum(expected), atol=1e-10)
    np.testing.assert_allclose(found.share.sum(), 1.0)
    assert (found.sampling_error == 0).all()


def test_lmg_of_mtcars_matches_relaimpo() -> None:
    # R relaimpo 2.2-7: calc.relimp(lm(mpg ~ cyl + disp + hp + wt + qsec, mtcars), type = "lmg")
    expected = [0.20252540909, 0.18920451955, 0.15818551077, 0.25334240045, 0.04693907299]
    np.testing.assert_allclose(
        importance(np.cov(rdataset("mtcars", MTCARS), rowvar=False)).contribution, expected, atol=1e-11
    )


def test_relative_weights_of_swiss_match_rwa() -> None:
    # R rwa 0.1.2, and relaimpo type = "genizi"
    expected = [0.04841689581, 0.15470824981, 0.27196410465, 0.11468002995, 0.11696572138]
    found = importance(np.cov(rdataset("swiss", SWISS), rowvar=False), method="relative-weights")
    np.testing.assert_allclose(found.contribution, expected, atol=1e-11)


def test_car_first_and_last_are_what_they_say() -> None:
    r = np.corrcoef(rdataset("attitude", ATTITUDE), rowvar=False)
    values, vectors = np.linalg.eigh(r[:-1, :-1])
    car = (vectors @ np.diag(values**-0.5) @ vectors.T @ r[:-1, -1]) ** 2
    np.testing.assert_allclose(importance(r, method="car").contribution, car, rtol=1e-10)
    np.testing.assert_allclose(importance(r, method="first").contribution, r[:-1, -1] ** 2, rtol=1e-10)
    last = [r_squared(r, list(range(6))) - r_squared(r, [j for j in range(6) if j != i]) for i in range(6)]
    np.testing.assert_allclose(importance(r, method="last").contribution, last, atol=1e-12)


@pytest.mark.parametrize(
    ("groups", "controls"),
    [(None, []), ([[0, 3], [1], [2, 4]], []), (None, [2]), ([[4, 0], [1]], [2, 3]), ([[0], [1], [2], [3], [4]], [])],
)
def test_lmg_is_the_mean_over_all_orders(groups: list[list[int]] | None, controls: list[int]) -> None:
    r = world(3)
    blocks = groups or [[i] for i in range(5) if i not in controls]
    found = importance(r, groups=groups, controls=controls)
    np.testing.assert_allclose(found.contribution, by_orders(r, blocks, controls), atol=1e-12)
    np.testing.assert_allclose(found.base, r_squared(r, controls), atol=1e-12)
    np.testing.assert_allclose(found.r_squared, r_squared(r, list(range(5))), atol=1e-12)


@pytest.mark.parametrize("method", ["first", "last"])
def test_groups_first_and_last(method: ImportanceMethod) -> None:
    r, groups, controls = world(4), [[0, 3], [1, 4]], [2]
    found = importance(r, method=method, groups=groups, controls=controls).contribution
    every = r_squared(r, [0, 1, 2, 3, 4])
    expected = {
        "first": [r_squared(r, [2, 0, 3]) - r_squared(r, [2]), r_squared(r, [2, 1, 4]) - r_squared(r, [2])],
        "last": [every - r_squared(r, [2, 1, 4]), every - r_squared(r, [2, 0, 3])],
    }[method]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("method", IMPORTANCE_METHODS)
def test_a_batch_is_its_members(method: ImportanceMethod) -> None:
    many = world(5, batch=7)
    found = importance(many, method=method, controls=[1])
    for b in range(7):
        np.testing.assert_allclose(
            found.contribution[b], importance(many[b], method=method, controls=[1]).contribution, atol=1e-13
        )


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    many = world(6, batch=9)
    whole, order = importance(many).contribution, dominance(many)
    monkeypatch.setattr(module, "_MOST_FITS", 64)
    np.testing.assert_array_equal(importance(many).contribution, whole)
    for left, right in zip(dominance(many), order, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("method", ADDITIVE)
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 7), data=st.data())
def test_contributions_sum_and_ignore_order_and_units(
    method: ImportanceMethod, seed: int, p: int, data: st.DataObject
) -> None:
    r = world(seed, p=p)
    found = importance(r, method=method)
    np.testing.assert_allclose(found.contribution.sum(), found.r_squared, atol=1e-10)
    assert (found.contribution >= -1e-12).all()
    order = data.draw(st.permutations(range(p)))
    turned = r[np.ix_([*order, p], [*order, p])]
    np.testing.assert_allclose(importance(turned, method=method).contribution, found.contribution[order], atol=1e-10)
    unit = np.array(data.draw(st.lists(st.sampled_from([-7.0, 0.01, 1.0, 300.0]), min_size=p + 1, max_size=p + 1)))
    np.testing.assert_allclose(
        importance(r * np.outer(unit, unit), method=method).contribution, found.contribution, atol=1e-10
    )


@pytest.mark.parametrize("method", ["lmg", "relative-weights"])
def test_a_duplicated_driver_is_split_equally(method: ImportanceMethod) -> None:
    # an exact duplicate is collinear; the limit of a duplicate with less and less noise has the equal split
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 4)) + rng.normal(size=(300, 1))
    one = importance(np.cov(x, rowvar=False), method=method).contribution
    twin = x[:, 0] + 1e-4 * rng.normal(size=300)
    two = importance(np.cov(np.column_stack([twin, x]), rowvar=False), method=method).contribution
    np.testing.assert_allclose(two[0], two[1], rtol=0.05)
    assert two[0] + two[1] > one[0]  # together more than it had alone: what Shapley does with copies
    # the group of both is what the one was
    together = importance(np.cov(np.column_stack([twin, x]), rowvar=False), method="lmg", groups=[[0, 1], [2], [3]])
    np.testing.assert_allclose(together.contribution, importance(np.cov(x, rowvar=False)).contribution, atol=0.01)


def test_dominance_is_nested_and_general_is_the_lmg() -> None:
    many = world(7, p=6, n=300, batch=40)
    found = dominance(many)
    np.testing.assert_allclose(found.contribution, importance(many).contribution, atol=1e-12)
    np.testing.assert_allclose(found.by_size[:, :, 0], many[:, :-1, -1] ** 2, atol=1e-12)
    np.testing.assert_allclose(found.by_size[:, :, -1], importance(many, method="last").contribution, atol=1e-12)
    assert (found.conditional[found.complete == 1] == 1).all()
    assert (found.general[found.conditional == 1] == 1).all()
    for part in found[:3]:
        np.testing.assert_allclose(part + np.swapaxes(part, 1, 2), 1.0)
        assert (np.diagonal(part, axis1=1, axis2=2) == 0.5).all()
    assert (found.complete == 1).any()
    assert ((found.complete == 0.5) & (found.conditional == 1)).any()


def test_dominance_of_attitude() -> None:
    r = np.corrcoef(rdataset("attitude", ATTITUDE), rowvar=False)
    found = dominance(r)
    # complaints adds more than any other to each of the 16 subsets without the two (checked by a regression each)
    assert (found.complete[0, 1:] == 1).all()
    for j in range(1, 6):
        rest = [k for k in range(1, 6) if k != j]
        for t in range(16):
            used = [k for b, k in enumerate(rest) if t >> b & 1]
            assert r_squared(r, [0, *used]) > r_squared(r, [j, *used])
    np.testing.assert_allclose(found.contribution.sum(), 0.7326020, atol=1e-7)  # summary(lm(rating ~ ., attitude))


def test_sampled_orders_agree_with_all_subsets_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    r = world(8, p=9, n=200)
    groups, controls = [[0, 1], [2], [3], [4], [5], [6, 7]], [8]
    exact = importance(r, groups=groups, controls=controls)
    monkeypatch.setattr(module, "EXACT_LIMIT", 3)
    found = importance(r, groups=groups, controls=controls, permutations=1500, rng=np.random.default_rng(1))
    np.testing.assert_allclose(found.contribution.sum() + found.base, exact.r_squared, atol=1e-12)
    assert (found.sampling_error > 0).all()
    assert (np.abs(found.contribution - exact.contribution) < 4 * found.sampling_error).all()
    again = importance(r, groups=groups, controls=controls, permutations=1500, rng=np.random.default_rng(1))
    assert found.contribution.tobytes() == again.contribution.tobytes()
    with pytest.raises(CemkitError, match="needs a seed"):
        importance(r)
    with pytest.raises(CemkitError, match="put items in groups"):
        dominance(r)


def test_beyond_the_limit() -> None:
    r = world(9, p=24, n=400)
    found = importance(r, permutations=400, rng=np.random.default_rng(1))
    np.testing.assert_allclose(found.contribution.sum(), found.r_squared, atol=1e-10)
    assert found.sampling_error.max() < 0.002


def test_a_probe_gets_little_and_as_much_as_a_permuted_column() -> None:
    rng = np.random.default_rng(11)
    n = 150
    x = rng.normal(size=(n, 4)) + rng.normal(size=(n, 1))
    r = np.corrcoef(x, rowvar=False)
    drawn = probe_importance(r, n=n, rng=np.random.default_rng(3), draws=2000)
    permuted = []
    for _ in range(1000):
        probe = rng.permutation(x[:, 0])
        permuted.append(np.corrcoef(np.column_stack([probe, x]), rowvar=False))
    shuffled = importance(np.array(permuted)).contribution[:, 0]
    np.testing.assert_allclose(drawn.mean(), shuffled.mean(), rtol=0.15)
    np.testing.assert_allclose(np.quantile(drawn, 0.95), np.quantile(shuffled, 0.95), rtol=0.2)
    controlled = probe_importance(r, n=n, rng=rng, draws=50, method="last", controls=[0])
    assert controlled.shape == (50,)


def test_the_peer_agrees_where_it_is_installed() -> None:
    # pingouin.linear_regression(relimp=True), one regression per subset
    pytest.importorskip("pingouin", reason="the peer pingouin is not installed", exc_type=ImportError)
    import pandas as pd
    import pingouin

    data = rdataset("attitude", ATTITUDE)
    peer = pingouin.linear_regression(pd.DataFrame(data[:, :-1], columns=ATTITUDE[:-1]), data[:, -1], relimp=True)
    np.testing.assert_allclose(
        importance(np.cov(data, rowvar=False)).contribution, peer["relimp"].to_numpy()[1:], atol=1e-10
    )


def test_signs_stand_beside() -> None:
    r = np.corrcoef(rdataset("swiss", SWISS), rowvar=False)
    # R: coef(lm(scale(Fertility) ~ scale(.), swiss)) has the signs -, -, -, +, +
    np.testing.assert_array_equal(np.sign(standardised_coefficients(r)), [-1, -1, -1, 1, 1])


def test_bad_input_is_said() -> None:
    r = world(1)
    with pytest.raises(CemkitError, match="Did you mean 'lmg'"):
        importance(r, method="lgm")  # type: ignore[arg-type]
    with pytest.raises(CemkitError, match="exactly once"):
        importance(r, groups=[[0, 1], [1, 2], [3, 4]])
    with pytest.raises(CemkitError, match="exactly once"):
        importance(r, controls=[9])
    with pytest.raises(CemkitError, match="all items are controls"):
        importance(r, controls=[0, 1, 2, 3, 4], groups=[])
    with pytest.raises(CemkitError, match="at least one item"):
        importance(np.eye(1))
    singular = np.stack([r, np.ones_like(r)])
    assert np.isnan(importance(singular).contribution[1]).all()
    assert np.isfinite(importance(singular).contribution[0]).all()
