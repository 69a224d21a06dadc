"""Scores of independent answers: the numbers of others, and what every result promises."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, Scale, ces, csat, nps
from cemkit.results import ESTIMATE_COLUMNS, Comparison, Estimates
from cemkit.scores import ScoreMetric


def answers(detractors: int, passives: int, promoters: int) -> pd.DataFrame:
    return pd.DataFrame({"score": [3] * detractors + [8] * passives + [10] * promoters})


# R `NPS` 2.0, nps_test_(c(detractors, passives, promoters), test=...) (Rocks, 2016), as shares.
ROCKS = [
    ((54, 108, 162), 0.3333333333, 0.04140866625, "wald", (0.2521738388, 0.4144928278)),
    ((54, 108, 162), 0.3333333333, 0.04140866625, "adjusted-wald", (0.2494525141, 0.4110979446)),
    ((54, 108, 162), 0.3333333333, 0.04140866625, "score", (0.2495402262, 0.4116111596)),
    ((75, 675, 250), 0.175, 0.01715735994, "wald", (0.1413721922, 0.2086278075)),
    ((75, 675, 250), 0.175, 0.01715735994, "adjusted-wald", (0.1408588306, 0.2080943100)),
    ((75, 675, 250), 0.175, 0.01715735994, "score", (0.1413984761, 0.2087811440)),
    ((2, 11, 18), 0.5161290323, 0.1105371215, "wald", (0.2994802551, 0.7327778094)),
    ((2, 11, 18), 0.5161290323, 0.1105371215, "adjusted-wald", (0.2551233412, 0.6860531294)),
    ((2, 11, 18), 0.5161290323, 0.1105371215, "score", (0.2609191110, 0.6991589954)),
    ((0, 20, 0), 0.0, 0.0, "adjusted-wald", (-0.1043676451, 0.1043676451)),
    ((0, 20, 0), 0.0, 0.0, "score", (-0.1611252017, 0.1611251235)),
]


@pytest.mark.parametrize(("counts", "net", "std_error", "method", "limits"), ROCKS)
def test_intervals_of_rocks(
    counts: tuple[int, int, int], net: float, std_error: float, method: str, limits: tuple[float, float]
) -> None:
    for found in (nps.score(answers(*counts), method=method).only, nps.from_counts(counts, method=method)):
        # The peer's score limits come from a search that stops at about 1e-7.
        np.testing.assert_allclose(
            [found.estimate, found.std_error], [100 * net, 100 * std_error], rtol=1e-8, atol=1e-7
        )
        atol = 1e-4 if method == "score" else 1e-7
        np.testing.assert_allclose([found.low, found.high], np.multiply(100, limits), atol=atol)
        assert found.method == method


def test_counts_and_rows_agree() -> None:
    for method in ("adjusted-wald", "score", "wald", "t", "bayes"):
        rows, counts = nps.score(answers(5, 9, 12), method=method).only, nps.from_counts((5, 9, 12), method=method)
        assert (rows.estimate, rows.std_error, rows.low, rows.high, rows.n) == (
            counts.estimate,
            counts.std_error,
            counts.low,
            counts.high,
            counts.n,
        )


def test_nulls_leave_the_denominator(engine: Callable[[Any], Any]) -> None:
    # Two promoters, one detractor, two without an answer: 1/3, not 1/5.
    found = nps.score(engine({"score": [10.0, 9.0, 0.0, None, math.nan]})).only
    assert found.estimate == pytest.approx(100 / 3, rel=1e-12)
    assert (found.n, found.missing, found.invalid) == (3, 2, 0)


def test_share_with_wilson_interval(local_engine: Callable[[Any], Any]) -> None:
    # statsmodels 0.14: proportion_confint(82, 100, method="wilson") .733326, .882998
    found = csat.score(local_engine({"score": [5] * 40 + [4] * 42 + [1] * 18})).only
    np.testing.assert_allclose([found.estimate, found.low, found.high], [82, 73.3326, 88.2998], atol=5e-5)


def test_mean_with_t_interval() -> None:
    # R: t.test(c(1, 2, 4, 7, 7)): mean 4.2, interval .78459... by hand: s² = 7.7, t(4) 2.776445105
    found = ces.score(pd.DataFrame({"score": [1, 2, 4, 7, 7]})).only
    reach = 2.776445105197793 * math.sqrt(7.7 / 5)
    np.testing.assert_allclose(
        [found.estimate, found.low, found.high], [4.2, max(4.2 - reach, 1), min(4.2 + reach, 7)], rtol=1e-9
    )


def test_where_lower_is_better() -> None:
    effort = ScoreMetric(
        "effort", Scale(1, 5, bands={"easy": (1, 2), "hard": (3, 5)}, direction="lower-is-better"), "net"
    )
    assert effort.score(pd.DataFrame({"score": [1, 1, 2, 5]})).only.estimate == 50.0


def test_columns_never_depend_on_arguments(local_engine: Callable[[Any], Any]) -> None:
    data = local_engine({"score": [10, 3, 7, 8], "g": ["a", "a", "b", None], "w": [1.0, 2.0, 1.0, 1.0]})
    for options in ({}, {"design": Design(weights="w")}, {"method": "bayes"}, {"min_base": 2}, {"target": 10}):
        found = nps.score(data, by="g", **options)  # type: ignore[arg-type]
        assert tuple(found.to_frame().columns) == ("g", *ESTIMATE_COLUMNS)


def test_a_null_group_is_a_row_of_its_own(engine: Callable[[Any], Any]) -> None:
    found = nps.score(engine({"score": [10, 3, 9, 9], "g": ["b", None, "a", None]}), by="g").to_frame()
    assert found["g"].tolist() == ["a", "b", None]
    assert found["n"].tolist() == [1, 1, 2]


def test_groups_in_natural_order(engine: Callable[[Any], Any]) -> None:
    data = engine({"score": [10, 3, 9, 9], "wave": ["10차", "2차", None, "1차"]})
    assert nps.score(data, by="wave").to_frame()["wave"].tolist() == ["1차", "2차", "10차", None]
    assert nps.score(data, by="wave", levels=["2차", "1차"]).to_frame()["wave"].tolist() == ["2차", "1차", "10차", None]


def test_groups_in_the_order_of_their_categories() -> None:
    import duckdb
    import polars as pl

    order = ["low", "mid", "high"]
    sizes = ["high", "low", "mid", None]
    enum = pl.DataFrame({"score": [1, 2, 3, 4], "size": pl.Series(sizes, dtype=pl.Enum(order))})
    known = pd.DataFrame({"score": [1, 2, 3, 4], "size": pd.Categorical(sizes, categories=order)})
    connection = duckdb.connect()
    connection.execute("create type size as enum ('low', 'mid', 'high')")
    connection.execute("create table t (score int, size size)")
    connection.execute("insert into t values (1, 'high'), (2, 'low'), (3, 'mid'), (4, null)")
    for data in (enum, enum.lazy(), known, connection.table("t")):
        assert nps.score(data, by="size").to_frame()["size"].tolist() == [*order, None]
    # astype("category") sorts by the alphabet, which says nothing about an order.
    waves = pd.DataFrame({"score": [1, 2], "wave": pd.Series(["10차", "2차"]).astype("category")})
    assert nps.score(waves, by="wave").to_frame()["wave"].tolist() == ["2차", "10차"]
    connection.close()


def test_only_the_question_asked(engine: Callable[[Any], Any]) -> None:
    data = engine({"score": [10, 5, 1, 5], "question": ["nps", "csat", "nps", "csat"]})
    found = nps.score(data)
    assert found.only.n == 2
    first = found.assumptions[0]
    assert (first.code, dict(first.values)) == ("questions-left-out", {"question": "nps", "rows": 2})
    assert csat.score(data).only.estimate == 100.0
    assert csat.score(data, question="csat").only.n == 2


def test_customers_who_answer_twice_are_clusters(engine: Callable[[Any], Any]) -> None:
    data = engine({"score": [10, 10, 1, 8, 9], "customer_id": ["a", "a", "b", "b", "c"]})
    found = nps.score(data)
    assert found.only.method == "linearised-t"
    assert found.only.df == 2
    note = next(a for a in found.assumptions if a.code == "customers-are-clusters")
    assert dict(note.values) == {"rows": 5, "customers": 3}
    assert nps.score(data, design=Design.independent()).only.method == "adjusted-wald"


def test_customers_who_answer_once_are_independent(engine: Callable[[Any], Any]) -> None:
    assert nps.score(engine({"score": [10, 9, 1], "customer_id": [1, 2, 3]})).only.method == "adjusted-wald"


def test_small_bases_count_customers_with_an_answer(engine: Callable[[Any], Any]) -> None:
    coded = nps.with_scale(Scale(0, 10, bands=dict(nps.scale.bands or {}), missing_codes=(11,)))
    rows = {"score": [10, 11, 11, 1, 9, 8], "g": ["a", "a", "a", "b", "b", "b"], "customer_id": [1, 2, 3, 4, 5, 6]}
    found = coded.score(engine(rows), by="g", min_base=2).to_frame()
    # One customer of `a` answered: hidden, and `b` with it, or the total would tell.
    assert found["suppressed"].tolist() == [True, True]
    assert found["n"].isna().all()


def results() -> list[Any]:
    import datetime as dt

    frame = pd.DataFrame(
        {
            "score": [10, 3, 9, 7, 5, 8],
            "g": ["a", "a", "b", None, "b", None],
            "day": [dt.date(2024, 1, d) for d in (1, 2, 1, 2, 1, 2)],
        }
    )
    return [
        nps.score(frame),
        nps.score(frame, by=["g", "day"], target=0),
        nps.score(frame, by="g", min_base=3),
        nps.compare(frame, over="g"),
        nps.compare(frame, over="day", by="g", against="rest"),
    ]


@pytest.mark.parametrize("number", range(5))
def test_results_travel(number: int) -> None:
    found = results()[number]
    assert found == results()[number]
    assert pickle.loads(pickle.dumps(found)) == found
    assert copy.deepcopy(found) == found
    text = found.to_json()
    json.loads(text)
    back = type(found).from_json(text)
    assert isinstance(back, Estimates | Comparison)
    assert back == found
    assert back.to_json() == text


def test_results_hold_no_frame_of_the_caller() -> None:
    frame = answers(1, 2, 3)
    found = nps.score(frame)
    table = found.to_frame()
    table.loc[0, "estimate"] = 0.0
    frame.loc[:, "score"] = 0
    assert found.only.estimate == pytest.approx(100 / 3)


def test_only_needs_one_row() -> None:
    with pytest.raises(ValueError, match=r"\.only needs a result with one row, this Estimates has 2"):
        _ = nps.score(pd.DataFrame({"score": [1, 2], "g": ["a", "b"]}), by="g").only
