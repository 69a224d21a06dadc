"""The covariates of a hazard model: numbers as they are, every other column as indicators of its levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import ColumnError, ContractError, did_you_mean
from cemkit.tables.binding import Bound
from cemkit.tables.groups import group_rows, known_order
from cemkit.tables.number_rows import is_number

__all__ = ["MOST_LEVELS", "Covariates", "covariate_kinds", "covariate_matrix", "require_levels"]

MOST_LEVELS = 50
LARGEST = 1e100
"""Of a covariate: squares of more are no numbers."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Covariates:
    """A design matrix.

    Attributes
    ----------
    x
        (rows, columns)
    names
        A column's name: that of the data, or ``column=level``.
    references
        The level that a column is compared with; None for a number.
    """

    x: Floats
    names: tuple[str, ...]
    references: tuple[str | None, ...]


def covariate_kinds(bound: Bound, covariates: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the covariates that are numbers and those with levels; raise where one can be neither."""
    for name in covariates:
        bound.require_key(name, "covariates")
    numbers = [name for name in covariates if is_number(bound, name)]
    levelled = [name for name in covariates if name not in numbers]
    for name in levelled:
        if bound.is_time(name):
            msg = f"covariates: {name!r} holds dates or times, which are no covariate: make it a number, such as the days since entering"
            raise ColumnError(msg)
    return numbers, levelled


def require_levels(reference: Mapping[str, Any] | None, levelled: Sequence[str]) -> Mapping[str, Any]:
    """Return the reference levels asked for, or raise where they name a column that has no levels."""
    asked = dict(reference or {})
    odd = next((name for name in asked if name not in levelled), None)
    if odd is not None:
        msg = f"reference names {odd!r}, which is no covariate with levels.{did_you_mean(odd, levelled)}"
        raise ColumnError(msg)
    return asked


def covariate_matrix(
    bound: Bound,
    covariates: Sequence[str],
    numbers: Mapping[str, Floats],
    further: Mapping[str, Any],
    reference: Mapping[str, Any],
) -> Covariates:
    """Return the matrix of the covariates in their order; of a column with levels, all but the reference."""
    columns: list[Floats] = []
    names: list[str] = []
    references: list[str | None] = []
    for name in covariates:
        if name in numbers:
            _require_known(name, ~np.isfinite(numbers[name]))
            largest = float(np.abs(numbers[name]).max(initial=0.0))
            if largest > LARGEST:
                msg = f"covariates: {name!r} holds values as large as {largest:.0e}: check them, or give the column in a larger unit"
                raise ContractError(msg)
            columns.append(numbers[name])
            names.append(name)
            references.append(None)
            continue
        groups, codes = group_rows({name: further[name]}, [name], orders=known_order(bound, [name]))
        levels = [key[0] for key in groups.keys]
        if None in levels:
            _require_known(name, codes == levels.index(None))
        if len(levels) == 1:
            msg = f"covariates: {name!r} is {levels[0]!r} in all rows, so there is nothing to compare: leave it out"
            raise ContractError(msg)
        if len(levels) > MOST_LEVELS:
            msg = (
                f"covariates: {name!r} has {len(levels):,} different values, more than {MOST_LEVELS} levels: convert it to numbers, or "
                "group its values first"
            )
            raise ColumnError(msg)
        base = reference.get(name, levels[0])
        if base not in levels:
            msg = f"reference={base!r} is no level of {name!r}.{did_you_mean(base, levels)} It has {', '.join(map(repr, levels[:8]))}"
            raise ColumnError(msg)
        for i, level in enumerate(levels):
            if level != base:
                columns.append((codes == i).astype(np.float64))
                names.append(f"{name}={level}")
                references.append(str(base))
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        msg = f"covariates: {twice!r} would be the name of two covariates: rename one of the columns"
        raise ColumnError(msg)
    rows = len(next(iter(numbers.values())))
    x = np.column_stack(columns) if columns else np.empty((rows, 0))
    return Covariates(x, tuple(names), tuple(references))


def _require_known(name: str, missing: npt.NDArray[np.bool_]) -> None:
    if missing.any():
        msg = (
            f"covariates: {name!r} is null or infinite in {int(missing.sum()):,} of {missing.size:,} rows: fill it in or leave these rows "
            "out, and say so where you report"
        )
        raise ContractError(msg)
