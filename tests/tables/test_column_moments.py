"""Moments of several columns, and the columns made for them, against adding up row by row."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from engines import Engine

from cemkit.errors import ColumnError, ContractError
from cemkit.scales import Scale
from cemkit.tables.binding import bind, collect
from cemkit.tables.column_moments import column_moments
from cemkit.tables.row_means import (
    number_range,
    require_on_scale,
    with_complete,
    with_differences,
    with_flags,
    with_numbers,
    with_row_means,
)

COLUMNS = ("score_half", "score_full", "key_float")


def expected(keys, weights, origin):
    found = {}
    for row in oracles.rows_of(oracles.survey()):
        sums = found.setdefault(oracles.key_of(row, keys), [0, np.zeros((4, 3)), np.zeros(2)])
        w = 1.0 if weights is None else float(row[weights])
        x = [math.nan if row[c] is None else float(row[c]) - origin for c in COLUMNS]
        sums[0] += 1
        for i, value in enumerate(x):
            if value == value:
                sums[1][:, i] += (1, w, w * value, w * value * value)
        for k, (i, j) in enumerate(((0, 1), (1, 2))):
            if x[i] == x[i] and x[j] == x[j]:
                sums[2][k] += w * x[i] * x[j]
    return found


@pytest.mark.parametrize(
    ("keys", "weights", "origin"),
    [((), None, 0.0), (("key_text", "stratum"), "weight", 2.5), (("stratum", "cluster"), "weight_int", 0.0)],
)
def test_moments(local_engine: Engine, keys, weights, origin) -> None:
    bound = bind(local_engine(oracles.survey()))
    pairs = [("score_half", "score_full"), ("score_full", "key_float")]
    found = column_moments(bound, keys=keys, columns=COLUMNS, pairs=pairs, weights=weights, origin=origin)
    wanted = expected(keys, weights, origin)
    names = oracles.keys_found(found.keys, keys, len(found.rows))
    assert len(names) == len(set(names)) == len(wanted)
    for i, name in enumerate(names):
        rows, sums, products = wanted[name]
        assert found.rows[i] == rows
        got = np.array([found.n[i], found.weight[i], found.sums[i], found.squares[i]])
        np.testing.assert_allclose(got, sums, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(found.products[i], products, rtol=1e-12, atol=1e-10)


TABLE = {
    "a": [1.0, 2.0, None, 9.0, math.nan],
    "b": [3, 1, 4, None, 5],
    "i": [2.0, None, 1.0, 1.0, 0.0],
}


def values(bound, *names):
    table = collect(bound.frame.select(*names))
    return [[None if v is None or v != v else float(v) for v in table[name]] for name in names]


def test_made_columns(local_engine: Engine) -> None:
    bound = with_numbers(bind(local_engine(TABLE)), {"_a": "a", "_b": "b", "_i": "i"}, missing_codes=(9,))
    assert values(bound, "_a", "_b") == [[1, 2, None, None, None], [3, 1, 4, None, 5]]
    assert number_range(bound, ["_a", "_b"]) == (1, 5)
    bound = with_differences(bound, {"_d": ("_a", "_b")})
    bound = with_flags(bound, {"_f": "_d"}, sign="negative")
    assert values(bound, "_d", "_f") == [[2, -1, None, None, None], [0, 1, None, None, None]]
    means = {"_m": ["_a", "_b"], "_p": ["_b"], "_w": ["_a", "_b"], "_v": ["_b"]}
    bound = with_row_means(bound, means, among={"_p": ["_d"]}, weights={"_w": [1, 3], "_v": ["_i"]})
    assert values(bound, "_m", "_p") == [[2, 1.5, 4, None, 5], [3, 1, None, None, None]]
    assert values(bound, "_w", "_v") == [[2.5, 1.25, 4, None, 5], [3, None, 4, None, None]]
    assert values(bound, "_m_sum", "_m_size") == [[4, 3, 4, 0, 5], [2, 2, 1, 0, 1]]
    bound = with_complete(bound, {"_c": "_b"}, needed=["_a", "_b"])
    assert values(bound, "_c") == [[3, 1, None, None, None]]


def test_off_the_scale(local_engine: Engine) -> None:
    bound = with_numbers(bind(local_engine(TABLE)), {"_a": "a", "_b": "b"})
    require_on_scale(bound, {"_a": "a", "_b": "b"}, Scale(1, 9))
    with pytest.raises(ContractError, match="2 values of 'a', 'b' are outside the scale 1 to 4.*9 in 'a'"):
        require_on_scale(bound, {"_a": "a", "_b": "b"}, Scale(1, 4))
    with pytest.raises(ColumnError, match="'a', a name that is needed"):
        with_numbers(bound, {"a": "b"})
