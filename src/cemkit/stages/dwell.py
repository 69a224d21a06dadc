"""Dwell: how many days a visit to a state lasts, with the visits that are not over."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.stages.experience_log import end_of, experience_log
from cemkit.stages.naming import natural_rows, plain_states
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.survival import KaplanMeier, kaplan_meier, survival_quantile
from cemkit.tables.binding import bind
from cemkit.tables.stamps import MICROSECONDS
from cemkit.tables.transition_kernel import BOUND
from cemkit.tables.visits import VisitCounts, visits
from cemkit.typing import Frame

__all__ = ["DWELL_COLUMNS", "Dwell", "dwell"]

DWELL_COLUMNS = (
    "state",
    "visits",
    "customers",
    "completed",
    "open",
    "mean",
    "std_error",
    "low",
    "high",
    "median",
    "median_all",
    "median_all_low",
    "median_all_high",
    "level",
    "method",
    "unit",
    "n",
)
_MOST_POINTS = 80


@dataclass(frozen=True, eq=False, repr=False)
class Dwell(Result):
    """How long visits last, a row per group and state.

    Attributes
    ----------
    table
        ``*by, state``; ``visits`` (``completed`` and ``open`` ones) and their ``customers``; ``mean, std_error, low,
        high`` and ``median`` (days)
        of the ``n`` completed visits; ``median_all`` with limits, the Kaplan-Meier median of all visits, null where
        more than half of them may
        last longer than anybody was watched; ``level, method, unit``.
    curves
        ``*by, state, day, share, low, high``: the share of visits that last longer (Kaplan-Meier).
    by
        The grouping columns.
    """

    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()

    _title: ClassVar[str] = "Dwell"

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["std_error", "level", "method", "unit", "n"])

    def plot(self) -> Any:
        """Return an Altair chart of the Kaplan-Meier medians with their intervals, and the means (extra ``report``)."""
        from cemkit.charts.funnel import dwell_chart

        return dwell_chart(self.table, by=self.by)


def dwell(
    experiences: Frame,
    *,
    state: str = "stage",
    until: object = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
) -> Dwell:
    r"""Estimate how many days customers stay in a state.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    state : str
        Column of states.
    until : date or time, optional
        The end of the log: the time of its last row unless given. Later rows are left out.
    by : str or list of str, optional
        Columns that are constant per customer.
    level : float
        Level of the intervals.
    customer, at : str
        Columns.

    Returns
    -------
    Dwell
        Means and medians of completed visits, and Kaplan-Meier medians of all.

    Raises
    ------
    CemkitError
        If a column is absent or no time, or no experience can be used.

    Notes
    -----
    A visit begins with an experience in a state other than the one before, and ends when the next visit begins; the last visit of a
    customer is open, and censored at ``until``. Mean and median of completed visits leave out the open ones, which are the longer ones:
    the Kaplan-Meier median beside counts them, and supposes that the end of the log is unrelated to a visit's length.
    The mean's standard error has customers as
    clusters, :math:`\sum_c (d_c - \bar d\, n_c)^2 \cdot U / (U - 1) / n^2`, with Student's t on U − 1 degrees of freedom; the limits of
    the Kaplan-Meier median take visits as independent (Brookmeyer and Crowley 1982). Lengths are sorted into buckets 1 % wide, each of
    which counts with the mean of its visits: medians are within 1 % of the exact ones, and exact where few visits have a length like it.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958), *Journal of the American Statistical Association* 53, 457-481. Brookmeyer, R.
    and Crowley, J. (1982),
    *Biometrics* 38, 29-41.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b", "b"],
    ...         "stage": ["use", "use", "care", "use", "care"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-01-03", "2025-01-05", "2025-01-01", "2025-01-09"]),
    ...     }
    ... )
    >>> stages.dwell(log).to_frame()[["state", "completed", "open", "mean"]].to_numpy().tolist()
    [['care', 0, 2, nan], ['use', 2, 0, 6.0]]
    """
    check_level(level)
    source = experience_log(
        experiences,
        state=state,
        customer=customer,
        at=at,
        by=by,
        reserved=(*DWELL_COLUMNS, "day", "share"),
        until=until,
    )
    end = (source.log.last or 0) if until is None else end_of(until, bind(experiences), at)
    counts = visits(source.log, end=end)
    table, curves = _tables(counts, source.by, float(level))
    notes = [
        *source.assumptions,
        Assumption("visits-open", {"visits": int(table["open"].sum())}),
        Assumption("visits-independent"),
        Assumption("median-buckets", {"bound": BOUND}),
    ]
    return Dwell(
        natural_rows(table, source, columns=("state",)),
        tuple(notes),
        curves=natural_rows(curves, source, columns=("state", "day")),
        by=source.by,
    )


def _tables(counts: VisitCounts, by: tuple[str, ...], level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = [*by, "_s"]
    lengths = counts.lengths.assign(_g=counts.lengths.groupby(names, dropna=False, sort=False).ngroup().to_numpy())
    keys = lengths.drop_duplicates("_g").set_index("_g")[names]
    cells = keys.reset_index().merge(counts.cells, on=names, how="left")
    rows: list[dict[str, Any]] = []
    curves: list[pd.DataFrame] = []
    for number, cell in zip(cells["_g"].tolist(), cells.to_dict("records"), strict=True):
        own = lengths[lengths["_g"] == number]
        days, visit = (
            (own["_d"] / own["_n"] / MICROSECONDS).to_numpy(dtype=np.float64),
            own["_n"].to_numpy(dtype=np.float64),
        )
        done = own["_i"].to_numpy(dtype=np.int64) == 0
        curve = kaplan_meier(days, done, counts=visit, level=level)
        middle = survival_quantile(curve)
        key = {name: cell[name] for name in by} | {"state": plain_states([cell["_s"]])[0]}
        completed = int(cell["_c"])
        rows.append(
            {
                **key,
                "visits": int(visit.sum()),
                "customers": int(cell["_v"]),
                "completed": completed,
                "open": int(visit[~done].sum()),
                **_mean(cell, level),
                "median": _median(days[done], visit[done]),
                "median_all": middle.time,
                "median_all_low": middle.low,
                "median_all_high": middle.high,
                "level": level,
                "method": "clustered-t, kaplan-meier",
                "unit": "days",
                "n": completed,
            }
        )
        curves.append(_curve(curve, key))
    table = pd.DataFrame(rows)
    for name in ("method", "unit", "state", *by):
        table[name] = table[name].astype(object)
    return table[[*by, *DWELL_COLUMNS]], pd.concat(curves, ignore_index=True)


def _mean(cell: Mapping[Hashable, Any], level: float) -> dict[str, float]:
    n, total, units = float(cell["_c"]), float(cell["_d"]) / MICROSECONDS, float(cell["_k"])
    if not n:
        return dict.fromkeys(("mean", "std_error", "low", "high"), float("nan"))
    mean = total / n
    if units < 2:
        return {"mean": mean, **dict.fromkeys(("std_error", "low", "high"), float("nan"))}
    squares = (
        float(cell["_o"]) / MICROSECONDS**2 - 2 * mean * float(cell["_a"]) / MICROSECONDS + mean**2 * float(cell["_b"])
    )
    error = float(np.sqrt(max(squares, 0.0) * units / (units - 1))) / n
    half = float(critical_value(level, units - 1)) * error
    return {"mean": mean, "std_error": error, "low": max(mean - half, 0.0), "high": mean + half}


def _median(days: Any, visit: Any) -> float:
    if not days.size:
        return float("nan")
    order = np.argsort(days)
    running, total = np.cumsum(visit[order]), float(visit.sum())
    low, high = (int(np.searchsorted(running, np.floor(rank), side="right")) for rank in ((total - 1) / 2, total / 2))
    return float((days[order][low] + days[order][high]) / 2)


def _curve(curve: KaplanMeier, key: dict[str, Any]) -> pd.DataFrame:
    """Return the curve at some of its times, from day 0 on."""
    size = curve.time.size
    chosen = np.unique(np.linspace(0, max(size - 1, 0), min(size, _MOST_POINTS)).round().astype(np.int64))
    found = {"day": [0.0, *curve.time[chosen]], "share": [1.0, *curve.survival[chosen]]}
    found |= {"low": [1.0, *curve.low[chosen]], "high": [1.0, *curve.high[chosen]]}
    table = pd.DataFrame(found)
    keys = {name: pd.Series([value] * len(table), dtype=object) for name, value in key.items()}
    return pd.DataFrame({**keys, **table})
