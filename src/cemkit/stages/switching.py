"""What goes with a change of channel inside one journey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.counted import degrees_of_freedom
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.results import Assumption
from cemkit.stages.channel_means import CellSource, cell_source, residual_covariance
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.cell_regression import cell_contrasts, dummies
from cemkit.statistics.multiplicity import Adjustment
from cemkit.statistics.multiplicity import adjust as adjusted
from cemkit.tables.changes import with_change
from cemkit.tables.events import event_log

__all__ = ["SWITCHING_COLUMNS", "switching_rows"]

Codes = npt.NDArray[np.intp]
_CHANGED = "_r_changed"
SWITCHING_COLUMNS = (
    "estimate", "std_error", "low", "high", "statistic", "df", "p_value", "p_adjusted", "level", "method", "unit", "n_switched",
    "n_stayed", "switched",
)  # fmt: skip


def switching_rows(
    rows: Sample,
    measure: Measure,
    *,
    over: str,
    unit: str,
    journey: str,
    at: str,
    level: float,
    adjust: Adjustment,
    seed: int | None,
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return the score after a change of channel less that without one, per touchpoint and for all (null, the last row)."""
    nothing = pd.DataFrame(columns=[unit, *SWITCHING_COLUMNS])
    log = event_log(rows.bound, unit=journey, at=at, columns=tuple(rows.bound.schema))
    if not log.rows:
        return nothing, [Assumption("no-order", {"column": at})]
    changed = with_change(log.bound, _CHANGED, of=over, unit=journey, at=at, ties=(unit,))
    part = replace(rows, bound=changed, by=(unit, over, _CHANGED), orders=rows.orders)
    try:
        source = cell_source(part, measure, seed=seed)
    except CemkitError:
        # what the rows with a time lack (answers, clusters of a stratum) is no reason to withhold the rest
        return nothing, [Assumption("no-switching")]
    df = {
        **degrees_of_freedom(part, measure, source.counted, (unit,)),
        **degrees_of_freedom(part, measure, source.counted, ()),
    }
    keys = source.counted.groups.keys
    there = [None not in key[:2] and key[2] is not None and w > 0 for key, w in zip(keys, source.weight, strict=True)]
    units = list(dict.fromkeys(key[0] for key, known in zip(keys, there, strict=True) if known))
    places = [np.array([i for i, k in enumerate(keys) if there[i] and k[0] == name], dtype=np.intp) for name in units]
    whole = np.flatnonzero(there).astype(np.intp)
    found = [_row(source, place, df.get((name,), np.nan), level) for name, place in zip(units, places, strict=True)]
    found.append(_row(source, whole, df[()], level))
    table = pd.DataFrame(found, columns=[c for c in SWITCHING_COLUMNS if c != "p_adjusted"])
    inside = table["p_value"].to_numpy()
    table["p_adjusted"] = [*adjusted(inside[:-1], method=adjust), inside[-1]]
    for name in ("method", "unit"):
        table[name] = table[name].astype(object)
    table.insert(0, unit, pd.Series([*units, None], dtype=object))
    notes = [Assumption("switching-is-association", {"journey": journey})]
    if table["std_error"].isna().any():
        notes.append(Assumption("no-switching"))
    left = log.timeless + log.nameless
    if left:
        notes.append(Assumption("steps-without-order", {"rows": left}))
    return table[[unit, *SWITCHING_COLUMNS]], notes


def _row(source: CellSource, place: Codes, df: float, level: float) -> dict[str, Any]:
    """Regress on touchpoint and channel (a level for each pair) and on the change."""
    keys = [source.counted.groups.keys[i] for i in place]
    n = source.counted.n[place]
    changed = np.array([float(key[2]) for key in keys])
    steps, moved = n.sum(), float(n @ changed) if len(n) else 0.0
    row: dict[str, Any] = dict.fromkeys(("estimate", "std_error", "low", "high", "statistic", "p_value"), np.nan)
    row |= {
        "df": np.nan, "level": float(level), "method": "cell-regression-t", "unit": "scale", "n_switched": int(moved),
        "n_stayed": int(steps - moved), "switched": moved / steps if steps else np.nan,
    }  # fmt: skip
    if not len(place):
        return row
    pairs = list(dict.fromkeys(key[:2] for key in keys))
    design = np.column_stack([changed, dummies([pairs.index(key[:2]) for key in keys], len(pairs))])
    contrast = np.eye(design.shape[1])[:1]
    fit = cell_contrasts(design, source.weight[place], source.mean[place], contrast)
    df = float(steps - fit.rank) if source.independent else df
    if np.isnan(fit.estimate[0]) or not df >= 1:
        return row
    try:
        variance = residual_covariance(source, place, fit.influence, fit.fitted, fit.rank)[0, 0]
    except CemkitError:
        # more cells than can be compared at once
        return row | {"estimate": float(fit.estimate[0])}
    error = float(np.sqrt(max(variance, 0.0)))
    estimate, half = float(fit.estimate[0]), float(critical_value(level, df)) * error
    from scipy.special import stdtr

    statistic = estimate / error if error > 0 else np.nan
    return row | {
        "estimate": estimate, "std_error": error, "low": estimate - half, "high": estimate + half, "statistic": statistic,
        "df": df, "p_value": float(2 * stdtr(df, -abs(statistic))),
    }  # fmt: skip
