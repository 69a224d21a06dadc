"""Rows of differences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results.base import Result

__all__ = ["COMPARISON_COLUMNS", "Comparison"]

COMPARISON_COLUMNS = (
    "metric",
    "group",
    "reference",
    "estimate_group",
    "estimate_reference",
    "difference",
    "std_error",
    "low",
    "high",
    "statistic",
    "df",
    "p_value",
    "p_adjusted",
    "n_group",
    "n_reference",
    "level",
    "method",
    "unit",
    "suppressed",
)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Signed differences, ``difference = group - reference``, with intervals and p-values that agree with them.

    Attributes
    ----------
    by
        The grouping columns: comparisons are made within each of their combinations.
    omnibus
        One row per ``by`` combination: ``*by, metric, statistic, df1, df2, p_value, groups, method``, the Wald test
        that no group differs (F with a design, chi-square without: ``df2`` infinite).
    """

    by: tuple[str, ...] = ()
    omnibus: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Comparison"

    def __post_init__(self) -> None:
        expected = [*self.by, *COMPARISON_COLUMNS]
        if list(self.table.columns) != expected:
            msg = f"a comparison has the columns {expected}, got {list(self.table.columns)}"
            raise CemkitError(msg)

    @property
    def only(self) -> dict[str, Any]:
        """The one difference of a result with one row, as a dictionary."""
        return dict(self._row())

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["statistic", "df", "level", "suppressed"])

    def plot(self) -> Any:
        """Return an Altair chart: each difference with its interval and a line at zero (extra ``report``)."""
        from cemkit.charts.intervals import difference_chart

        return difference_chart(self.table, by=self.by)
