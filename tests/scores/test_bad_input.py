"""Bad input gets one clear sentence: what was asked, what was found, where, how many, what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, nps
from cemkit.errors import CemkitError, ColumnError, ContractError, DesignError

Columns = dict[str, Any]

TABLE: Columns = {
    "score": [10, 9, 1, 7],
    "g": ["a", "a", "b", "b"],
    "w": [1.0, 2.0, 1.0, 2.0],
    "c": [1, 2, 3, 4],
    "n": ["x", "x", "y", "y"],
}


def changed(**columns: Any) -> Columns:
    return {**TABLE, **columns}


CASES: list[tuple[Columns, Columns, type[CemkitError], str]] = [
    (changed(score=[None] * 4), {}, ColumnError, r"score='score' must hold numbers"),
    (
        changed(score=[None, math.nan, None, math.nan]),
        {},
        ContractError,
        r"'score' has no answer: all 4 values are missing",
    ),
    (
        TABLE,
        {"score": "scroe"},
        ColumnError,
        r"score='scroe': the table has no such column\. Did you mean 'score'\? Its 5 columns are",
    ),
    (TABLE, {"by": "G"}, ColumnError, r"by='G': the table has no such column\. Did you mean 'g'\?"),
    (
        changed(score=["10", "9", "x", "7"]),
        {},
        ColumnError,
        r"must hold numbers, found text such as '10', '9', 'x': .*to_numeric",
    ),
    (
        changed(score=[True, False, True, True]),
        {},
        ColumnError,
        r"must hold numbers, found true/false values such as True, False",
    ),
    (
        changed(score=[10, 11, -1, 7]),
        {},
        ContractError,
        r"2 values of 'score' are outside the scale 0 to 10 .* such as -1, 11: .*missing_codes",
    ),
    (
        changed(score=[10, 6.5, 1, 7]),
        {},
        ContractError,
        r"1 values of 'score' are outside the scale 0 to 10 in steps of 1, such as 6\.5",
    ),
    (
        changed(w=[1.0, -2.0, 1.0, 2.0]),
        {"design": Design(weights="w")},
        DesignError,
        r"weights in 'w' .* found 1 negative \(such as -2\)",
    ),
    (
        changed(w=[1.0, None, math.nan, 2.0]),
        {"design": Design(weights="w")},
        DesignError,
        r"weights in 'w' .* found 2 null",
    ),
    (
        changed(w=[1.0, math.inf, 1.0, 2.0]),
        {"design": Design(weights="w")},
        DesignError,
        r"weights in 'w' .* found 1 infinite",
    ),
    (changed(w=[0.0] * 4), {"design": Design(weights="w")}, DesignError, r"all weights in 'w' are zero"),
    (changed(w=["1"] * 4), {"design": Design(weights="w")}, ColumnError, r"weights='w' must hold numbers, found text"),
    (TABLE, {"design": Design(weights="wt")}, ColumnError, r"weights='wt': the table has no such column"),
    (
        changed(c=[1, 2, 3, 3]),
        {"design": Design(cluster="c", strata="n")},
        DesignError,
        r"1 of 2 strata of 'n' have a single cluster",
    ),
    (changed(c=[7] * 4), {"design": Design(cluster="c")}, DesignError, r"the whole sample is one cluster"),
    (changed(c=[1, None, 3, 4]), {"design": Design(cluster="c")}, DesignError, r"cluster='c' is null in 1 rows"),
    (changed(n=["x", "x", None, "y"]), {"design": Design(strata="n")}, DesignError, r"strata='n' has null values"),
    (changed(metric=TABLE["g"]), {"by": "metric"}, ColumnError, r"by='metric' is also the name of a result column"),
    (TABLE, {"by": ["g", "g"]}, ColumnError, r"names a column twice"),
    (
        TABLE,
        {"level": 95},
        CemkitError,
        r"level must lie between 0 and 1 \(0\.95 is 95 %\), got 95\. Did you mean 0\.95\?",
    ),
    (
        TABLE,
        {"method": "scores"},
        CemkitError,
        r"method='scores' is not one of adjusted-wald, .* Did you mean 'score'\?",
    ),
    (TABLE, {"method": "wilson", "design": Design()}, CemkitError, r"method='wilson' is not one of t, wald"),
    (TABLE, {"invalid": "drop"}, CemkitError, r"invalid must be 'raise' or 'count', got 'drop'"),
    (
        changed(customer_id=[[1], [2], [3], [4]]),
        {},
        ColumnError,
        r"customer_id='customer_id' holds (list|ndarray) values",
    ),
    (TABLE, {"min_base": 0}, CemkitError, r"min_base must be a whole number of at least 1, got 0"),
    (TABLE, {"target": 200}, CemkitError, r"target must lie on the scale of 'nps', -100 to 100, got 200"),
    (
        TABLE,
        {"design": "w"},
        DesignError,
        r"design must be a cemkit\.Design or None, got str\. Write Design\(weights='w'\)",
    ),
    (
        TABLE,
        {"levels": {"x": [1]}, "by": "g"},
        CemkitError,
        r"levels names 'x', which is not one of the grouping columns",
    ),
    (
        changed(question=["csat", "csat", "ces", None]),
        {},
        CemkitError,
        r"no row answers the question 'nps'.* 'csat' \(2 rows\).*choose one with question=",
    ),
    (
        changed(customer_id=["a", None, "b", "c"]),
        {},
        ContractError,
        r"'customer_id' is null in 1 of 4 rows.*Design\.independent\(\)",
    ),
]


@pytest.mark.parametrize(("columns", "options", "error", "said"), CASES)
def test_one_clear_sentence(
    engine: Callable[[Any], Any], columns: Columns, options: Columns, error: type[CemkitError], said: str
) -> None:
    import pyarrow as pa

    if columns["score"] == [None] * 4:
        columns = {**columns, "score": pa.array(columns["score"], pa.string())}
        if isinstance(engine(columns), pd.DataFrame) and engine(columns)["score"].dtype == object:
            # Before version 3, pandas has no type of text: what holds nothing is not text yet.
            error, said = ContractError, r"'score' has no answer: all 4 values are missing"
    with pytest.raises(error, match=said):
        nps.score(engine(columns), **options)


def test_an_empty_table(engine: Callable[[Any], Any]) -> None:
    import pyarrow as pa

    empty = {"score": pa.array([], pa.int64()), "g": pa.array([], pa.string())}
    with pytest.raises(CemkitError, match="the table has no rows: check the file or the filter"):
        nps.score(engine(empty), by="g")


def test_an_empty_pandas_table_without_types() -> None:
    with pytest.raises(CemkitError, match="the table has no rows"):
        nps.score(pd.DataFrame({"score": []}, dtype=object))
    with pytest.raises(ColumnError, match="the table has no such column"):
        nps.score(pd.DataFrame())


@pytest.mark.parametrize("data", [[1, 2], {"score": [1]}, np.zeros((2, 2)), pd.Series([1]), None, "nps.csv"])
def test_not_a_table(data: Any) -> None:
    with pytest.raises(CemkitError, match=r"data must be a table \(pandas, Polars, PyArrow"):
        nps.score(data)


def test_column_names_that_repeat() -> None:
    import pyarrow as pa

    frame = pd.DataFrame([[1, 2]], columns=["score", "score"])
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["score", "score"])
    for data in (frame, table):
        with pytest.raises(ColumnError, match=r"data has columns with the same name \('score'\): rename or drop"):
            nps.score(data)


@pytest.mark.spark
def test_column_names_that_repeat_in_spark(spark: Any) -> None:
    with pytest.raises(ColumnError, match=r"data has columns with the same name \('score'\): rename or drop"):
        nps.score(spark.createDataFrame([(1, 2)], ["a", "b"]).toDF("score", "score"))


def test_column_names_that_repeat_in_duckdb() -> None:
    import duckdb

    # DuckDB gives the second one another name.
    with duckdb.connect() as connection:
        assert nps.score(connection.sql("select 10 as score, 3 as score")).only.estimate == 100.0


def test_column_names_that_are_no_text() -> None:
    with pytest.raises(ColumnError, match=r"name is not text \(0\)"):
        nps.score(pd.DataFrame([[1, 2]]))


def test_invalid_answers_can_be_counted(engine: Callable[[Any], Any]) -> None:
    found = nps.score(engine({"score": [10, 99, -3, 1, 9]}), invalid="count")
    assert (found.only.n, found.only.invalid) == (3, 2)
    assert found.only.estimate == pytest.approx(100 / 3)
    assert "invalid-left-out" in [a.code for a in found.assumptions]


@pytest.mark.parametrize("kind", [[10, None, 3, 7], [10.0, None, 3, 7]])
def test_python_numbers_in_object_columns(kind: list[Any]) -> None:
    found = nps.score(pd.DataFrame({"score": pd.Series(kind, dtype=object)})).only
    assert (found.n, found.missing) == (3, 1)


def test_everything_out_of_range(engine: Callable[[Any], Any]) -> None:
    with pytest.raises(ContractError, match=r"3 values of 'score' are outside .* such as 11, 12, 13"):
        nps.score(engine({"score": [13, 12, 11]}))


def test_codes_one_too_high_get_a_hint() -> None:
    with pytest.raises(ContractError, match=r"Is the question coded 1 to 11\? Then subtract 1"):
        nps.score(pd.DataFrame({"score": [11, 1, 2]}))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"over": "h"}, r"over='h': the table has no such column|by='h': the table has no such column"),
        ({"over": "g", "by": "g"}, r"over='g' is also in by"),
        ({"over": ["g"]}, r"over must be the name of one column"),
        ({"over": "g", "against": "z"}, r"against='z' is neither .* nor a level of 'g' \('a', 'b'\)"),
        ({"over": "g", "adjust": "bonferroni"}, r"adjust must be 'holm', 'bh' or 'none'"),
        ({"over": "one"}, r"over='one' has one level \(only 1\)"),
        ({"over": "g", "method": "score"}, r"method='score' is not one of adjusted-wald, wald, t for differences"),
    ],
)
def test_comparisons(local_engine: Callable[[Any], Any], options: Columns, said: str) -> None:
    with pytest.raises(CemkitError, match=said):
        nps.compare(local_engine(changed(one=[1] * 4)), **options)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 2), r"counts of 'nps' are 3 numbers \(detractor, passive, promoter\), got 2"),
        ((1, -2, 3), r"whole numbers of at least zero"),
        ((1, 2.5, 3), r"whole numbers of at least zero"),
        ((0, 0, 0), r"all counts of 'nps' are zero"),
        ({"promotor": 3}, r"counts name 'promotor', which is no band of 'nps' .* Did you mean 'promoter'\?"),
        (("a", "b", "c"), r"counts must be whole numbers"),
    ],
)
def test_counts(counts: Any, said: str) -> None:
    with pytest.raises(CemkitError, match=said):
        nps.from_counts(counts)
