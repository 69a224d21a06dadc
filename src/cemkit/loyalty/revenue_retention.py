"""The revenue bridge between two spans of time: how much stayed, grew, shrank, left and came, and how much of it was earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ContractError
from cemkit.estimation.sample import check_level
from cemkit.loyalty.purchases import bind_log, day_of, require_one_currency
from cemkit.results import Assumption, Result
from cemkit.tables.binding import Bound
from cemkit.tables.derive import count_nulls
from cemkit.tables.events import event_log
from cemkit.tables.rows import count_by
from cemkit.tables.window_totals import Window, WindowTotals, equal_rows, window_totals
from cemkit.typing import Frame

__all__ = ["RevenueBridge", "revenue_retention"]

Floats = npt.NDArray[np.float64]
Span = str | tuple[object, object]


@dataclass(frozen=True, eq=False, repr=False)
class RevenueBridge(Result):
    """A bridge of revenue, a row per part: start, new, returned, expansion, contraction, left, end.

    ``to_frame()`` gives ``part, customers, estimate, std_error, low, high, level, method, unit, share_of_start``;
    ``estimate`` is signed money: the parts from start to left sum to end.

    Attributes
    ----------
    rates
        ``metric, estimate, std_error, low, high, level, method, unit, n``: ``gross_retention``, ``net_retention``,
        ``new``, ``returned``, ``growth``, and with ``origin=`` ``earned_new`` and ``earned_growth``, all as shares of the
        revenue at the start.
    """

    rates: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Revenue bridge"

    def plot(self) -> Any:
        """Return an Altair chart: from the revenue at the start to that at the end, part by part (extra ``report``)."""
        from cemkit.charts.bars import bridge_chart

        shown = self.table.rename(columns={"part": "row", "estimate": "value"})
        return bridge_chart(shown.assign(total=shown["row"].isin(("start", "end"))), title="revenue")

    def rate(self, metric: str) -> float:
        """Return one of ``rates``, such as ``"net_retention"``."""
        found = self.rates.loc[self.rates["metric"] == metric, "estimate"]
        if found.empty:
            msg = f"metric must be one of {', '.join(map(repr, self.rates['metric']))}, got {metric!r}"
            raise CemkitError(msg)
        return float(found.iloc[0])


def revenue_retention(
    transactions: Frame,
    *,
    before: Span,
    after: Span,
    origin: str | None = None,
    earned: Sequence[Any] = ("referral",),
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str = "amount",
) -> RevenueBridge:
    """Bridge the revenue of one span of time to that of a later one, customer by customer.

    Parameters
    ----------
    transactions : frame
        A row per transaction; refunds are negative amounts and are netted.
    before, after : str or pair of dates
        The spans: ``"2024"``, ``"2024Q1"``, ``"2024-03"``, or ``("2024-03-01", "2024-03-28")``, both days included. They
        should be equally long.
    origin : str, optional
        The column that says what brought a purchase.
    earned : list
        The origins that the company has earned rather than bought.
    level : float
        Level of the intervals.
    customer, at, amount : str
        Columns.

    Returns
    -------
    RevenueBridge
        The parts with their intervals, and ``.rates``.

    Raises
    ------
    CemkitError
        If the spans overlap or stand in the wrong order, one of them has no transactions, the revenue at the start is
        not positive, amounts are missing or in several currencies, or ``transaction_id`` repeats.

    Notes
    -----
    With b and a a customer's net revenue in the two spans: start = Σ b; new = Σ a of those never seen before; returned = Σ a
    of those seen earlier but not in ``before``; expansion and contraction = Σ (a - b) where it is positive and negative, of
    those seen in both; left = -Σ b of those not seen in ``after``. start + new + returned + expansion + contraction + left
    = end = Σ a. Gross retention = (start + contraction + left)/start, net retention = gross retention + expansion/start, earned
    growth = net retention + earned new/start - 1, where a new customer is earned if a purchase of their first day in
    ``after`` has an earned origin. Intervals are t intervals for customers like these, taken as independent (a ratio's linearised
    error); a few large customers make them wide, and too narrow if there are very few.

    References
    ----------
    Reichheld, F., Darnell, D. and Burns, M. (2021), Net Promoter 3.0, *Harvard Business Review* 99(6), 80-89.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "b", "c", "a", "b", "d"],
    ...         "occurred_at": pd.to_datetime(["2023-02-01"] * 3 + ["2024-02-01"] * 3),
    ...         "amount": [100.0, 60.0, 40.0, 130.0, 50.0, 30.0],
    ...     }
    ... )
    >>> bridge = loyalty.revenue_retention(log, before="2023", after="2024")
    >>> bridge.to_frame()[["part", "estimate"]].to_numpy().tolist()
    [['start', 200.0], ['new', 30.0], ['returned', 0.0], ['expansion', 30.0], ['contraction', -10.0], ['left', -40.0], ['end', 210.0]]
    >>> bridge.rate("net_retention")
    0.9
    """
    check_level(level)
    first, second = _window(before, "before"), _window(after, "after")
    if first.last >= second.first:
        msg = f"before={before!r} must end before after={after!r} begins"
        raise CemkitError(msg)
    bound = bind_log(transactions, customer=customer, at=at)
    bound.require_number(amount, "amount")
    if origin is not None:
        bound.require(origin, "origin")
    require_one_currency(bound)
    rows, notes = _transactions(bound, second.last, customer, at, amount, origin)
    totals = window_totals(
        rows, unit=customer, at=at, value=amount, before=first, after=second, mark=origin, marks=tuple(earned)
    )
    _require_revenue(totals, before, after, amount)
    if origin is not None:
        _require_earned(rows, origin, earned)
        notes.append(Assumption("earned-origins", {"column": origin, "earned": ", ".join(map(str, earned))}))
    if first.last - first.first != second.last - second.first:
        days = {"before": first.last - first.first + 1, "after": second.last - second.first + 1}
        notes.append(Assumption("spans-differ", days))
    return RevenueBridge(_bridge(totals, level), tuple(notes), rates=_rates(totals, level, earned=origin is not None))


def _transactions(
    bound: Bound, until: int, customer: str, at: str, amount: str, origin: str | None
) -> tuple[Bound, list[Assumption]]:
    """Return the rows to sum, and what is to be known of them."""
    key = [name for name in ("transaction_id",) if name in bound.schema]
    log = event_log(bound, unit=customer, at=at, columns=[amount, *([origin] if origin else []), *key], until=until)
    notes = [Assumption("customers-alike")]
    if log.nameless:
        notes.append(Assumption("anonymous-left-out", {"rows": log.nameless}))
    if log.timeless:
        notes.append(Assumption("timeless-left-out", {"rows": log.timeless}))
    empty = count_nulls(log.bound, [amount])[amount] if log.rows else 0
    if empty:
        msg = f"{amount!r} is missing in {empty:,} of {log.rows:,} rows: fill it in, or leave those rows out"
        raise ContractError(msg)
    repeated = equal_rows(log.bound, key or [customer, at, amount]) if log.rows else 0
    if repeated and key:
        msg = f"'transaction_id' repeats in {repeated:,} rows, whose amounts would count twice: remove the duplicates"
        raise ContractError(msg)
    if repeated:
        notes.append(Assumption("equal-rows", {"rows": repeated}))
    return log.bound, notes


def _require_revenue(totals: WindowTotals, before: Span, after: Span, amount: str) -> None:
    for flag, span, name in ((totals.before, before, "before"), (totals.after, after, "after")):
        if not totals.n[flag].sum():
            msg = f"no transaction lies in {name}={span!r}: the log is empty there"
            raise CemkitError(msg)
    if not np.isfinite(totals.b.sum() + totals.a.sum()):
        msg = f"{amount!r} has infinite amounts: repair them"
        raise ContractError(msg)
    if totals.b.sum() <= 0:
        msg = f"the revenue in before={before!r} is {totals.b.sum():,.2f}, and nothing is a share of that: choose another span"
        raise CemkitError(msg)


def _window(span: Span, argument: str) -> Window:
    if isinstance(span, str):
        try:
            period = pd.Period(span)
        except ValueError:
            msg = f"{argument} must be a year, quarter, month ('2024', '2024Q1', '2024-03') or a pair of dates, got {span!r}"
            raise CemkitError(msg) from None
        return Window(day_of(period.start_time, argument), day_of(period.end_time, argument))
    if not isinstance(span, tuple | list) or len(span) != 2:
        msg = (
            f"{argument} must be a year, quarter, month ('2024', '2024Q1', '2024-03') or a pair of dates, got {span!r}"
        )
        raise CemkitError(msg)
    window = Window(day_of(span[0], argument), day_of(span[1], argument))
    if window.first > window.last:
        msg = f"{argument}={span!r} ends before it begins"
        raise CemkitError(msg)
    return window


def _require_earned(bound: Any, origin: str, earned: Sequence[Any]) -> None:
    found = {key for (key,) in count_by(bound, [origin]) if key is not None}
    if isinstance(earned, str) or not found & set(earned):
        shown = ", ".join(map(repr, sorted(found, key=str)[:8]))
        msg = f"earned={earned!r} must list values of {origin!r}, which has {shown or 'only nulls'}"
        raise CemkitError(msg)


def _parts(t: WindowTotals) -> dict[str, tuple[npt.NDArray[np.bool_], Floats, Floats]]:
    """Return each part as who is in it, and its coefficients of a and b."""
    one, zero = np.ones(len(t.n)), np.zeros(len(t.n))
    both = t.before & t.after
    return {
        "start": (t.before, zero, one),
        "new": (t.after & ~t.before & ~t.earlier, one, zero),
        "returned": (t.after & t.earlier, one, zero),
        "expansion": (both & t.more, one, -one),
        "contraction": (both & ~t.more, one, -one),
        "left": (t.before & ~t.after, zero, -one),
        "end": (t.after, one, zero),
    }


def _bridge(t: WindowTotals, level: float) -> pd.DataFrame:
    from scipy.special import stdtrit

    counted = t.before | t.after
    n = float(t.n[counted].sum())
    start = float(t.b.sum())
    rows = []
    for part, (who, on_a, on_b) in _parts(t).items():
        x = float((on_a * t.a + on_b * t.b)[who].sum())
        squares = float((on_a**2 * t.aa + 2 * on_a * on_b * t.ab + on_b**2 * t.bb)[who].sum())
        error = np.sqrt(max(squares - x * x / n, 0.0) * n / (n - 1)) if n > 1 else np.nan
        half = float(stdtrit(n - 1, (1 + level) / 2)) * error if n > 1 else np.nan
        rows.append((part, int(t.n[who].sum()), x, error, x - half, x + half, float(level), "t", "money", x / start))
    columns = ["part", "customers", "estimate", "std_error", "low", "high", "level", "method", "unit", "share_of_start"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("part", "method", "unit"), object))


def _rates(t: WindowTotals, level: float, *, earned: bool) -> pd.DataFrame:
    from scipy.special import stdtrit

    parts = _parts(t)
    one, zero = np.ones(len(t.n)), np.zeros(len(t.n))
    both, new = t.before & t.after, parts["new"][0]
    wanted = {
        "gross_retention": (both & ~t.more, both & t.more),
        "net_retention": (t.before, None),
        "new": (new, None),
        "returned": (parts["returned"][0], None),
        "growth": (t.after, -one),
    }
    if earned:
        wanted["earned_new"] = (new & t.marked, None)
        wanted["earned_growth"] = (t.before | (new & t.marked), -one)
    counted = t.before | t.after
    n, start = float(t.n[counted].sum()), float(t.b.sum())
    rows = []
    for metric, (on_a, on_b) in wanted.items():
        y_a, y_b = one * on_a, zero if on_b is None else one * on_b
        ratio = float((y_a * t.a + y_b * t.b).sum()) / start
        rest = y_b - ratio
        squares = float((y_a**2 * t.aa + 2 * y_a * rest * t.ab + rest**2 * t.bb).sum())
        error = np.sqrt(max(squares, 0.0) * n / (n - 1)) / start if n > 1 else np.nan
        half = float(stdtrit(n - 1, (1 + level) / 2)) * error if n > 1 else np.nan
        rows.append((metric, ratio, error, ratio - half, ratio + half, float(level), "linearised-t", "share", int(n)))
    columns = ["metric", "estimate", "std_error", "low", "high", "level", "method", "unit", "n"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("metric", "method", "unit"), object))
