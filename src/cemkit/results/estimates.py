"""Rows of estimates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results.assumption import Assumption
from cemkit.results.base import Result, _plain
from cemkit.results.interval import Interval

__all__ = ["ESTIMATE_COLUMNS", "Estimate", "Estimates"]

ESTIMATE_COLUMNS = (
    "metric",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "unit",
    "n",
    "missing",
    "invalid",
    "n_eff",
    "df",
    "suppressed",
)


@dataclass(frozen=True)
class Estimate:
    """One estimate with its interval and base.

    Attributes
    ----------
    metric, unit
        What was estimated, and in what: ``"points"`` (NPS -100..100, CSAT and CSI 0..100), ``"scale"`` (the answer's
        own scale), ``"share"`` (0..1), or a named unit.
    estimate, std_error, low, high, level, method
        The plain sample value, its standard error, and the interval by the method named.
    n, missing, invalid
        Answers used, answers missing (null, NaN, missing code), answers outside the scale.
    n_eff
        ``n`` over the estimate's design effect: the size of a simple random sample that would be as precise.
    df
        Degrees of freedom of the t interval; infinite where the normal distribution was used.
    suppressed
        Whether the base is too small to be shown.
    group
        The values of the ``by`` columns, as pairs.
    """

    metric: str
    estimate: float
    std_error: float
    low: float
    high: float
    level: float
    method: str
    unit: str
    n: int | None
    missing: int | None
    invalid: int | None
    n_eff: float
    df: float
    suppressed: bool
    group: tuple[tuple[str, Any], ...] = ()
    assumptions: tuple[Assumption, ...] = field(default=(), repr=False)

    @property
    def interval(self) -> Interval:
        """The interval with its level and method."""
        return Interval(self.low, self.high, self.level, self.method)

    @property
    def half_width(self) -> float:
        """Half the width of the interval: the margin of error, in the estimate's unit."""
        return self.interval.half_width

    def __str__(self) -> str:
        if self.suppressed:
            return f"{self.metric} suppressed (base too small)"
        digits = 1 if self.unit == "points" else 3
        return (
            f"{self.metric} {self.estimate:.{digits}f}, {self.low:.{digits}f} to {self.high:.{digits}f} "
            f"({self.level:.0%}, {self.method}), n {self.n:,.0f}"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Estimates(Result):
    """Rows of :class:`Estimate`, one per group.

    ``to_frame()`` gives the columns ``*by`` and then always the same ones (``ESTIMATE_COLUMNS``).

    Attributes
    ----------
    by
        The grouping columns.
    bands
        Per group and band of the scale: ``*by, metric, band, n, share, std_error, low, high, level, method``.
    targets
        Per group, where ``target=`` was given: ``*by, metric, target, probability``.
    """

    by: tuple[str, ...] = ()
    bands: pd.DataFrame = field(default_factory=pd.DataFrame)
    targets: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Estimates"

    def __post_init__(self) -> None:
        expected = [*self.by, *ESTIMATE_COLUMNS]
        if list(self.table.columns) != expected:
            msg = f"estimates have the columns {expected}, got {list(self.table.columns)}"
            raise CemkitError(msg)

    def __iter__(self) -> Iterator[Estimate]:
        names = list(self.table.columns)
        for values in self.table.itertuples(index=False, name=None):
            row = dict(zip(names, map(_plain, values), strict=True))
            group = tuple((name, row.pop(name)) for name in self.by)
            yield Estimate(**row, group=group, assumptions=self.assumptions)

    @property
    def only(self) -> Estimate:
        """The one estimate of a result with one row."""
        self._row()
        return next(iter(self))

    def _display(self) -> pd.DataFrame:
        shown = self.table.drop(columns=["level", "df", "n_eff", "suppressed"])
        if not (self.table["invalid"] > 0).any():
            shown = shown.drop(columns="invalid")
        return shown

    def plot(self) -> Any:
        """Return an Altair chart: a point and an interval per row (extra ``report``)."""
        from cemkit.charts.intervals import interval_chart

        return interval_chart(self.table, by=self.by)
