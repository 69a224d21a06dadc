"""The repurchase rate: who bought again within so many days of the first purchase."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation import Measure, estimate
from cemkit.estimation.sample import check_level
from cemkit.loyalty.purchases import purchases
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.scales import Scale
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design, as_design
from cemkit.tables.first_again import within_of_first
from cemkit.tables.periods import parse_days
from cemkit.typing import Frame

__all__ = ["repurchase_rate"]

_FLAG = "_again"
_MEASURE = Measure("repurchase_rate", Scale(0, 1, bands={"not again": (0, 0), "again": (1, 1)}), "top", unit="share")


def repurchase_rate(
    transactions: Frame,
    *,
    within: str,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str | None = "amount",
    until: object = None,
) -> Estimates:
    """Estimate the share of customers who bought again within ``within`` of their first purchase.

    Parameters
    ----------
    transactions : frame
        A row per purchase, from each customer's first one on.
    within : str
        A length in days or weeks: ``"90d"``, ``"12w"``.
    by : str or list of str, optional
        Columns that are constant per customer.
    design : Design, optional
        How the customers were drawn; its columns are constant per customer.
    level : float
        Level of the intervals.
    customer, at, amount : str
        Columns. Rows with a negative amount are refunds, not purchases; ``amount=None`` counts every row.
    until : date, optional
        The last day that the log covers; the day of its last row unless given. Later rows are left out.

    Returns
    -------
    Estimates
        Shares from 0 to 1 with Wilson intervals (logit under a design). ``n`` is customers who could be followed for the
        whole length; ``missing`` is those whose length is not over yet.

    Raises
    ------
    CemkitError
        If the log has no purchase, lies in the future, or no customer could be followed for the whole length.

    Notes
    -----
    rate = #{customers with a purchase on day f + 1 .. f + within} / #{customers with f + within <= until}, where f is the day
    of the first purchase. Purchases on the first day are one purchase, as in the literature on repeat buying. Customers
    whose length is not over are left out even if they have bought again: to count only those would raise the rate. The
    rate is that of customers acquired long enough ago, which is not that of the newest.

    References
    ----------
    Ehrenberg, A. S. C. (1988), *Repeat-Buying*, 2nd ed. Brown, L. D., Cai, T. T. and DasGupta, A. (2001), *Statistical
    Science* 16, 101-133.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "b", "a", "c"],
    ...         "occurred_at": pd.to_datetime(["2025-01-05", "2025-01-09", "2025-01-20", "2025-02-28"]),
    ...     }
    ... )
    >>> rate = loyalty.repurchase_rate(log, within="30d").only
    >>> rate.estimate, rate.n, rate.missing
    (0.5, 2, 1)
    """
    check_level(level)
    days = parse_days(within, "within")
    names = column_names(by, reserved=ESTIMATE_COLUMNS)
    design = as_design(design)
    drawn = design.columns if design is not None else ()
    if _FLAG in (*names, *drawn):
        msg = f"the column name {_FLAG!r} is needed: rename the column"
        raise ColumnError(msg)
    keep = tuple(dict.fromkeys((*names, *drawn)))
    if customer in names:
        msg = f"by={customer!r} would make every customer a group of one: leave it out"
        raise CemkitError(msg)
    log = purchases(
        transactions,
        customer=customer,
        at=at,
        amount=amount,
        until=until,
        constant=keep,
        why="by" if not drawn else "by or design",
    )
    if log.first_day + days > log.last_day:
        first, last = (pd.Timestamp(day, unit="D").date() for day in (log.first_day, log.last_day))
        msg = (
            f"no customer can be followed for within={within!r}: the first purchase is on {first}, the log ends on {last}; "
            "choose a shorter length"
        )
        raise CemkitError(msg)
    people = within_of_first(log.bound, unit=customer, at=at, keep=keep, days=days, last_day=log.last_day, name=_FLAG)
    found = estimate(people, _MEASURE, score=_FLAG, by=names, design=design, level=level)
    notes = [*log.assumptions, *(note for note in found.assumptions if note.code != "missing-at-random")]
    waiting = int(found.table["missing"].sum())
    if waiting:
        notes.append(Assumption("not-followed-yet", {"customers": waiting, "days": days}))
    return Estimates(found.table, tuple(notes), by=found.by, bands=found.bands, targets=found.targets)
