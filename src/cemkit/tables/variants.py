"""Which sequences of states units went through, whole, and how many units each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.tables.binding import collect
from cemkit.tables.sorted_events import sorted_events
from cemkit.tables.state_log import StateLog, each_part

__all__ = ["Variants", "variants"]

_BETWEEN = "\x1f"
"""The unit separator of ASCII, which is smaller than any printed character: texts sort as their parts do."""

_SPARK_JOINED = (
    "select array_join(transform(array_sort(collect_list(struct(_t, _s, _y))), e -> e._y), chr(31)) as _y "
    "from {rows} group by _u"
)
_JOINED = "select string_agg(_y, chr(31) order by _t, _s) as _y from _variant_rows group by _u"


@dataclass(frozen=True, eq=False)
class Variants:
    """The most frequent sequences.

    Attributes
    ----------
    paths
        The states of each, as texts; the most frequent first, of equal ones the first by its states.
    units
        Units that went through each.
    all_units, different
        All units, and how many different sequences there are.
    """

    paths: list[tuple[str, ...]]
    units: list[int]
    all_units: int
    different: int


def variants(log: StateLog, *, most: int, collapse: bool) -> Variants:
    """Return the most frequent sequences of states of units.

    Parameters
    ----------
    log
        Who was where when. Events of one moment come in the order of their states.
    most
        How many to return.
    collapse
        Whether a state that repeats at once counts once.
    """
    if not log.counts_itself:
        return _by_parts(log, most, collapse=collapse)
    frame = log.frame
    if collapse:
        frame = frame.with_columns(_p=nw.col("_s").shift(1).over("_u", order_by=["_t", "_s"]))
        frame = frame.filter(nw.col("_p").is_null() | (nw.col("_p") != nw.col("_s")))
    frame = frame.select("_u", "_t", "_s", _y=nw.col("_s").cast(nw.String))
    makers = {"polars": _polars_texts, "duckdb": _duckdb_texts, "pyspark": _spark_texts}
    texts = nw.from_native(makers[log.engine](frame.to_native()))
    if isinstance(texts, nw.DataFrame):
        texts = texts.lazy()
    counted = texts.group_by("_y").agg(nw.len().alias("_n"))
    total = collect(counted.select(nw.col("_n").sum().alias("_a"), nw.len().alias("_d")))
    top = counted.sort("_n", "_y", descending=[True, False]).head(most)
    table = collect(top)
    found = sorted(zip(table["_y"], table["_n"], strict=True), key=lambda row: (-int(row[1]), row[0]))
    return _found({text: int(n) for text, n in found}, int(total["_a"][0] or 0), int(total["_d"][0]))


def _polars_texts(frame: Any) -> Any:
    import polars as pl

    ordered = frame.sort("_t", "_s").select("_u", "_y").group_by("_u").all()
    return ordered.select(pl.col("_y").list.join(_BETWEEN))


def _duckdb_texts(relation: Any) -> Any:
    return relation.query("_variant_rows", _JOINED)


def _spark_texts(frame: Any) -> Any:
    return frame.sparkSession.sql(_SPARK_JOINED, rows=frame)


def _by_parts(log: StateLog, most: int, *, collapse: bool) -> Variants:
    parts = each_part(log, _numpy_texts, collapse)
    counts: dict[str, int] = {}
    for part in parts:
        for text, n in part.items():
            counts[text] = counts.get(text, 0) + n
    top = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:most]
    return _found(dict(top), sum(counts.values()), len(counts))


def _numpy_texts(frame: pd.DataFrame, collapse: bool) -> dict[str, int]:
    """Return the units of each sequence: the number of a longer one comes from that of its beginning and the next state."""
    events = sorted_events(frame, unit="_u", stamp="_t", state="_s")
    begins = np.ones(events.unit.size, dtype=np.bool_)
    if collapse:
        begins[1:] = (events.unit[1:] != events.unit[:-1]) | (events.state[1:] != events.state[:-1])
        events = events.take(begins)
    state, width = events.state, max(len(events.states), 1)
    starts = (
        np.flatnonzero(np.r_[True, events.unit[1:] != events.unit[:-1]]) if state.size else np.zeros(0, dtype=np.int64)
    )
    sizes = np.diff(np.append(starts, state.size))
    names = [str(value) for value in events.states]
    number, texts = state[starts], dict(enumerate(names))
    found: dict[str, int] = {}
    place = 1
    while starts.size:
        done = sizes == place
        for code, n in zip(*(x.tolist() for x in np.unique(number[done], return_counts=True)), strict=True):
            found[texts[code]] = found.get(texts[code], 0) + n
        starts, sizes, number = starts[~done], sizes[~done], number[~done]
        longer, present = pd.factorize(number * width + state[starts + place] if starts.size else number)
        texts = {
            i: f"{texts[c // width]}{_BETWEEN}{names[c % width]}" for i, c in enumerate(np.asarray(present).tolist())
        }
        number, place = longer.astype(np.int64), place + 1
    return found


def _found(counts: dict[str, int], units: int, different: int) -> Variants:
    return Variants([tuple(text.split(_BETWEEN)) for text in counts], list(counts.values()), units, different)
