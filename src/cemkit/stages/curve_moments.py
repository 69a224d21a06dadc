"""Peak, low and end: of the curve, and of every customer's own journey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.leading import probability_largest
from cemkit.tables.binding import Bound
from cemkit.tables.groups import Groups
from cemkit.tables.unit_extremes import unit_extremes

__all__ = ["MOMENT_COLUMNS", "PEAK_END_COLUMNS", "moment_rows", "peak_end_rows"]

MOMENT_COLUMNS = ("moment", "stage", "touchpoint_id", "name", "estimate", "low", "high", "n", "certainty")
PEAK_END_COLUMNS = ("metric", "estimate", "std_error", "low", "high", "level", "method", "unit", "n", "missing")
_METRICS = ("best", "worst", "most intense", "last", "peak-end", "mean")


def moment_rows(table: pd.DataFrame, keys: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the peak, the low and the end of each group's curve; of equal means the first on the map."""
    size = len(table) // max(len(keys), 1)
    rows: list[dict[str, Any]] = []
    for g in range(len(keys)):
        part = table.iloc[g * size : (g + 1) * size]
        mean, error = part["estimate"].to_numpy(dtype=np.float64), part["std_error"].to_numpy(dtype=np.float64)
        known = np.flatnonzero(np.isfinite(mean))
        if not len(known):
            continue
        certainty = {"peak": probability_largest(mean, error), "low": probability_largest(-mean, error)}
        found = {"peak": known[np.argmax(mean[known])], "low": known[np.argmin(mean[known])], "end": known[-1]}
        for moment, i in found.items():
            row = part.iloc[int(i)]
            chance = float(certainty[moment][i]) if moment in certainty else np.nan
            rows.append(
                {
                    **{name: row[name] for name in MOMENT_COLUMNS[1:-1]},
                    "moment": moment,
                    "certainty": chance,
                    "_group": g,
                }
            )
    found_rows = pd.DataFrame(rows, columns=["_group", *MOMENT_COLUMNS])
    kinds: Any = {"moment": object, "stage": object, "touchpoint_id": object, "name": object, "n": "Int64"}
    group = found_rows["_group"].to_numpy(dtype=np.int64)
    return pd.concat(
        [keys.loc[group, list(names)].reset_index(drop=True), found_rows[list(MOMENT_COLUMNS)].astype(kinds)], axis=1
    )


def peak_end_rows(
    bound: Bound,
    keys: pd.DataFrame,
    names: tuple[str, ...],
    *,
    score: str,
    unit: str,
    at: str,
    scale: Scale,
    level: float,
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return the means over customers of their own best, worst, most intense and last rating, and of their peak-end."""
    if unit not in bound.schema:
        return pd.DataFrame(columns=[*names, *PEAK_END_COLUMNS]), []
    dated = at if at in bound.schema else None
    if dated is not None:
        bound.require_time(dated, "at")
    sign = 1.0 if scale.direction == "higher-is-better" else -1.0
    sums = unit_extremes(bound, keys=names, unit=unit, value=score, at=dated, origin=scale.midpoint, sign=sign)
    groups = Groups(names, tuple(_key(row) for row in keys.itertuples(index=False, name=None)) if names else ((),))
    place = groups.codes(sums.keys) if names else np.zeros(len(sums.n), dtype=np.intp)
    shape = (len(groups), sums.n.shape[1])
    n, total, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    n[place], total[place], squares[place] = sums.n, sums.sums, sums.squares
    if sign < 0:  # the best is the lowest
        for sums_of in (n, total, squares):
            sums_of[:, [0, 1]] = sums_of[:, [1, 0]]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        variance = np.maximum(squares - n * mean**2, 0.0) / np.where(n > 1, n - 1, np.nan)
        error = np.sqrt(variance / n)
    half = critical_value(level, np.where(n > 1, n - 1, np.nan)) * error
    estimate = mean + scale.midpoint
    low, high = np.maximum(estimate - half, scale.low), np.minimum(estimate + half, scale.high)
    many = n.size
    group = np.repeat(np.arange(len(groups)), len(_METRICS))
    table = pd.DataFrame(
        {
            "metric": pd.Index(list(_METRICS) * len(groups), dtype=object),
            "estimate": estimate.reshape(-1),
            "std_error": error.reshape(-1),
            "low": low.reshape(-1),
            "high": high.reshape(-1),
            "level": level,
            "method": pd.Index(["t"] * many, dtype=object),
            "unit": pd.Index(["scale"] * many, dtype=object),
            "n": n.reshape(-1).astype(np.int64),
            "missing": (n.max(axis=1, keepdims=True) - n).reshape(-1).astype(np.int64),
        }
    )
    table = pd.concat([keys.loc[group, list(names)].reset_index(drop=True), table], axis=1)
    return table[[*names, *PEAK_END_COLUMNS]], [Assumption("peak-end-customers")]


def _key(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(value) else value for value in row)
