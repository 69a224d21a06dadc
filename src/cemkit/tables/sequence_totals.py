"""How often each sequence occurs: sums of numbers per distinct sequence, written as text or as lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.errors import ColumnError
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, is_null_or_nan
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.factor import factor

__all__ = ["SequenceTotals", "require_amount", "sequence_totals", "units_repeat"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SequenceTotals:
    """A row per distinct sequence, and per unit where one was given, in no order.

    Attributes
    ----------
    sequences
        Texts, or tuples where the column holds lists; None for a null.
    unit
        The unit of each row, numbered from 0; None where none was given.
    rows
        Rows of the table.
    sums
        Per number: the sum of its products with the weight.
    lowest
        Per number (and ``weight``): the smallest value of a row.
    missing
        Per number (and ``weight``): rows in which it is null or NaN; they count as zero in the sums.
    """

    sequences: Sequence[Any]
    unit: npt.NDArray[np.intp] | None
    rows: npt.NDArray[np.int64]
    sums: Mapping[str, Floats]
    lowest: Mapping[str, float]
    missing: Mapping[str, int]


def require_amount(bound: Bound, name: object, argument: str) -> str:
    """Return ``name`` if it is a column of numbers or of truth values, else raise."""
    column = bound.require(name, argument)
    dtype = bound.schema[column]
    if isinstance(dtype, nw.Boolean):
        return column
    if isinstance(dtype, nw.Object) and all(isinstance(v, bool | np.bool_) for v in bound.first_objects(column)):
        return column
    return bound.require_number(column, argument)


def units_repeat(bound: Bound, unit: str) -> tuple[bool, int]:
    """Return whether a unit has several rows, and in how many rows it is null."""
    frame = bound.frame.select(unit, _null=is_null_or_nan(bound, unit).cast(nw.Int64))
    per_unit = frame.group_by(unit).agg(nw.len().alias("_n"), nw.col("_null").sum())
    kept = per_unit.with_columns(_k=nw.when(nw.col("_null") == 0).then(nw.col("_n")).otherwise(nw.lit(0)))
    table = collect(kept.select(nw.col("_k").max(), nw.col("_null").sum()))
    return int(table["_k"][0] or 0) > 1, int(table["_null"][0] or 0)


def sequence_totals(
    bound: Bound,
    *,
    sequence: str,
    values: Sequence[str],
    weight: str | None = None,
    rest: tuple[str, Sequence[str]] | None = None,
    unit: str | None = None,
) -> SequenceTotals:
    """Sum numbers per distinct sequence: in the frame's own engine where sequences are texts.

    Parameters
    ----------
    bound
        The table.
    sequence
        A column of texts, or of lists, which no engine but Python's can count: these are collected.
    values
        Columns of numbers or truth values.
    weight
        A column that multiplies each row's numbers.
    rest
        Name of one more number, and the numbers that are taken from 1 to make it.
    unit
        A column of units, by which the rows are told apart as well.
    """
    text = isinstance(bound.schema[sequence], nw.String | nw.Categorical | nw.Enum)
    names = [*values, *([rest[0]] if rest is not None else [])]
    frame = _numbers(bound, sequence, values, weight, rest, unit)
    sums = [f"_v{i}" for i in range(len(names))]
    lows, nulls = [*(f"_b{i}" for i in range(len(names))), "_d"], [*(f"_m{i}" for i in range(len(values))), "_e"]
    if text and not bound.in_memory_pandas:
        keys = ["_s", *(["_u"] if unit is not None else [])]
        totals = [nw.col(c).sum() for c in (*sums, *nulls)]
        table = collect(frame.group_by(*keys).agg(nw.len().alias("_n"), *totals, *(nw.col(c).min() for c in lows)))
    else:
        table = _by_sequence(frame, bound, text=text, lists=sequence, sums=[*sums, *nulls], lows=lows, unit=unit)

    def number(name: str) -> Floats:
        return np.asarray(table[name], dtype=np.float64)

    return SequenceTotals(
        [None if v is None or v != v else v for v in table["_s"]],
        None if unit is None else np.asarray(factor(table["_u"])[0], dtype=np.intp),
        np.asarray(table["_n"], dtype=np.int64),
        {name: number(c) for name, c in zip(names, sums, strict=True)},
        {name: float(np.min(number(c), initial=np.inf)) for name, c in zip([*names, "weight"], lows, strict=True)},
        {name: int(number(c).sum()) for name, c in zip([*values, "weight"], nulls, strict=True)},
    )


def _by_sequence(
    frame: Any, bound: Bound, *, text: bool, lists: str, sums: Sequence[str], lows: Sequence[str], unit: str | None
) -> dict[str, Any]:
    """Count pandas frames by codes, and lists of any engine once they are collected."""
    if bound.in_memory_pandas:
        native = frame.to_native()
        table: dict[str, Any] = {c: float_values(native[c]) for c in (*sums, *lows)}
        column, who = native["_s"], native["_u"].tolist() if unit is not None else None
    else:
        table = collect(frame)
        column, who = table["_s"], table.get("_u")
    if text:
        codes, levels, _ = key_codes(native, ["_s"])
        found = levels["_s"]
    else:
        codes, found = _distinct_lists(column, lists)
    units: list[Any] = []
    if who is not None:
        place, units = factor(who)
        pairs, codes = np.unique(codes * max(len(units), 1) + place, return_inverse=True)
        which, place = np.divmod(pairs, max(len(units), 1))
        found, units = [found[i] for i in which.tolist()], place.tolist()
    size = len(found)
    rows = np.bincount(codes, minlength=size)
    kept = rows > 0
    made: dict[str, Any] = {c: grouped_sum(codes, table[c], groups=size)[kept] for c in sums}
    made |= {c: [float(np.min(table[c], initial=np.inf))] for c in lows}
    return made | {
        "_s": [v for v, some in zip(found, kept.tolist(), strict=True) if some],
        "_u": units,
        "_n": rows[kept],
    }


def _numbers(
    bound: Bound,
    sequence: str,
    values: Sequence[str],
    weight: str | None,
    rest: tuple[str, Sequence[str]] | None,
    unit: str | None,
) -> Any:
    """Return the sequence as ``_s``, the unit as ``_u``, products ``_v``, the numbers themselves ``_b``, nulls ``_m``."""

    def number(name: str) -> nw.Expr:
        column = nw.col(name)
        return (
            column.cast(nw.Int64).cast(nw.Float64)
            if isinstance(bound.schema[name], nw.Boolean)
            else column.cast(nw.Float64)
        )

    columns = {f"_b{i}": number(name) for i, name in enumerate(values)}
    columns |= {f"_m{i}": is_null_or_nan(bound, name).cast(nw.Int64) for i, name in enumerate(values)}
    columns["_d"] = nw.lit(1.0) if weight is None else number(weight)
    columns["_e"] = nw.lit(0) if weight is None else is_null_or_nan(bound, weight).cast(nw.Int64)
    key = nw.col(sequence)
    if isinstance(bound.schema[sequence], nw.Categorical | nw.Enum):
        key = key.cast(nw.String)
    frame = bound.frame.select(_s=key, **({"_u": nw.col(unit)} if unit is not None else {}), **columns)
    for shown, null in [*((f"_b{i}", f"_m{i}") for i in range(len(values))), ("_d", "_e")]:
        there = nw.when(nw.col(null) == 0).then(nw.col(shown)).otherwise(nw.lit(0.0))
        frame = frame.with_columns(there.alias(shown))
    if rest is not None:
        left = nw.lit(1.0)
        for name in rest[1]:
            left = left - nw.col(f"_b{list(values).index(name)}")
        frame = frame.with_columns(left.alias(f"_b{len(values)}"))
    count = len(values) + (rest is not None)
    return frame.with_columns(*((nw.col(f"_b{i}") * nw.col("_d")).alias(f"_v{i}") for i in range(count)))


def _distinct_lists(column: Any, name: str) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Return a code per row and the distinct sequences as tuples; texts and nulls may stand among the lists."""
    seen: dict[Any, int] = {}
    codes = np.empty(len(column), dtype=np.int64)
    for row, value in enumerate(column):
        key = value if value is None or isinstance(value, str) else _as_tuple(value, name)
        codes[row] = seen.setdefault(key, len(seen))
    return codes, list(seen)


def _as_tuple(value: Any, name: str) -> tuple[Any, ...] | None:
    if isinstance(value, float) and value != value:
        return None
    try:
        found = tuple(value)
        hash(found)
    except TypeError:
        msg = f"{name!r} must hold texts or lists of touchpoints, found {value!r}: give each path as one of the two"
        raise ColumnError(msg) from None
    return found
