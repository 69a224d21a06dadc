"""Limits, signals, slopes and change points of every unbroken stretch of every line."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.estimation.measure import Measure
from cemkit.results import Assumption
from cemkit.scores.trend_periods import PeriodEstimates
from cemkit.statistics.change_points import change_points
from cemkit.statistics.control import SMALLEST_BASELINE, control_limits, nelson_signals
from cemkit.statistics.trend import trend_test

__all__ = ["RULES", "Judged", "judge"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

RULES = ("beyond-limits", "nine-on-one-side", "six-in-a-row", "fourteen-alternating")
"""Names of Nelson's rules 1 to 4."""
_TEST = ("slope", "std_error", "low", "high", "statistic", "df", "p_value", "dispersion")


@dataclass(frozen=True, eq=False)
class Judged:
    """Columns for the table of periods, and the tables of the parts."""

    columns: pd.DataFrame
    signals: pd.DataFrame
    test: pd.DataFrame
    changes: pd.DataFrame
    limits: pd.DataFrame
    assumptions: tuple[Assumption, ...]


def judge(
    found: PeriodEstimates,
    measure: Measure,
    *,
    starts: npt.NDArray[Any],
    complete: npt.NDArray[np.bool_],
    segment: Integers,
    level: float,
    seed: int | None,
    overlapping: bool,
) -> Judged:
    """Judge every segment of every line by its own.

    ``segment`` is (lines, periods), ``complete`` and ``starts`` (the periods' first days) are per period. Overlapping
    windows get neither limits nor tests.
    """
    size = len(found.index)
    rows = len(found.table)
    columns = {name: np.full(rows, np.nan) for name in ("centre", "control_low", "control_high", "z")}
    signal = np.full(rows, "", dtype=object)
    estimate = found.table["estimate"].to_numpy(dtype=np.float64)
    signals: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    limits: list[dict[str, Any]] = []
    for g, key in enumerate(found.lines.keys):
        names = dict(zip(found.lines.names, key, strict=True))
        for number in [] if overlapping else np.unique(segment[g]).tolist():
            inside = np.flatnonzero(segment[g] == number)
            place = g * size + inside
            x, s, over = estimate[place], found.std_error[place], complete[inside]
            label = {**names, "metric": measure.name, "stretch": number}
            control = control_limits(x, s, incomplete_last=not over[-1])
            limits.append(
                {
                    **label,
                    "periods": control.baseline,
                    "centre": control.centre,
                    "sigma_z": control.sigma_z,
                    "status": control.status,
                }
            )
            columns["centre"][place] = control.centre
            columns["control_low"][place], columns["control_high"][place] = control.low, control.high
            columns["z"][place] = control.z
            flags = nelson_signals(control.z)
            for t in np.flatnonzero(flags.any(axis=1)).tolist():
                broken = [RULES[r] for r in np.flatnonzero(flags[t]).tolist()]
                signal[place[t]] = ", ".join(broken)
                seen = {"estimate": x[t], "centre": control.centre, "z": control.z[t]}
                signals += [{**label, "period": starts[inside[t]], "signal": rule, **seen} for rule in broken]
            steady = np.where(over, x, np.nan)
            slope = trend_test(inside - inside[0], steady, s, level=level)
            tests.append(
                {
                    **label,
                    **{c: getattr(slope, c) for c in _TEST},
                    "level": level,
                    "unit": measure.unit,
                    "n": slope.n,
                    "status": slope.status,
                }
            )
            changes += _changes(steady, s, starts[inside], label, measure, level, seed)
    shown = pd.DataFrame({**columns, "signal": pd.Series(signal, dtype=object), "stretch": segment.reshape(-1)})
    by = found.lines
    return Judged(
        shown,
        _table(
            signals,
            by,
            {"metric": "", "stretch": 0, "period": "time", "signal": "", "estimate": 0.0, "centre": 0.0, "z": 0.0},
        ),
        _table(
            tests,
            by,
            {"metric": "", "stretch": 0, **dict.fromkeys(_TEST, 0.0), "level": 0.0, "unit": "", "n": 0, "status": ""},
        ),
        _table(
            changes,
            by,
            {"metric": "", "stretch": 0, "period": "time"}
            | dict.fromkeys(("before", "after", "difference", "std_error", "p_value"), 0.0)
            | {"unit": ""},
        ),
        _table(limits, by, {"metric": "", "stretch": 0, "periods": 0, "centre": 0.0, "sigma_z": 0.0, "status": ""}),
        _notes(limits, found.alike, overlapping),
    )


def _changes(
    x: Floats,
    s: Floats,
    starts: npt.NDArray[Any],
    label: dict[str, Any],
    measure: Measure,
    level: float,
    seed: int | None,
) -> list[dict[str, Any]]:
    replicates = max(999, ceil(1 / (1 - level)))
    found = change_points(x, s, level=level, replicates=replicates, seed=0 if seed is None else seed)
    return [
        {
            **label,
            "period": starts[position],
            "before": found.mean[k],
            "after": found.mean[k + 1],
            "difference": found.mean[k + 1] - found.mean[k],
            "std_error": float(np.hypot(found.std_error[k], found.std_error[k + 1])),
            "p_value": found.p_value[0],
            "unit": measure.unit,
        }
        for k, position in enumerate(found.position.tolist())
    ]


def _notes(limits: list[dict[str, Any]], alike: int, overlapping: bool) -> tuple[Assumption, ...]:
    if overlapping:
        return ()
    notes = []
    drawn = [row for row in limits if row["status"] == "ok"]
    short = [row for row in limits if row["status"] != "ok"]
    if drawn:
        notes.append(Assumption("frozen-baseline", {"periods": SMALLEST_BASELINE}))
        widest = max(row["sigma_z"] for row in drawn)
        if widest > 1:
            notes.append(Assumption("laney", {"sigma_z": float(widest)}))
    if short:
        longest = max(row["periods"] for row in short)
        notes.append(Assumption("no-limits", {"lines": len(short), "periods": longest, "needed": SMALLEST_BASELINE}))
    if alike:
        notes.append(Assumption("alike-periods", {"periods": alike}))
    return tuple(notes)


def _table(rows: list[dict[str, Any]], by: Any, kinds: dict[str, Any]) -> pd.DataFrame:
    """Return rows as a table whose columns and types do not depend on whether there are any."""
    dtypes: dict[type, Any] = {str: object, int: np.int64, float: np.float64}
    order = {key: i for i, key in enumerate(by.keys)}
    place = [order[tuple(row[name] for name in by.names)] for row in rows]
    keys = by.frame().iloc[place].reset_index(drop=True)
    columns: dict[str, Any] = {name: keys[name] for name in by.names}
    for name, kind in kinds.items():
        dtype = "datetime64[us]" if kind == "time" else dtypes[type(kind)]
        columns[name] = pd.Series([row[name] for row in rows], dtype=dtype)
    return pd.DataFrame(columns)
