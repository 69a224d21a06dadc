"""New columns: presence flags in a bound table, and weights multiplied by cell in the caller's own kind of frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, bind, collect, is_null_or_nan
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.groups import Groups
from cemkit.typing import Frame

__all__ = [
    "CellFactors",
    "count_nulls",
    "require_flag",
    "with_cell_factors",
    "with_cut_cells",
    "with_membership",
    "with_places",
    "with_presence",
]


def require_flag(bound: Bound, name: object, argument: str) -> str:
    """Return ``name`` if it is a column of true and false (on pandas also as objects with nulls) or of numbers, else raise."""
    column = bound.require(name, argument)
    objects = bound.first_objects(column) if isinstance(bound.schema[column], nw.Object) else []
    if isinstance(bound.schema[column], nw.Boolean) or (objects and all(isinstance(v, bool) for v in objects)):
        return column
    return bound.require_number(column, argument)


def with_presence(bound: Bound, name: str, *, of: str, among: str | None = None) -> Bound:
    """Return the table with a column that is 1 where ``of`` has a value, 0 where not, null where ``among`` has none."""
    flag = nw.when(~is_null_or_nan(bound, of)).then(nw.lit(1)).otherwise(nw.lit(0))
    if among is not None:
        # Nested choices are read differently by engines; a second step is the same on all.
        frame = bound.frame.with_columns(flag.alias(name))
        frame = frame.with_columns(nw.when(~is_null_or_nan(bound, among)).then(nw.col(name)).alias(name))
    else:
        frame = bound.frame.with_columns(flag.alias(name))
    return bound.with_derived(frame, name)


def with_membership(bound: Bound, name: str, *, of: str, values: Sequence[Any]) -> Bound:
    """Return the table with a column that is 1 where ``of`` is one of ``values``, 0 where not, null where it is null."""
    flag = nw.when(nw.col(of).is_in(list(values))).then(nw.lit(1)).otherwise(nw.lit(0))
    frame = bound.frame.with_columns(flag.alias(name))
    frame = frame.with_columns(nw.when(~is_null_or_nan(bound, of)).then(nw.col(name)).alias(name))
    return bound.with_derived(frame, name)


def with_places(bound: Bound, name: str, *, of: str, values: Sequence[Any]) -> Bound:
    """Return the table with a column that numbers the values of ``of`` as they are listed, from 0; null where it is none of them.

    Values that the column cannot hold must not be listed: engines differ in how they compare numbers with text.
    """
    sight = _comparable(of, bound.schema[of])
    frame = bound.frame.with_columns(nw.lit(-1).alias(name))
    for place, value in enumerate(values):
        if value is not None:
            frame = frame.with_columns(
                nw.when(sight == value).then(nw.lit(place)).otherwise(nw.col(name)).cast(nw.Int64).alias(name)
            )
    frame = frame.with_columns(nw.when(nw.col(name) >= 0).then(nw.col(name)).alias(name))
    return bound.with_derived(frame, name)


def with_cut_cells(bound: Bound, name: str, *, of: Sequence[str], cuts: Sequence[Sequence[float]]) -> Bound:
    """Return the table with a cell per row: per column, how many of its cuts the value reaches, as one decimal digit each.

    Null where one of the columns is null.
    """
    frame, known = bound.frame.with_columns(nw.lit(0).alias(name)), []
    for column, points in zip(of, cuts, strict=True):
        known.append(~is_null_or_nan(bound, column))
        frame = frame.with_columns((nw.col(name) * 10).alias(name))
        for point in points:
            reached = nw.when(nw.col(column) >= point).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_reached")
            frame = frame.with_columns(reached).with_columns((nw.col(name) + nw.col("_reached")).alias(name))
    for there in known:
        frame = frame.with_columns(nw.when(there).then(nw.col(name)).alias(name))
    frame = frame.select(*(nw.col(c) for c in dict.fromkeys((*bound.schema, name))))
    return bound.with_derived(frame, name)


def count_nulls(bound: Bound, columns: Sequence[str]) -> dict[str, int]:
    """Count the rows in which a column is null or NaN."""
    names = list(dict.fromkeys(columns))
    flags = bound.frame.select(
        *(is_null_or_nan(bound, name).cast(nw.Int64).alias(f"_n{i}") for i, name in enumerate(names))
    )
    table = collect(flags.select(*(nw.col(f"_n{i}").sum() for i in range(len(names)))))
    return {name: int(table[f"_n{i}"][0] or 0) for i, name in enumerate(names)}


@dataclass(frozen=True, eq=False)
class CellFactors:
    """What to multiply the weight of a cell's rows by: one factor per group of ``cells``."""

    name: str
    weight: str | None
    factor: npt.NDArray[np.float64]


def with_cell_factors(data: Frame, cells: Groups, columns: Sequence[CellFactors]) -> Any:
    """Return the caller's frame, of the same kind, with new columns: weight (or one) times the factor of the row's cell.

    The frame itself is not changed, its index is kept, and a lazy one stays lazy. Every row must be in one of the cells.
    """
    if isinstance(data, pd.DataFrame):
        return _numpy_factors(data, cells, columns)
    if isinstance(data, nw.DataFrame | nw.LazyFrame):
        data = nw.to_native(data)
    frame = bind(data).frame if type(data).__module__.startswith("dask") else nw.from_native(data)
    schema = dict(frame.collect_schema())
    sight = {name: _comparable(name, schema[name]) for name in cells.names}
    made = {}
    for column in columns:
        factor = _tree(sight, cells.names, list(zip(cells.keys, column.factor.tolist(), strict=True)))
        base = nw.lit(1.0) if column.weight is None else nw.col(column.weight).cast(nw.Float64)
        made[column.name] = base * factor
    return frame.with_columns(**made).to_native()


def _comparable(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    return nw.col(name).cast(nw.String) if isinstance(dtype, nw.Categorical | nw.Enum) else nw.col(name)


def _tree(
    sight: Mapping[str, nw.Expr], names: Sequence[str], cells: list[tuple[tuple[Any, ...], float]], at: int = 0
) -> nw.Expr:
    """Return the factor as halving choices, column by column, so that many cells make no deep expression."""
    if at == len(names):
        return nw.lit(cells[0][1])
    levels = list(dict.fromkeys(key[at] for key, _ in cells))
    if len(levels) == 1:
        return _tree(sight, names, cells, at + 1)
    half = levels[: len(levels) // 2]
    inside, chosen = (
        [cell for cell in cells if cell[0][at] in half],
        [cell for cell in cells if cell[0][at] not in half],
    )
    is_inside = sight[names[at]].is_in(half)
    return nw.when(is_inside).then(_tree(sight, names, inside, at)).otherwise(_tree(sight, names, chosen, at))


def _numpy_factors(data: pd.DataFrame, cells: Groups, columns: Sequence[CellFactors]) -> pd.DataFrame:
    codes, levels, _ = key_codes(data, cells.names)
    place = cells.codes(levels)[codes]
    made = {}
    for column in columns:
        factor = column.factor[place]
        made[column.name] = factor if column.weight is None else float_values(data[column.weight]) * factor
    return data.assign(**made)
