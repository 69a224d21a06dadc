"""Times as whole microseconds since 1970-01-01, which every engine can order, subtract and sum exactly."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.tables.binding import Bound
from cemkit.tables.periods import days_expression

__all__ = ["MICROSECONDS", "NO_STAMP", "pandas_stamps", "stamp_of", "with_stamps"]

MICROSECONDS = 86_400_000_000
"""Microseconds of a day."""
NO_STAMP = np.iinfo(np.int64).min
"""What ``pandas_stamps`` gives for a row without a time."""


def with_stamps(bound: Bound, at: str, name: str) -> Any:
    """Return the frame with the microsecond of each row's time as one more column; null where it has none.

    Times with a zone count in UTC, so that lengths are true across a change of the clocks.
    """
    frame, time = bound.frame, nw.col(at)
    if isinstance(bound.schema[at], nw.Date):
        return frame.with_columns((days_expression(at).cast(nw.Int64) * MICROSECONDS).alias("_y")).with_columns(
            nw.when(~time.is_null()).then(nw.col("_y")).alias(name)
        )
    if bound.engine == "dask":
        # a float where there are nulls, which holds the microseconds of 285 years exactly
        return frame.with_columns(time.dt.timestamp("us").alias(name))
    if bound.engine in ("polars", "pyarrow"):
        return frame.with_columns(time.dt.timestamp("us").cast(nw.Int64).alias(name))
    if bound.engine == "duckdb":
        # narwhals hands a timestamp to DuckDB's epoch_us, which knows both kinds of times
        return frame.with_columns(time.dt.total_microseconds().cast(nw.Int64).alias(name))
    if bound.engine == "pyspark":
        return _spark_stamps(frame, at, name, zoned=bound.schema[at] != nw.Datetime("us"))
    second = time.dt.hour().cast(nw.Int64) * 3600 + time.dt.minute().cast(nw.Int64) * 60 + time.dt.second()
    whole = (days_expression(at).cast(nw.Int64) * 86_400 + second) * 1_000_000 + time.dt.microsecond()
    return frame.with_columns(whole.cast(nw.Int64).alias(name))


def _spark_stamps(frame: Any, at: str, name: str, *, zoned: bool) -> Any:
    """Return the frame with stamps by Spark's own functions: its times without a zone have no epoch."""
    from pyspark.sql import functions as F  # noqa: N812 (its customary name)

    column = F.col(f"`{at}`")
    origin = F.lit("1970-01-01").cast("timestamp_ntz")
    stamp = F.unix_micros(column) if zoned else F.timestamp_diff("MICROSECOND", origin, column)
    return nw.from_native(frame.to_native().withColumn(name, stamp.cast("long")))


def pandas_stamps(values: pd.Series) -> npt.NDArray[np.int64]:
    """Return the microsecond of each time of a pandas column, ``NO_STAMP`` where there is none."""
    if isinstance(values.dtype, pd.ArrowDtype):
        zone = getattr(values.dtype.pyarrow_dtype, "tz", None)
        values = values.astype("timestamp[us][pyarrow]") if zone is None else values
    if getattr(values.dt, "tz", None) is not None:
        values = values.dt.tz_convert(UTC).dt.tz_localize(None)
    stamps = values.to_numpy(dtype="datetime64[us]", na_value=np.datetime64("NaT"))
    return stamps.astype(np.int64)


def stamp_of(value: pd.Timestamp) -> int:
    """Return the microsecond of a time; one without a zone counts as it stands."""
    plain = value if value.tzinfo is None else value.tz_convert(UTC).tz_localize(None)
    return int((plain - pd.Timestamp(0)) // pd.Timedelta(microseconds=1))
