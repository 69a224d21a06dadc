"""Confounders as strata of customers, each with its columns of the background hazard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.statistics.splines import restricted_cubic_spline, spline_knots
from cemkit.tables.factor import factor
from cemkit.tables.groups import natural_key

__all__ = ["Confounder", "Strata", "read_confounder", "strata_of"]

_FEW_VALUES = 8
_FEW_LEAVERS = 5
_MOST_LEVELS = 200
_BINS = {1: 24, 2: 12}
"""Classes of a continuous confounder, by how many of them there are: fewer where there are more, or cells run out of time."""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Confounder(NamedTuple):
    """A confounder: the class of every spell, and what each class adds to the background.

    A number with more than eight values is cut into classes of equal size, and enters as a restricted cubic spline of
    the classes' means; all else enters as levels, of which those with fewer than five leavers are one.
    """

    name: str
    kind: str
    """'levels' or 'spline'"""
    code: Codes
    levels: tuple[Any, ...]
    """Per class its level, or its upper end; the last class of a spline is 'not known' where there are nulls."""
    columns: Floats
    """(classes, q)"""

    def record(self) -> Mapping[str, Any]:
        """Return what is needed to place another customer."""
        return {"name": self.name, "kind": self.kind, "levels": self.levels, "columns": self.columns}


class Strata(NamedTuple):
    """Combinations of confounders that occur."""

    code: Codes
    columns: Floats
    """(strata, q)"""


def read_confounder(name: str, values: Any, event: npt.NDArray[np.bool_], continuous: int) -> Confounder:
    """Return a confounder from its column; ``continuous`` is the number of those that enter as splines."""
    number = _numbers(values)
    if number is not None and np.unique(number[np.isfinite(number)]).size > _FEW_VALUES:
        return _spline(name, number, _BINS.get(continuous, 6))
    code, distinct = factor(values)
    if len(distinct) > _MOST_LEVELS:
        msg = (
            f"confounders={name!r} has {len(distinct):,} levels, more than {_MOST_LEVELS}: group them first; a key of customers is no "
            "confounder"
        )
        raise CemkitError(msg)
    order = sorted(range(len(distinct)), key=lambda i: natural_key(distinct[i]))
    rank = np.argsort(np.array(order))
    code = rank[np.asarray(code, dtype=np.intp)]
    leavers = np.bincount(code, weights=event, minlength=len(order))
    columns = np.eye(len(order))
    few = leavers < _FEW_LEAVERS
    pooled = columns[:, ~few]
    if few.any():
        pooled = np.column_stack([pooled, few.astype(np.float64)])
    largest = int(np.argmax(np.bincount(code, minlength=len(order)) @ pooled))
    return Confounder(name, "levels", code, tuple(distinct[i] for i in order), np.delete(pooled, largest, axis=1))


def _numbers(values: Any) -> Floats | None:
    """Return numbers or times as floats; None for anything else."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float64) if values.dtype.kind in "iuf" else None
    some = next((v for v in values if v is not None), None)
    if isinstance(some, bool) or some is None:
        return None
    if isinstance(some, pd.Timestamp | np.datetime64) or hasattr(some, "isoformat"):
        stamps = pd.to_datetime(pd.Series([pd.NaT if v is None else pd.Timestamp(v).tz_localize(None) for v in values]))
        days = (stamps - pd.Timestamp(0)) / pd.Timedelta(days=1)
        return np.asarray(days, dtype=np.float64)
    try:
        return np.array([np.nan if v is None else float(v) for v in values]) if not isinstance(some, str) else None
    except (TypeError, ValueError):
        return None


def _spline(name: str, number: Floats, bins: int) -> Confounder:
    known = np.isfinite(number)
    if np.any(np.isinf(number)):
        msg = f"confounders={name!r} has {int(np.isinf(number).sum()):,} infinite values: repair them first"
        raise CemkitError(msg)
    ends = np.unique(np.quantile(number[known], np.arange(1, bins + 1) / bins, method="inverted_cdf"))
    code = np.searchsorted(ends, np.where(known, number, ends[-1]))
    size = np.bincount(code[known], minlength=ends.size)
    mean = np.bincount(code[known], weights=number[known], minlength=ends.size) / np.maximum(size, 1)
    centre, scale = float(number[known].mean()), float(number[known].std())
    knots = spline_knots(number[known])
    columns = (mean[:, None] - centre) / scale
    if knots.size >= 3:
        columns = restricted_cubic_spline((mean - centre) / scale, (knots - centre) / scale)
    levels: tuple[Any, ...] = tuple(ends.tolist())
    if not known.all():
        code = np.where(known, code, ends.size)
        columns = np.block([[columns, np.zeros((ends.size, 1))], [np.zeros((1, columns.shape[1])), np.ones((1, 1))]])
        levels = (*levels, None)
    return Confounder(name, "spline", code, levels, columns)


def strata_of(confounders: Sequence[Confounder], spells: int) -> Strata:
    """Return the combinations of classes that occur, and their columns side by side."""
    if not confounders:
        return Strata(np.zeros(spells, dtype=np.intp), np.zeros((1, 0)))
    table = np.column_stack([c.code for c in confounders])
    distinct, code = np.unique(table, axis=0, return_inverse=True)
    columns = [c.columns[distinct[:, i]] for i, c in enumerate(confounders)]
    return Strata(code.reshape(-1).astype(np.intp), np.column_stack(columns))
