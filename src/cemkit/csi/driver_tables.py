"""The result of a driver analysis, and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.results import Result
from cemkit.statistics.importance import dominance

__all__ = ["DRIVER_COLUMNS", "Drivers", "Resamples", "difference_array", "ranks", "resample_limits"]

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
    arrays
        What ``differences``, ``dominance`` and ``conditional`` are made of when they are asked for, per group.
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
    arrays: tuple[tuple[Floats, ...], ...] = ()

    _title: ClassVar[str] = "Drivers"

    @property
    def differences(self) -> pd.DataFrame:
        """A row per pair of items, the greater one on the left."""
        parts = []
        for names, arrays in zip(self._names(), self.arrays, strict=True):
            left, right = _ordered_pairs(arrays[0][0])
            columns = dict(zip(("estimate", "std_error", "low", "high", "probability"), arrays[1], strict=True))
            parts.append(pd.DataFrame({"left": names[left], "right": names[right], **columns}))
        return self._joined(parts)

    @property
    def dominance(self) -> pd.DataFrame:
        """A row per ordered pair of items; empty beyond 16 items, and for other methods than LMG."""
        parts = []
        for names, arrays in zip(self._names(), self.arrays, strict=True):
            if len(arrays) > 2:
                matrix, owner = arrays[3:]
                blocks = [np.flatnonzero(owner == g).tolist() for g in range(len(names))]
                found = dominance(matrix, groups=blocks, controls=np.flatnonzero(owner < 0).tolist())
                left, right = np.nonzero(~np.eye(len(names), dtype=bool))
                kinds = {"complete": found.complete, "conditional": found.conditional, "general": found.general}
                columns = {name: kind[left, right] for name, kind in kinds.items()}
                parts.append(pd.DataFrame({"left": names[left], "right": names[right], **columns}))
        return self._joined(parts)

    @property
    def conditional(self) -> pd.DataFrame:
        """A row per item and number of other items in the model; empty where ``dominance`` is."""
        parts = []
        for names, arrays in zip(self._names(), self.arrays, strict=True):
            if len(arrays) > 2:
                item, size = np.indices((len(names), len(names))).reshape(2, -1)
                parts.append(pd.DataFrame({"item": names[item], "size": size, "estimate": arrays[2][item, size]}))
        return self._joined(parts)

    def _names(self) -> list[pd.Index]:
        """Return the names of the items of each group."""
        count = max(len(self.arrays), 1)
        size = len(self.table) // count
        names = pd.Index(self.table["item"])
        return [names[g * size : (g + 1) * size] for g in range(len(self.arrays))]

    def _joined(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Return the parts of the groups as one table, with the groups' keys in front."""
        if not self.by or not parts:
            return parts[0] if parts else pd.DataFrame()
        rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        keys = self.fit[list(self.by)].iloc[rows].reset_index(drop=True)
        return pd.concat([keys, pd.concat(parts, ignore_index=True)], axis=1)

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


def difference_array(estimate: Floats, resamples: Resamples | None) -> Floats:
    """Return (5, pairs): difference, std_error, low, high and the probability of the first being ahead, the greater item first."""
    left, right = _ordered_pairs(estimate)
    found = np.full((5, len(left)), np.nan)
    found[0] = estimate[left] - estimate[right]
    if resamples is not None:
        again = resamples.contribution[:, left] - resamples.contribution[:, right]
        found[1], (found[2], found[3]) = again.std(axis=0, ddof=1), resamples.limits(again)
        found[4] = (again > _TIE).mean(axis=0) + (np.abs(again) <= _TIE).mean(axis=0) / 2
    return found


def _ordered_pairs(estimate: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    order = np.argsort(-estimate, kind="stable")
    first, second = np.triu_indices(len(order), 1)
    return order[first], order[second]
