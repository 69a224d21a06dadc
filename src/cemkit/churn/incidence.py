"""Cumulative incidence: the share of customers who have left for each cause (Aalen–Johansen)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.churn.durations import read_durations
from cemkit.churn.reading import asked_times, estimate_rows, log_log_row
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates, Result
from cemkit.statistics import incidence as aalen_johansen
from cemkit.tables.groups import Groups
from cemkit.tables.spell import UNKNOWN_CAUSE, Spell
from cemkit.typing import Frame

__all__ = ["INCIDENCE_COLUMNS", "CumulativeIncidence", "cumulative_incidence"]

INCIDENCE_COLUMNS = ("cause", "time", "incidence", "std_error", "low", "high", "at_risk", "events")
_GROUP_COLUMNS = ("n", "left", "times", "last")


@dataclass(frozen=True, eq=False, repr=False)
class CumulativeIncidence(Result):
    """Curves of leaving: a row per group, cause and distinct time at which somebody left for any cause.

    ``to_frame()`` gives

    ``*by, cause, time``
        The group, the cause (``"unknown"`` where a leaver has none), and the time since entering.
    ``incidence, std_error, low, high``
        Share that has left for this cause by that time, Aalen's standard error, and log(−log) limits (0 before the first).
    ``at_risk, events``
        Customers who were there just before, and who left for this cause at that time.

    The incidences of all causes and the share still there sum to 1.

    Attributes
    ----------
    groups
        ``*by, cause, n, left, times, last``: customers, leavers for this cause, rows of the curve, longest time observed.
    by
        The grouping columns.
    level
        Level of the intervals.
    unit
        ``"day"`` for spells; empty where durations were given.
    """

    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()
    level: float = 0.95
    unit: str = ""

    _title: ClassVar[str] = "Cumulative incidence"

    def at(self, t: float | Sequence[float]) -> Estimates:
        """Return the share that has left by one time or several: a row per group, cause and time, with the columns of both.

        NaN beyond the longest time observed; where nobody has left yet there is an estimate without an interval, and the method
        is ``"no-events"``.
        """
        times = asked_times(t, "t")
        edges = np.concatenate([[0], np.cumsum(self.groups["times"].to_numpy(dtype=np.int64))])
        moments = self.table["time"].to_numpy(dtype=np.float64)
        columns = [self.table[name].to_numpy(dtype=np.float64) for name in ("incidence", "std_error", "low", "high")]
        rows: list[tuple[float, float, float, float, str]] = []
        for last, (low, high) in zip(self.groups["last"].tolist(), pairwise(edges.tolist()), strict=True):
            place = np.searchsorted(moments[low:high], times, side="right")
            read = [np.concatenate([[0.0], c[low:high]])[place] for c in columns]
            known = times <= last
            parts = (np.where(known, part, np.nan).tolist() for part in read)
            rows += [log_log_row(*values, nobody=0.0) for values in zip(*parts, strict=True)]
        keys: dict[str, Any] = {
            n: self.groups[n].repeat(times.size).reset_index(drop=True) for n in (*self.by, "cause")
        }
        keys["time"] = np.tile(times, len(self.groups))
        return estimate_rows(
            keys,
            rows,
            metric="incidence",
            unit="share",
            level=self.level,
            n=np.repeat(self.groups["n"].to_numpy(dtype=np.int64), times.size),
            assumptions=self.assumptions,
        )

    def plot(self) -> Any:
        """Return an Altair chart: a curve of steps with its band per cause, a panel per group (extra ``report``)."""
        from cemkit.charts.survival_curve import incidence_chart

        return incidence_chart(self.table, self.groups, by=self.by, unit=self.unit)


def cumulative_incidence(
    customers: Frame,
    *,
    cause: str = "left_reason",
    spell: Spell = Spell(),  # noqa: B008 -- frozen
    duration: str | None = None,
    event: str | None = None,
    entry: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> CumulativeIncidence:
    r"""Estimate the share of customers who have left for each cause, over their time as customers.

    Parameters
    ----------
    customers : frame
        A row per customer (or spell). Its few columns are collected: risk sets need the rows.
    cause : str
        Column of the cause. A leaver without one has the cause ``"unknown"``; that of a customer still there is not read.
    spell : Spell
        The columns of entering and leaving; its ``reason`` and ``causes`` are not read, since every cause has its curve.
    duration, event : str, optional
        Instead of a spell: the column of durations, and that of who left. Without ``event``, whoever has a cause left.
    entry : str, optional
        When a customer came under observation, as in :func:`cemkit.churn.survival`.
    by : str or list of str, optional
        Columns of groups.
    level : float
        Level of the intervals.

    Returns
    -------
    CumulativeIncidence
        A row per group, cause and time; ``.at(t)``, ``.plot()``.

    Raises
    ------
    CemkitError
        As :func:`cemkit.churn.survival` does, and if nobody left.

    Notes
    -----
    .. math:: \hat F_k(t) = \sum_{t_i \le t} \hat S(t_i-)\, \frac{d_{ki}}{n_i}

    exact where several leave at one time. One less the Kaplan–Meier curve of one cause, with leavers for other causes taken as
    last seen, is larger and adds up to more than everybody: it is the answer to another question. The variance is Aalen's with
    the correction for ties of Gray's ``cmprsk``.

    References
    ----------
    Aalen, O. (1978), *Annals of Statistics* 6, 534-545. Aalen, O. and Johansen, S. (1978), *Scandinavian Journal of
    Statistics* 5, 141-150. Choudhury, J. B. (2002), *Statistics in Medicine* 21, 1129-1144.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import churn
    >>> stays = pd.DataFrame({"months": [1, 2, 3, 4], "why": ["price", "moved", None, "price"]})
    >>> found = churn.cumulative_incidence(stays, cause="why", duration="months")
    >>> found.at(4).to_frame()[["cause", "estimate"]].to_numpy().tolist()
    [['moved', 0.25], ['price', 0.75]]
    """
    check_level(level)
    read = read_durations(
        customers,
        spell=spell,
        duration=duration,
        event=event,
        entry=entry,
        by=by,
        cause=cause,
        reserved=(*INCIDENCE_COLUMNS, *_GROUP_COLUMNS, *ESTIMATE_COLUMNS),
    )
    if not read.causes:
        msg = f"nobody left among {read.time.size:,} customers, so there is no cause: check the columns, or observe for longer"
        raise CemkitError(msg)
    notes = list(read.assumptions)
    if UNKNOWN_CAUSE in read.causes:
        number = int(np.count_nonzero(read.cause == read.causes.index(UNKNOWN_CAUSE) + 1))
        notes.append(Assumption("unknown-causes", {"rows": number}))
    count = len(read.causes)
    parts, sizes, lasts = [], [], []
    order = np.argsort(read.group, kind="stable")
    bounds = np.searchsorted(read.group[order], np.arange(len(read.groups) + 1))
    for low, high in pairwise(bounds.tolist()):
        rows = order[low:high]
        entry_of = None if read.entry is None else read.entry[rows]
        found = aalen_johansen.cumulative_incidence(
            read.time[rows], read.cause[rows], causes=count, entry=entry_of, level=float(level)
        )
        parts.append(_columns(found, count))
        sizes.append(found.time.size)
        lasts.append(found.last)
    left = np.zeros((len(read.groups), count), dtype=np.int64)
    np.add.at(left, (read.group[read.cause > 0], read.cause[read.cause > 0] - 1), 1)
    groups = _group_table(
        read.groups, read.causes, np.bincount(read.group, minlength=len(read.groups)), left, sizes, lasts
    )
    place = np.repeat(np.arange(len(groups)), groups["times"].to_numpy())
    keys = {name: groups[name].take(place).reset_index(drop=True) for name in (*read.groups.names, "cause")}
    values = {name: np.concatenate([part[name] for part in parts]) for name in INCIDENCE_COLUMNS[1:]}
    table = pd.DataFrame({**keys, **values}, index=pd.RangeIndex(len(place)))
    table = table.astype({"at_risk": np.int64, "events": np.int64})
    return CumulativeIncidence(
        table, tuple(notes), groups=groups, by=read.groups.names, level=float(level), unit=read.unit
    )


def _columns(found: aalen_johansen.CumulativeIncidence, causes: int) -> dict[str, Any]:
    """Return the columns of one group, cause after cause."""
    long = {"time": np.tile(found.time, causes), "at_risk": np.tile(found.at_risk, causes)}
    for name in ("incidence", "std_error", "low", "high", "events"):
        long[name] = getattr(found, name).T.reshape(-1)
    return long


def _group_table(
    groups: Groups, causes: tuple[Any, ...], n: Any, left: Any, sizes: Sequence[int], lasts: Sequence[float]
) -> pd.DataFrame:
    count = len(causes)
    return pd.DataFrame(
        {
            **groups.columns(times=count),
            "cause": pd.Index(list(causes) * len(groups), dtype=object),
            "n": np.repeat(n, count),
            "left": left.reshape(-1),
            "times": np.repeat(np.asarray(sizes, dtype=np.int64), count),
            "last": np.repeat(np.asarray(lasts, dtype=np.float64), count),
        },
        index=pd.RangeIndex(count * len(groups)),
    )
