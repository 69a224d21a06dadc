"""What each customer bought and when, in the few numbers that purchase models and RFM need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.loyalty.transaction_log import Refunds, TransactionLog, transaction_log
from cemkit.results import Assumption, Result
from cemkit.statistics.histories import Histories, histories
from cemkit.statistics.purchase_predictions import DAYS_OF_UNIT
from cemkit.tables.binding import bind, collect
from cemkit.tables.periods import second_of
from cemkit.tables.rows import keep_columns
from cemkit.tables.unit_rollup import UnitRollup, unit_rollup
from cemkit.typing import Frame

__all__ = ["HISTORY_COLUMNS", "PurchaseHistory", "history"]

HISTORY_COLUMNS = ("frequency", "recency", "age", "spend", "total", "log_interval", "count")
_DAY = 86_400


@dataclass(frozen=True, eq=False, repr=False)
class PurchaseHistory(Result):
    """Purchase histories, one row per customer.

    ``to_frame()`` gives the customer's column and

    - ``frequency``: repeat purchases, x: different days (periods of `grain`) with a purchase, less the first;
    - ``recency``: time from the first to the last purchase, t_x (not since the last one), 0 without repeat purchases;
    - ``age``: time from the first purchase to the end of the window, T; the number of BG/BB's opportunities where
      `unit` is the grain;
    - ``spend``: mean amount per repeat purchase, net of refunds after the first purchase; 0 without repeat purchases, NaN
      without amounts;
    - ``total``: Σ amount of all purchases, NaN without amounts;
    - ``log_interval``: sum of the logarithms of the times between purchases, NaN if not counted;
    - ``count``: the customers that a row stands for;

    and ``first`` and ``last``, the days of the first and last purchase, where it was counted from transactions; and what
    :meth:`with_covariates` added.

    Attributes
    ----------
    customer
        The customer's column; empty if rows are not named.
    unit
        The unit of recency, age and log_interval.
    grain
        Purchases in the same period of this length are one.
    since, until
        The window, as ISO dates; empty where it is open or unknown.
    refunds
        How negative amounts were treated; empty without amounts.
    covariates
        The columns that :meth:`with_covariates` added.
    """

    customer: str = ""
    unit: str = "week"
    grain: str = ""
    since: str = ""
    until: str = ""
    refunds: str = ""
    covariates: tuple[str, ...] = ()

    _title: ClassVar[str] = "Purchase history"

    @classmethod
    def from_summary(
        cls,
        frame: Frame,
        *,
        customer: str | None = "customer_id",
        frequency: str = "frequency",
        recency: str = "recency",
        age: str = "age",
        spend: str | None = None,
        log_interval: str | None = None,
        count: str | None = None,
        unit: str = "week",
    ) -> PurchaseHistory:
        """Read histories that were counted elsewhere: a row per customer, or per kind of customer with ``count``.

        Parameters
        ----------
        frame : frame
            A table of any supported engine; its needed columns are collected.
        customer : str, optional
            The customer's column; it may be absent from the table if it is ``"customer_id"`` or None.
        frequency, recency, age : str
            Repeat purchases, time from the first to the last purchase (not since the last), and time from the first to
            the end of observation (opportunities for BG/BB).
        spend, log_interval, count : str, optional
            Mean amount per repeat purchase, sum of log times between purchases, and how many customers are alike.
        unit : str
            The unit of the times: ``"hour"``, ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.

        Raises
        ------
        ColumnError
            If a column is absent or no number.
        CemkitError
            If a row is no possible history, or a customer has two rows.

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit import loyalty
        >>> counted = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0], "age": [38.86, 38.86]})
        >>> len(loyalty.PurchaseHistory.from_summary(counted))
        2
        """
        bound = bind(frame, what="frame")
        _check_unit(unit, "unit")
        if customer == "customer_id" and customer not in bound.schema:
            customer = None
        given = {
            "frequency": frequency,
            "recency": recency,
            "age": age,
            "spend": spend,
            "log_interval": log_interval,
            "count": count,
        }
        names = {key: bound.require_number(name, key) for key, name in given.items() if name is not None}
        kept = list(dict.fromkeys([*([bound.require(customer, "customer")] if customer else []), *names.values()]))
        table = collect(keep_columns(bound, kept).frame.select(*kept))
        columns = {key: np.asarray(table[name], dtype=np.float64) for key, name in names.items()}
        columns.setdefault("count", np.ones(len(columns["frequency"])))
        histories(columns["frequency"], columns["recency"], columns["age"], count=columns["count"])
        for key in ("spend", "log_interval"):
            columns.setdefault(key, np.full(len(columns["frequency"]), np.nan))
        made = pd.DataFrame({customer: table[customer]} if customer else {}, index=range(len(columns["frequency"])))
        columns["total"] = np.full(len(made), np.nan)
        for key in HISTORY_COLUMNS:
            made[key] = columns[key].astype(np.int64) if key == "frequency" else columns[key]
        if customer and made[customer].duplicated().any():
            twice = made.loc[made[customer].duplicated(), customer]
            msg = (
                f"a customer has one row: {len(twice):,} of {len(made):,} rows repeat a {customer!r}, the first {twice.iloc[0]!r}; "
                "for rows that stand for many customers, give count= and customer=None"
            )
            raise ContractError(msg)
        return cls(made, (), customer=customer or "", unit=unit)

    def histories(self) -> Histories:
        """Return the checked arrays that the models of :mod:`cemkit.statistics` take."""
        table = self.table
        return histories(
            table["frequency"].to_numpy(),
            table["recency"].to_numpy(),
            table["age"].to_numpy(),
            count=table["count"].to_numpy(),
            log_interval=table["log_interval"].to_numpy(),
            covariates=table[list(self.covariates)].to_numpy(dtype=np.float64) if self.covariates else None,
        )

    def with_covariates(self, covariates: Frame, *, columns: str | Sequence[str] | None = None) -> PurchaseHistory:
        """Return the history with what is known of each customer and does not change.

        Parameters
        ----------
        covariates : frame
            A row per customer with this history's customer column and numeric columns (indicators for categories).
        columns : str or list of str, optional
            The columns; all but the customer's by default.

        Raises
        ------
        CemkitError
            If rows are not named by a customer, or a customer has no row, two rows or a null.
        ColumnError
            If a column is absent or no number.
        """
        if not self.customer:
            msg = "covariates are joined by customer, but this history's rows name none: give customer= to from_summary"
            raise CemkitError(msg)
        bound = bind(covariates, what="covariates")
        key = bound.require(self.customer, "customer")
        names = (columns,) if isinstance(columns, str) else columns
        wanted = [name for name in bound.schema if name != key] if names is None else list(names)
        clash = sorted(set(wanted) & {*self.table.columns} - {*self.covariates})
        if clash:
            msg = f"the covariate {clash[0]!r} is also a column of the history: rename it first"
            raise ColumnError(msg)
        for name in wanted:
            bound.require_number(name, "covariates")
        table = collect(keep_columns(bound, [key, *wanted]).frame.select(key, *wanted))
        values = _aligned(self.table[self.customer], table, key, wanted)
        made = self.table.drop(columns=list(self.covariates)).assign(**values)
        return replace(self, table=made, covariates=tuple(wanted))

    def plot(self) -> Any:
        """Return an Altair chart: customers by repeat purchases (extra ``report``)."""
        from cemkit.charts.distribution import distribution_chart, distribution_rows

        rows = distribution_rows(self.table["frequency"], self.table["count"])
        return distribution_chart(rows, title="repeat purchases", units="customers")

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["count"]) if (self.table["count"] == 1).all() else self.table


def _aligned(
    customers: pd.Series, table: Mapping[str, Any], key: str, columns: Sequence[str]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns in the order of the customers, each of whom has one row with numbers."""
    index = pd.Index(list(table[key]))
    if index.has_duplicates:
        msg = f"covariates have more than one row of {int(index.duplicated().sum()):,} customers: keep one row per {key!r}"
        raise ContractError(msg)
    place = index.get_indexer(pd.Index(list(customers)))
    if (place < 0).any():
        first = customers.iloc[int(np.flatnonzero(place < 0)[0])]
        msg = f"covariates have no row of {int((place < 0).sum()):,} of {len(place):,} customers, the first {first!r}"
        raise ContractError(msg)
    found = {name: np.asarray(table[name], dtype=np.float64)[place] for name in columns}
    for name, values in found.items():
        if not np.isfinite(values).all():
            msg = f"the covariate {name!r} is no finite number for {int((~np.isfinite(values)).sum()):,} customers: fill it in"
            raise ContractError(msg)
    return found


