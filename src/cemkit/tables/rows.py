"""Small questions to a table: which rows, how many, how many different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import one_null
from cemkit.tables.tally import value_expression
from cemkit.tables.terms import is_answer

__all__ = [
    "Repeats",
    "count_by",
    "distinct_per_group",
    "keep_columns",
    "keep_question",
    "repeats",
    "require_rows",
    "require_some",
]


class Repeats(NamedTuple):
    """How often units come back: rows, different units, and the most rows that one of them has."""

    rows: int
    units: int
    most: int


def keep_columns(bound: Bound, columns: Sequence[str]) -> Bound:
    """Return the table with these columns only."""
    names = list(dict.fromkeys(columns))
    schema = {c: bound.schema[c] for c in names}
    if bound.engine in ("polars", "duckdb"):  # they read no more than a query asks for
        return replace(bound, schema=schema)
    if bound.in_memory_pandas:  # by place: pandas looks up a list of names five times as long
        native = bound.native
        places = [native.columns.get_loc(name) for name in names]
        return replace(bound, frame=nw.from_native(native.iloc[:, places], eager_only=True), schema=schema)
    return replace(bound, frame=bound.frame.select(*map(nw.col, names)), schema=schema)


def require_rows(bound: Bound, what: str = "the table") -> int:
    """Return the number of rows, or raise where there are none."""
    rows = int(collect(bound.frame.select(nw.len().alias("_n")))["_n"][0])
    require_some(rows, what)
    return rows


def require_some(rows: float, what: str = "the table") -> None:
    """Raise where the rows that were counted are none."""
    if not rows:
        msg = f"{what} has no rows: check the file or the filter that made it"
        raise CemkitError(msg)


def keep_question(bound: Bound, question: str, *, column: str = "question") -> tuple[Bound, int]:
    """Return the rows of one question, and how many other rows were left out; an error lists the questions found."""
    counts = count_by(bound, [column])
    require_some(sum(counts.values()))
    found = {("" if key is None else str(key)): n for (key,), n in counts.items()}
    if question not in found:
        total = sum(counts.values())
        shown = ", ".join(f"{name!r} ({n:,} rows)" for name, n in sorted(found.items(), key=lambda item: -item[1])[:8])
        msg = (
            f"no row answers the question {question!r}.{did_you_mean(question, found)} "
            f"The {column!r} column of the {total:,} rows has: {shown or 'nothing'}; choose one with question="
        )
        raise CemkitError(msg)
    left = sum(counts.values()) - found[question]
    if not left:
        return bound, 0
    kept = bound.frame.filter(nw.col(column).cast(nw.String) == question)
    return replace(bound, frame=kept), left


def count_by(bound: Bound, columns: Sequence[str]) -> Mapping[tuple[Any, ...], int]:
    """Return the number of rows per combination of columns; a null is None."""
    table = collect(bound.frame.select(*key_expressions(bound, columns)).group_by(*columns).agg(nw.len().alias("_n")))
    keys = zip(*([None if v is None or v != v else v for v in table[c]] for c in columns), strict=True)
    counts: dict[tuple[Any, ...], int] = {}
    for key, n in zip(keys, np.asarray(table["_n"]).tolist(), strict=True):
        counts[key] = counts.get(key, 0) + int(n)
    return counts


def repeats(bound: Bound, column: str) -> Repeats:
    """Count rows and different units; an error where the unit of a row is null."""
    if bound.in_memory_pandas:
        values = one_null(bound.native[column])
        units, null, rows = int(values.nunique()), int(values.isna().sum()), len(values)
        _require_known(column, null, rows)
        return Repeats(rows, units, 1 if units == rows else 2)
    per_unit = bound.frame.select(*key_expressions(bound, [column])).group_by(column).agg(nw.len().alias("_n"))
    per_unit = per_unit.with_columns(
        nw.when(nw.col(column).is_null()).then(nw.col("_n")).otherwise(nw.lit(0)).alias("_null")
    )
    ends = per_unit.select(
        nw.col("_n").sum().alias("_rows"),
        nw.len().alias("_units"),
        nw.col("_n").max().alias("_most"),
        nw.col("_null").sum(),
    )
    table = collect(ends)
    rows = int(table["_rows"][0] or 0)
    _require_known(column, int(table["_null"][0] or 0), rows)
    return Repeats(rows, int(table["_units"][0]), int(table["_most"][0] or 0))


def _require_known(column: str, null: int, rows: int) -> None:
    if null:
        msg = (
            f"{column!r} is null in {null:,} of {rows:,} rows, so it cannot be told who answered twice: name the "
            "customers, or say design=Design.independent()"
        )
        raise ContractError(msg)


def distinct_per_group(bound: Bound, by: Sequence[str], unit: str, *, value: str, scale: Scale) -> dict[str, Any]:
    """Return the number of different units with an answer per group: ``*by, _units`` (two steps: exact everywhere)."""
    rating = value_expression(bound, value, scale).cast(nw.Float64)
    frame = bound.frame.select(*key_expressions(bound, (*by, unit)), _x=rating)
    once = frame.filter(is_answer("_x", scale)).group_by(*dict.fromkeys((*by, unit))).agg(nw.len().alias("_n"))
    if not by:
        return collect(once.select(nw.len().alias("_units")))
    return collect(once.group_by(*by).agg(nw.len().alias("_units")))
