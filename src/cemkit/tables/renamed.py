"""Values of a column under names that several of them share, as a column of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.errors import ColumnError
from cemkit.tables.binding import bind
from cemkit.typing import Frame

__all__ = ["with_names"]


def with_names(data: Frame, *, column: str, names: Mapping[str, Sequence[Any]], name: str) -> Frame:
    """Return the table with one more column: the name whose values the row's value is among, null where there is none.

    Parameters
    ----------
    data
        The table.
    column
        The column of values.
    names
        ``{name: [values]}``.
    name
        The new column.
    """
    bound = bind(data)
    bound.require(column, "column")
    if name in bound.schema:
        msg = f"the table already has a column {name!r}"
        raise ColumnError(msg)
    found: Any = nw.lit(None, dtype=nw.String())
    for shown, values in names.items():
        found = nw.when(nw.col(column).is_in(list(values))).then(nw.lit(shown)).otherwise(found)
    return bound.frame.with_columns(found.alias(name)).to_native()
