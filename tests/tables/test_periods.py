"""Periods of times on every engine, held against pandas' own calendar (pandas.Period)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.tables.binding import bind, collect
from cemkit.tables.periods import (
    NO_TIME,
    Period,
    keep_answered,
    parse_days,
    parse_period,
    second_of,
    time_reach,
    with_period,
    with_window,
)

ENGINES = [
    "pandas",
    "pandas-pyarrow",
    "polars",
    "pyarrow",
    "duckdb",
    pytest.param("dask", marks=pytest.mark.dask),
    pytest.param("pyspark", marks=pytest.mark.spark),
]
ZONE = "Asia/Seoul"


def table_in(engine: str, frame: pd.DataFrame, request: pytest.FixtureRequest) -> Any:
    if engine == "pandas":
        return frame
    if engine == "pyspark":
        session = request.getfixturevalue("spark")
        session.conf.set("spark.sql.session.timeZone", ZONE)
        rows = [
            (int(i), None if pd.isna(t) else t.to_pydatetime()) for i, t in zip(frame["i"], frame["t"], strict=True)
        ]
        return session.createDataFrame(rows, "i long, t timestamp" if frame["t"].dt.tz else "i long, t timestamp_ntz")
    pytest.importorskip("pyarrow")
    if engine == "pandas-pyarrow":
        return frame.convert_dtypes(dtype_backend="pyarrow")
    if engine == "polars":
        return pytest.importorskip("polars").from_pandas(frame)
    if engine == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)
    if engine == "duckdb":
        connection = pytest.importorskip("duckdb").connect()
        connection.execute(f"set timezone = '{ZONE}'")
        return connection.from_arrow(table_in("pyarrow", frame, request))
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=3)


def times(zone: str | None) -> pd.DataFrame:
    stamps = pd.Series(pd.date_range("1959-12-25", "2032-01-03", freq="2391h13min"))
    edges = ["2020-02-28 23:59:59", "2020-02-29", "2020-03-01", "2000-12-31 23:00", "2024-12-30", "2025-01-05 23:59"]
    stamps = pd.concat([stamps, pd.Series(pd.to_datetime(edges, format="ISO8601"))], ignore_index=True)
    stamps[4] = pd.NaT
    if zone is not None:
        stamps = stamps.dt.tz_localize("UTC").dt.tz_convert(zone)
    return pd.DataFrame({"t": stamps, "i": np.arange(len(stamps))})


def starts_by_pandas(local: pd.Series, freq: str) -> list[pd.Timestamp]:
    return local.dt.to_period(freq).dt.start_time.tolist()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("zone", [None, ZONE])
@pytest.mark.parametrize(("every", "freq"), [("1d", "D"), ("1w", "W-SUN"), ("1mo", "M"), ("1q", "Q"), ("1y", "Y")])
def test_periods_begin_where_pandas_begins_them(
    engine: str, zone: str | None, every: str, freq: str, request: pytest.FixtureRequest
) -> None:
    frame = times(zone)
    local = frame["t"].dt.tz_localize(None)
    period = parse_period(every)
    bound = with_period(bind(table_in(engine, frame, request)), "t", period, "_period")
    found = collect(bound.frame.select("i", "_period"))
    index = np.asarray(found["_period"])[np.argsort(np.asarray(found["i"]))]
    assert index.dtype == np.int64
    assert index[4] == NO_TIME
    known = local.notna().to_numpy()
    starts = period.first_day(index[known]).astype("datetime64[D]")
    assert pd.DatetimeIndex(starts).tolist() == starts_by_pandas(local[known], freq)
    reach = time_reach(bound, "t")
    first, last = local.min(), local.max()
    assert reach == ((first - pd.Timestamp(0)).days, int((last - pd.Timestamp(0)).total_seconds()))


@pytest.mark.parametrize("every", ["3d", "2w", "5mo", "2q", "10y"])
def test_multiples_are_runs_of_single_periods_with_a_fixed_anchor(every: str) -> None:
    days = np.arange(-9000, 9000)
    multiple, single = parse_period(every), parse_period("1" + every.lstrip("0123456789"))
    index = multiple.index(days)
    count = int(every.rstrip("dwmoqy"))
    assert (index == single.index(days) // count).all()
    assert (multiple.first_day(index) <= days).all()
    assert (multiple.last_day(index) >= days).all()
    bound = bind(pd.DataFrame({"t": days.astype("datetime64[D]").astype("datetime64[us]")}))
    assert collect(with_period(bound, "t", multiple, "p").frame)["p"].tolist() == index.tolist()


def test_weeks_start_on_monday_and_two_weeks_on_every_second_one() -> None:
    # 2024-12-30 is the Monday of the ISO week 2025-W01
    week = parse_period("1w")
    day = (np.datetime64("2025-01-01") - np.datetime64(0, "D")).astype(int)
    assert week.first_day(week.index(day)).astype("datetime64[D]") == np.datetime64("2024-12-30")
    # 1969-12-29 is a Monday and begins the first pair
    assert parse_period("2w").first_day(0).astype("datetime64[D]") == np.datetime64("1969-12-29")


def test_dates_without_a_time_of_day_are_times_too() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"t": ["2024-02-29", None]}).with_columns(polars.col("t").str.to_date())
    bound = with_period(bind(frame), "t", parse_period("1mo"), "p")
    assert collect(bound.frame)["p"].tolist() == [2024 * 12 + 1, NO_TIME]
    assert time_reach(bound, "t").last_second == 19782 * 86400  # 2024-02-29 is day 19782 of Unix time


def test_window_marks_the_days_that_end_with_a_day() -> None:
    frame = pd.DataFrame(
        {
            "t": pd.to_datetime(
                ["2024-01-03 23:59", "2024-01-04", "2024-01-10 23:00", "2024-01-11", None], format="ISO8601"
            )
        }
    )
    last = (np.datetime64("2024-01-10") - np.datetime64(0, "D")).astype(int)
    marked = with_window(bind(frame), "t", last_day=int(last), length=7, number=5, name="p")
    assert collect(marked.frame)["p"].tolist() == [NO_TIME, 5, 5, NO_TIME, NO_TIME]
    assert list(marked.frame.columns) == ["t", "p"]


def test_reach_of_no_times_and_rows_with_answer_and_time() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime([None, "2024-01-01", "2024-01-02"]), "s": [1.0, None, 3.0]})
    assert time_reach(bind(frame.iloc[:1]), "t") == (None, None)
    assert len(keep_answered(bind(frame), "s", "t").frame) == 1


@pytest.mark.parametrize("every", ["", "mo", "1h", "0d", "1m", "-1d", "1.5d", 7, None, "2000d"])
def test_period_that_cannot_be_read(every: Any) -> None:
    if every == "mo":
        assert parse_period(every) == Period("1mo", 0, 1)
        return
    with pytest.raises(CemkitError, match="every must be a number and a unit: '1d', '1w', '1mo'"):
        parse_period(every)


@pytest.mark.parametrize("window", ["1mo", "28", "0d", 28])
def test_window_that_cannot_be_read(window: Any) -> None:
    with pytest.raises(CemkitError, match="such as '28d' or '4w'"):
        parse_days(window)


def test_window_in_days_or_weeks() -> None:
    assert (parse_days("28d"), parse_days("4w"), parse_days("w")) == (28, 28, 7)


def test_end_of_collection_is_a_date_or_a_time() -> None:
    assert second_of("1970-01-02", "until") == 86400
    assert second_of(pd.Timestamp("1970-01-02 09:00", tz=ZONE), "until") == 86400 + 9 * 3600
    for wrong in ("soon", 3, None, pd.NaT, True):
        with pytest.raises(CemkitError, match="until must be a date or a time"):
            second_of(wrong, "until")


def test_dates_before_and_after_what_nanoseconds_hold() -> None:
    # hand arithmetic: the proleptic calendar has 171,664 days from 1500-01-01 to 1970-01-01
    assert second_of("1500-01-01", "until") == -171_664 * 86400
    assert second_of("9999-12-31", "until") == (dt.date(9999, 12, 31) - dt.date(1970, 1, 1)).days * 86400
    for wrong in ("99999-01-01", np.int64(2), 1 + 2j, [], pd.DataFrame(), {"year": 2025}):
        with pytest.raises(CemkitError, match="until must be a date or a time"):
            second_of(wrong, "until")
