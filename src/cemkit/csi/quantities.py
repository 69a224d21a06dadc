"""One number column after another, estimated under the same design: rows that stand beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation import Measure, Sample, sample
from cemkit.estimation.counted import counting_keys
from cemkit.estimation.estimate import answer, answer_table
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.tables.binding import Bound
from cemkit.tables.design import Design
from cemkit.tables.row_means import number_range, require_on_scale
from cemkit.tables.row_moments import Rated, RowMoments, several_row_moments

__all__ = ["Quantities", "bounds_of", "column_list", "item_values", "mean_measure", "share_measure"]

Floats = npt.NDArray[np.float64]
_FLAG = Scale(0, 1, bands={"no": (0, 0), "yes": (1, 1)})


@dataclass
class Quantities:
    """Estimates of columns by the same groups; ``notes`` gathers what they assume.

    Columns are named first (`wanted`) and counted together, so that an engine reads the table once for many of them.
    """

    by: tuple[str, ...]
    design: Design | None
    level: float
    notes: list[Assumption] = field(default_factory=list)
    _measures: dict[str, Measure] = field(default_factory=dict)
    _rows: Sample | None = None
    _moments: dict[str, RowMoments] = field(default_factory=dict)

    def wanted(self, bound: Bound, measures: Mapping[str, Measure]) -> None:
        """Count columns of a table with the measures that are wanted of them, all at once."""
        names = list(measures)
        first = measures[names[0]]
        rows = sample(bound, score=names[0], scale=first.scale, by=self.by, design=self.design, extra=names)
        columns = [Rated(name, measure.scale, measure.terms) for name, measure in measures.items()]
        weights = None if rows.design is None else rows.design.weights
        found = several_row_moments(rows.bound, keys=counting_keys(rows), columns=columns, weights=weights)
        self._rows, self._measures = rows, dict(measures)
        self._moments = dict(zip(names, found, strict=True))

    def found(self, column: str) -> tuple[Sample, RowMoments]:
        """Return the rows of a column that was wanted, and its moments."""
        if self._rows is None:
            msg = f"the column {column!r} was not counted"
            raise CemkitError(msg)
        return replace(self._rows, score=column, scale=self._measures[column].scale), self._moments[column]

    def estimate(self, column: str) -> pd.DataFrame:
        """Estimate the measure of a column that was wanted, in every group."""
        rows, moments = self.found(column)
        measure = self._measures[column]
        given = answer(rows, measure, level=self.level, method=None, min_base=None, seed=None, moments=moments)
        self.notes += [note for note in given.assumptions if note.code != "missing-at-random"]
        return answer_table(given, measure, self.level)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was assumed, each once."""
        return tuple(dict.fromkeys(self.notes))


def mean_measure(name: str, low: float, high: float) -> Measure:
    """Return the mean of a column that lies between low and high."""
    return Measure(name, Scale(low, high, step=None), "mean", unit="scale")


def share_measure(name: str) -> Measure:
    """Return the share of ones in a column of zeros and ones."""
    return Measure(name, _FLAG, "top", unit="share")


def column_list(names: Any, argument: str) -> tuple[str, ...]:
    """Return columns as a tuple; an error where there are none or one is named twice."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not found:
        msg = f"{argument} must name at least one column"
        raise ColumnError(msg)
    twice = [name for i, name in enumerate(found) if name in found[:i]]
    if twice:
        msg = f"{argument} names {twice[0]!r} twice: name every column once"
        raise ColumnError(msg)
    return found


def item_values(given: Mapping[Any, Any] | Sequence[Any], items: Sequence[Any], argument: str) -> list[Any]:
    """Return one value per item from a mapping by item or a sequence in the order of the items."""
    if isinstance(given, Mapping):
        lacking = [item for item in items if item not in given]
        strange = [name for name in given if name not in items]
        if lacking or strange:
            what = f"has no value for {lacking[0]!r}" if lacking else f"names {strange[0]!r}, which is no item"
            msg = f"{argument} {what}: give one value for each of the {len(items)} items"
            raise CemkitError(msg)
        return [given[item] for item in items]
    values = [given] if isinstance(given, str) else list(given)
    if len(values) != len(items):
        msg = f"{argument} has {len(values)} values for {len(items)} items: give one for each"
        raise CemkitError(msg)
    return values


def bounds_of(bound: Bound, columns: Mapping[str, str], scale: Scale | None) -> tuple[float, float, list[Assumption]]:
    """Return the bounds of the answers: those declared, after a check, else those observed, which is noted."""
    if scale is not None:
        require_on_scale(bound, columns, scale)
        return float(scale.low), float(scale.high), []
    low, high = number_range(bound, list(columns))
    if not np.isfinite(low) or not np.isfinite(high):
        shown = ", ".join(repr(name) for name in list(columns.values())[:3])
        rest = ", ..." if len(columns) > 3 else ""
        msg = f"the columns {shown}{rest} have no answer, or infinite ones: check the columns and their missing codes"
        raise CemkitError(msg)
    return low, (high if high > low else low + 1.0), [Assumption("observed-bounds", {"low": low, "high": high})]
