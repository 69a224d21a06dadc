"""The tables of a gap: rows of items, dimensions and all, what was perceived alone, and the reliability of differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.gap_plan import Block, Plan
from cemkit.csi.quantities import Quantities, mean_measure, share_measure
from cemkit.estimation import Measure
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.multiplicity import Adjustment
from cemkit.statistics.multiplicity import adjust as adjust_p_values
from cemkit.tables.binding import Bound
from cemkit.tables.column_moments import column_moments
from cemkit.tables.groups import Groups, group_rows, known_order
from cemkit.tables.row_means import with_complete

__all__ = [
    "GAP_COLUMNS",
    "WEIGHTED_COLUMNS",
    "Sums",
    "gap_measures",
    "gap_rows",
    "reliability_rows",
    "servperf_rows",
    "sums_of",
]

Floats = npt.NDArray[np.float64]
_KEPT = ("std_error", "low", "high", "level", "method", "unit", "n", "missing", "n_eff", "df")
GAP_COLUMNS = (
    "expected", "perceived", "estimate", *_KEPT, "statistic", "p_value", "p_adjusted", "d_z", "d_z_low", "d_z_high",
    "below", "below_low", "below_high",
)  # fmt: skip
WEIGHTED_COLUMNS = ("weighted", "weighted_std_error", "weighted_low", "weighted_high")


class Sums:
    """Weighted sums of columns in the groups of the result."""

    def __init__(
        self, bound: Bound, asked: Quantities, columns: Sequence[str], pairs: Sequence[tuple[str, str]] = ()
    ) -> None:
        weights = None if asked.design is None else asked.design.weights
        self._place = {name: i for i, name in enumerate(columns)}
        self._pairs = {pair: i for i, pair in enumerate(pairs)}
        self._found = column_moments(bound, keys=asked.by, columns=columns, pairs=pairs, weights=weights)
        orders = known_order(bound, asked.by)
        self.groups: Groups
        self.groups, self._group = group_rows(self._found.keys, asked.by, orders=orders, rows=len(self._found.rows))

    def _total(self, values: Floats) -> Floats:
        return grouped_sum(self._group, values, groups=len(self.groups))

    def n(self, column: str) -> Floats:
        """Return how many rows have a value."""
        return self._total(self._found.n[:, self._place[column]])

    def total(self, column: str) -> Floats:
        """Return Σwx."""
        return self._total(self._found.sums[:, self._place[column]])

    def mean(self, column: str) -> Floats:
        """Return Σwx/Σw."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.total(column) / self._total(self._found.weight[:, self._place[column]])

    def variance(self, column: str) -> Floats:
        """Return Σw(x − x̄)²/Σw."""
        place = self._place[column]
        with np.errstate(divide="ignore", invalid="ignore"):
            square = self._total(self._found.squares[:, place]) / self._total(self._found.weight[:, place])
        return np.maximum(square - self.mean(column) ** 2, 0.0)

    def covariance(self, left: str, right: str) -> Floats:
        """Return Σw(x − x̄)(y − ȳ)/Σw of columns that have their values in the same rows."""
        product = self._total(self._found.products[:, self._pairs[left, right]])
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = product / self._total(self._found.weight[:, self._place[left]])
        return np.asarray(mean - self.mean(left) * self.mean(right))


def sums_of(plan: Plan, asked: Quantities) -> Sums:
    """Return the sums of what was expected and perceived by item and block, in one pass."""
    blocks = (*plan.items, *plan.dimensions, plan.overall)
    return Sums(plan.bound, asked, [*(f"{b.key}_{k}" for b in blocks for k in "ep"), *_pooled(plan)])


def gap_measures(plan: Plan) -> dict[str, Measure]:
    """Return what is estimated of every column of the plan."""
    reach = plan.high - plan.low
    found: dict[str, Measure] = {}
    for block in (*plan.items, *plan.dimensions, plan.overall):
        found[f"{block.key}_d"] = mean_measure(f"{block.key}_d", -reach, reach)
        found[f"{block.key}_f"] = share_measure(f"{block.key}_f")
        found[f"{block.key}_s"] = mean_measure(f"{block.key}_s", plan.low, plan.high)
        if plan.weighted and block not in plan.items:
            found[f"{block.key}_w"] = mean_measure(f"{block.key}_w", -reach, reach)
    return found


def _pooled(plan: Plan) -> list[str]:
    return [f"{plan.overall.key}_d_sum", f"{plan.overall.key}_d_size"]


