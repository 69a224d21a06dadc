"""What the results of flows share: choices, names of states, order of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, did_you_mean
from cemkit.stages.experience_log import ExperienceLog
from cemkit.tables.groups import group_rows, natural_key

__all__ = ["BETWEEN", "choice", "joined_states", "natural_rows", "plain_states"]

BETWEEN = " > "
Text = TypeVar("Text", bound=str)


def choice(value: Text, argument: str, choices: Sequence[str]) -> Text:
    """Return ``value`` if it is one of the choices, else raise."""
    if value not in choices:
        shown = " or ".join(map(repr, choices))
        msg = f"{argument} must be {shown}, got {value!r}.{did_you_mean(value, choices)}"
        raise CemkitError(msg)
    return value


def joined_states(table: pd.DataFrame, order: int) -> pd.Series:
    """Return the source of each row: the state itself, or several as one text."""
    if order == 1:
        return pd.Series(plain_states(table["_s0"]), dtype=object)
    columns = [plain_states(table[f"_s{i}"]) for i in range(order)]
    return pd.Series([BETWEEN.join(map(str, parts)) for parts in zip(*columns, strict=True)], dtype=object)


def plain_states(values: Any) -> list[Any]:
    """Return states as Python's values."""
    return [value.item() if isinstance(value, np.generic) else value for value in list(values)]


def natural_rows(
    table: pd.DataFrame,
    source: ExperienceLog,
    *,
    columns: Sequence[str] = ("source", "target"),
    first: str = "",
    last: str = "",
) -> pd.DataFrame:
    """Return the rows by group, then by the natural order of states, and the groups as columns of the usual types."""
    groups, place = group_rows(
        {name: table[name].tolist() for name in source.by}, source.by, orders=source.orders, rows=len(table)
    )

    def rank(value: Any) -> tuple[Any, ...]:
        return (0 if value == first and first else 2 if value == last and last else 1, natural_key(value))

    ranks = []
    for name in columns:
        values = plain_states(table[name])
        number = {value: i for i, value in enumerate(sorted(set(values), key=rank))}
        ranks.append(np.array([number[value] for value in values], dtype=np.int64))
    order = np.lexsort((*reversed(ranks), place)) if len(table) else np.zeros(0, dtype=np.int64)
    found = table.iloc[order].reset_index(drop=True)
    keys = groups.frame().iloc[place[order]].reset_index(drop=True) if source.by else pd.DataFrame(index=found.index)
    for name in source.by:
        found[name] = keys[name]
    return found
