"""What units sum to before and after moments of their own."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, bind
from cemkit.tables.codes import float_values

__all__ = ["around_totals"]

_COLUMNS = ("_unit", "_day", "_before", "_after")


def around_totals(moments: Bound, log: Bound, *, before: int, after: int) -> Bound:
    """Sum a value per unit in the days before and after each moment, in the frames' own engine.

    Parameters
    ----------
    moments
        ``_unit`` and ``_day`` (days since 1970-01-01); rows may repeat.
    log
        ``_unit``, ``_day``, ``_value``, all there.
    before, after
        Lengths in days: the windows are day − before to day − 1 and day + 1 to day + after. The day itself is in
        neither, since which came first on it is not known.

    Returns
    -------
    Bound
        A row per different moment: ``_unit, _day, _before, _after``; 0 where nothing was found.
    """
    if moments.in_memory_pandas:
        return bind(_numpy_totals(moments.native, log.native, before, after))
    asked = moments.frame.select("_unit", "_day").group_by("_unit", "_day").agg(nw.len().alias("_n"))
    # a row per unit and day first: fewer pairs
    daily = log.frame.select("_unit", "_day", "_value").group_by("_unit", "_day").agg(nw.col("_value").sum())
    daily = daily.select("_unit", "_value", _d=nw.col("_day"))
    pairs = asked.select("_unit", "_day").join(daily, on="_unit", how="inner")
    pairs = pairs.with_columns(_g=nw.col("_d") - nw.col("_day"))
    pairs = pairs.filter((nw.col("_g") >= -before) & (nw.col("_g") <= after))
    zero = nw.lit(0.0)
    pairs = pairs.with_columns(
        _before=nw.when(nw.col("_g") < 0).then(nw.col("_value")).otherwise(zero),
        _after=nw.when(nw.col("_g") > 0).then(nw.col("_value")).otherwise(zero),
    ).select(*(nw.col(name) for name in _COLUMNS))
    nothing = asked.select("_unit", "_day").with_columns(_before=zero, _after=zero)
    both = nw.concat([pairs, nothing.select(*(nw.col(name) for name in _COLUMNS))])
    return bind(both.group_by("_unit", "_day").agg(nw.col("_before").sum(), nw.col("_after").sum()))


def _numpy_totals(moments: Any, log: Any, before: int, after: int) -> pd.DataFrame:
    asked = moments[["_unit", "_day"]].drop_duplicates(ignore_index=True)
    codes, _ = pd.factorize(pd.concat([asked["_unit"], log["_unit"]], ignore_index=True))
    who, unit = codes[: len(asked)], codes[len(asked) :]
    day = asked["_day"].to_numpy(dtype=np.int64)
    when = log["_day"].to_numpy(dtype=np.int64)
    low = int(min(day.min(initial=0), when.min(initial=0))) - before
    width = int(max(day.max(initial=0), when.max(initial=0))) + after + 2 - low
    key = unit * width + (when - low)
    order = np.argsort(key, kind="stable")
    sums = np.r_[0.0, np.cumsum(float_values(log["_value"])[order])]
    ordered = key[order]

    def total(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        begin = np.searchsorted(ordered, who * width + (first - low), side="left")
        end = np.searchsorted(ordered, who * width + (last - low), side="right")
        # nothing in the window is exactly nothing, whatever the sums before it
        return np.where(end > begin, sums[end] - sums[begin], 0.0)

    found: pd.DataFrame = asked.assign(_before=total(day - before, day - 1), _after=total(day + 1, day + after))
    return found
