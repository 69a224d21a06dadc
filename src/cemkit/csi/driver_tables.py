"""The result of a driver analysis, and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.results import Result

__all__ = ["DRIVER_COLUMNS", "Drivers", "Resamples", "difference_table", "ranks", "resample_limits"]

Floats = npt.NDArray[np.float64]
_TIE = 1e-12

DRIVER_COLUMNS = (
    "item",
    "estimate",
    "share",
    "std_error",
    "low",
    "high",
    "rank",
    "rank_low",
    "rank_high",
    "coefficient",
    "share_std_error",
    "share_low",
    "share_high",
    "standardised",
    "first",
    "last",
    "vif",
    "sampling_error",
    "metric",
    "n",
    "level",
    "method",
    "unit",
)


@dataclass(frozen=True, eq=False, repr=False)
class Drivers(Result):
    """What each item contributes to the explained variance of an outcome.

    ``to_frame()`` has a row per item (or group of items): ``estimate`` is its part of R² with ``std_error, low, high``;
    ``share`` its share of what the items explain and ``rank`` its place by it, each with limits of its own;
    ``coefficient`` the least-squares coefficient in the outcome's units per point of the item (its sign says which way the
    association goes), ``standardised`` the same in standard deviations; ``first`` what it explains alone and ``last`` what
    it adds to all others, between which every way of dividing lies when items overlap; ``vif`` its variance inflation;
    ``sampling_error`` that of the sampled orders, zero where all subsets were fitted.

    Attributes
    ----------
    by, outcome
        The grouping columns and the outcome.
    fit
        Per group: ``*by, r_squared, r_squared_controls, adjusted, probe, probe_share, rows, n, complete, replicates``. ``probe`` is
        the 95th percentile of the part that a column without any meaning would get, ``probe_share`` its share; both are nan
        without resamples.
    differences
        A row per pair: ``*by, left, right, estimate, std_error, low, high, probability`` (of ``left`` being ahead, in resamples).
    dominance
        A row per ordered pair: ``*by, left, right, complete, conditional, general``, each 1, ½ or 0 (LMG of up to
        16 items).
    conditional
        A row per item and number of others in the model: ``*by, item, size, estimate`` (LMG of up to 16 items).
    """

    by: tuple[str, ...] = ()
    outcome: str = ""
    fit: pd.DataFrame = field(default_factory=pd.DataFrame)
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    dominance: pd.DataFrame = field(default_factory=pd.DataFrame)
    conditional: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Drivers"

    def plot(self) -> Any:
        """Return an Altair chart: shares as bars with intervals, the probe's as a line (extra ``report``)."""
        from cemkit.charts.drivers import driver_chart

        probe = float(self.fit["probe_share"].iloc[0]) if len(self.fit) == 1 else float("nan")
        return driver_chart(self.table, by=self.by, probe=probe)

    def _display(self) -> pd.DataFrame:
        kept = (
            "item",
            "estimate",
            "share",
            "share_low",
            "share_high",
            "rank",
            "rank_low",
            "rank_high",
            "coefficient",
            "n",
        )
        return self.table[[*self.by, *kept]]


@dataclass(frozen=True, eq=False)
class Resamples:
    """Contributions in resamples (replicates, items); those of singular resamples are left out."""

    contribution: Floats
    level: float

    def limits(self, values: Floats, *, whole: bool = False) -> tuple[Floats, Floats]:
        """Return the percentiles that enclose the level; of ranks, those that occurred."""
        return resample_limits(values, level=self.level, whole=whole)


def resample_limits(values: Floats, *, level: float, whole: bool = False) -> tuple[Floats, Floats]:
    """Return the percentiles of the resamples (first axis) that enclose the level, leaving out nan ones."""
    tails = [(1 - level) / 2, (1 + level) / 2]
    if not len(values) or np.isnan(values).all():
        empty = np.full(values.shape[1:], np.nan)
        return empty, empty.copy()
    if whole:
        low = np.nanquantile(values, tails[0], axis=0, method="lower")
        return low, np.nanquantile(values, tails[1], axis=0, method="higher")
    low, high = np.nanquantile(values, tails, axis=0)
    return low, high


def ranks(contribution: Floats) -> Floats:
    """Return 1 for the greatest along the last axis; equal ones share the better place."""
    ahead = contribution[..., None, :] > contribution[..., :, None] + _TIE
    return np.asarray(ahead.sum(axis=-1) + 1, dtype=np.float64)


def difference_table(names: Sequence[str], estimate: Floats, resamples: Resamples | None) -> dict[str, Any]:
    """Return the differences of all pairs, the greater item on the left."""
    order = np.argsort(-estimate, kind="stable")
    first, second = np.triu_indices(len(order), 1)
    left, right = order[first], order[second]
    columns: dict[str, Any] = {
        "left": [names[i] for i in left],
        "right": [names[i] for i in right],
        "estimate": estimate[left] - estimate[right],
    }
    nothing = np.full(len(left), np.nan)
    if resamples is None:
        return {**columns, "std_error": nothing, "low": nothing, "high": nothing, "probability": nothing}
    found = resamples.contribution[:, left] - resamples.contribution[:, right]
    low, high = resamples.limits(found)
    columns |= {"std_error": found.std(axis=0, ddof=1), "low": low, "high": high}
    return {**columns, "probability": (found > _TIE).mean(axis=0) + (np.abs(found) <= _TIE).mean(axis=0) / 2}
