"""Cohorts: of the customers who first bought in a period, how many bought in each period after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.loyalty.contract import ContractFit, fit_contract
from cemkit.loyalty.purchases import purchases
from cemkit.results import Assumption, Result
from cemkit.statistics.proportions import proportion_estimate, proportion_interval
from cemkit.tables.binding import column_names
from cemkit.tables.groups import Groups, group_rows, known_order
from cemkit.tables.periods import Period, parse_period
from cemkit.tables.unit_periods import PeriodPairs, unit_periods
from cemkit.typing import Frame

__all__ = ["COHORT_COLUMNS", "Cohorts", "cohorts"]

COHORT_COLUMNS = (
    "cohort",
    "period",
    "starts",
    "metric",
    "customers",
    "still",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "unit",
    "n",
    "complete",
)
MOST_PERIODS = 2000
_UNITS = {"d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Cohorts(Result):
    """Triangles of cohorts, in rows: one per cohort and period since its first.

    ``to_frame()`` gives the columns

    ``*by, cohort``
        The group, and the first day of the period in which these customers first bought.
    ``period, starts``
        Periods since then (0 is the cohort's own), and the first day of that period.
    ``customers, still``
        Customers who bought in that period; customers who bought in that period or any later one. Null where the period
        lies after the end of the log.
    ``estimate, std_error, low, high, level, method, unit``
        ``customers`` as a share (0 to 1) of the cohort, with its interval; 1 by definition in period 0.
    ``n``
        Customers of the cohort.
    ``complete``
        Whether the log covers the whole of that period. Null where it covers nothing of it.
    """

    by: tuple[str, ...] = ()
    every: str = "1mo"

    _title: ClassVar[str] = "Cohorts"

    def triangle(self, value: str = "estimate") -> pd.DataFrame:
        """Return one column as a triangle: a row per cohort, a column per period; what is not observed is null.

        Parameters
        ----------
        value : str
            A column of numbers, such as ``"estimate"``, ``"customers"``, ``"still"``, ``"low"``, ``"high"``.
        """
        if value not in COHORT_COLUMNS[4:] or value not in self.table:
            msg = f"value must be a column of numbers such as 'estimate', 'customers' or 'still', got {value!r}"
            raise CemkitError(msg)
        rows = [*self.by, "cohort"]
        width = int(self.table["period"].max()) + 1
        values = self.table[value].array.reshape(-1, width) if width else self.table[value].array
        keys = self.table[rows].iloc[::width].reset_index(drop=True)
        shaped = pd.DataFrame({period: values[:, period] for period in range(width)})
        return pd.concat([keys, shaped], axis=1).set_index(rows)

    def contract(self, model: Literal["sbg", "bdw"] = "sbg") -> ContractFit:
        """Fit a model of renewals to ``still`` in the periods that the log covers whole: for logs in which every customer is billed.

        Where customers come and go, ``still`` is too low near the end of the log, and so is the curve: fit a purchase model there.
        """
        return fit_contract(self._still(), model, unit=_UNITS.get(self.every.lstrip("1"), "month"))

    def curves(self, model: Literal["sbg", "bdw"] = "sbg") -> pd.DataFrame:
        """Return the fitted curve beside the cohorts: ``*by, cohort, period, observed, estimate, n``, shares still there."""
        fit = self.contract(model)
        known = self.table[self.table["complete"].fillna(value=False).astype(bool)]
        curve = fit.survival(known["period"].to_numpy(dtype=np.float64).tolist()).table["estimate"].to_numpy()
        shown = known[[*self.by, "cohort", "period"]].reset_index(drop=True)
        n = known["n"].to_numpy()
        return shown.assign(observed=known["still"].to_numpy(dtype=np.float64) / n, estimate=curve, n=n)

    def _still(self) -> pd.DataFrame:
        known = self.table[self.table["complete"].fillna(value=False).astype(bool)]
        keys = known[[*self.by, "cohort"]].astype(str).agg(" · ".join, axis=1)
        return pd.DataFrame({"cohort": keys, "period": known["period"], "customers": known["still"].astype(np.int64)})

    def plot(self) -> Any:
        """Return an Altair chart: the triangle of shares, darker where more bought (extra ``report``)."""
        from cemkit.charts.heat_map import heat_chart

        starts = self.table["cohort"].dt.strftime("%Y-%m-%d" if self.every.endswith(("d", "w")) else "%Y-%m")
        groups = [
            self.table[name].astype(object).where(self.table[name].notna(), "(none)").astype(str) for name in self.by
        ]
        row = starts.astype(object)
        for group in reversed(groups):
            row = group + " · " + row
        shown = self.table.assign(row=row, column=self.table["period"], value=self.table["estimate"])
        later = self.table.loc[self.table["period"] > 0, "estimate"].max()
        return heat_chart(shown, rows="cohort", columns="period", top=float(later) if later == later else None)

    def _display(self) -> pd.DataFrame:
        return self.triangle().reset_index()


def cohorts(
    transactions: Frame,
    *,
    every: str = "1mo",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str | None = "amount",
    until: object = None,
) -> Cohorts:
    """Follow the customers who first bought in the same period.

    Parameters
    ----------
    transactions : frame
        A row per purchase.
    every : str
        Length of a period: ``"1w"``, ``"1mo"``, ``"1q"``, ``"1y"`` or a multiple; calendar periods.
    by : str or list of str, optional
        Columns that are constant per customer; each group has its own triangle.
    level : float
        Level of the intervals.
    customer, at, amount : str
        Columns. Rows with a negative amount are refunds, not purchases; ``amount=None`` counts every row.
    until : date, optional
        The last day that the log covers; the day of its last row unless given. Later rows are left out.

    Returns
    -------
    Cohorts
        Shares with Wilson intervals, as rows and as triangles (``.triangle()``).

    Raises
    ------
    CemkitError
        If a column is absent or no time, the log has no purchase, or its last time lies in the future.

    Notes
    -----
    The share of cohort c in period t is (customers of c who bought in period c + t) / (customers of c). A cell after the
    end of the log is null; a period that the log covers in part is marked in ``complete``. ``still`` never rises
    along a row and counts those who had not bought for the last time: the customers of
    ``fit_contract``, where a customer is seen in every period, and too few of them near the end of the
    log everywhere else. The interval is for customers like these of the same cohort; cells of one row are the same customers.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007), How to project customer retention, *Journal of Interactive Marketing* 21,
    76-90. Wilson, E. B. (1927), *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "b", "a", "c"],
    ...         "occurred_at": pd.to_datetime(["2025-01-05", "2025-01-09", "2025-02-01", "2025-02-28"]),
    ...     }
    ... )
    >>> loyalty.cohorts(log).triangle("customers").to_numpy().tolist()
    [[2, 1], [1, <NA>]]
    """
    check_level(level)
    period = parse_period(every)
    names = column_names(by, reserved=COHORT_COLUMNS)
    if customer in names:
        msg = f"by={customer!r} would make every customer a group of one: leave it out"
        raise CemkitError(msg)
    log = purchases(transactions, customer=customer, at=at, amount=amount, until=until, constant=names)
    orders = known_order(log.bound, names)
    counts = unit_periods(log.bound, keys=names, unit=customer, at=at, period=period)
    groups, _ = group_rows(counts.seen.keys, names, orders=orders, rows=len(counts.seen.units))
    first, end = (int(period.index(day)) for day in (log.first_day, log.last_day))
    if end - first >= MOST_PERIODS:
        msg = f"the log reaches over {end - first + 1:,} periods, more than {MOST_PERIODS:,}: give longer ones with every="
        raise CemkitError(msg)
    seen = _dense(counts.seen, groups, first, end)
    still = _from_here_on(_dense(counts.last, groups, first, end))
    covered = int(period.last_day(end)) <= log.last_day
    table = _table(groups, seen, still, first, period, covered=covered, level=float(level))
    notes = [*log.assumptions, Assumption("cohorts-alike")]
    if not covered:
        notes.append(Assumption("last-period-incomplete", {"period": str(_date(period.first_day(end)).date())}))
    return Cohorts(table, tuple(notes), by=names, every=period.every)


def _dense(pairs: PeriodPairs, groups: Groups, first: int, end: int) -> Counts:
    """Return counts as (groups, cohorts, periods since)."""
    width = end - first + 1
    found = np.zeros((len(groups), width, width), dtype=np.int64)
    group = groups.codes(pairs.keys) if groups.names else np.zeros(len(pairs.units), dtype=np.intp)
    np.add.at(found, (group, pairs.first - first, pairs.other - pairs.first), pairs.units)
    return found


def _from_here_on(counts: Counts) -> Counts:
    return np.flip(np.cumsum(np.flip(counts, axis=2), axis=2), axis=2)


def _date(day: Any) -> pd.Timestamp:
    return pd.Timestamp(int(day), unit="D")


def _table(
    groups: Groups, seen: Counts, still: Counts, first: int, period: Period, *, covered: bool, level: float
) -> pd.DataFrame:
    width = seen.shape[1]
    which, cohort = np.nonzero(seen[:, :, 0])
    size = seen[which, cohort, 0]
    age = np.tile(np.arange(width), len(which))
    start = np.repeat(cohort, width)
    hidden = start + age >= width
    customers, remaining = (values[which, cohort].reshape(-1) for values in (seen, still))
    n = np.repeat(size, width)
    share, std_error = proportion_estimate(customers, n)
    low, high = proportion_interval(customers, n, level=level, method="wilson")
    given = age == 0
    std_error, low, high = (np.where(given, known, x) for known, x in ((0.0, std_error), (1.0, low), (1.0, high)))
    share, std_error, low, high = (np.where(hidden, np.nan, x) for x in (share, std_error, low, high))
    keys = groups.frame().iloc[np.repeat(which, width)].reset_index(drop=True)
    days = period.first_day(np.arange(first, first + 2 * width))
    last = start + age == width - 1
    complete = ~last | covered
    columns: dict[str, Any] = {
        "cohort": _times(days[start]),
        "period": age,
        "starts": _times(days[start + age]),
        "metric": pd.Index(["retention"] * len(age), dtype=object),
        "customers": pd.arrays.IntegerArray(customers, hidden.copy()),
        "still": pd.arrays.IntegerArray(remaining, hidden.copy()),
        "estimate": share,
        "std_error": std_error,
        "low": low,
        "high": high,
        "level": np.full(len(age), level),
        "method": pd.Index(np.where(given, "definition", "wilson"), dtype=object),
        "unit": pd.Index(["share"] * len(age), dtype=object),
        "n": n,
        "complete": pd.arrays.BooleanArray(complete, hidden.copy()),
    }
    return pd.DataFrame({**{name: keys[name] for name in groups.names}, **{c: columns[c] for c in COHORT_COLUMNS}})


def _times(days: Counts) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))
