"""The experiences as a log of states: bound and checked once, with what had to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.results import Assumption
from cemkit.stages.profile import require_labels
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.events import known_rows, units_with_several
from cemkit.tables.groups import known_order
from cemkit.tables.periods import as_stamp
from cemkit.tables.stamps import stamp_of
from cemkit.tables.state_log import StateLog, state_log
from cemkit.typing import Frame

__all__ = ["ExperienceLog", "end_of", "experience_log"]


@dataclass(frozen=True, eq=False)
class ExperienceLog:
    """Who was where when, and the orders of groups that are known beforehand."""

    log: StateLog
    by: tuple[str, ...]
    orders: dict[str, Sequence[Any]]
    assumptions: tuple[Assumption, ...]


def experience_log(
    experiences: Frame,
    *,
    state: str,
    customer: str,
    at: str,
    by: str | Sequence[str] | None,
    reserved: Sequence[str],
    until: object = None,
    stamps: Sequence[str] = (),
) -> ExperienceLog:
    """Bind experiences; leave out, and count, the rows that lack a customer, a time or a state.

    Parameters
    ----------
    experiences, state, customer, at
        The table and its columns.
    by
        Columns that are constant per customer.
    reserved
        Names of result columns.
    until
        The end of the log: later rows are left out.
    stamps
        Further columns of times, constant per customer.
    """
    bound = bind(experiences, what="experiences")
    bound.require_order(customer, "customer")
    bound.require_time(at, "at")
    require_labels(bound, [state])
    bound.require_order(state, "state")
    names = column_names(by, reserved=reserved)
    for name in names:
        bound.require_key(name, "by")
    named = {"customer": customer, "at": at, "state": state}
    for argument, name in named.items():
        if name in names:
            msg = f"by={name!r} is the column of {argument}=: leave it out of by="
            raise ColumnError(msg)
    if len(set(named.values())) < len(named):
        msg = f"customer, at and state must be three columns, got {customer!r}, {at!r} and {state!r}"
        raise ColumnError(msg)
    for name in stamps:
        bound.require_time(name, "left")
    end = None if until is None else end_of(until, bound, at)
    log = state_log(bound, unit=customer, at=at, state=state, keys=names, stamps=stamps, until=end)
    if not log.rows:
        reasons = {"customer": log.nameless, "time": log.timeless, "state": log.stateless}
        found = [f"{n:,} without a {name}" for name, n in reasons.items() if n]
        found += [f"{log.later:,} after until={until!r}"] if log.later else []
        shown = f" ({', '.join(found)})" if found else ""
        msg = f"no experience can be used{shown}: check the file or the filter that made it"
        raise CemkitError(msg)
    if names or stamps:
        _require_constant(bound, customer, at, names, "by")
        _require_constant(bound, customer, at, stamps, "left")
    notes = [
        Assumption(code, {"rows": n, "column": column})
        for code, n, column in (
            ("experiences-without-customer", log.nameless, customer),
            ("experiences-without-time", log.timeless, at),
            ("experiences-without-state", log.stateless, state),
        )
        if n
    ]
    if log.later:
        notes.append(Assumption("experiences-later", {"rows": log.later, "until": str(until)}))
    return ExperienceLog(log, names, known_order(bound, names), tuple(notes))


def end_of(until: object, bound: Bound, at: str) -> int:
    """Return the last microsecond of the log: of a day where ``until`` is one, else that moment."""
    stamp = as_stamp(until, "until")
    zone = getattr(bound.schema[at], "time_zone", None)
    if zone is not None and stamp.tzinfo is None:
        stamp = stamp.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    elif zone is None and stamp.tzinfo is not None:
        msg = f"until={until!r} has a time zone, the times in {at!r} have none: give both or neither"
        raise CemkitError(msg)
    if stamp == stamp.normalize():
        stamp = stamp + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    return stamp_of(stamp)


def _require_constant(bound: Bound, customer: str, at: str, columns: Sequence[str], argument: str) -> None:
    several = units_with_several(replace(bound, frame=known_rows(bound, customer, at)), unit=customer, columns=columns)
    if several:
        shown = ", ".join(map(repr, columns))
        msg = (
            f"{several:,} customers have more than one value of {shown}, so it is not clear where they belong: {argument}= "
            "needs columns that are constant per customer"
        )
        raise ContractError(msg)
