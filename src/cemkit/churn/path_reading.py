"""Read paths from a table: distinct paths as codes, with the customers who left, were kept or are still there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.results import Assumption
from cemkit.statistics.paths import Paths, check_paths
from cemkit.tables.binding import Bound, bind
from cemkit.tables.groups import group_rows
from cemkit.tables.rows import require_some
from cemkit.tables.sequence_totals import SequenceTotals, require_amount, sequence_totals, units_repeat
from cemkit.typing import Frame

__all__ = ["PathColumns", "ReadPaths", "read_paths"]

Floats = npt.NDArray[np.float64]
CUSTOMER = "customer_id"
_OTHER_SEPARATORS = re.compile(r"\s*(->|→|=>|>|\||;|,)\s*")


@dataclass(frozen=True)
class PathColumns:
    """The columns of a table of paths."""

    path: str
    left: str
    kept: str | None
    open: str | None
    count: str | None
    value: str | None
    separator: str


@dataclass(frozen=True, eq=False)
class ReadPaths:
    """Distinct paths, a row each (and per customer where these have several).

    Attributes
    ----------
    paths, names
        The paths as codes, and the touchpoint of each code.
    left, kept, open, value
        Per row, customers by how they ended, and what those who left were worth (NaN without a column).
    unit
        The customer of each row, where customers have several paths.
    """

    paths: Paths
    names: tuple[Any, ...]
    left: Floats
    kept: Floats
    open: Floats
    value: Floats | None
    unit: npt.NDArray[np.intp] | None
    notes: tuple[Assumption, ...]

    @property
    def other(self) -> Floats:
        """Customers who did not leave."""
        return self.kept + self.open


def read_paths(data: Frame, columns: PathColumns, *, touchpoints: Sequence[Any] | None = None) -> ReadPaths:
    """Bind, check and count; raise with a sentence where the table is no table of paths."""
    bound = bind(data, what="paths")
    _check_columns(bound, columns)
    kept = columns.kept if columns.kept in bound.schema else None
    if kept is None and columns.kept is not None and columns.kept != "kept":
        bound.require(columns.kept, "kept")
    given = [columns.left, *([columns.open] if columns.open else []), *([kept] if kept else [])]
    unit, notes = _customers(bound)
    totals = sequence_totals(
        bound,
        sequence=columns.path,
        values=[*given, *([columns.value] if columns.value else [])],
        weight=columns.count,
        rest=None if kept else ("kept", given),
        unit=unit,
    )
    require_some(int(totals.rows.sum()), "paths")
    _check_numbers(totals, columns)
    known = np.array([path is not None for path in totals.sequences], dtype=bool)
    if not known.all():
        notes.append(Assumption("paths-missing", {"rows": int(totals.rows[~known].sum())}))
    if not known.any():
        raise ContractError(
            f"{columns.path!r} is null in all {int(totals.rows.sum()):,} rows: there is no path to look at"
        )
    paths, names = _codes([p for p in totals.sequences if p is not None], columns, touchpoints)
    left, still = totals.sums[columns.left][known], totals.sums[kept or "kept"][known]
    waiting = totals.sums[columns.open][known] if columns.open else np.zeros_like(left)
    if waiting.sum() > 0:
        notes.append(
            Assumption(
                "paths-open", {"customers": _whole(waiting.sum()), "total": _whole((left + still + waiting).sum())}
            )
        )
    value = totals.sums[columns.value][known] if columns.value else None
    who = None if totals.unit is None else np.unique(totals.unit[known], return_inverse=True)[1].astype(np.intp)
    if not (left + still + waiting).sum() > 0:
        raise ContractError("paths stand for no customer: left, kept and open are 0 in every row")
    return ReadPaths(paths, names, left, still, waiting, value, who, tuple(notes))


def _whole(number: float) -> int | float:
    return int(number) if float(number).is_integer() else float(number)


def _check_columns(bound: Bound, columns: PathColumns) -> None:
    bound.require(columns.path, "path")
    for argument in ("left", "open", "count", "value"):
        name = getattr(columns, argument)
        if name is not None:
            require_amount(bound, name, argument)
    if columns.kept in bound.schema:
        require_amount(bound, columns.kept, "kept")
    named = [n for n in (columns.path, columns.left, columns.kept, columns.open, columns.count, columns.value) if n]
    twice = sorted({n for n in named if named.count(n) > 1})
    if twice:
        raise ColumnError(
            f"the column {twice[0]!r} is named for two things: path, left, kept, open, count and value differ"
        )
    if not isinstance(columns.separator, str) or not columns.separator:
        raise CemkitError(f"separator must be a text such as ' > ', got {columns.separator!r}")


def _customers(bound: Bound) -> tuple[str | None, list[Assumption]]:
    """Return the customer's column where customers have several rows."""
    if CUSTOMER not in bound.schema:
        return None, []
    several, null = units_repeat(bound, CUSTOMER)
    if null:
        raise ContractError(
            f"{CUSTOMER!r} is null in {null:,} rows, so it cannot be told who has several paths: fill it in or drop it"
        )
    return (CUSTOMER, [Assumption("paths-of-customers")]) if several else (None, [])


