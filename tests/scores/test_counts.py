"""A score from counts: the same as from answers, and by the references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.results import Estimate
from cemkit.scores import ces, csat, nps

# R NPS 2.0, nps_test_(c(detractors, passives, promoters)), shares: net, se, then wald, adjusted wald and score limits
ROCKS = [
    (
        (54, 108, 162),
        0.3333333333,
        0.04140866625,
        (0.2521738388, 0.4144928278),
        (0.2494525141, 0.4110979446),
        (0.2495402262, 0.4116111596),
    ),
    (
        (75, 675, 250),
        0.175,
        0.01715735994,
        (0.1413721922, 0.2086278075),
        (0.1408588306, 0.2080943100),
        (0.1413984761, 0.2087811440),
    ),
    (
        (2, 11, 18),
        0.5161290323,
        0.1105371215,
        (0.2994802551, 0.7327778094),
        (0.2551233412, 0.6860531294),
        (0.2609191110, 0.6991589954),
    ),
]


@pytest.mark.parametrize(("counts", "net", "se", "wald", "adjusted", "score"), ROCKS)
def test_rocks_intervals(counts: Any, net: float, se: float, wald: Any, adjusted: Any, score: Any) -> None:
    for method, limits, near in (("wald", wald, 1e-8), ("adjusted-wald", adjusted, 1e-8), ("score", score, 1e-5)):
        found = nps.from_counts(counts, method=method)
        assert found.estimate == pytest.approx(100 * net, abs=1e-7)
        # the peer's score limits come from bisection
        assert (found.low, found.high) == pytest.approx([100 * x for x in limits], abs=100 * near)
    assert nps.from_counts(counts, method="wald").std_error == pytest.approx(100 * se, abs=1e-8)


def test_shares_of_82_in_100() -> None:
    # statsmodels proportion_confint(82, 100)
    for method, limits in {
        "wilson": (0.733326, 0.882998),
        "beta": (0.730523, 0.889689),
        "jeffreys": (0.736163, 0.885633),
    }.items():
        found = csat.from_counts((18, 82), method=method)
        assert (found.low, found.high) == pytest.approx([100 * x for x in limits], abs=1e-4)
        assert found.estimate == pytest.approx(82)


@given(
    st.tuples(*[st.integers(0, 12)] * 3).filter(any), st.sampled_from(["adjusted-wald", "score", "wald", "t", "bayes"])
)
def test_counts_and_answers_agree(counts: tuple[int, int, int], method: str) -> None:
    data = pd.DataFrame({"score": np.repeat([3.0, 7.0, 10.0], counts)})
    from_counts = nps.from_counts(counts, method=method)
    from_answers = nps.score(data, method=method).only
    for name in Estimate.__dataclass_fields__:
        left, right = getattr(from_counts, name), getattr(from_answers, name)
        if name == "assumptions":  # counts of bands do not tell which points were used
            right = tuple(note for note in right if note.code != "scale-unused")
        assert left == right or left == pytest.approx(right, nan_ok=True), name


@pytest.mark.parametrize("method", ["wilson", "beta", "jeffreys", "agresti-coull", "wald"])
def test_counts_and_answers_agree_on_shares(method: str) -> None:
    data = pd.DataFrame({"score": [1, 2, 3, 4, 4, 5]})
    assert csat.from_counts((2, 1, 3), method=method).low == pytest.approx(csat.score(data, method=method).only.low)


def test_counts_by_name_and_by_place() -> None:
    by_place = nps.from_counts((1, 2, 3))
    assert nps.from_counts({"promoter": 3, "detractor": 1, "passive": 2}) == by_place
    assert nps.from_counts(np.array([1, 2, 3])) == by_place
    assert nps.from_counts(pd.Series([1, 2, 3])) == by_place
    assert nps.from_counts({"promoter": 3}).estimate == 100
    assert csat.from_counts((4, 6)) == csat.from_counts((4, 0, 6))
    assert (by_place.n, by_place.missing, by_place.invalid, by_place.method) == (6, 0, 0, "adjusted-wald")


def test_all_alike_is_never_certain() -> None:
    # Rocks: 0/20/0 has adjusted Wald limits ∓.1043676451 and score limits ∓.1611252
    found = nps.from_counts((0, 20, 0))
    assert (found.low, found.high) == pytest.approx((-10.43676451, 10.43676451), abs=1e-6)
    found = nps.from_counts((0, 20, 0), method="score")
    assert (found.low, found.high) == pytest.approx((-16.1125, 16.1125), abs=1e-3)
    assert nps.from_counts((0, 0, 20)).low < 100
    collapsed = nps.from_counts((0, 0, 20), method="wald")
    assert collapsed.low == collapsed.high == 100
    assert "collapsed-interval" in {a.code for a in collapsed.assumptions}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 2), r"3 numbers \(detractor, passive, promoter\), got 2"),
        ((0, 0, 0), "all counts of 'nps' are zero"),
        ((-1, 2, 3), "at least zero"),
        ((1.5, 2, 3), "weighted counts need score"),
        ((1, 2, float("nan")), "whole numbers"),
        (("a", "b", "c"), "whole numbers"),
        ("123", "3 numbers"),
        (5, "3 numbers"),
        (None, "3 numbers"),
        ({"promoters": 3}, "Did you mean 'promoter'"),
        ({1, 2, 3}, "3 numbers"),
        ([[1], [2], [3]], "table of 2 dimensions"),
        ((1e308, 1e308, 0), "at most 1,000,000,000,000"),
        ((10**400, 1, 1), "whole numbers"),
    ],
)
def test_bad_counts_are_one_clear_error(counts: Any, words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        nps.from_counts(counts)


def test_what_counts_cannot_give() -> None:
    with pytest.raises(CemkitError, match="is a mean"):
        ces.from_counts((1, 2, 3))
    with pytest.raises(CemkitError, match="no seed"):
        nps.from_counts((1, 2, 3), method="bootstrap")
    with pytest.raises(CemkitError, match="wilson"):
        nps.from_counts((1, 2, 3), method="wilson")
    with pytest.raises(CemkitError, match=r"Did you mean 0\.9"):
        nps.from_counts((1, 2, 3), level=90)
