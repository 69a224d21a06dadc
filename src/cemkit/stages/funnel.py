"""The funnel: how many of those who came to the first step come to each next one, in what time; the waiting are not gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.model import JourneyMap
from cemkit.results import Assumption, Result
from cemkit.stages.experience_log import ExperienceLog, end_of, experience_log
from cemkit.stages.funnel_steps import Steps, read_steps, require_steps
from cemkit.stages.funnel_tables import FUNNEL_COLUMNS, PROGRESS_COLUMNS, Times, funnel_rows, lift_rows, progress_rows
from cemkit.stages.naming import choice
from cemkit.tables.binding import bind
from cemkit.tables.groups import group_rows
from cemkit.tables.periods import parse_days
from cemkit.tables.stamps import MICROSECONDS
from cemkit.tables.step_times import StepTimes, step_times
from cemkit.typing import Frame

__all__ = ["Funnel", "funnel"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Funnel(Result):
    """How far customers come along the steps, and how fast.

    Attributes
    ----------
    table
        A row per group and step. ``*by, step, position``; of the customers who came to the first step: ``customers`` (all of them),
        ``reached`` (seen to come to this step in time), ``left`` (seen to leave before), ``waiting`` (have not had the time yet: censored);
        ``conversion, std_error, low, high`` (share, 0 to 1, that comes to this step within ``days`` of the first);
        ``step_conversion`` with limits (of those who come to the step before); ``median_time`` with limits (days from
        the first step, of those who
        come); ``level, method, unit, n, n_eff``.
    progress
        A row per group, step and day: ``*by, step, day, metric, estimate, std_error, low, high``, the share that has come by that day
        (``progress``), and that has left before coming (``left``), where leaving is known.
    lift
        A row per group and step: its conversion over that of all others (``lift``, with limits), and their difference in shares.
    by, steps, order, days
        The grouping columns, names of the steps, how they were ordered, and the days within which conversion counts.
    """

    progress: pd.DataFrame = field(default_factory=pd.DataFrame)
    lift: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    order: str = "strict"
    days: float = float("nan")

    _title: ClassVar[str] = "Funnel"

    def _display(self) -> pd.DataFrame:
        shown = (
            "step",
            "customers",
            "reached",
            "waiting",
            "conversion",
            "low",
            "high",
            "step_conversion",
            "median_time",
        )
        return self.table[[*self.by, *shown]]

    def plot(self, kind: Literal["steps", "progress"] = "steps") -> Any:
        """Return an Altair chart (extra ``report``): the steps with their intervals, or the progress by day."""
        from cemkit.charts.funnel import funnel_chart, progress_chart

        if choice(kind, "kind", ("steps", "progress")) == "steps":
            return funnel_chart(self.table, by=self.by)
        return progress_chart(self.progress, by=self.by)


def funnel(
    experiences: Frame,
    steps: JourneyMap | Sequence[Any] | Mapping[str, Sequence[Any]],
    *,
    order: Literal["strict", "any"] = "strict",
    within: str | None = None,
    until: object = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    state: str = "touchpoint_id",
    left: str | None = None,
    customer: str = "customer_id",
    at: str = "occurred_at",
) -> Funnel:
    r"""Estimate how many of those who come to the first step come to each next one.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    steps : JourneyMap, list or dict
        The steps in order: states, ``{name: [states]}``, or a journey map, whose stages are the steps.
    order : {"strict", "any"}
        ``strict``: a step counts at or after the one before it (others may lie between). ``any``: at or after the first, and a step is
        reached when all steps up to it have happened, in whatever order.
    within : str, optional
        A length in days or weeks (``"7d"``) from the first step to the last. Left out, conversion is by the median of the days for which
        customers could be watched, which ``.days`` tells.
    until : date or time, optional
        The end of the log: the time of its last row unless given. Later rows are left out.
    by : str or list of str, optional
        Columns that are constant per customer.
    level : float
        Level of the intervals.
    state : str
        Column of states.
    left : str, optional
        Column with the time at which a customer left the company, null for those still there, constant per customer.
    customer, at : str
        Columns.

    Returns
    -------
    Funnel
        Conversion by step, progress by day, and the lift of each group.

    Raises
    ------
    CemkitError
        If a step never happens or a touchpoint is not on the map, nobody comes to the first step, or nobody can be watched so long.

    Notes
    -----
    A customer's clock starts at the first time at the first step, and stops at ``until``. The share that comes to step j by day t is the
    Aalen-Johansen incidence :math:`F_j(t) = \sum_{u \le t} S_j(u-)\, dN_j(u) / Y_j(u)`: those who have not come by the end of the log are
    censored, those who left before they came are a competing end, where ``left`` is known (else they go on waiting in the data, which
    makes shares of all customers, not of those who stay). The standard error is the infinitesimal jackknife, limits are Wilson's
    at the effective size F(1 − F)/var. A step's estimate is held at that of the step before where chance would lift
    it above: the funnel never rises.
    Customers are independent, and the time at which they entered says nothing about how they go on.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978), *Scandinavian Journal of Statistics* 5, 141-150. Woodruff, R. S. (1952), *Journal of the American
    Statistical Association* 47, 635-646 (limits of the median time). Newcombe, R. G. (1998), *Statistics in Medicine*
    17, 873-890 (of differences).

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "b", "c", "c"],
    ...         "touchpoint_id": ["shop", "order", "shop", "shop", "order"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-01-03", "2025-01-05", "2025-01-06", "2025-01-08"]),
    ...     }
    ... )
    >>> found = stages.funnel(log, ["shop", "order"], within="2d", until="2025-01-31")
    >>> found.to_frame()[["step", "reached", "conversion"]].round(3).to_numpy().tolist()
    [['shop', 3, 1.0], ['order', 2, 0.667]]
    """
    check_level(level)
    choice(order, "order", ("strict", "any"))
    length = None if within is None else float(parse_days(within, "within"))
    wanted = read_steps(steps)
    source = experience_log(
        experiences,
        state=state,
        customer=customer,
        at=at,
        by=by,
        reserved=(*FUNNEL_COLUMNS, *PROGRESS_COLUMNS),
        until=until,
        stamps=() if left is None else (left,),
    )
    require_steps(wanted, source.log, state)
    found = step_times(source.log, wanted.states, strict=order == "strict", stamp=left is not None)
    if not len(found.entered):
        msg = f"no customer comes to the first step {wanted.names[0]!r}: check steps= and until="
        raise CemkitError(msg)
    end = (source.log.last or 0) if until is None else end_of(until, bind(experiences), at)
    followed = (end - found.entered) / MICROSECONDS
    days = _days(length, within, followed)
    groups, place = group_rows(found.keys, source.by, orders=source.orders, rows=len(found.entered))
    # in an order of their own, so that sums are the same to the last bit wherever the rows were
    rows = np.lexsort((found.stamp, *found.times.T, found.entered))
    times = Times(found.times / MICROSECONDS, found.stamp / MICROSECONDS, followed).take(rows)
    place = place[rows]
    options: dict[str, Any] = {"names": wanted.names, "days": days, "level": float(level)}
    table, held = funnel_rows(times, groups, place, **options)
    return Funnel(
        table,
        _notes(source, found, wanted, held=held, followed=followed, days=days, given=length is not None, left=left),
        progress=progress_rows(times, groups, place, **options, leaving=left is not None),
        lift=lift_rows(times, groups, place, **options),
        by=source.by,
        steps=wanted.names,
        order=order,
        days=days,
    )


def _days(length: float | None, within: str | None, followed: Floats) -> float:
    longest = float(followed.max())
    if length is None:
        middle = float(np.median(followed))
        if not middle > 0:
            msg = "customers come to the first step at the end of the log, so there is no time to watch them: give until= or a longer log"
            raise CemkitError(msg)
        return middle
    if longest < length:
        msg = (
            f"no customer can be watched for within={within!r}: the longest time from the first step to the end of the log is "
            f"{longest:.1f} days; choose a shorter length, or say until="
        )
        raise CemkitError(msg)
    return length


def _notes(
    source: ExperienceLog,
    found: StepTimes,
    wanted: Steps,
    *,
    held: int,
    followed: Floats,
    days: float,
    given: bool,
    left: str | None,
) -> tuple[Assumption, ...]:
    notes = [*source.assumptions]
    notes.append(
        Assumption("funnel-entered", {"customers": found.units, "entered": len(found.entered), "step": wanted.names[0]})
    )
    waiting = int((followed < days).sum())
    if waiting:
        notes.append(Assumption("funnel-censored", {"customers": waiting, "days": float(days)}))
    if not given:
        notes.append(Assumption("funnel-median-follow-up", {"days": float(days)}))
    notes.append(Assumption("leaving-competes" if left is not None else "leaving-unknown"))
    if held:
        notes.append(Assumption("funnel-held", {"rows": held}))
    notes.append(Assumption("funnel-independent"))
    return tuple(notes)
