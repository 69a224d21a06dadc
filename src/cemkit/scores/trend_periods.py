"""Estimates per calendar period, or per window that ends with a period, on a grid without holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.estimate import answer, answer_table
from cemkit.estimation.intervals import positive_std_error
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.estimation.suppression import suppressed_groups, suppression_note
from cemkit.results import ESTIMATE_COLUMNS, Assumption
from cemkit.tables.groups import Groups, group_rows
from cemkit.tables.periods import NO_TIME, Period, with_window

__all__ = ["PERIOD", "PeriodEstimates", "per_period", "per_window"]

Floats = npt.NDArray[np.float64]

PERIOD = "_period"
MOST_PERIODS = 2000
_NUMBERS = ("estimate", "std_error", "low", "high", "n_eff", "df")
_COUNTS = ("n", "missing", "invalid")


@dataclass(frozen=True, eq=False)
class PeriodEstimates:
    """A row per line (group) and period, periods fastest.

    Attributes
    ----------
    lines
        The groups.
    index
        Numbers of the periods, without holes.
    table
        Columns ``*by`` and those of estimates.
    std_error
        Standard errors for limits and tests: never zero, NaN where nothing is to be shown.
    alike
        Periods with a standard error of zero, which was replaced.
    without_time
        Rows that have no time.
    """

    lines: Groups
    index: npt.NDArray[np.int64]
    table: pd.DataFrame
    std_error: Floats
    alike: int
    without_time: int
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True, eq=False)
class _Part:
    keys: list[tuple[Any, ...]]
    table: pd.DataFrame
    std_error: Floats
    bases: Floats
    without_time: int
    assumptions: tuple[Assumption, ...]


def per_period(
    rows: Sample, measure: Measure, *, level: float, method: str | None, min_base: int | None, seed: int | None
) -> PeriodEstimates:
    """Estimate per group of ``rows.by``, whose last column is the period."""
    part = _part(rows, measure, level=level, method=method, min_base=min_base, seed=seed)
    periods = [key[-1] for key in part.keys]
    return _grid(rows, part, np.arange(min(periods), max(periods) + 1))


def per_window(
    rows: Sample,
    measure: Measure,
    *,
    at: str,
    index: npt.NDArray[np.int64],
    period: Period,
    window: int,
    level: float,
    method: str | None,
    min_base: int | None,
    seed: int | None,
) -> PeriodEstimates:
    """Estimate from the ``window`` days that end with each period; one pass over the data per period.

    All rows stay in the table, so that a window is a subpopulation of the whole design.
    """
    parts = []
    for number, last in zip(index.tolist(), period.last_day(index).tolist(), strict=True):
        bound = with_window(rows.bound, at, last_day=last, length=window, number=number, name=PERIOD)
        base = None if min_base is None else 1
        parts.append(_part(replace(rows, bound=bound), measure, level=level, method=method, min_base=base, seed=seed))
    keys = [key for part in parts for key in part.keys]
    bases = np.concatenate([part.bases for part in parts])
    hidden = suppressed_groups(tuple(keys), bases, min_base)
    table = _hide(pd.concat([part.table for part in parts], ignore_index=True), hidden)
    std_error = np.where(hidden, np.nan, np.concatenate([part.std_error for part in parts]))
    first_of_code = {
        note.code: note for part in reversed(parts) for note in part.assumptions if note.code != "suppressed"
    }
    notes = (*reversed(first_of_code.values()), *suppression_note(hidden, bases, min_base))
    return _grid(rows, _Part(keys, table, std_error, bases, 0, notes), index)


def _part(
    rows: Sample, measure: Measure, *, level: float, method: str | None, min_base: int | None, seed: int | None
) -> _Part:
    found = answer(rows, measure, level=level, method=method, min_base=min_base, seed=seed)
    counted = found.counted
    table = answer_table(found, measure, level)
    std_error = positive_std_error(counted, measure, found.inference)
    std_error = np.where(found.hidden | (counted.n == 0), np.nan, std_error)
    timed = np.array([key[-1] != NO_TIME for key in counted.groups.keys], dtype=bool)
    without = int((counted.n + counted.missing + counted.invalid)[~timed].sum())
    keys = [key for key, kept in zip(counted.groups.keys, timed, strict=True) if kept]
    shown = table[timed].reset_index(drop=True)
    return _Part(keys, shown, std_error[timed], counted.bases[timed], without, found.assumptions)


def _hide(table: pd.DataFrame, hidden: npt.NDArray[np.bool_]) -> pd.DataFrame:
    table["suppressed"] = hidden
    table.loc[hidden, list(_NUMBERS)] = np.nan
    table.loc[hidden, list(_COUNTS)] = pd.NA
    return table


def _grid(rows: Sample, part: _Part, index: npt.NDArray[np.int64]) -> PeriodEstimates:
    if len(index) > MOST_PERIODS:
        msg = (
            f"the times reach over {len(index):,} periods, more than {MOST_PERIODS:,}: give longer periods with every=, or look for "
            "times that are far off"
        )
        raise CemkitError(msg)
    by = rows.by[:-1]
    columns: dict[str, Sequence[Any]] = {name: [key[i] for key in part.keys] for i, name in enumerate(by)}
    lines, line = group_rows(columns, by, orders=rows.orders, rows=len(part.keys))
    place = np.full((len(lines), len(index)), -1)
    place[line, np.array([key[-1] for key in part.keys]) - index[0]] = np.arange(len(part.keys))
    flat = place.reshape(-1)
    empty = flat < 0
    table = part.table.iloc[np.where(empty, 0, flat)].reset_index(drop=True)
    table.loc[empty, list(_NUMBERS)] = np.nan
    table.loc[empty, list(_COUNTS)] = 0
    table.loc[empty, "suppressed"] = False
    keys = lines.frame().iloc[np.repeat(np.arange(len(lines)), len(index))].reset_index(drop=True)
    table = pd.DataFrame({**{name: keys[name] for name in by}, **{name: table[name] for name in ESTIMATE_COLUMNS}})
    std_error = np.where(empty, np.nan, part.std_error[np.where(empty, 0, flat)])
    alike = int(
        (
            (table["std_error"].to_numpy() < std_error * (1 - 1e-9)) & (table["n"] > 0).to_numpy(bool, na_value=False)
        ).sum()
    )
    return PeriodEstimates(lines, index, table, std_error, alike, part.without_time, part.assumptions)
