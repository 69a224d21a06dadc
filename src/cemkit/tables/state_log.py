"""A log of states: who was where when, in columns of the same names on every engine, and the rows that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.codes import one_null
from cemkit.tables.stamps import NO_STAMP, pandas_stamps, with_stamps

__all__ = ["StateLog", "each_part", "state_log"]

_ORDERED = ("polars", "duckdb", "pyspark")
"""Engines whose windows are ordered, and were tried; rows of the others go to the numpy kernels."""


@dataclass(frozen=True, eq=False)
class StateLog:
    """The rows of a log that have a unit, a time and a state.

    Attributes
    ----------
    frame
        ``*keys, _u, _s, _t`` and further columns asked for: unit, state, and microseconds. A narwhals frame where the engine counts, else
        what ``each_part`` takes apart.
    engine
        Name of the engine.
    keys
        The key columns.
    rows
        How many there are.
    nameless, timeless, stateless, later
        Rows left out: without a unit; with one but no time; with both but no state; after the end. Each row counts once.
    first, last
        Microseconds of the first and the last time; None without rows.
    """

    frame: Any
    engine: str
    keys: tuple[str, ...]
    rows: int
    nameless: int
    timeless: int
    stateless: int
    later: int
    first: int | None
    last: int | None

    @property
    def in_one_part(self) -> bool:
        """Whether a numpy kernel sees all rows at once."""
        return self.engine != "dask"

    @property
    def counts_itself(self) -> bool:
        """Whether the engine orders and counts by itself."""
        return self.engine in _ORDERED


def state_log(
    bound: Bound,
    *,
    unit: str,
    at: str,
    state: str,
    keys: Sequence[str] = (),
    stamps: Sequence[str] = (),
    until: int | None = None,
) -> StateLog:
    """Keep the rows with a unit, a time and a state, and count the others.

    Parameters
    ----------
    bound
        The table.
    unit, at, state
        Columns of who, when and where.
    keys
        Key columns to keep.
    stamps
        Further columns of times to keep, as microseconds ``_t1``, ``_t2``, …
    until
        The last microsecond: later rows are left out.
    """
    made = _numpy_columns if bound.in_memory_pandas else _columns
    frame, flags = made(bound, unit, at, state, tuple(dict.fromkeys(keys)), tuple(stamps), until)
    counts = {name: int(flags[name]) for name in ("_nameless", "_timeless", "_stateless", "_later", "_kept")}
    rows = counts["_kept"]
    return StateLog(
        frame,
        bound.engine,
        tuple(dict.fromkeys(keys)),
        rows,
        counts["_nameless"],
        counts["_timeless"],
        counts["_stateless"],
        counts["_later"],
        int(flags["_low"]) if rows else None,
        int(flags["_high"]) if rows else None,
    )


def _columns(
    bound: Bound, unit: str, at: str, state: str, keys: tuple[str, ...], stamps: tuple[str, ...], until: int | None
) -> tuple[Any, dict[str, Any]]:
    place = nw.col(state)
    if isinstance(bound.schema[state], nw.Categorical | nw.Enum):
        place = place.cast(nw.String)  # categories order by their numbers
    frame = with_stamps(bound, at, "_t")
    for number, name in enumerate(stamps, start=1):
        frame = with_stamps(_with(bound, frame), name, f"_t{number}")
    who = key_expressions(bound, [unit])[0]
    frame = frame.select(
        *key_expressions(bound, keys),
        who.alias("_u"),
        nw.when(~is_null_or_nan(bound, state)).then(place).alias("_s"),
        "_t",
        *(f"_t{number}" for number in range(1, len(stamps) + 1)),
    )
    # in this order, as a row counts once: 0 is kept
    placeless = nw.when(nw.col("_t").is_null()).then(nw.lit(2)).otherwise(_rest(until))
    why = nw.when(nw.col("_u").is_null()).then(nw.lit(1)).otherwise(placeless)
    kinds = frame.select(_w=why, _t=nw.col("_t")).group_by("_w")
    table = collect(
        kinds.agg(nw.len().alias("_n"), nw.col("_t").min().alias("_low"), nw.col("_t").max().alias("_high"))
    )
    found: dict[str, Any] = dict.fromkeys(
        ("_kept", "_nameless", "_timeless", "_stateless", "_later", "_low", "_high"), 0
    )
    names = {0: "_kept", 1: "_nameless", 2: "_timeless", 3: "_stateless", 4: "_later"}
    for kind, number, low, high in zip(table["_w"], table["_n"], table["_low"], table["_high"], strict=True):
        found[names[int(kind)]] = int(number)
        if int(kind) == 0:
            found["_low"], found["_high"] = int(low), int(high)
    left = sum(found[name] for name in ("_nameless", "_timeless", "_stateless", "_later"))
    if left:
        kept = ~nw.col("_u").is_null() & ~nw.col("_t").is_null() & ~nw.col("_s").is_null()
        frame = frame.filter(kept if until is None else kept & (nw.col("_t") <= until))
    return frame, found


def _rest(until: int | None) -> Any:
    late: Any = nw.lit(0) if until is None else nw.when(nw.col("_t") > until).then(nw.lit(4)).otherwise(nw.lit(0))
    return nw.when(nw.col("_s").is_null()).then(nw.lit(3)).otherwise(late)


def _with(bound: Bound, frame: Any) -> Bound:
    return Bound(frame, bound.engine, bound.schema, bound.derived)


def _numpy_columns(
    bound: Bound, unit: str, at: str, state: str, keys: tuple[str, ...], stamps: tuple[str, ...], until: int | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    source = bound.native
    stamp = pandas_stamps(source[at])
    columns = {name: one_null(source[name]) for name in keys}
    columns |= {"_u": one_null(source[unit]), "_s": one_null(source[state])}
    frame = pd.DataFrame({name: values.array for name, values in columns.items()}, copy=False)
    frame["_t"] = stamp
    for number, name in enumerate(stamps, start=1):
        frame[f"_t{number}"] = pandas_stamps(source[name])
    nameless, stateless = frame["_u"].isna().to_numpy(), frame["_s"].isna().to_numpy()
    timeless = ~nameless & (stamp == NO_STAMP)
    stateless = stateless & ~nameless & ~timeless
    later = (
        np.zeros(len(frame), dtype=np.bool_) if until is None else ~(nameless | timeless | stateless) & (stamp > until)
    )
    kept = ~(nameless | timeless | stateless | later)
    some = bool(kept.any())
    found = {
        "_nameless": nameless.sum(),
        "_timeless": timeless.sum(),
        "_stateless": stateless.sum(),
        "_later": later.sum(),
        "_kept": kept.sum(),
        "_low": stamp[kept].min() if some else 0,
        "_high": stamp[kept].max() if some else 0,
    }
    return (frame if kept.all() else frame[kept].reset_index(drop=True)), found


def each_part(log: StateLog, kernel: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Apply a numpy kernel to the rows, all rows of a unit together: ``kernel(frame, *arguments)``.

    One part, except on Dask, whose rows are shuffled by unit and counted partition by partition.
    """
    if isinstance(log.frame, pd.DataFrame):
        return [kernel(log.frame, *arguments)]
    if log.engine == "dask":
        dask = import_module("dask")  # without types
        parts = log.frame.to_native().shuffle(on="_u").to_delayed()
        return list(dask.compute(*(dask.delayed(kernel)(part, *arguments) for part in parts)))
    frame = log.frame.collect() if isinstance(log.frame, nw.LazyFrame) else log.frame
    table = frame.to_native().to_pandas(types_mapper=pd.ArrowDtype) if log.engine == "pyarrow" else frame.to_pandas()
    return [kernel(table, *arguments)]
