"""Kano: the table cell by cell, coefficients by hand and by simulation, tests of the top category."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.kano import (
    CATEGORIES,
    better_worse,
    category_counts,
    continuous_category,
    continuous_scores,
    evaluate,
    top_category,
    top_probability,
)

A, O, M, I, R, Q = range(6)  # noqa: E741
rows = st.tuples(*[st.integers(0, 60)] * 6).filter(lambda c: sum(c[:4]) > 0)


def test_the_table_of_berger() -> None:
    # Berger et al. (1993): rows functional like, must-be, neutral, live-with, dislike; columns dysfunctional alike
    expected = [[Q, A, A, A, O], [R, I, I, I, M], [R, I, I, I, M], [R, I, I, I, M], [R, R, R, R, Q]]
    functional, dysfunctional = np.indices((5, 5))
    np.testing.assert_array_equal(evaluate(functional, dysfunctional), expected)
    pouliot = np.array(expected)
    pouliot[1, 1] = pouliot[3, 3] = Q
    np.testing.assert_array_equal(evaluate(functional, dysfunctional, table="pouliot"), pouliot)
    # the reverse question's answers are the table's mirror, with R for A, O and M together
    assert (evaluate(functional, dysfunctional)[4, :4] == R).all()


def test_missing_answers_are_no_category() -> None:
    found = evaluate([0, -1, 0, 3], [4, 2, -1, 4])
    np.testing.assert_array_equal(found, [O, -1, -1, M])
    np.testing.assert_array_equal(category_counts(found), [0, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(category_counts(found, weights=np.array([2.0, 1, 1, 0.5])), [0, 2, 0.5, 0, 0, 0])


def test_counts_of_many_items() -> None:
    category = np.array([[A, M], [A, -1], [Q, M]])
    np.testing.assert_array_equal(category_counts(category), [[2, 0, 0, 0, 0, 1], [0, 0, 2, 0, 0, 0]])


def test_better_and_worse_by_hand() -> None:
    # A 10, O 30, M 40, I 20 and 7 reverse: better .4, worse -.7; var .4·.6/100, .7·.3/100;
    # cov(better, -worse) = (.3 - .4·.7)/100 = .0002
    found = better_worse([10, 30, 40, 20, 7, 3])
    np.testing.assert_allclose([found.better, found.worse], [0.4, -0.7])
    np.testing.assert_allclose(found.covariance, [[0.0024, -0.0002], [-0.0002, 0.0021]], atol=1e-15)


@given(counts=rows)
def test_the_multinomial_covariance_given_is_the_one_assumed(counts: tuple[int, ...]) -> None:
    n = np.array(counts, dtype=float)
    total = n.sum()
    covariance = np.diag(n) - np.outer(n, n) / total
    one, two = better_worse(n), better_worse(n, covariance=covariance)
    np.testing.assert_allclose(one.covariance, two.covariance, atol=1e-12)
    shares = better_worse(n / total, covariance=covariance / total**2)
    np.testing.assert_allclose(shares.covariance, one.covariance, atol=1e-12)
    assert 0 <= one.better <= 1
    assert -1 <= one.worse <= 0


def test_the_covariance_is_that_of_samples() -> None:
    shares = np.array([0.15, 0.3, 0.25, 0.2, 0.07, 0.03])
    drawn = np.random.default_rng(1).multinomial(400, shares, size=20_000)
    found = better_worse(drawn)
    expected = better_worse(400 * shares).covariance
    np.testing.assert_allclose(np.cov(found.better, found.worse), expected, rtol=0.05, atol=2e-5)


def test_nobody_in_the_four_categories_is_nan() -> None:
    found = better_worse([[0, 0, 0, 0, 3, 1], [1, 1, 0, 0, 0, 0]])
    np.testing.assert_array_equal(np.isnan(found.better), [True, False])


def test_top_by_hand() -> None:
    # O 50, M 30 of 100: z = 20/sqrt(80) = 2.236068, p = .025347; strength .2, total .9
    found = top_category([10, 50, 30, 10, 0, 0])
    assert CATEGORIES[found.category] == "one-dimensional"
    assert CATEGORIES[found.second] == "must-be"
    np.testing.assert_allclose([found.statistic, found.p_value], [2.2360679775, 0.0253473187], atol=1e-9)
    np.testing.assert_allclose([found.strength, found.total], [0.2, 0.9])
    assert found.different
    # at 99 % it is not beyond chance: M > O > A > I decides
    unsure = top_category([10, 50, 30, 10, 0, 0], level=0.99)
    assert not unsure.different
    assert unsure.category == M
    assert unsure.second == O


def test_fongs_rule() -> None:
    # limit 1.65·sqrt((a + b)(2n - a - b)/(2n)) = 1.65·sqrt(80·120/200) = 11.4315 for a + b = 80, n = 100
    assert top_category([10, 46, 34, 10, 0, 0], method="fong").different
    assert not top_category([9, 45, 35, 11, 0, 0], method="fong").different
    # the z test asks for more: z = 12/sqrt(80) = 1.34
    assert not top_category([10, 46, 34, 10, 0, 0]).different


def test_fongs_rule_has_too_many_false_alarms() -> None:
    # two equal shares of 3/8: 1.65·sqrt(5/8) = 1.304 is what the rule asks of z, which is 19.2 %, not 10 %
    drawn = np.random.default_rng(2).multinomial(400, [0.375, 0.375, 0.125, 0.125, 0, 0], size=20_000)
    fong = top_category(drawn, method="fong").different.mean()
    z = top_category(drawn, level=0.9).different.mean()
    assert 0.175 < fong < 0.21
    assert 0.09 < z < 0.115


@pytest.mark.parametrize(
    ("counts", "winner"), [([5, 5, 5, 5, 0, 0], M), ([5, 5, 0, 5, 0, 0], O), ([5, 0, 0, 5, 0, 0], A), ([0] * 6, -1)]
)
def test_ties_go_by_what_is_worst_to_miss(counts: list[int], winner: int) -> None:
    assert top_category(counts).category == winner


def test_a_given_covariance_decides() -> None:
    counts = np.array([10.0, 50, 30, 10, 0, 0])
    covariance = np.diag(counts) - np.outer(counts, counts) / 100
    found = top_category(counts, covariance=covariance)
    np.testing.assert_allclose(found.statistic, 20 / np.sqrt(80 - 20**2 / 100))  # Wald's form
    wide = top_category(counts, covariance=4 * covariance)
    np.testing.assert_allclose(wide.statistic, found.statistic / 2)
    assert not wide.different
    many = top_category(np.stack([counts, counts]), covariance=np.stack([covariance, 4 * covariance]))
    np.testing.assert_allclose(many.statistic, [found.statistic, wide.statistic])


def test_probability_of_being_top() -> None:
    found = top_probability([[10, 50, 30, 10, 0, 0], [0, 40, 40, 0, 0, 0], [0] * 6], rng=np.random.default_rng(1))
    # normal approximation: z = 20/sqrt(80 - 4) -> .989
    np.testing.assert_allclose(found[0, O], 0.989, atol=0.008)
    np.testing.assert_allclose(found[:2].sum(axis=1), 1.0)
    assert found[1, M] > found[1, O]  # ties are the must-be's
    assert np.isnan(found[2]).all()
    again = top_probability([10, 50, 30, 10, 0, 0], rng=np.random.default_rng(1))
    np.testing.assert_array_equal(again, found[0])


def test_continuous_scores_and_quadrants() -> None:
    functional, dysfunctional = continuous_scores([0, 1, 2, 3, 4, -1], [0, 1, 2, 3, 4, 0])
    np.testing.assert_array_equal(functional, [4, 2, 0, -1, -2, np.nan])
    np.testing.assert_array_equal(dysfunctional, [-2, -1, 0, 2, 4, -2])
    found = continuous_category([3, 3, 1, 1, -1, np.nan, -0.2], [3, 1, 3, 1, -1, 1, 3.5])
    np.testing.assert_array_equal(found, [O, A, M, I, R, -1, M])


def test_bad_input_is_said() -> None:
    with pytest.raises(CemkitError, match="2 answers exceed 4, the largest is 7"):
        evaluate([0, 5, 7], [0, 0, 0])
    with pytest.raises(CemkitError, match="Did you mean 'berger'"):
        evaluate([0], [0], table="burger")  # type: ignore[arg-type]
    with pytest.raises(CemkitError, match="not one of"):
        top_category([1, 2, 3, 4, 5, 6], method="t")  # type: ignore[arg-type]