def gap_rows(
    plan: Plan, asked: Quantities, sums: Sums, blocks: Sequence[Block], *, adjust: Adjustment, weighted: bool
) -> pd.DataFrame:
    """Return a row per group and block: the gap, its effect size, the share below expectation."""
    parts = []
    for place, block in enumerate(blocks):
        gap, below = asked.estimate(f"{block.key}_d"), asked.estimate(f"{block.key}_f")
        part = gap[[*asked.by, "estimate", *_KEPT]].copy()
        part["expected"], part["perceived"] = sums.mean(f"{block.key}_e"), sums.mean(f"{block.key}_p")
        part["below"], part["below_low"], part["below_high"] = below["estimate"], below["low"], below["high"]
        for name in WEIGHTED_COLUMNS if weighted else ():
            part[name] = np.nan
        if weighted and plan.weighted:
            found = asked.estimate(f"{block.key}_w")
            for name in WEIGHTED_COLUMNS:
                part[name] = found["estimate" if name == "weighted" else name.removeprefix("weighted_")]
        part["_block"], part["_group"] = place, np.arange(len(part))
        parts.append(part)
    table = pd.concat(parts, ignore_index=True).sort_values(["_group", "_block"], kind="stable", ignore_index=True)
    return _with_tests(table, asked.level, adjust)


def _with_tests(table: pd.DataFrame, level: float, adjust: Adjustment) -> pd.DataFrame:
    from scipy.special import ndtr, ndtri, stdtr

    estimate, error, df, size = (table[c].to_numpy(dtype=np.float64) for c in ("estimate", "std_error", "df", "n_eff"))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, estimate / error, np.nan)
        # The standard error of a mean is that of n_eff independent answers, which gives their standard deviation.
        effect = np.where(error > 0, estimate / (error * np.sqrt(size)), np.nan)
        spread = np.sqrt(1 / size + effect**2 / (2 * size))
    tail = np.where(
        np.isfinite(df) & (df > 0), stdtr(np.where(df > 0, df, 1.0), -np.abs(statistic)), ndtr(-np.abs(statistic))
    )
    p_value = np.where(df > 0, 2 * tail, np.nan)
    reach = ndtri((1 + level) / 2) * spread
    return table.assign(
        statistic=statistic,
        p_value=p_value,
        p_adjusted=adjust_p_values(p_value, method=adjust),
        d_z=effect,
        d_z_low=effect - reach,
        d_z_high=effect + reach,
    )


def servperf_rows(plan: Plan, asked: Quantities) -> pd.DataFrame:
    """Return what was perceived, without what was expected: a row per group and item, dimension, and all."""
    parts = []
    scopes = (
        [("item", b) for b in plan.items] + [("dimension", b) for b in plan.dimensions] + [("overall", plan.overall)]
    )
    for place, (scope, block) in enumerate(scopes):
        part = asked.estimate(f"{block.key}_s")[[*asked.by, "estimate", *_KEPT]].copy()
        part["scope"], part["name"], part["_block"], part["_group"] = scope, block.name, place, np.arange(len(part))
        parts.append(part)
    table = pd.concat(parts, ignore_index=True).sort_values(["_group", "_block"], kind="stable", ignore_index=True)
    return table[[*asked.by, "scope", "name", "estimate", *_KEPT]]


def reliability_rows(plan: Plan, asked: Quantities) -> pd.DataFrame:
    """Return how reliable the differences are, by dimension and overall, from the rows that answered all their items."""
    parts: list[pd.DataFrame] = []
    for place, block in enumerate((*plan.dimensions, plan.overall)):
        if len(block.places) < 2:
            continue
        answers = {k: [f"_gap_{k}{i}" for i in block.places] for k in "epd"}
        copies = {f"_gap_c{c.removeprefix('_gap_')}": c for k in "epd" for c in answers[k]}
        totals = {f"_gap_t{k}": f"{block.key}_{k}_sum" for k in "epd"}
        bound = with_complete(plan.bound, {**copies, **totals}, needed=answers["d"])
        sums = Sums(bound, asked, [*copies, *totals], [("_gap_te", "_gap_tp")])
        alpha = {}
        size = len(block.places)
        for k in "epd":
            own = sum(sums.variance(f"_gap_c{c.removeprefix('_gap_')}") for c in answers[k])
            with np.errstate(divide="ignore", invalid="ignore"):
                alpha[k] = size / (size - 1) * (1 - own / sums.variance(f"_gap_t{k}"))
        expected, perceived, difference = (sums.variance(f"_gap_t{k}") for k in "epd")
        shared = sums.covariance("_gap_te", "_gap_tp")
        with np.errstate(divide="ignore", invalid="ignore"):
            reliability = (expected * alpha["e"] + perceived * alpha["p"] - 2 * shared) / difference
            correlation = shared / np.sqrt(expected * perceived)
        columns: dict[str, Any] = {
            **sums.groups.columns(),
            "dimension": pd.Index([block.name] * len(sums.groups), dtype=object),
            "items": size,
            "n": sums.n("_gap_te").astype(np.int64),
            "alpha_expected": alpha["e"],
            "alpha_perceived": alpha["p"],
            "correlation": correlation,
            "reliability": reliability,
            "alpha_difference": alpha["d"],
            "_block": place,
            "_group": np.arange(len(sums.groups)),
        }
        parts.append(pd.DataFrame(columns))
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).sort_values(["_group", "_block"], kind="stable", ignore_index=True)
    return table.drop(columns=["_block", "_group"])
