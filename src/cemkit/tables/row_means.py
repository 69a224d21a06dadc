"""New number columns per row: answers cleaned, differences of pairs, means over what was answered, flags, totals.

Every step stands in a ``with_columns`` of its own, because engines read nested choices differently. What has no value is
null (NaN on pandas).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.errors import ColumnError, ContractError
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, collect
from cemkit.tables.codes import float_values

__all__ = [
    "number_range",
    "require_on_scale",
    "with_complete",
    "with_differences",
    "with_flags",
    "with_numbers",
    "with_partners",
    "with_row_means",
    "with_shortfall",
    "with_valid",
]

_TOLERANCE = 1e-9
Weight = float | str


def _added(bound: Bound, **columns: nw.Expr) -> Bound:
    frame = bound.frame.with_columns(**columns)
    return replace(bound, frame=frame, schema={**bound.schema, **dict.fromkeys(columns, nw.Float64())})


def with_numbers(bound: Bound, columns: Mapping[str, str], *, missing_codes: Sequence[float] = ()) -> Bound:
    """Return the table with columns as floats, null where a value is missing: ``{new name: column}``."""
    clash = next((name for name in columns if name in bound.schema), None)
    if clash is not None:
        msg = f"the table has a column {clash!r}, a name that is needed: rename it"
        raise ColumnError(msg)
    made = _added(bound, **{new: nw.col(old).cast(nw.Float64) for new, old in columns.items()})
    kept = {}
    for name in columns:
        x = nw.col(name)
        there = ~x.is_null() & ~x.is_nan()
        kept[name] = nw.when(there & ~x.is_in([float(c) for c in missing_codes]) if missing_codes else there).then(x)
    return _added(made, **kept)


def number_range(bound: Bound, columns: Sequence[str]) -> tuple[float, float]:
    """Return the smallest and the largest value of several columns that :func:`with_numbers` made; NaN without any."""
    ends = bound.frame.select(
        *(nw.col(c).min().alias(f"_a{i}") for i, c in enumerate(columns)),
        *(nw.col(c).max().alias(f"_b{i}") for i, c in enumerate(columns)),
    )
    table = {name: float(x[0]) if x[0] is not None else float("nan") for name, x in collect(ends).items()}
    values = pd.Series(table, dtype="float64")
    return float(values.min()), float(values.max())


def require_on_scale(bound: Bound, columns: Mapping[str, str], scale: Scale) -> None:
    """Raise where a column that :func:`with_numbers` made has values that are no points of the scale."""
    flags = {f"_f{i}": _off(new, scale).cast(nw.Int64) for i, new in enumerate(columns)}
    table = collect(bound.frame.select(**flags).select(*(nw.col(name).sum() for name in flags)))
    found = {
        new: int(table[f"_f{i}"][0])
        for i, new in enumerate(columns)
        if not pd.isna(table[f"_f{i}"][0]) and table[f"_f{i}"][0] > 0
    }
    if not found:
        return
    first = next(iter(found))
    shown = ", ".join(f"{v:g}" for v in bound.first_values(first, where=_off(first, scale)))
    names = ", ".join(repr(columns[new]) for new in list(found)[:3]) + (", ..." if len(found) > 3 else "")
    step = "" if scale.step is None else f" in steps of {scale.step:g}"
    msg = (
        f"{sum(found.values()):,} values of {names} are outside the scale {scale.low:g} to {scale.high:g}{step}, such as "
        f"{shown} in {columns[first]!r}: repair them, or declare codes for 'no answer' as missing_codes of the scale"
    )
    raise ContractError(msg)


def _off(column: str, scale: Scale) -> nw.Expr:
    x = nw.col(column)
    off = (x < scale.low - _TOLERANCE) | (x > scale.high + _TOLERANCE)
    if scale.step is not None:
        steps = (x - scale.low) / scale.step
        off = off | ((steps - steps.round(0)).abs() > _TOLERANCE)
    return ~x.is_null() & off


def with_differences(bound: Bound, pairs: Mapping[str, tuple[str, str]]) -> Bound:
    """Return the table with columns right − left, null where either side is: ``{new name: (left, right)}``."""
    return _added(bound, **{new: nw.col(right) - nw.col(left) for new, (left, right) in pairs.items()})


def with_flags(bound: Bound, columns: Mapping[str, str], *, sign: Literal["negative", "positive"]) -> Bound:
    """Return the table with columns that are 1 where a number has the sign, 0 where not, null where it is null."""
    made = {}
    for new, old in columns.items():
        x = nw.col(old)
        # A difference of equal decimals can be a rounding error away from zero.
        hit = x < -_TOLERANCE if sign == "negative" else x > _TOLERANCE
        made[new] = nw.when(hit).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    flagged = _added(bound, **made)
    return _added(flagged, **{new: nw.when(~nw.col(old).is_null()).then(nw.col(new)) for new, old in columns.items()})


def with_valid(bound: Bound, column: str, scale: Scale) -> Bound:
    """Return the table with null in a column that :func:`with_numbers` made, where it is no point of the scale."""
    return _added(bound, **{column: nw.when(~_off(column, scale)).then(nw.col(column))})


def with_shortfall(bound: Bound, name: str, *, of: str, below: float, sign: float = 1.0) -> Bound:
    """Return the table with how far a number lies below a point, 0 where it does not, null where it is null.

    ``sign=-1`` measures how far it lies above, for scales on which less is better.
    """
    made = _added(bound, **{name: (below - nw.col(of)) * sign})
    short = nw.when(nw.col(name) > _TOLERANCE).then(nw.col(name)).otherwise(nw.lit(0.0))
    flagged = _added(made, **{name: short})
    return _added(flagged, **{name: nw.when(~nw.col(of).is_null()).then(nw.col(name))})


def with_row_means(
    bound: Bound,
    means: Mapping[str, Sequence[str]],
    *,
    among: Mapping[str, Sequence[str]] | None = None,
    weights: Mapping[str, Sequence[Weight]] | None = None,
) -> Bound:
    """Return the table with means over the columns that have a value in the row; null where none has one.

    Parameters
    ----------
    bound
        A table.
    means
        ``{new name: columns}``, columns that :func:`with_numbers` or :func:`with_differences` made.
    among
        ``{new name: columns}``, as many: a column counts only where its partner here has a value, too.
    weights
        ``{new name: weights}``, as many: numbers, or columns of numbers (a null weight leaves the column out).

    Notes
    -----
    Beside each mean stand its total ``{name}_sum`` and its denominator ``{name}_size``.
    """
    if bound.in_memory_pandas:
        return _numpy_row_means(bound, means, among or {}, weights or {})
    totals: dict[str, nw.Expr] = {}
    for new, columns in means.items():
        partners = (among or {}).get(new, columns)
        given = (weights or {}).get(new, [1.0] * len(columns))
        total, size = nw.lit(0.0), nw.lit(0.0)
        for column, partner, weight in zip(columns, partners, given, strict=True):
            there = ~nw.col(column).is_null() & ~nw.col(partner).is_null()
            w: Any = nw.col(weight) if isinstance(weight, str) else nw.lit(float(weight))
            if isinstance(weight, str):
                there = there & ~nw.col(weight).is_null()
            total = nw.when(there).then(nw.col(column) * w).otherwise(nw.lit(0.0)) + total
            size = nw.when(there).then(w).otherwise(nw.lit(0.0)) + size
        totals[f"{new}_sum"], totals[f"{new}_size"] = total, size
    made = _added(bound, **totals)
    # No engine shall divide by zero, not even where the result is thrown away.
    safe = {
        f"{new}_safe": nw.when(nw.col(f"{new}_size") > 0).then(nw.col(f"{new}_size")).otherwise(nw.lit(1.0))
        for new in means
    }
    made = _added(made, **safe)
    ratio = {
        new: nw.when(nw.col(f"{new}_size") > 0).then(nw.col(f"{new}_sum") / nw.col(f"{new}_safe")) for new in means
    }
    return _added(made, **ratio)


def _numpy_row_means(
    bound: Bound,
    means: Mapping[str, Sequence[str]],
    among: Mapping[str, Sequence[str]],
    weights: Mapping[str, Sequence[Weight]],
) -> Bound:
    frame = bound.native
    read = {c for part in (means, among, weights) for cs in part.values() for c in cs if isinstance(c, str)}
    values = {name: float_values(frame[name]) for name in read}
    made: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    for new, columns in means.items():
        total, size = np.zeros(len(frame)), np.zeros(len(frame))
        given = weights.get(new, [1.0] * len(columns))
        for column, partner, weight in zip(columns, among.get(new, columns), given, strict=True):
            w = values[weight] if isinstance(weight, str) else np.full(len(frame), float(weight))
            there = ~np.isnan(values[column]) & ~np.isnan(values[partner]) & ~np.isnan(w)
            total[there] += values[column][there] * w[there]
            size[there] += w[there]
        made[f"{new}_sum"], made[f"{new}_size"] = total, size
        made[new] = np.divide(total, size, out=np.full(len(frame), np.nan), where=size > 0)
    native = pd.concat([frame, pd.DataFrame(made, index=frame.index)], axis=1)  # one block, not a hundred columns
    return replace(bound, frame=nw.from_native(native), schema={**bound.schema, **dict.fromkeys(made, nw.Float64())})


def with_complete(bound: Bound, columns: Mapping[str, str], *, needed: Sequence[str]) -> Bound:
    """Return the table with copies of columns that are null unless all ``needed`` have a value: ``{new: old}``."""
    count = nw.lit(0.0)
    for name in needed:
        count = nw.when(nw.col(name).is_null()).then(nw.lit(1.0)).otherwise(nw.lit(0.0)) + count
    marked = _added(bound, _lacking=count)
    made = _added(marked, **{new: nw.when(nw.col("_lacking") == 0).then(nw.col(old)) for new, old in columns.items()})
    schema = {name: kind for name, kind in made.schema.items() if name != "_lacking"}
    return replace(made, frame=made.frame.drop("_lacking"), schema=schema)


def with_partners(bound: Bound, columns: Mapping[str, tuple[str, str]]) -> Bound:
    """Return the table with copies of columns that are null where their partner is: ``{new: (old, partner)}``."""
    return _added(
        bound, **{n: nw.when(~nw.col(partner).is_null()).then(nw.col(old)) for n, (old, partner) in columns.items()}
    )
