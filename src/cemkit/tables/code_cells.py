"""Answers of few codes: their place in a list, the cell of a pair of places, and numbers by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from cemkit.errors import ColumnError, ContractError
from cemkit.tables.binding import Bound, collect, is_null_or_nan

__all__ = ["with_cells", "with_place_values", "with_places"]


def _added(bound: Bound, columns: Mapping[str, nw.Expr]) -> Bound:
    frame = bound.frame.with_columns(**columns)
    return replace(bound, frame=frame, schema={**bound.schema, **dict.fromkeys(columns, nw.Float64())})


def with_places(bound: Bound, columns: Mapping[str, str], codes: Sequence[Any]) -> Bound:
    """Return the table with each value's place in ``codes``, null where it is null: ``{new name: column}``.

    Raises
    ------
    ContractError
        If a value is none of the codes.
    ColumnError
        If text is compared with numbers, or the new name is taken.
    """
    words = isinstance(codes[0], str)
    made: dict[str, nw.Expr] = {}
    for new, old in columns.items():
        if new in bound.schema:
            msg = f"the table has a column {new!r}, a name that is needed: rename it"
            raise ColumnError(msg)
        numeric = bound.schema[old].is_numeric()
        if numeric == words and not (bound.engine == "pandas" and isinstance(bound.schema[old], nw.Object)):
            found = "numbers" if numeric else "no numbers"
            msg = f"{old!r} holds {found}, but the codes are {list(codes)!r}: give codes= as they are in the data"
            raise ColumnError(msg)
        there = ~is_null_or_nan(bound, old)
        x = nw.col(old).cast(nw.String) if words else nw.col(old).cast(nw.Float64)
        place = nw.lit(-1.0)
        for i, code in enumerate(codes):
            hit = there & (x == (code if words else float(code)))
            place = nw.when(hit).then(nw.lit(i + 1.0)).otherwise(nw.lit(0.0)) + place
        made[new] = place
    placed = _added(bound, made)
    placed = _added(placed, {n: nw.when(~is_null_or_nan(bound, old)).then(nw.col(n)) for n, old in columns.items()})
    _require_known(placed, columns, codes)
    return placed


def _require_known(bound: Bound, columns: Mapping[str, str], codes: Sequence[Any]) -> None:
    flags = {f"_f{i}": (~nw.col(n).is_null() & (nw.col(n) < 0)).cast(nw.Int64) for i, n in enumerate(columns)}
    table = collect(bound.frame.select(**flags).select(*(nw.col(name).sum() for name in flags)))
    found = {}
    for i, (new, old) in enumerate(columns.items()):
        rows = table[f"_f{i}"][0]
        if not pd.isna(rows) and rows > 0:
            found[new] = (old, int(rows))
    if not found:
        return
    first = next(iter(found))
    shown = ", ".join(map(repr, bound.first_values(found[first][0], where=nw.col(first) < 0)))
    names = ", ".join(repr(old) for old, _ in list(found.values())[:3])
    msg = (
        f"{sum(rows for _, rows in found.values()):,} answers of {names} are none of the codes {list(codes)!r}, such as {shown}: "
        "give codes= in the order of the answers, or make them null"
    )
    raise ContractError(msg)


def with_cells(bound: Bound, pairs: Mapping[str, tuple[str, str]], table: Sequence[Sequence[int]]) -> Bound:
    """Return the table with ``table[left][right]`` of two columns of places, null where either is: ``{new: (left, right)}``."""
    width = len(table[0])
    members: dict[int, list[float]] = {}
    for i, row in enumerate(table):
        for j, value in enumerate(row):
            members.setdefault(value, []).append(float(width * i + j))
    cells = _added(bound, {f"{n}_cell": nw.col(a) * float(width) + nw.col(b) for n, (a, b) in pairs.items()})
    made: dict[str, nw.Expr] = {}
    for new in pairs:
        cell, total = nw.col(f"{new}_cell"), nw.lit(0.0)
        for number, those in members.items():
            hit = ~cell.is_null() & cell.is_in(those)
            total = nw.when(hit).then(nw.lit(float(number))).otherwise(nw.lit(0.0)) + total
        made[new] = total
    found = _added(cells, made)
    return _added(found, {n: nw.when(~nw.col(f"{n}_cell").is_null()).then(nw.col(n)) for n in pairs})


def with_place_values(bound: Bound, columns: Mapping[str, str], values: Sequence[float]) -> Bound:
    """Return the table with ``values[place]`` of a column of places, null where it is: ``{new: place}``."""
    made: dict[str, nw.Expr] = {}
    for new, old in columns.items():
        total, place = nw.lit(0.0), nw.col(old)
        for i, value in enumerate(values):
            hit = ~place.is_null() & (place == float(i))
            total = nw.when(hit).then(nw.lit(float(value))).otherwise(nw.lit(0.0)) + total
        made[new] = total
    found = _added(bound, made)
    return _added(found, {n: nw.when(~nw.col(old).is_null()).then(nw.col(n)) for n, old in columns.items()})
