"""A metric over calendar time: estimates per period, control limits, signals, slope and change points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, Sample, check_level, sample
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Result
from cemkit.scores.trend_lines import judge
from cemkit.scores.trend_modes import mode_counts, mode_starts
from cemkit.scores.trend_periods import MOST_PERIODS, PERIOD, PeriodEstimates, per_period, per_window
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design
from cemkit.tables.groups import known_order
from cemkit.tables.periods import (
    NO_TIME,
    Period,
    keep_answered,
    parse_days,
    parse_period,
    second_of,
    time_reach,
    with_period,
)
from cemkit.tables.rows import count_by, distinct_per_group
from cemkit.typing import Frame

__all__ = ["TREND_COLUMNS", "Trend", "trend"]

TREND_COLUMNS = (
    "period",
    *ESTIMATE_COLUMNS,
    "complete",
    "centre",
    "control_low",
    "control_high",
    "z",
    "signal",
    "stretch",
)
_MODE = "mode"
_DAY = 86_400


@dataclass(frozen=True, eq=False, repr=False)
class Trend(Result):
    """Estimates per period, one line per combination of ``by``.

    ``to_frame()`` gives a row per line and period, periods without answers included: ``*by, period`` (its first day;
    with ``window=`` the period at whose end the window ends), the columns of estimates, and

    - ``complete``: whether the data reach the end of the period (and the start of the window);
    - ``centre, control_low, control_high``: mean of the first 20 complete periods of the segment, and the limits at
      three standard errors (widened by Laney's factor) around it; NaN without a baseline;
    - ``z``: distance from the centre in those standard errors, outside the limits beyond ±3;
    - ``signal``: which of Nelson's rules 1 to 4 the period breaks: ``beyond-limits``, ``nine-on-one-side``,
      ``six-in-a-row``, ``fourteen-alternating``, joined with commas; empty for none;
    - ``segment``: number of the stretch of the line between changes of survey mode, from 1.

    Attributes
    ----------
    by
        The grouping columns.
    every, window
        The period, and the window (empty for none).
    signals
        A row per signal and rule: ``*by, metric, segment, period, signal, estimate, centre, z``.
    test
        A row per line and segment: ``*by, metric, segment, slope, std_error, low, high, statistic, df, p_value,
        dispersion, level, unit, n, status``; the slope is per period, ``n`` counts periods.
    changes
        A row per change point: ``*by, metric, segment, period, before, after, difference, std_error, p_value, unit``;
        ``period`` is the first of the new level, ``p_value`` that of no change in the segment at all.
    limits
        A row per line and segment: ``*by, metric, segment, periods, centre, sigma_z, status``.
    """

    by: tuple[str, ...] = ()
    every: str = "1mo"
    window: str = ""
    signals: pd.DataFrame = field(default_factory=pd.DataFrame)
    test: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    limits: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Trend"

    def _display(self) -> pd.DataFrame:
        shown = ["period", "metric", "estimate", "low", "high", "n", "control_low", "control_high", "signal"]
        return self.table[[*self.by, *shown]]

    def plot(self) -> Any:
        """Return an Altair chart: the line with its intervals, limits and signals (extra ``report``)."""
        from cemkit.charts.trend import trend_chart

        return trend_chart(self.table, by=self.by)


def trend(
    data: Frame,
    measure: Measure,
    *,
    at: str = "answered_at",
    every: str = "1mo",
    window: str | None = None,
    by: str | Sequence[str] | None = None,
    score: str = "score",
    question: str | None = None,
    design: Design | None = None,
    level: float = 0.95,
    method: str | None = None,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    levels: Any = None,
    seed: int | None = None,
    mode: str | None = None,
    until: Any = None,
) -> Trend:
    """Estimate a measure per calendar period; the arguments are those of :meth:`cemkit.scores.ScoreMetric.trend`."""
    check_level(level)
    names = column_names(by, reserved=(*TREND_COLUMNS, PERIOD))
    period = parse_period(every)
    length = None if window is None else parse_days(window)
    bound = bind(data)
    at = bound.require_time(at, "at")
    if mode is not None or _MODE in bound.schema:
        mode = bound.require(mode or _MODE, "mode")
    for name in names:
        bound.require(name, "by")
    orders = known_order(bound, names, levels)
    rows = sample(
        with_period(bound, at, period, PERIOD),
        score=score,
        scale=measure.scale,
        by=(*names, PERIOD),
        question=question,
        design=design,
        invalid=invalid,
        levels=orders,
        extra=[at, *([] if mode is None else [mode])],
    )
    reach = time_reach(rows.bound, at)
    if reach.first_day is None or reach.last_second is None:
        msg = f"at={at!r}: none of the rows has a time, so there is no period"
        raise CemkitError(msg)
    ends = period.index([reach.first_day, reach.last_second // _DAY])
    last_day = _collected_until(reach.last_second, until, period)
    overlapping = False
    options: dict[str, Any] = {"level": level, "method": method, "min_base": min_base, "seed": seed}
    if length is not None:
        index = np.arange(ends[0], ends[1] + 1)
        overlapping = _overlap(period, index, length, window)
    if length is not None and overlapping:
        found = per_window(rows, measure, at=at, index=index, period=period, window=length, **options)
        full = period.last_day(found.index) - length >= reach.first_day - 1
    else:
        found = per_period(rows, measure, **options)
        full = np.ones(len(found.index), dtype=bool)
    starts = period.first_day(found.index).astype("datetime64[D]").astype("datetime64[us]")
    complete = full & (period.last_day(found.index) <= last_day)
    segment, mode_notes = _segments(rows, found, at, None if overlapping else mode, starts)
    judged = judge(
        found,
        measure,
        starts=starts,
        complete=complete,
        segment=segment,
        level=level,
        seed=seed,
        overlapping=overlapping,
    )
    lines = len(found.lines)
    when = pd.Series(np.tile(starts, lines), dtype="datetime64[us]")
    table = pd.concat([found.table[list(names)], when.rename("period"), found.table[list(ESTIMATE_COLUMNS)]], axis=1)
    table["complete"] = np.tile(complete, lines)
    table = pd.concat([table, judged.columns], axis=1)
    notes = [*found.assumptions, *_time_notes(rows, found, at, overlapping), *mode_notes]
    if overlapping:
        notes.append(Assumption("overlapping-windows", {"window": window}))
    elif not complete[-1]:
        notes.append(Assumption("incomplete-period", {"period": str(starts[-1])[:10]}))
    return Trend(
        table,
        tuple(dict.fromkeys([*notes, *judged.assumptions])),
        by=names,
        every=period.every,
        window=window if window is not None and overlapping else "",
        signals=judged.signals,
        test=judged.test,
        changes=judged.changes,
        limits=judged.limits,
    )


def _collected_until(last_second: int, until: Any, period: Period) -> int:
    """Return the last day that is over."""
    second = last_second
    if until is not None:
        second = second_of(until, "until")
        if second // _DAY < last_second // _DAY:
            last = np.datetime64(last_second, "s").astype("datetime64[D]")
            msg = f"until={str(until)!r} lies before the last answer ({last}): it says up to which day answers were collected"
            raise CemkitError(msg)
    under_way = period.days == 1 and second % _DAY != 0
    return second // _DAY - int(under_way)


def _overlap(period: Period, index: npt.NDArray[np.int64], length: int, window: str | None) -> bool:
    """Whether windows overlap; an error where they leave out days between them."""
    if len(index) > MOST_PERIODS:
        msg = f"a window for each of {len(index):,} periods is too much: give longer periods with every="
        raise CemkitError(msg)
    days = period.last_day(index) - period.first_day(index) + 1
    if (days > length).any():
        msg = (
            f"window={window!r} is shorter than periods of {period.every!r}, so answers between the windows would be left out: "
            "give shorter periods, or no window"
        )
        raise CemkitError(msg)
    return bool((days < length).any())


def _segments(
    rows: Sample, found: PeriodEstimates, at: str, mode: str | None, starts: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], list[Assumption]]:
    segment = np.ones((len(found.lines), len(found.index)), dtype=np.int64)
    if mode is None or mode in rows.by:
        return segment, []
    answered = keep_answered(rows.bound, rows.score, at)
    counts, modes = mode_counts(count_by(answered, [*rows.by, mode]), found.lines.keys, found.index)
    changed: dict[str, None] = {}
    for g in range(len(found.lines)):
        for t, before, after in mode_starts(counts[g]):
            segment[g, t:] += 1
            changed[f"{modes[before]} to {modes[after]} from {str(starts[t])[:10]}"] = None
    return segment, [Assumption("mode-changed", {"modes": "; ".join(changed)})] if changed else []


def _time_notes(rows: Sample, found: PeriodEstimates, at: str, overlapping: bool) -> list[Assumption]:
    without = count_by(rows.bound, [PERIOD]).get((NO_TIME,), 0) if overlapping else found.without_time
    notes = [Assumption("null-times", {"rows": without, "column": at})] if without else []
    cluster = None if rows.design is None else rows.design.cluster
    if cluster is not None and not overlapping:
        answered = keep_answered(rows.bound, rows.score, at)
        apart = distinct_per_group(answered, rows.by, cluster, value=rows.score, scale=rows.scale)
        once = distinct_per_group(answered, rows.by[:-1], cluster, value=rows.score, scale=rows.scale)
        if sum(map(int, apart["_units"])) > sum(map(int, once["_units"])):
            notes.append(Assumption("shared-between-periods", {"column": cluster}))
    return notes
