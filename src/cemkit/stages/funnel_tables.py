"""The tables of a funnel: conversion by step, progress by day, the lift of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics._arguments import critical_value
from cemkit.statistics.clustered_shares import effective_interval, effective_size
from cemkit.statistics.incidence_influence import IncidenceAt, IncidenceCurve, half_time, incidence_at, incidence_curve
from cemkit.statistics.multiplicity import adjust
from cemkit.tables.groups import Groups

__all__ = ["FUNNEL_COLUMNS", "LIFT_COLUMNS", "PROGRESS_COLUMNS", "Times", "funnel_rows", "lift_rows", "progress_rows"]

FUNNEL_COLUMNS = (
    "step",
    "position",
    "customers",
    "reached",
    "left",
    "waiting",
    "conversion",
    "std_error",
    "low",
    "high",
    "step_conversion",
    "step_conversion_low",
    "step_conversion_high",
    "median_time",
    "median_time_low",
    "median_time_high",
    "level",
    "method",
    "unit",
    "n",
    "n_eff",
)
PROGRESS_COLUMNS = ("step", "day", "metric", "estimate", "std_error", "low", "high", "level", "method", "unit", "n")
LIFT_COLUMNS = (
    "step",
    "position",
    "lift",
    "lift_low",
    "lift_high",
    "difference",
    "std_error",
    "low",
    "high",
    "p_value",
    "p_adjusted",
    "n_group",
    "n_rest",
    "level",
    "method",
    "unit",
)
_MOST_DAYS = 60
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Times:
    """Days from the first step to each step, to leaving (NaN: never), and to the end of the log, a row per customer."""

    steps: Floats
    left: Floats
    followed: Floats

    def take(self, rows: npt.NDArray[Any]) -> Times:
        """Return some of the customers."""
        return Times(self.steps[rows], self.left[rows], self.followed[rows])

    def observed(self, step: int) -> tuple[Floats, npt.NDArray[np.intp]]:
        """Return the time for which each customer was watched, and what ended it: 1 the step, 2 leaving, 0 the log."""
        step_time = np.where(np.isnan(self.steps[:, step]), np.inf, self.steps[:, step])
        left = np.where(np.isnan(self.left), np.inf, np.maximum(self.left, 0.0))
        time = np.minimum(np.minimum(step_time, left), self.followed)
        cause = np.where(step_time <= time, 1, np.where(left <= time, 2, 0))
        return time, cause.astype(np.intp)


class _Step(NamedTuple):
    curve: IncidenceCurve
    at: IncidenceAt
    n_eff: float
    low: float
    high: float
    held: bool


def _size(at: IncidenceAt, alike: float, most: float) -> float:
    return float(effective_size(np.asarray(at.estimate), np.asarray(at.variance), most=most, alike=alike))


def _limits(share: float, size: float, level: float) -> tuple[float, float]:
    low, high = effective_interval(np.asarray(share), np.asarray(size), level=level)
    return float(low), float(high)


def _group_steps(times: Times, days: float, level: float) -> list[_Step]:
    """Return each step but the first: its curve, and the share by the day, never above that of the step before."""
    found: list[_Step] = []
    n = float(times.followed.size)
    alike = float((times.followed >= days).sum())
    for step in range(1, times.steps.shape[1]):
        curve = incidence_curve(*times.observed(step))
        at = incidence_at(curve, days)
        held = bool(found) and at.estimate > found[-1].at.estimate + 1e-12
        if held:
            at = found[-1].at
        size = _size(at, alike, n)
        found.append(_Step(curve, at, size, *_limits(at.estimate, size, level), held))
    return found


def funnel_rows(
    times: Times, groups: Groups, place: Places, *, names: Sequence[str], days: float, level: float
) -> tuple[pd.DataFrame, int]:
    """Return a row per group and step, and how many of them were held at the step before."""
    rows: list[tuple[Any, ...]] = []
    held = 0
    for group in range(len(groups)):
        own = times.take(place == group)
        n = own.followed.size
        same = (1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, level, "definition", "share", n, float(n))
        rows.append((names[0], 1, n, n, 0, 0, *same))
        before = IncidenceAt(1.0, np.zeros(n))
        for step, found in enumerate(_group_steps(own, days, level), start=1):
            time, cause = own.observed(step)
            inside = time <= days
            counts = (
                int((inside & (cause == 1)).sum()),
                int((inside & (cause == 2)).sum()),
                int(((time < days) & (cause == 0)).sum()),
            )
            rows.append(
                (
                    names[step],
                    step + 1,
                    n,
                    *counts,
                    found.at.estimate,
                    float(np.sqrt(found.at.variance)),
                    found.low,
                    found.high,
                    *_ratio(found.at, before, n, level, own, days),
                    *half_time(found.curve, found.at, level=level),
                    level,
                    "aalen-johansen" if not np.isnan(found.at.estimate) else "beyond-follow-up",
                    "share",
                    n,
                    found.n_eff,
                )
            )
            before, held = found.at, held + found.held
    table = pd.DataFrame(rows, columns=list(FUNNEL_COLUMNS))
    keys = groups.columns(times=len(names))
    return pd.DataFrame({**keys, **{name: table[name] for name in FUNNEL_COLUMNS}}), held


def _ratio(
    at: IncidenceAt, before: IncidenceAt, n: int, level: float, times: Times, days: float
) -> tuple[float, float, float]:
    """Return the share of those who come to the step before that comes to this one, with limits."""
    if not before.estimate > 0:
        return float("nan"), float("nan"), float("nan")
    ratio = at.estimate / before.estimate
    influence = (at.influence - ratio * before.influence) / before.estimate
    worth = IncidenceAt(ratio, influence)
    alike = float((times.followed >= days).sum()) * before.estimate
    return ratio, *_limits(ratio, _size(worth, alike, n * before.estimate), level)


def progress_rows(
    times: Times, groups: Groups, place: Places, *, names: Sequence[str], days: float, level: float, leaving: bool
) -> pd.DataFrame:
    """Return a row per group, step but the first, metric and day."""
    every = max(1, int(np.ceil(days / _MOST_DAYS)))
    grid = np.append(np.arange(0, days, every), days)
    rows: list[tuple[Any, ...]] = []
    owner: list[int] = []
    for group in range(len(groups)):
        own = times.take(place == group)
        n = own.followed.size
        for step in range(1, len(names)):
            time, cause = own.observed(step)
            for metric, causes in (("progress", cause), ("left", np.where(cause > 0, 3 - cause, 0))):
                if metric == "left" and not leaving:
                    continue
                curve = incidence_curve(time, causes)
                for day in grid.tolist():
                    at = incidence_at(curve, day)
                    limits = _limits(at.estimate, _size(at, float((own.followed >= day).sum()), n), level)
                    error = float(np.sqrt(at.variance))
                    rows.append(
                        (names[step], day, metric, at.estimate, error, *limits, level, "aalen-johansen", "share", n)
                    )
                    owner.append(group)
    table = pd.DataFrame(rows, columns=list(PROGRESS_COLUMNS))
    keys = groups.frame().iloc[owner].reset_index(drop=True)
    return pd.DataFrame(
        {**{name: keys[name] for name in groups.names}, **{name: table[name] for name in PROGRESS_COLUMNS}}
    )


def lift_rows(
    times: Times, groups: Groups, place: Places, *, names: Sequence[str], days: float, level: float
) -> pd.DataFrame:
    """Return each group against all others together, a row per step but the first; none where there is one group."""
    rows: list[tuple[Any, ...]] = []
    owner: list[int] = []
    for group in range(len(groups)) if len(groups) > 1 else ():
        inside = place == group
        ours, others = (_group_steps(times.take(side), days, level) for side in (inside, ~inside))
        for step, (own, rest) in enumerate(zip(ours, others, strict=True), start=1):
            rows.append(
                (
                    names[step],
                    step + 1,
                    *_lift(own, rest, level),
                    int(inside.sum()),
                    int((~inside).sum()),
                    level,
                    "mover",
                    "share",
                )
            )
            owner.append(group)
    order = [name for name in LIFT_COLUMNS if name != "p_adjusted"]
    table = pd.DataFrame(rows, columns=order)
    table["p_adjusted"] = adjust(table["p_value"].to_numpy(dtype=np.float64), method="holm") if len(table) else []
    keys = groups.frame().iloc[owner].reset_index(drop=True)
    return pd.DataFrame({**{name: keys[name] for name in groups.names}, **{name: table[name] for name in LIFT_COLUMNS}})


def _lift(own: _Step, rest: _Step, level: float) -> tuple[float, ...]:
    """Return the ratio with limits from the logarithm, and the difference with Newcombe's limits and a p-value."""
    from scipy.special import ndtr

    p, q = own.at.estimate, rest.at.estimate
    difference = p - q
    spread = float(np.sqrt(own.at.variance + rest.at.variance))
    low = difference - float(np.hypot(p - own.low, rest.high - q))
    high = difference + float(np.hypot(own.high - p, q - rest.low))
    p_value = float(2 * ndtr(-abs(difference) / spread)) if spread > 0 else float("nan")
    if not (p > 0 and q > 0):
        ratio = (p / q if q > 0 else float("nan"), float("nan"), float("nan"))
    else:
        reach = float(critical_value(level)) * float(np.sqrt(own.at.variance / p**2 + rest.at.variance / q**2))
        ratio = (p / q, p / q * float(np.exp(-reach)), p / q * float(np.exp(reach)))
    return (*ratio, difference, spread, low, high, p_value)
