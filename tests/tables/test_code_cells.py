"""Places of codes and cells of pairs are the same on every engine."""

from __future__ import annotations

import math

import pytest
from engines import Engine

from cemkit.errors import ColumnError, ContractError
from cemkit.tables.binding import bind, collect
from cemkit.tables.code_cells import with_cells, with_place_values, with_places

TABLE = {"f": [5, 3, None, 1, 3], "d": [1.0, math.nan, 5.0, None, 3.0], "t": ["yes", None, "no", "no", "yes"]}


def values(bound, *names):
    table = collect(bound.frame.select(*names))
    return [[None if v is None or v != v else float(v) for v in table[name]] for name in names]


def test_places_cells_and_values(local_engine: Engine) -> None:
    bound = with_places(bind(local_engine(TABLE)), {"_f": "f", "_d": "d"}, (5, 3, 1))
    assert values(bound, "_f", "_d") == [[0, 1, None, 2, 1], [2, None, 0, None, 1]]
    bound = with_cells(bound, {"_k": ("_f", "_d")}, [(0, 1, 2), (3, 4, 4), (5, 5, 5)])
    bound = with_place_values(bound, {"_v": "_f"}, (4, -1, 2.5))
    assert values(bound, "_k", "_v") == [[2, None, None, None, 4], [4, -1, None, 2.5, -1]]
    bound = with_places(bound, {"_t": "t"}, ("no", "yes"))
    assert values(bound, "_t") == [[1, None, 0, 0, 1]]


def test_unknown_codes(local_engine: Engine) -> None:
    bound = bind(local_engine(TABLE))
    with pytest.raises(ContractError, match=r"2 answers of 'f', 'd' are none of the codes \[3, 1\], such as 5"):
        with_places(bound, {"_f": "f", "_d": "d"}, (3, 1))
    with pytest.raises(ContractError, match="such as 'yes'"):
        with_places(bound, {"_t": "t"}, ("no", "perhaps"))
    with pytest.raises(ColumnError, match="holds no numbers"):
        with_places(bound, {"_t": "t"}, (1, 2))
    with pytest.raises(ColumnError, match="holds numbers"):
        with_places(bound, {"_t": "f"}, ("1", "2"))
    with pytest.raises(ColumnError, match="a name that is needed"):
        with_places(bound, {"f": "d"}, (1, 2))