def _check_unit(unit: object, argument: str) -> None:
    if unit not in DAYS_OF_UNIT:
        msg = f"{argument} must be one of {', '.join(map(repr, DAYS_OF_UNIT))}, got {unit!r}.{did_you_mean(unit, DAYS_OF_UNIT)}"
        raise CemkitError(msg)


def history(
    transactions: Frame,
    *,
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str | None = "amount",
    until: Any = None,
    since: Any = None,
    unit: str = "week",
    grain: str = "day",
    refunds: Refunds = "net",
    intervals: bool = True,
) -> PurchaseHistory:
    r"""Count each customer's repeat purchases, recency, age and spend from a log of transactions.

    With :math:`d_0 < d_1 < \dots < d_x` the different days on which a customer bought, the history is :math:`x`,
    :math:`t_x = d_x - d_0`, :math:`T = \mathrm{until} - d_0` and the mean amount of the days after :math:`d_0`. The
    first purchase makes a customer and is no repeat purchase; purchases on one day are one.

    Parameters
    ----------
    transactions : frame
        A row per transaction, in any supported engine; sums are made there, and a row per customer is collected.
    customer, at, amount : str
        The columns; ``amount=None`` where only the times matter.
    until : date, optional
        The last day of observation (included); later rows are not looked at. The last day in the data by default.
    since : date, optional
        Customers whose first purchase lies before it are left out: what they did earlier would not be seen.
    unit : str
        The unit of time of the result, ``"hour"`` to ``"year"`` (a month is 365.25/12 days).
    grain : str
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``: purchases within the same one are one.
    refunds : {"net", "drop", "raise"}
        Negative amounts are summed with the others of their day (a day with a sale counts as a purchase even if its sum is
        zero; a day of refunds alone is no purchase, its amount is taken from the spend on repeat purchases), left out, or
        an error.
    intervals : bool
        Whether to sum the logarithms of the times between purchases, which only the CNBD-k models need; it costs one pass
        over days in order.

    Returns
    -------
    PurchaseHistory
        A row per customer, in the order of customers.

    Raises
    ------
    ColumnError
        If a column is absent or of the wrong type; times in mixed time zones among them.
    ContractError
        If amounts are null or infinite, negative under ``refunds="raise"``, or in several currencies (a column ``currency``
        that is not constant).
    CemkitError
        If there is no purchase in the window, or without ``until`` the last time lies in the future.

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way. Marketing Science 24.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-01-01", "2025-01-15", "2025-01-08"]),
    ...         "amount": [20.0, 5.0, 12.0, 9.0],
    ...     }
    ... )
    >>> found = loyalty.history(log, until="2025-01-29").to_frame()
    >>> found[["customer_id", "frequency", "recency", "age", "spend"]]
      customer_id  frequency  recency  age  spend
    0           a          1      2.0  4.0   12.0
    1           b          0      0.0  3.0    0.0
    """
    _check_unit(unit, "unit")
    log = transaction_log(
        transactions, customer=customer, at=at, amount=amount, until=until, grain=grain, refunds=refunds
    )
    period = log.columns.period
    found = unit_rollup(log.bound, log.columns, until=log.until, intervals=intervals, refunds=log.check.negative > 0)
    notes = list(log.notes)
    start = ""
    if since is not None:
        day = second_of(since, "since") // _DAY
        start = str(np.datetime64(day, "D"))
        late = found.first >= int(period.index(day))
        if not late.all():
            notes.append(Assumption("earlier-customers", {"customers": int((~late).sum()), "since": start}))
            found = _take(found, late)
    if not len(found.units):
        last = str(np.datetime64(int(period.last_day(log.until)), "D"))
        msg = (
            f"there is no purchase in the window from {start or 'the first row'} to {last}, of {log.check.rows:,} rows: check since, "
            "until and the filter that made the table"
        )
        raise CemkitError(msg)
    if found.alike.any() and amount is not None:
        notes.append(Assumption("look-alike-purchases", {"rows": int(found.alike.sum()), "grain": grain}))
    made = _history_table(found, log, customer=customer, unit=unit, grain=grain)
    ends = str(np.datetime64(int(period.last_day(log.until)), "D")) if grain != "day" else ""
    ends = ends or str(np.datetime64(log.until, "D"))
    return PurchaseHistory(
        made,
        tuple(notes),
        customer=customer,
        unit=unit,
        grain=grain,
        since=start,
        until=ends,
        refunds="" if amount is None else refunds,
    )


