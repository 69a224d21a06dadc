"""Survival: the share of customers still there over time (Kaplan–Meier)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.churn.durations import Durations, read_durations
from cemkit.churn.reading import asked_times, estimate_rows, log_log_row
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates, Result
from cemkit.statistics.log_rank import log_rank
from cemkit.statistics.survival import (
    KaplanMeier,
    curve_of_counts,
    kaplan_meier_by,
    restricted_mean,
    survival_at,
    survival_quantile,
)
from cemkit.tables.spell import Spell
from cemkit.typing import Frame

__all__ = ["SURVIVAL_COLUMNS", "LogRankTest", "Survival", "survival"]

SURVIVAL_COLUMNS = ("time", "at_risk", "events", "survival", "std_error", "low", "high")
_GROUP_COLUMNS = ("n", "events", "times", "last", "observed", "expected")


@dataclass(frozen=True, eq=False, repr=False)
class LogRankTest(Result):
    """A test that all groups leave at the same pace.

    ``to_frame()`` gives ``*by, n, observed, expected``: customers, leavers, and leavers expected if all groups had the
    pooled hazard.

    Attributes
    ----------
    statistic, df, p_value
        χ² with its degrees of freedom, and the probability of one as large if the groups are alike.
    status
        ``"ok"``, ``"no-events"``, or ``"one-group"`` where fewer than two groups were at risk when somebody left.
    by
        The grouping columns.
    """

    statistic: float = float("nan")
    df: int = 0
    p_value: float = float("nan")
    status: str = "ok"
    by: tuple[str, ...] = ()

    _title: ClassVar[str] = "Log-rank test"

    def _display(self) -> pd.DataFrame:
        return self.table.assign(statistic=self.statistic, df=self.df, p_value=self.p_value)

    def plot(self) -> Any:
        """Return an Altair chart: leavers observed beside leavers expected, per group (extra ``report``)."""
        from cemkit.charts.survival_curve import expected_chart

        return expected_chart(self.table, by=self.by)


@dataclass(frozen=True, eq=False, repr=False)
class Survival(Result):
    """Survival curves: a row per group and distinct time at which somebody left.

    ``to_frame()`` gives

    ``*by, time``
        The group, and the time since entering.
    ``at_risk, events``
        Customers who were there just before that time, and who left at it.
    ``survival, std_error, low, high``
        Share still there after that time, Greenwood's standard error (NaN where nobody is left), and log(−log) limits.

    Attributes
    ----------
    groups
        ``*by, n, events, times, last``: customers, leavers, rows of the curve, and the longest time observed; beyond it the
        curve is unknown. A group in which nobody left has a row here and none in the table.
    by
        The grouping columns.
    level
        Level of the intervals.
    unit
        ``"day"`` for spells; empty where durations were given, which keep their own unit.
    """

    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()
    level: float = 0.95
    unit: str = ""
    test: LogRankTest | None = None

    _title: ClassVar[str] = "Survival"

    @property
    def median(self) -> Estimates:
        """Time by which half of the customers have left, per group; see :meth:`quantile`."""
        return self.quantile(0.5)

    def quantile(self, p: float) -> Estimates:
        """Return the time by which the share ``p`` has left, per group, with Brookmeyer & Crowley's limits.

        NaN where the curve, or its limit, does not come down that far.
        """
        found = [survival_quantile(curve, p) for curve in self._curves()]
        rows = [(q.time, float("nan"), q.low, q.high, "brookmeyer-crowley") for q in found]
        return self._estimates(rows, metric="median_time" if p == 0.5 else "quantile_time", unit=self.unit or "time")

    def restricted_mean(self, t: float) -> Estimates:
        """Return the mean time until leaving or ``t``, whichever comes first, per group: the area under the curve up to ``t``.

        NaN, with the method ``"beyond-follow-up"``, where nobody was observed for so long. Intervals are normal.
        """
        until = asked_times(t, "t")
        if until.size != 1:
            msg = f"a restricted mean has one end, got {t!r}"
            raise CemkitError(msg)
        found = [restricted_mean(curve, float(until[0])) for curve in self._curves()]
        rows = [(m.estimate, m.std_error, m.low, m.high, "area" if m.status == "ok" else m.status) for m in found]
        return self._estimates(rows, metric="restricted_mean_time", unit=self.unit or "time")

    def at(self, t: float | Sequence[float]) -> Estimates:
        """Return the share still there after one time or several: a row per group and time, with the column ``time``.

        NaN beyond the longest time observed; where nobody has left yet there is an estimate without an interval, and the method
        is ``"no-events"``.
        """
        times = asked_times(t, "t")
        rows: list[tuple[float, float, float, float, str]] = []
        for curve in self._curves():
            at = survival_at(curve, times)
            rows += [
                log_log_row(*values, nobody=1.0) for values in zip(*(part.tolist() for part in at[1:]), strict=True)
            ]
        size = len(self.groups)
        keys: dict[str, Any] = {name: self.groups[name].repeat(times.size).reset_index(drop=True) for name in self.by}
        keys["time"] = np.tile(times, size)
        return self._estimates(rows, metric="survival", unit="share", keys=keys, times=times.size)

    def log_rank(self) -> LogRankTest:
        """Return the log-rank test that all groups leave at the same pace.

        Raises
        ------
        CemkitError
            If there are no groups.
        """
        if self.test is None:
            msg = "a log-rank test compares groups: ask for survival(..., by=...) first"
            raise CemkitError(msg)
        return self.test

    def plot(self) -> Any:
        """Return an Altair chart: a curve of steps with its band, per group (extra ``report``)."""
        from cemkit.charts.survival_curve import survival_chart

        return survival_chart(self.table, self.groups, by=self.by, unit=self.unit)

    def _curves(self) -> list[KaplanMeier]:
        edges = np.concatenate([[0], np.cumsum(self.groups["times"].to_numpy(dtype=np.int64))])
        columns = [self.table[name].to_numpy(dtype=np.float64) for name in ("time", "at_risk", "events")]
        last = self.groups["last"].to_numpy(dtype=np.float64)
        curves = []
        for g in range(last.size):
            time, number, events = (column[edges[g] : edges[g + 1]] for column in columns)
            curves.append(curve_of_counts(time, number, events, float(last[g]), level=self.level))
        return curves

    def _estimates(
        self,
        rows: Sequence[tuple[float, float, float, float, str]],
        *,
        metric: str,
        unit: str,
        keys: dict[str, Any] | None = None,
        times: int = 1,
    ) -> Estimates:
        return estimate_rows(
            {name: self.groups[name] for name in self.by} if keys is None else keys,
            rows,
            metric=metric,
            unit=unit,
            level=self.level,
            n=np.repeat(self.groups["n"].to_numpy(dtype=np.int64), times),
            assumptions=self.assumptions,
        )


def survival(
    customers: Frame,
    *,
    spell: Spell = Spell(),  # noqa: B008 -- frozen
    duration: str | None = None,
    event: str | None = None,
    entry: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> Survival:
    r"""Estimate the share of customers still there over their time as customers.

    Parameters
    ----------
    customers : frame
        A row per customer (or spell). Its few columns are collected: risk sets need the rows.
    spell : Spell
        The columns of entering and leaving. Times are then days since entering.
    duration, event : str, optional
        Instead of a spell: the column of durations from 0, in any unit, and that of who left at their end (true or 1) and who
        was still there (false or 0).
    entry : str, optional
        When a customer came under observation, where that was after entering: a column of times beside a spell, of
        durations beside ``duration``. Whoever left before could not be seen, so that customers count from then on.
    by : str or list of str, optional
        Columns of groups; each has a curve of its own.
    level : float
        Level of the intervals.

    Returns
    -------
    Survival
        A row per group and time of leaving; ``.median``, ``.restricted_mean(t)``, ``.at(t)``, ``.log_rank()``, ``.plot()``.

    Raises
    ------
    CemkitError
        If columns are absent or of the wrong kind, somebody leaves before entering, a duration is null or negative, or
        somebody was gone before being watched.

    Notes
    -----
    .. math:: \hat S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)

    with :math:`n_i` customers at risk on (entry, :math:`t_i`] and :math:`d_i` leavers. Limits are those of log(−log S) at each time,
    not a band for the whole curve. When a customer was last seen is taken to say nothing about when they would leave.
    With ``spell.causes``, leavers for other reasons count as last seen when they left: the curve is then that of a world
    in which nobody leaves for these; :func:`cemkit.churn.cumulative_incidence` gives the shares of the real one.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958), *Journal of the American Statistical Association* 53, 457-481. Greenwood, M. (1926).
    Kalbfleisch, J. D. and Prentice, R. L. (2002), *The Statistical Analysis of Failure Time Data*, 2nd ed. Brookmeyer, R. and
    Crowley, J. (1982), *Biometrics* 38, 29-41.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import churn
    >>> stays = pd.DataFrame({"months": [1, 2, 2, 3, 5], "left": [True, True, False, True, False]})
    >>> found = churn.survival(stays, duration="months", event="left")
    >>> found.to_frame()["survival"].round(3).tolist()
    [0.8, 0.6, 0.3]
    >>> found.median.only.estimate, round(found.at(2).only.estimate, 3)
    (3.0, 0.6)
    """
    check_level(level)
    read = read_durations(
        customers,
        spell=spell,
        duration=duration,
        event=event,
        entry=entry,
        by=by,
        reserved=(*SURVIVAL_COLUMNS, *_GROUP_COLUMNS, *ESTIMATE_COLUMNS),
    )
    names = read.groups.names
    curves = kaplan_meier_by(
        read.time, read.event, read.group, groups=len(read.groups), entry=read.entry, level=float(level)
    )
    notes = list(read.assumptions)
    others = int(np.count_nonzero((read.cause > 0) & ~read.event))
    if others:
        notes.append(Assumption("other-causes-censored", {"rows": others}))
    sizes = np.array([curve.time.size for curve in curves])
    place = np.repeat(np.arange(len(curves)), sizes)
    keys = read.groups.frame()
    columns = {name: np.concatenate([getattr(curve, name) for curve in curves]) for name in SURVIVAL_COLUMNS}
    table = pd.DataFrame(
        {**{n: keys[n].take(place).reset_index(drop=True) for n in names}, **columns}, index=pd.RangeIndex(len(place))
    ).astype({"at_risk": np.int64, "events": np.int64})
    groups = pd.DataFrame(
        {
            **{name: keys[name] for name in names},
            "n": np.bincount(read.group, minlength=len(curves)),
            "events": np.bincount(read.group[read.event], minlength=len(curves)),
            "times": sizes,
            "last": np.array([curve.last for curve in curves]),
        },
        index=pd.RangeIndex(len(curves)),
    )
    return Survival(
        table,
        tuple(notes),
        groups=groups,
        by=names,
        level=float(level),
        unit=read.unit,
        test=_test(read, groups, tuple(notes)) if names else None,
    )


def _test(read: Durations, groups: pd.DataFrame, notes: tuple[Assumption, ...]) -> LogRankTest:
    found = log_rank(read.time, read.event, read.group, groups=len(read.groups), entry=read.entry)
    table = groups[[*read.groups.names, "n"]].assign(observed=groups["events"], expected=found.expected)
    return LogRankTest(table, notes, found.statistic, found.df, found.p_value, found.status, read.groups.names)
