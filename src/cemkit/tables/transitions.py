"""From which state to which: an ordered lag and a count by pair, in the engine where it has ordered windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.tables.binding import collect
from cemkit.tables.state_log import StateLog, each_part
from cemkit.tables.transition_kernel import (
    BOUND,
    PAIR_SUMS,
    Part,
    merge_parts,
    sketch_medians,
    transition_part,
)

__all__ = ["BOUND", "TransitionCounts", "transitions"]

_NOBODY = pd.DataFrame()


@dataclass(frozen=True, eq=False)
class TransitionCounts:
    """Sums over units per pair of states, and where units begin and end.

    Attributes
    ----------
    pairs
        ``*keys, _s0, .., _s{k-1}, _s{k}`` (the states, the last one the target), ``_x`` (transitions), ``_u`` (units), ``_d`` (Σ
        microseconds), ``_m`` (their median), and over units, with x a unit's transitions of the pair and n its
        transitions from the source: ``_xx`` Σx², ``_xn`` Σxn, ``_f`` Σx/n.
    starts, ends
        ``*keys, _s0, .., _s{k-1}, _u``: units whose first (last) k states these are.
    twins
        Events that equal another one in unit, time and state.
    exact
        Whether the medians are exact; else they lie within the share ``BOUND`` of the exact ones.
    """

    pairs: pd.DataFrame
    starts: pd.DataFrame
    ends: pd.DataFrame
    twins: int
    exact: bool


def transitions(log: StateLog, *, order: int = 1, ends: bool = False, drop_twins: bool = False) -> TransitionCounts:
    """Count the transitions between the last ``order`` states and the next.

    Parameters
    ----------
    log
        Who was where when. Events of one moment come in the order of their states.
    order
        How many states make a source.
    ends
        Whether to count where units begin and end.
    drop_twins
        Whether events that equal another one in unit, time and state are counted once.
    """
    if not log.counts_itself:
        return _by_parts(log, order, drop_twins=drop_twins)
    frame, twins = log.frame, None
    if drop_twins or order > 1:
        names = list(dict.fromkeys((*log.keys, "_u", "_s", "_t")))
        once = frame.group_by(*names).agg(nw.len().alias("_n"))
        twins = log.rows - int(collect(once.select(nw.len().alias("_n")))["_n"][0])
        frame = once.select(*(nw.col(name) for name in names)) if twins and drop_twins else frame
    lagged = _lagged(frame, order)
    pairs, found = _pairs(lagged, log.keys, order)
    first, last = _ends(lagged, log.keys, order) if ends else (_NOBODY, _NOBODY)
    return TransitionCounts(pairs, first, last, found if twins is None else twins, exact=True)


def _lagged(frame: Any, order: int) -> Any:
    def ahead(name: str, steps: int) -> Any:
        return nw.col(name).shift(-steps).over("_u", order_by=["_t", "_s"])

    last = nw.col("_t") if order == 1 else ahead("_t", order - 1)
    return frame.with_columns(
        *(ahead("_s", i).alias(f"_s{i}") for i in range(1, order + 1)),
        ahead("_t", order).alias("_e"),
        last.alias("_l"),
    )


def _pairs(lagged: Any, keys: tuple[str, ...], order: int) -> tuple[pd.DataFrame, int]:
    """Return the sums per pair in one query: the engine lags once for the counts and for the medians."""
    target = f"_s{order}"
    source = ["_s", *(f"_s{i}" for i in range(1, order))]
    group = [*keys, *source, target]
    moved = lagged.filter(~nw.col(target).is_null())
    # whole microseconds of many years and rows overflow where they are summed as integers
    moved = moved.with_columns(_d=(nw.col("_e") - nw.col("_l")).cast(nw.Float64))
    cells = moved.group_by("_u", *group).agg(nw.len().alias("_x"), nw.col("_d").sum())
    cells = cells.with_columns(nw.col("_x").cast(nw.Int64).alias("_x"))
    cells = cells.with_columns(_n=nw.col("_x").sum().over("_u", *source))
    cells = cells.with_columns(
        _b=nw.col("_x") * nw.col("_x"),
        _c=nw.col("_x") * nw.col("_n"),
        _f=nw.col("_x").cast(nw.Float64) / nw.col("_n").cast(nw.Float64),
    )
    sums = cells.group_by(*group).agg(
        nw.col("_x").sum(),
        nw.len().alias("_k"),
        nw.col("_d").sum(),
        nw.col("_b").sum(),
        nw.col("_c").sum(),
        nw.col("_f").sum(),
    )
    still = (nw.col("_d") == 0) & (nw.col(source[-1]) == nw.col(target))
    moved = moved.with_columns(_z=nw.when(still).then(nw.lit(1)).otherwise(nw.lit(0)), _m=nw.col("_d"))
    middle = moved.group_by(*group).agg(nw.col("_m").median(), nw.col("_z").sum())
    both = nw.concat(
        [
            sums.select(
                *group,
                *(nw.col(name).cast(nw.Float64).alias(name) for name in ("_x", "_k", "_d", "_b", "_c", "_f")),
                _m=nw.lit(0.0),
                _z=nw.lit(0.0),
            ),
            middle.select(
                *group,
                *(nw.lit(0.0).alias(name) for name in ("_x", "_k", "_d", "_b", "_c", "_f")),
                nw.col("_m").cast(nw.Float64),
                nw.col("_z").cast(nw.Float64),
            ),
        ],
        how="vertical",
    )
    table = _plain(collect(both))
    table = table.groupby(group, dropna=False, sort=False, as_index=False).sum()
    renamed = table.rename(columns={"_s": "_s0", "_k": "_u", "_b": "_xx", "_c": "_xn"})
    names = [*keys, *(f"_s{i}" for i in range(order + 1))]
    return renamed[[*names, *PAIR_SUMS, "_m"]], int(table["_z"].sum())


def _ends(lagged: Any, keys: tuple[str, ...], order: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    source = ["_s", *(f"_s{i}" for i in range(1, order))]
    whole = lagged if order == 1 else lagged.filter(~nw.col(source[-1]).is_null())
    first = whole.with_columns(_p=nw.col("_t").shift(1).over("_u", order_by=["_t", "_s"]))

    def counted(rows: Any) -> pd.DataFrame:
        table = collect(rows.group_by(*keys, *source).agg(nw.len().alias("_u")))
        return _plain(table).rename(columns={"_s": "_s0"})

    starts = counted(first.filter(nw.col("_p").is_null()))
    return starts, counted(whole.filter(nw.col(f"_s{order}").is_null()))


def _plain(table: Any) -> pd.DataFrame:
    columns = {n: v if isinstance(v, np.ndarray) else pd.Series(list(v), dtype=object) for n, v in table.items()}
    return pd.DataFrame(columns)


def _by_parts(log: StateLog, order: int, *, drop_twins: bool) -> TransitionCounts:
    """Count by the numpy kernel: the medians are exact where all rows are in one place."""
    exact = log.in_one_part
    parts = each_part(log, transition_part, log.keys, order, drop_twins, exact)
    merged: Part = merge_parts(parts, log.keys, order)
    pairs = merged.pairs if exact else sketch_medians(merged, log.keys, order)
    return TransitionCounts(pairs, merged.starts, merged.ends, merged.twins, exact)