def _take(found: UnitRollup, kept: npt.NDArray[np.bool_]) -> UnitRollup:
    place = np.flatnonzero(kept)
    return UnitRollup(
        found.units[place] if isinstance(found.units, np.ndarray) else [found.units[i] for i in place.tolist()],
        *(
            getattr(found, name)[place]
            for name in ("days", "first", "last", "amount", "first_amount", "log_gaps", "alike")
        ),
    )


def _history_table(found: UnitRollup, log: TransactionLog, *, customer: str, unit: str, grain: str) -> pd.DataFrame:
    """Return the rows of a history in the order of customers."""
    scale = DAYS_OF_UNIT[grain] / DAYS_OF_UNIT[unit]
    repeat = found.days - 1
    again = np.maximum(repeat, 1)
    paid = log.columns.amount is not None
    spend = np.where(repeat > 0, (found.amount - found.first_amount) / again, 0.0)
    period = log.columns.period
    table = pd.DataFrame(
        {
            customer: found.units,
            "frequency": repeat,
            "recency": (found.last - found.first) * scale,
            "age": (log.until - found.first) * scale,
            "spend": spend if paid else np.full(repeat.size, np.nan),
            "total": found.amount if paid else np.full(repeat.size, np.nan),
            "log_interval": found.log_gaps + repeat * np.log(scale),
            "count": np.ones(repeat.size),
            "first": period.first_day(found.first).astype("datetime64[D]").astype("datetime64[s]"),
            "last": period.first_day(found.last).astype("datetime64[D]").astype("datetime64[s]"),
        }
    )
    if table[customer].is_monotonic_increasing:  # engines sort faster
        return table
    return table.sort_values(customer, kind="stable", ignore_index=True)
