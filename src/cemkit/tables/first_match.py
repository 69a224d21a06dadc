"""The first case whose conditions all hold, row by row, in the caller's own kind of frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.tables.binding import Bound, is_null_or_nan
from cemkit.tables.periods import seconds_expression
from cemkit.tables.preceding import NO_MOMENT, with_earlier_moment

__all__ = ["Case", "first_match"]

_PREFIX = "_r_match"
_DAY = 86_400


@dataclass(frozen=True)
class Case:
    """A value and the conditions under which a row has it.

    Attributes
    ----------
    value
        What the row is given.
    among
        Per column the values that satisfy it.
    between
        Least and (exclusive) most days since the row's own ``since``; None leaves a side open, as a whole: no condition.
    before
        Per column the values that one row of the unit's latest earlier moment must have, all together.
    within
        The most days since that moment; None: any number.
    """

    value: str
    among: Mapping[str, Sequence[str]] = field(default_factory=dict)
    between: tuple[float | None, float | None] | None = None
    before: Mapping[str, Sequence[str]] | None = None
    within: float | None = None


def first_match(
    bound: Bound,
    cases: Sequence[Case],
    *,
    name: str,
    unit: str | None = None,
    at: str | None = None,
    since: str | None = None,
    days: str | None = None,
    place: str | None = None,
) -> Any:
    """Return the frame with a column ``name``: the value of the first case that holds, null where none does.

    Parameters
    ----------
    bound
        The table.
    cases
        The cases in their order.
    name
        The new column.
    unit, at
        Columns of the unit and of the time; needed where a case has ``before``, ``at`` with ``since`` as well.
    since
        Column of the time from which ``between`` counts.
    days
        Column of that number itself, instead of ``since``.
    place
        A further column with the place of the case (from 0; -1 where none holds).
    """
    frame = bound.frame
    tenure = None
    if any(case.between is not None for case in cases):
        frame, tenure = _with_days(frame, bound, at, since, days)
    late = [i for i, case in enumerate(cases) if case.before is not None]
    ago = f"{_PREFIX}_ago"
    if late and unit is not None and at is not None:
        flags = {f"{_PREFIX}_f{i}": _flag(_all(bound, cases[i].before or {})) for i in late}
        frame = frame.with_columns(**flags, **{f"{_PREFIX}_s": seconds_expression(bound, at, missing=NO_MOMENT)})
        frame = with_earlier_moment(frame, bound, unit=unit, second=f"{_PREFIX}_s", flags=list(flags), ago=ago)
    column = f"{_PREFIX}_place"
    frame = frame.with_columns(nw.lit(-1).cast(nw.Int64).alias(column))
    for i in reversed(range(len(cases))):
        case = cases[i]
        conditions = [_among(bound, of, values) for of, values in case.among.items()]
        if case.between is not None and tenure is not None:
            conditions.append(_between(tenure, case.between))
        if case.before is not None:
            conditions.append(nw.col(f"{_PREFIX}_f{i}") == 1)
            conditions.append(nw.col(ago) >= 0)
            if case.within is not None:
                conditions.append(nw.col(ago) <= round(case.within * _DAY))
        hit = conditions[0]
        for condition in conditions[1:]:
            hit = hit & condition
        frame = frame.with_columns(nw.when(hit).then(nw.lit(i)).otherwise(nw.col(column)).cast(nw.Int64).alias(column))
    for i, value in enumerate(dict.fromkeys(case.value for case in cases)):
        mine = nw.col(column).is_in([k for k, case in enumerate(cases) if case.value == value])
        chosen = nw.when(mine).then(nw.lit(value))
        frame = frame.with_columns((chosen.otherwise(nw.col(name)) if i else chosen).alias(name))
    kept = [nw.col(column).alias(place)] if place is not None else []
    return frame.select(*(nw.col(c) for c in bound.schema), name, *kept)


def _with_days(frame: Any, bound: Bound, at: str | None, since: str | None, days: str | None) -> tuple[Any, str]:
    tenure = f"{_PREFIX}_days"
    if days is not None:
        there = ~is_null_or_nan(bound, days)
        return frame.with_columns(nw.when(there).then(nw.col(days).cast(nw.Float64)).alias(tenure)), tenure
    if at is None or since is None:
        return frame, tenure
    seconds = seconds_expression(bound, at, missing=0) - seconds_expression(bound, since, missing=0)
    there = ~nw.col(at).is_null() & ~nw.col(since).is_null()
    frame = frame.with_columns((seconds.cast(nw.Float64) / _DAY).alias(tenure))
    return frame.with_columns(nw.when(there).then(nw.col(tenure)).alias(tenure)), tenure


def _between(tenure: str, ends: tuple[float | None, float | None]) -> nw.Expr:
    found = ~nw.col(tenure).is_null() & (nw.col(tenure) == nw.col(tenure))
    low, high = ends
    if low is not None:
        found = found & (nw.col(tenure) >= low)
    if high is not None:
        found = found & (nw.col(tenure) < high)
    return found


def _among(bound: Bound, column: str, values: Sequence[str]) -> nw.Expr:
    text = nw.col(column)
    if not isinstance(bound.schema[column], nw.String):
        text = text.cast(nw.String)
    return ~nw.col(column).is_null() & text.is_in(list(values))


def _all(bound: Bound, wanted: Mapping[str, Sequence[str]]) -> nw.Expr:
    first, *rest = (_among(bound, column, values) for column, values in wanted.items())
    for condition in rest:
        first = first & condition
    return first


def _flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)
