"""When a unit was first seen, and when again: a row per unit."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.tables.binding import Bound, bind, key_expressions
from cemkit.tables.codes import key_codes
from cemkit.tables.periods import Period, with_period

__all__ = ["within_of_first"]


def within_of_first(
    bound: Bound, *, unit: str, at: str, keep: Sequence[str], days: int, last_day: int, name: str
) -> Bound:
    """Return a row per unit: the columns ``keep``, and whether the unit was seen again after its first day.

    Parameters
    ----------
    bound
        Rows that all have a unit and a time.
    unit, at
        Columns of the unit and of the time.
    keep
        Columns that are constant within a unit.
    days
        Seen again on one of the ``days`` days after the first day.
    last_day
        The last day on which anybody can be seen.
    name
        The new column: 1 seen again, 0 not, null where ``last_day`` comes before the days are over.
    """
    dated = with_period(bound, at, Period("1d", 1, 0), "_d")
    if bound.in_memory_pandas:
        return bind(_numpy_again(dated, unit, keep, days, last_day, name))
    once = dated.frame.select(*key_expressions(bound, (*keep, unit)), "_d")
    columns = list(dict.fromkeys((*keep, unit)))
    once = once.group_by(*columns, "_d").agg(nw.len().alias("_n"))
    timed = once.with_columns(_f=nw.col("_d").min().over(unit))
    soon = (nw.col("_d") > nw.col("_f")) & (nw.col("_d") <= nw.col("_f") + days)
    timed = timed.with_columns(_soon=nw.when(soon).then(nw.lit(1)).otherwise(nw.lit(0)))
    per_unit = timed.group_by(*columns).agg(nw.col("_f").min(), nw.col("_soon").max())
    seen = nw.when(nw.col("_f") + days <= last_day).then(nw.col("_soon")).alias(name)
    return bind(per_unit.with_columns(seen).select(*(nw.col(c) for c in dict.fromkeys(keep)), name))


def _numpy_again(bound: Bound, unit: str, keep: Sequence[str], days: int, last_day: int, name: str) -> pd.DataFrame:
    frame = bound.native
    codes, _, size = key_codes(frame, [unit])
    day = frame["_d"].to_numpy(dtype=np.int64)
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, codes, day)
    after = day - first[codes]
    again = np.zeros(size)
    again[codes[(after > 0) & (after <= days)]] = 1.0
    row = np.full(size, -1)
    row[codes] = np.arange(len(codes))
    present = np.flatnonzero(row >= 0)
    again[present[first[present] > last_day - days]] = np.nan
    found: pd.DataFrame = frame.iloc[row[present]][list(dict.fromkeys(keep))].reset_index(drop=True)
    found[name] = again[present]
    return found
