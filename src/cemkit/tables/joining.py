"""Add columns by key, within the engine."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.tables.binding import Bound, as_text, bind, collect
from cemkit.tables.checks import duplicates
from cemkit.tables.contracts import contract_for

__all__ = ["join_by_key", "keys_agree"]


def keys_agree(left: Bound, right: Bound, key: str) -> bool:
    """Return whether a key has the same kind of values in both tables: text (or categories), or whole numbers."""
    kinds = []
    for bound in (left, right):
        dtype = bound.schema[key]
        text = isinstance(dtype, nw.String | nw.Categorical | nw.Enum | nw.Object)
        kinds.append("text" if text else "integer" if dtype.is_integer() else str(dtype))
    return kinds[0] == kinds[1]


def join_by_key(left: Bound, right: Bound, *, table: str, other: str, columns: Sequence[str]) -> Bound:
    """Return ``left`` with columns of ``right``, with as many rows as before."""
    contract = contract_for(other)
    key = contract.key if contract is not None and contract.key is not None else ""
    for bound, name in ((left, table), (right, other)):
        if key not in bound.schema:
            msg = f"{name} has no column {key!r} to join by.{did_you_mean(key, bound.schema)}"
            raise ColumnError(msg)
    for column in columns:
        right.require(column, other)
        if column in left.schema:
            msg = f"{table} already has a column {column!r}: leave it out of {other}=, or rename one of the two"
            raise ColumnError(msg)
    if left.engine != right.engine:
        msg = (
            f"{table} ({left.engine}) and {other} ({right.engine}) are tables of different engines: "
            "bring both to one engine before they are joined"
        )
        raise CemkitError(msg)
    if not keys_agree(left, right, key):
        msg = (
            f"{key} is {left.schema[key]} in {table} and {right.schema[key]} in {other}: "
            "make both text or both whole numbers, otherwise no row finds its match"
        )
        raise ColumnError(msg)
    _refuse_bad_keys(right, other, key)
    added = right.frame.select(*map(nw.col, (key, *columns)))
    keyed = left.frame
    if left.schema[key] != right.schema[key] and left.schema[key].is_integer():
        added = added.with_columns(nw.col(key).cast(left.schema[key]))
    elif left.schema[key] != right.schema[key]:
        added = added.with_columns(as_text(right, key).alias(key))
        keyed = keyed.with_columns(as_text(left, key).alias(key))
    try:
        return bind(keyed.join(added, on=key, how="left"))
    except Exception as error:
        if "different connections" in str(error):
            msg = f"{table} and {other} come from different DuckDB connections: make both relations on one connection"
            raise CemkitError(msg) from None
        raise


def _refuse_bad_keys(right: Bound, other: str, key: str) -> None:
    found = duplicates(right, other, key)
    if found:
        raise ContractError(str(found[0]))
    empty = collect(right.frame.filter(nw.col(key).is_null()).select(nw.len().alias("rows")))["rows"][0]
    if empty:
        msg = f"{other}.{key}: {int(empty):,} rows have no key: fill it in, or leave the rows out"
        raise ContractError(msg)
