"""From a row per respondent and item to a row per respondent with a column per item, in the frame's own engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from cemkit.errors import ContractError
from cemkit.tables.binding import Bound, as_text, collect, key_expressions
from cemkit.tables.groups import natural_key
from cemkit.tables.rows import count_by

__all__ = ["Widened", "widen"]


class Widened(NamedTuple):
    """The wide table, the items in natural order, and per value column the new columns in the order of the items."""

    bound: Bound
    items: tuple[Any, ...]
    columns: Mapping[str, tuple[str, ...]]


def widen(bound: Bound, *, keys: Sequence[str], item: str, values: Sequence[str]) -> Widened:
    """Return a row per combination of ``keys`` with the columns ``{value}_{place of the item}``.

    Raises
    ------
    ContractError
        If an item has no name, or a combination of keys has two values of one item.
    """
    found = {key[0] for key in count_by(bound, [item])}
    if None in found:
        msg = f"item={item!r} is null in some rows: name the item of every row, or leave these rows out"
        raise ContractError(msg)
    items = tuple(sorted(found, key=natural_key))
    dtype = bound.schema[item]
    numbers = {f"_n{j}": nw.col(value).cast(nw.Float64) for j, value in enumerate(values)}
    label = as_text(bound, item) if isinstance(dtype, nw.Categorical | nw.Enum) else nw.col(item)
    frame = bound.frame.select(*key_expressions(bound, keys), label.alias("_item"), **numbers)
    frame = frame.with_columns(
        **{n: nw.when(~nw.col(n).is_null() & ~nw.col(n).is_nan()).then(nw.col(n)) for n in numbers}
    )
    columns = {value: tuple(f"{value}_{i}" for i in range(len(items))) for value in values}
    made: dict[str, nw.Expr] = {}
    for i, level in enumerate(items):
        here = nw.col("_item") == level
        made[f"_rows{i}"] = nw.when(here).then(nw.lit(1)).otherwise(nw.lit(0))
        for j, value in enumerate(values):
            made[columns[value][i]] = nw.when(here).then(nw.col(f"_n{j}"))
    frame = frame.with_columns(**made)
    counts = [f"_rows{i}" for i in range(len(items))]
    kept = [c for names in columns.values() for c in names]
    wide = frame.group_by(*keys).agg(*(nw.col(c).sum() for c in counts), *(nw.col(c).max() for c in kept))
    most = collect(wide.select(*(nw.col(c).max() for c in counts)))
    twice = [items[i] for i, c in enumerate(counts) if most[c][0] > 1]
    if twice:
        shown = ", ".join(map(repr, twice[:3]))
        msg = f"some respondents ({', '.join(map(repr, keys))}) have more than one row of an item ({shown}): keep one of them"
        raise ContractError(msg)
    wide = wide.select(*(nw.col(c) for c in dict.fromkeys((*keys, *kept))))
    return Widened(replace(bound, frame=wide, schema=dict(wide.collect_schema())), items, columns)
