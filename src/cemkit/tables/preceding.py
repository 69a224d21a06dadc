"""What a unit's latest earlier moment had, and how long ago it was: an ordered window in the frame's own engine.

Rows of one unit in the same second are one moment. A moment has a flag if one of its rows has it, so that neither the order
of rows nor that of simultaneous rows matters, and no engine needs to be told how to break a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound, bind, is_null_or_nan, key_expressions
from cemkit.tables.codes import key_codes

__all__ = ["NO_MOMENT", "earlier_moment", "with_earlier_moment"]

NO_MOMENT = -(10**15)
"""The second of a row without a time or a unit: a number, because engines sort nulls differently."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def with_earlier_moment(frame: Any, bound: Bound, *, unit: str, second: str, flags: Sequence[str], ago: str) -> Any:
    """Return the frame with what the unit's latest moment strictly before a row's own had.

    Parameters
    ----------
    frame
        A narwhals frame of ``bound``'s engine, with more columns than it.
    bound
        The table that it comes from.
    unit
        Column of the unit.
    second
        Column of whole seconds; ``NO_MOMENT`` without a time.
    flags
        Columns of 0 and 1, replaced by those of the earlier moment (0 where there is none).
    ago
        New column: seconds since that moment; -1 where there is none.
    """
    if bound.engine == "dask":
        return _dask(frame, unit, second, flags, ago)
    if bound.engine in ("pandas", "pyarrow"):
        return _eager(frame, unit, second, flags, ago)
    keyed = {f"{ago}_unit": key_expressions(bound, [unit])[0]}
    known = ~is_null_or_nan(bound, unit)
    frame = frame.with_columns(**keyed)
    frame = frame.with_columns(nw.when(known).then(nw.col(second)).otherwise(nw.lit(NO_MOMENT)).alias(second))
    own, key = nw.col(second), f"{ago}_unit"
    frame = frame.with_columns(*(nw.col(name).max().over(key, second) for name in flags))
    before = {f"{name}_b": nw.col(name).shift(1).over(key, order_by=second) for name in flags}
    frame = frame.with_columns(**before, **{f"{ago}_b": own.shift(1).over(key, order_by=second)})
    # of the rows of a moment only the first sees the earlier one: it tells the others
    earlier = nw.col(f"{ago}_b")
    first = ~earlier.is_null() & (earlier < own) & (earlier > NO_MOMENT)
    seen = {f"{name}_b": nw.when(first).then(nw.col(f"{name}_b")).otherwise(nw.lit(0)) for name in flags}
    frame = frame.with_columns(**seen, **{ago: nw.when(first).then(own - earlier).otherwise(nw.lit(-1))})
    told = [nw.col(f"{name}_b").max().over(key, second).alias(name) for name in flags]
    frame = frame.with_columns(*told, nw.col(ago).max().over(key, second))
    return frame.drop(key, f"{ago}_b", *(f"{name}_b" for name in flags))


def earlier_moment(unit: Ints, second: Ints, flags: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return, per row, the seconds since the unit's latest earlier moment (-1 without) and its flags (rows, flags).

    ``unit`` is negative and ``second`` is ``NO_MOMENT`` where a row has none.
    """
    ago, found = np.full(len(unit), -1.0), np.zeros(flags.shape, dtype=bool)
    rows = np.flatnonzero((unit >= 0) & (second > NO_MOMENT))
    if not len(rows):
        return ago, found
    order = rows[np.lexsort((second[rows], unit[rows]))]
    who, when = unit[order], second[order]
    starts = np.flatnonzero(np.r_[True, (who[1:] != who[:-1]) | (when[1:] != when[:-1])])
    moment = np.cumsum(np.r_[0, np.isin(np.arange(1, len(order)), starts)]) if len(order) > 1 else np.zeros(1, int)
    had = np.logical_or.reduceat(flags[order], starts, axis=0) if flags.shape[1] else np.zeros((len(starts), 0), bool)
    follows = np.r_[False, who[starts][1:] == who[starts][:-1]]
    gap = np.where(follows, np.r_[0, np.diff(when[starts])], -1)
    before = np.zeros_like(had)
    before[1:] = had[:-1]
    before[~follows] = False
    ago[order], found[order] = gap[moment], before[moment]
    return ago, found


def _eager(frame: Any, unit: str, second: str, flags: Sequence[str], ago: str) -> Any:
    """Pandas, and PyArrow, which has no ordered window."""
    made = _kernel(frame.select(unit, second, *flags).to_pandas(), unit, second, flags, ago)
    columns = {name: made[name].to_numpy() for name in (*flags, ago)}
    backend = frame.implementation
    series = [nw.new_series(name, values, nw.Int64(), backend=backend) for name, values in columns.items()]
    if backend.is_pandas_like():
        native = frame.to_native().assign(**columns)
        return nw.from_native(native)
    return frame.with_columns(*series)


def _dask(frame: Any, unit: str, second: str, flags: Sequence[str], ago: str) -> Any:
    """Bring every unit's rows together, then the kernel in every partition: Dask has no ordered window."""
    native = frame.to_native()
    names = [*native.columns, ago]

    def apply(part: pd.DataFrame) -> pd.DataFrame:
        # Dask's optimiser may hand over the columns in another order than it announced
        return _kernel(part, unit, second, flags, ago)[names]

    return bind(native.shuffle(on=unit).map_partitions(apply)).frame


def _kernel(part: pd.DataFrame, unit: str, second: str, flags: Sequence[str], ago: str) -> pd.DataFrame:
    codes, levels, _ = key_codes(part, [unit])
    missing = [i for i, level in enumerate(levels[unit]) if level is None]
    codes = np.where(np.isin(codes, missing), -1, codes) if missing else codes
    marks = np.column_stack([part[name].to_numpy(dtype=np.int64) for name in flags]) > 0
    gap, found = earlier_moment(codes, part[second].to_numpy(dtype=np.int64), marks)
    columns = {name: found[:, i].astype(np.int64) for i, name in enumerate(flags)}
    return part.assign(**columns, **{ago: gap.astype(np.int64)})
