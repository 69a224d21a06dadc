"""A log of transactions, bound, looked at for faults, and cut at the end of observation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.results import Assumption
from cemkit.statistics._arguments import is_one_of
from cemkit.tables.binding import Bound, bind
from cemkit.tables.periods import parse_period, second_of
from cemkit.tables.rows import count_by, keep_columns
from cemkit.tables.unit_rollup import EventCheck, EventColumns, event_check
from cemkit.typing import Frame

__all__ = ["Refunds", "TransactionLog", "transaction_log"]

Refunds = Literal["net", "drop", "raise"]

_PERIODS = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
_RESERVED = frozenset(
    {
        "frequency",
        "recency",
        "age",
        "spend",
        "total",
        "log_interval",
        "count",
        "first",
        "last",
        "estimate",
        "std_error",
        "low",
        "high",
    }
)
_DAY = 86_400


@dataclass(frozen=True, eq=False)
class TransactionLog:
    """A bound log of transactions whose faults were looked for, and the window in it (numbers of grain periods)."""

    bound: Bound
    columns: EventColumns
    check: EventCheck
    until: int
    notes: tuple[Assumption, ...]


def transaction_log(
    transactions: Frame,
    *,
    customer: str,
    at: str,
    amount: str | None,
    until: Any,
    grain: str,
    refunds: Refunds,
) -> TransactionLog:
    """Bind a log of transactions and refuse what makes no history."""
    if not is_one_of(grain, _PERIODS):
        msg = f"grain must be one of {', '.join(map(repr, _PERIODS))}, got {grain!r}.{did_you_mean(grain, _PERIODS)}"
        raise CemkitError(msg)
    if not is_one_of(refunds, ("net", "drop", "raise")):
        msg = f"refunds must be 'net', 'drop' or 'raise', got {refunds!r}"
        raise CemkitError(msg)
    bound = bind(transactions, what="transactions")
    bound.require_order(customer, "customer")
    bound.require_time(at, "at")
    if customer in _RESERVED:
        msg = f"customer={customer!r} is also the name of a result column: rename it in the data first"
        raise ColumnError(msg)
    if amount is not None:
        bound.require_number(amount, "amount")
        _one_currency(bound)
    columns = EventColumns(customer, at, amount, parse_period(_PERIODS[grain]), drop_negative=refunds == "drop")
    check = event_check(bound, columns)
    if check.last is None:
        msg = f"transactions have no row with a time in {at!r} ({check.rows:,} rows): check the file or the filter that made it"
        raise CemkitError(msg)
    if check.bad_amounts:
        msg = (
            f"amount={amount!r} is null or no finite number in {check.bad_amounts:,} of {check.rows:,} rows: repair them, leave them "
            "out, or say amount=None to count purchases only"
        )
        raise ContractError(msg)
    if check.negative and refunds == "raise":
        msg = (
            f"amount={amount!r} is negative in {check.negative:,} of {check.rows:,} rows: say refunds='net' to sum them with the "
            "purchases of their day, or refunds='drop' to leave them out"
        )
        raise ContractError(msg)
    return TransactionLog(
        bound, columns, check, _last_period(until, check.last, columns), _log_notes(check, columns, refunds)
    )


def _last_period(until: Any, last: int, columns: EventColumns) -> int:
    """Return the last period of observation."""
    if until is not None:
        return int(columns.period.index(second_of(until, "until") // _DAY))
    today = int(np.datetime64("today", "D").astype(np.int64)) + 1  # somewhere it is tomorrow
    if last > int(columns.period.index(today)):
        day = np.datetime64(int(columns.period.first_day(last)), "D")
        msg = f"the last time in {columns.at!r} ({day}) lies in the future: repair it, or say until= up to which day was observed"
        raise CemkitError(msg)
    return last


def _log_notes(check: EventCheck, columns: EventColumns, refunds: Refunds) -> tuple[Assumption, ...]:
    notes = [Assumption("first-purchase-apart", {"grain": columns.period.every})]
    if check.null_units:
        notes.append(Assumption("no-customer", {"rows": check.null_units, "column": columns.unit}))
    if check.null_times:
        notes.append(Assumption("null-times", {"rows": check.null_times, "column": columns.at}))
    if check.negative:
        notes.append(Assumption("refunds-dropped" if refunds == "drop" else "refunds-netted", {"rows": check.negative}))
    return tuple(notes)


def _one_currency(bound: Bound) -> None:
    """Raise where the table says that amounts are in several currencies."""
    if "currency" not in bound.schema:
        return
    found = sorted(
        {str(key) for (key,) in count_by(keep_columns(bound, ["currency"]), ["currency"]) if key is not None}
    )
    if len(found) > 1:
        shown = ", ".join(map(repr, found[:5]))
        msg = f"amounts are in {len(found)} currencies ({shown}; column 'currency'): convert them to one, or keep the rows of one"
        raise ContractError(msg)
