"""A log of purchases, bound and checked once: which rows count as a purchase, and until when the log reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.results import Assumption
from cemkit.tables.binding import Bound, bind
from cemkit.tables.events import event_log, units_with_several
from cemkit.tables.periods import second_of
from cemkit.tables.rows import count_by
from cemkit.typing import Frame

__all__ = ["Purchases", "bind_log", "day_of", "purchases", "require_one_currency"]

_DAY = 86_400


@dataclass(frozen=True)
class Purchases:
    """The rows that count as a purchase.

    ``last_day`` is the last day of the log (days since 1970-01-01): the day of ``until=``, else that of the last row.
    """

    bound: Bound
    first_day: int
    last_day: int
    assumptions: tuple[Assumption, ...]


def purchases(
    transactions: Frame,
    *,
    customer: str,
    at: str,
    amount: str | None,
    until: object,
    constant: Sequence[str] = (),
    why: str = "by",
) -> Purchases:
    """Bind a log; leave out, and count, refunds and the rows without a customer or a time.

    Parameters
    ----------
    transactions, customer, at
        The log and its columns.
    amount
        Rows with a negative amount are refunds, no purchases. A default name that is no column is no error.
    until
        Last day of the log; later rows are left out.
    constant
        Columns that must have one value per customer.
    why
        The argument that named them.
    """
    bound = bind_log(transactions, customer=customer, at=at)
    for name in constant:
        bound.require_key(name, why)
    positive = None
    if amount is not None and (amount in bound.schema or amount != "amount"):
        positive = bound.require_number(amount, "amount")
    last = None if until is None else day_of(until, "until")
    columns = [name for name in constant if name != customer]
    log = event_log(bound, unit=customer, at=at, columns=columns, positive=positive, until=last)
    left = {"refunds": log.negative, "without a customer": log.nameless, "without a time": log.timeless}
    if log.first_day is None or log.last_day is None:
        found = ", ".join(f"{n:,} {name}" for name, n in {**left, "after until=": log.later}.items() if n)
        msg = f"the log has no purchase{f' ({found})' if found else ''}: check the file or the filter that made it"
        raise CemkitError(msg)
    if until is None:
        _refuse_future(log.last_day, at)
    several = units_with_several(log.bound, unit=customer, columns=columns)
    if several:
        shown = ", ".join(map(repr, columns))
        msg = (
            f"{several:,} customers have more than one value of {shown}, so it is not clear where they belong: {why}= needs "
            "columns that are constant per customer, such as the value at the first purchase"
        )
        raise ContractError(msg)
    codes = {
        "refunds": "refunds-left-out",
        "without a customer": "anonymous-left-out",
        "without a time": "timeless-left-out",
    }
    notes = [Assumption(codes[name], {"rows": n}) for name, n in left.items() if n]
    if log.later:
        notes.append(Assumption("later-left-out", {"rows": log.later, "until": str(until)}))
    return Purchases(log.bound, log.first_day, log.last_day if last is None else last, tuple(notes))


def bind_log(data: Frame, *, customer: str, at: str) -> Bound:
    """Bind a log and require its columns of customers and times."""
    bound = bind(data)
    bound.require_key(customer, "customer")
    bound.require_time(at, "at")
    if customer == at:
        msg = f"customer and at both name the column {customer!r}"
        raise ColumnError(msg)
    return bound


def day_of(value: object, argument: str) -> int:
    """Return a date in days since 1970-01-01."""
    return second_of(value, argument) // _DAY


def require_one_currency(bound: Bound) -> None:
    """Raise where a column ``currency`` has several values: their amounts cannot be added."""
    if "currency" not in bound.schema:
        return
    found = sorted((key for (key,) in count_by(bound, ["currency"]) if key is not None), key=str)
    if len(found) > 1:
        shown = ", ".join(map(repr, found[:5]))
        msg = f"the amounts are in {len(found)} currencies ({shown}) and cannot be added: convert them to one first, or take one"
        raise ContractError(msg)


def _refuse_future(last_day: int, at: str) -> None:
    today = int(datetime.now(UTC).timestamp() // _DAY)
    if last_day > today + 1:  # somewhere it is tomorrow already
        msg = (
            f"the last time in {at!r} is {pd.Timestamp(last_day, unit='D').date()}, which is in the future: repair the times, or say "
            "until= to leave out later rows"
        )
        raise ContractError(msg)