def _check_numbers(totals: SequenceTotals, columns: PathColumns) -> None:
    shown = {"weight": columns.count, "kept": columns.kept or "kept"}
    rows = int(totals.rows.sum())
    for name, null in totals.missing.items():
        if null:
            raise ContractError(
                f"{shown.get(name) or name!r} is null in {null:,} of {rows:,} rows: fill it in, with 0 where nobody is meant"
            )
    for name, low in totals.lowest.items():
        if low < 0 and name == "kept" and "kept" not in totals.missing:
            raise ContractError(
                f"{columns.left!r} counts more than one customer of a row and there is no column 'kept', so it is unknown how "
                "many stayed: name the column with kept="
            )
        if low < 0:
            raise ContractError(
                f"{shown.get(name) or name!r} is {low:g} in a row: numbers of customers and values cannot be negative"
            )
    for name, sums in totals.sums.items():
        if not np.isfinite(sums).all():
            raise ContractError(f"{name!r} holds an infinite number: give finite numbers of customers")


def _codes(
    sequences: Sequence[Any], columns: PathColumns, touchpoints: Sequence[Any] | None
) -> tuple[Paths, tuple[Any, ...]]:
    texts = all(isinstance(p, str) for p in sequences)
    if texts:
        steps, sizes = _split(sequences, columns)
    else:
        parts = [_split([p], columns)[0] if isinstance(p, str) else list(p) for p in sequences]
        steps, sizes = [step for part in parts for step in part], np.array([len(part) for part in parts], dtype=np.intp)
    codes, distinct = pd.factorize(np.array([*steps, None], dtype=object)[:-1], use_na_sentinel=True)
    if (codes < 0).any():
        raise ContractError(
            f"a path holds a null step ({int((codes < 0).sum()):,} in all): leave it out of the path, or name it"
        )
    names = [v.strip() if isinstance(v, str) else v for v in distinct.tolist()]
    wanted = None if touchpoints is None else _known(touchpoints)
    if wanted is not None:
        unknown = next((name for name in names if name not in wanted), None)
        if unknown is not None:
            met = int((codes == names.index(unknown)).sum())
            raise CemkitError(
                f"the touchpoint {unknown!r} stands in {met:,} steps of the distinct paths and is none of touchpoints="
                f"{wanted[:8]!r}.{did_you_mean(unknown, [str(w) for w in wanted])}"
            )
    if "" in names:
        raise ContractError(
            f"a path has an empty step (two separators {columns.separator!r} with nothing between): name the step or drop it"
        )
    groups, place = group_rows({"touchpoint": [*names, *(wanted or [])]}, ["touchpoint"])
    order = tuple(key[0] for key in groups.keys)
    touch = place[: len(names)][codes] if names else np.zeros(0, dtype=np.intp)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return check_paths(touch, offsets, touchpoints=len(order)), order


def _known(touchpoints: Sequence[Any]) -> list[Any]:
    if isinstance(touchpoints, str) or not isinstance(touchpoints, Sequence | Mapping | np.ndarray | pd.Index):
        raise CemkitError(f"touchpoints must be a list of names, got {touchpoints!r}")
    return list(touchpoints)


def _split(texts: Sequence[str], columns: PathColumns) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Return all steps end to end and how many each text has; blanks around the separator do not matter."""
    mark = columns.separator.strip() or columns.separator
    sizes = np.array([text.count(mark) + 1 if text.strip() else 0 for text in texts], dtype=np.intp)
    filled = [text for text, size in zip(texts, sizes.tolist(), strict=True) if size]
    if len(filled) > 1 and sizes.max() == 1:
        _refuse_other_separator(filled, columns)
    return mark.join(filled).split(mark) if filled else [], sizes


def _refuse_other_separator(texts: Sequence[str], columns: PathColumns) -> None:
    """Raise where no path holds the separator and most hold another usual one: each would be one long touchpoint."""
    found = [match[1] for match in map(_OTHER_SEPARATORS.search, texts[:1000]) if match]
    if len(found) > min(len(texts), 1000) / 2:
        raise CemkitError(
            f"no path holds the separator {columns.separator!r}, but most hold {found[0]!r}, such as {texts[0]!r}: name it with separator="
        )
