"""When each unit came to each of a row of steps: a row per unit that came to the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import collect
from cemkit.tables.codes import key_codes
from cemkit.tables.state_log import StateLog, each_part

__all__ = ["StepTimes", "states_of", "step_times"]

_NEVER = np.iinfo(np.int64).max
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Units that came to the first step.

    Attributes
    ----------
    keys
        The key columns, a value per unit.
    entered
        Microsecond of coming to the first step.
    times
        (units, steps): microseconds from there to each step; NaN where the unit never came.
    stamp
        Microseconds from there to the further time asked for; NaN where there is none.
    units
        Units in the log, whether they came to the first step or not.
    """

    keys: Mapping[str, list[Any]]
    entered: Integers
    times: npt.NDArray[np.float64]
    stamp: npt.NDArray[np.float64]
    units: int


def _found(table: pd.DataFrame, keys: Sequence[str], steps: int, units: int) -> StepTimes:
    entered = table["_p0"].to_numpy(dtype=np.int64)
    times = np.column_stack([_moments(table[f"_p{j}"]) for j in range(steps)]) - entered[:, None]
    stamp = _moments(table["_t1"]) - entered if "_t1" in table else np.full(len(table), np.nan)
    return StepTimes({name: table[name].tolist() for name in keys}, entered, times, stamp, units)


def _moments(values: pd.Series) -> npt.NDArray[np.float64]:
    return pd.to_numeric(values.astype(object).where(values.notna(), np.nan)).to_numpy(dtype=np.float64)


def states_of(log: StateLog) -> dict[Any, int]:
    """Return the states of the log with their rows."""
    if isinstance(log.frame, pd.DataFrame):
        counts = log.frame["_s"].value_counts()
        return {v.item() if isinstance(v, np.generic) else v: int(n) for v, n in counts.items() if n}
    table = collect(log.frame.group_by("_s").agg(nw.len().alias("_n")))
    return {v.item() if isinstance(v, np.generic) else v: int(n) for v, n in zip(table["_s"], table["_n"], strict=True)}


def step_times(log: StateLog, steps: Sequence[Sequence[Any]], *, strict: bool, stamp: bool = False) -> StepTimes:
    """Reduce each unit to the first time at which it came to each step.

    Parameters
    ----------
    log
        Who was where when.
    steps
        The states of each step; no state belongs to two.
    strict
        Step j counts at or after step j − 1, else at or after the first step, whatever the order of the others; then it is reached when all
        steps up to it have happened.
    stamp
        Whether to keep the further time ``_t1`` of the unit.
    """
    made = _step_frame if log.counts_itself else _step_numpy
    table, units = made(log, [list(values) for values in steps], strict=strict, stamp=stamp)
    return _found(table, log.keys, len(steps), units)


def _step_frame(log: StateLog, steps: list[list[Any]], *, strict: bool, stamp: bool) -> tuple[pd.DataFrame, int]:
    units = int(collect(log.frame.group_by("_u").agg(nw.len().alias("_n")).select(nw.len().alias("_n")))["_n"][0])
    number: Any = nw.lit(-1)
    for j in range(len(steps) - 1, -1, -1):
        number = nw.when(nw.col("_s").is_in(steps[j])).then(nw.lit(j)).otherwise(number)
    frame = log.frame.with_columns(_k=number).filter(nw.col("_k") >= 0)
    for j in range(len(steps)):
        counts = nw.col("_k") == j
        if j:
            counts = counts & (nw.col("_t") >= nw.col(f"_p{j - 1 if strict else 0}"))
        frame = frame.with_columns(_q=nw.when(counts).then(nw.col("_t")))
        frame = frame.with_columns(nw.col("_q").min().over("_u").alias(f"_p{j}"))
    if not strict:
        for j in range(1, len(steps)):
            last = nw.col("_p0") if j == 1 else nw.col(f"_r{j - 1}")
            own = nw.col(f"_p{j}")
            both = nw.when(own >= last).then(own).otherwise(nw.when(own < last).then(last))
            frame = frame.with_columns(both.alias(f"_r{j}"))
    names = [f"_p{j}" for j in range(len(steps))]
    if not strict:
        names = ["_p0", *(f"_r{j}" for j in range(1, len(steps)))]
    kept = [*names, *(["_t1"] if stamp else [])]
    grouped = frame.filter(~nw.col("_p0").is_null()).group_by(*log.keys, "_u").agg(*[nw.col(c).min() for c in kept])
    table = collect(grouped.select(*(nw.col(c) for c in log.keys), *(nw.col(c) for c in kept)))
    columns = {n: v if isinstance(v, np.ndarray) else pd.Series(list(v), dtype=object) for n, v in table.items()}
    return pd.DataFrame(columns).rename(columns={old: f"_p{j}" for j, old in enumerate(names)}), units


def _step_numpy(log: StateLog, steps: list[list[Any]], *, strict: bool, stamp: bool) -> tuple[pd.DataFrame, int]:
    parts = each_part(log, _units_numpy, log.keys, steps, strict, stamp)
    return pd.concat([part[0] for part in parts], ignore_index=True), sum(part[1] for part in parts)


def _units_numpy(
    frame: pd.DataFrame, keys: Sequence[str], steps: list[list[Any]], strict: bool, stamp: bool
) -> tuple[pd.DataFrame, int]:
    codes, _, size = key_codes(frame, ["_u"])
    state, named, _ = key_codes(frame, ["_s"])
    step_of = {value: j for j, values in enumerate(steps) for value in values}
    number = np.array([step_of.get(value, -1) for value in named["_s"]], dtype=np.int64)[state]
    at = frame["_t"].to_numpy(dtype=np.int64)
    found: list[Integers] = []
    for j in range(len(steps)):
        rows = number == j
        if j:
            rows &= at >= (found[j - 1] if strict else found[0])[codes]
        first = np.full(size, _NEVER)
        np.minimum.at(first, codes[rows], at[rows])
        found.append(first)
    if not strict:
        for j in range(1, len(steps)):
            found[j] = np.maximum(found[j], found[j - 1])
    row = np.full(size, -1)
    row[codes] = np.arange(codes.size)
    entered = np.flatnonzero(found[0] < _NEVER)
    table = frame.iloc[row[entered]][list(keys)].astype(object).reset_index(drop=True)
    table = table.where(table.notna(), None)
    for j, first in enumerate(found):
        chosen = first[entered]
        table[f"_p{j}"] = pd.arrays.IntegerArray(chosen, chosen == _NEVER)
    if stamp:
        left = frame["_t1"].to_numpy(dtype=np.float64, na_value=np.nan)[row[entered]]
        table["_t1"] = np.where(left < -9e18, np.nan, left)
    return table, int((row >= 0).sum())
