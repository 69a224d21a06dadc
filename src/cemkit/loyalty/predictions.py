"""What a fitted model says of each customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.loyalty.history import PurchaseHistory
from cemkit.results import Assumption, Result

__all__ = ["Predictions", "predictions"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(Result):
    """One quantity, a row per customer (or per time, for new customers).

    ``to_frame()`` gives the customer's column (where rows are named) or ``t``, and ``estimate, std_error, low, high``; the
    last three are NaN unless a level was asked for, and are those of the expectation: they tell what is known of the
    parameters, not what one customer will do.

    Attributes
    ----------
    metric
        The quantity.
    level
        Level of confidence, NaN without intervals.
    method
        How the interval was made; empty without one.
    unit
        What the estimate is measured in.
    """

    metric: str = ""
    level: float = float("nan")
    method: str = ""
    unit: str = ""

    _title: ClassVar[str] = "Predictions"

    def plot(self) -> Any:
        """Return an Altair chart: over time, or the customers by what is expected of them (extra ``report``)."""
        from cemkit.charts.distribution import distribution_chart, distribution_rows
        from cemkit.charts.line_bands import lines_chart

        name = self.metric.replace("_", " ")
        if "t" in self.table:
            shown = self.table.assign(
                x=self.table["t"], series=name, unit="share" if self.unit == "share" else "number"
            )
            return lines_chart(shown, x="t", y=name)
        return distribution_chart(distribution_rows(self.table["estimate"]), title=name, units="customers")


def predictions(
    keys: PurchaseHistory | dict[str, Any],
    estimate: Floats,
    limits: tuple[Floats, Floats, Floats] | None,
    *,
    metric: str,
    unit: str,
    level: float | None,
    notes: tuple[Assumption, ...],
) -> Predictions:
    """Return predictions with their notes; `limits` are standard error, low and high."""
    if isinstance(keys, PurchaseHistory):
        keys = {keys.customer: keys.table[keys.customer].to_numpy()} if keys.customer else {}
    nothing = np.full(estimate.shape, np.nan)
    std_error, low, high = (nothing, nothing, nothing) if limits is None else limits
    table = pd.DataFrame({**keys, "estimate": estimate, "std_error": std_error, "low": low, "high": high})
    said = Assumption("no-interval-asked" if limits is None else "expectation-interval")
    return Predictions(
        table,
        (*notes, said),
        metric=metric,
        level=float("nan") if level is None else level,
        method="" if limits is None else "delta",
        unit=unit,
    )
