"""How long customers stayed: from the dates of their spells, or from columns of durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ContractError
from cemkit.results import Assumption
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.groups import Groups, group_rows, known_order
from cemkit.tables.number_rows import number_rows, require_flag, require_flags
from cemkit.tables.spell import Spell, as_spell
from cemkit.tables.spells import cause_codes, spell_table
from cemkit.typing import Frame

__all__ = ["CUSTOMER", "Durations", "read_durations"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

CUSTOMER = "customer_id"


@dataclass(frozen=True, eq=False)
class Durations:
    """One element per spell: its length, how it ended, from when it was watched, and its group.

    Attributes
    ----------
    time
        Time from entering until leaving or until last seen.
    event
        Whether it ended in churn.
    cause
        0 where the customer was still there, else the place of the cause in ``causes``, from 1.
    causes
        The causes of those who left, churn or not.
    entry
        Time from which it was watched; None where all were watched from the beginning.
    group, groups
        The group of each, and all of them.
    unit
        ``"day"``, or ``""`` where durations were given.
    assumptions
        What was assumed.
    """

    time: Floats
    event: Bools
    cause: Ints
    causes: tuple[Any, ...]
    entry: Floats | None
    group: npt.NDArray[np.intp]
    groups: Groups
    unit: str
    assumptions: tuple[Assumption, ...]


def read_durations(
    data: Frame,
    *,
    spell: Spell,
    duration: str | None,
    event: str | None,
    entry: str | None,
    by: str | Sequence[str] | None,
    reserved: Sequence[str],
    cause: str | None = None,
) -> Durations:
    """Read spells, or columns of durations where ``duration`` names one."""
    spell = as_spell(spell)
    bound = bind(data, what="customers")
    names = column_names(by, reserved=reserved)
    for name in names:
        bound.require_key(name, "by")
    if duration is None:
        if event is not None:
            msg = f"event={event!r} needs the column of durations: say duration= as well, or leave both out and give a spell"
            raise CemkitError(msg)
        if cause is not None:
            spell = replace(spell, reason=bound.require_key(cause, "cause"), causes=None)
        return _from_spells(bound, spell, entry, names)
    if spell != Spell():
        msg = f"give either a spell or duration={duration!r}, not both"
        raise CemkitError(msg)
    if event is None and cause is None:
        msg = (
            f"duration={duration!r} needs event=, the column that says who left (true) and who was still there (false)"
        )
        raise CemkitError(msg)
    return _from_columns(bound, duration, event, entry, cause, names)


def _from_spells(bound: Bound, spell: Spell, entry: str | None, names: tuple[str, ...]) -> Durations:
    customer = CUSTOMER if CUSTOMER in bound.schema or spell.spell_id is not None else None
    if customer in names:
        msg = f"by={customer!r} would make every customer a group of one: leave it out"
        raise CemkitError(msg)
    found = spell_table(bound, spell, columns=names, times=[] if entry is None else [entry], customer=customer)
    groups, group = group_rows(found.columns, names, orders=known_order(bound, names), rows=len(found))
    time = found.left - found.entered
    late, notes = (None, []) if entry is None else _late(found.times[entry] - found.entered, time, entry)
    if len(found.ids) < len(found):
        notes.append(Assumption("spells-independent", {"spells": len(found), "customers": len(found.ids)}))
    return Durations(
        time,
        found.event,
        found.cause,
        found.causes,
        late,
        group,
        groups,
        "day",
        (Assumption("uninformative-end"), *found.assumptions, *notes),
    )


def _from_columns(
    bound: Bound, duration: str, event: str | None, entry: str | None, cause: str | None, names: tuple[str, ...]
) -> Durations:
    numbers = [bound.require_number(duration, "duration")]
    if event is not None:
        numbers.append(require_flag(bound, event, "event"))
    if entry is not None:
        numbers.append(bound.require_number(entry, "entry"))
    if cause is not None:
        bound.require_key(cause, "cause")
    keys = [*names, *([cause] if cause is not None else [])]
    values, further = number_rows(bound, numbers, keys=keys)
    time = values[duration]
    if not time.size:
        msg = "the table of customers has no rows: check the file or the filter that made it"
        raise CemkitError(msg)
    wrong = int(np.count_nonzero(~(np.isfinite(time) & (time >= 0))))
    if wrong:
        msg = f"duration={duration!r} is null, negative or infinite in {wrong:,} of {time.size:,} rows: repair them or leave them out"
        raise ContractError(msg)
    if event is not None:
        gone = require_flags(values[event], event, "event")
    else:
        gone = np.array([not (reason is None or reason != reason) for reason in further[str(cause)]], dtype=np.bool_)
    codes, causes = cause_codes(further[cause], gone) if cause is not None else (gone.astype(np.int64), ("left",))
    groups, group = group_rows(further, names, orders=known_order(bound, names), rows=time.size)
    late, notes = (None, []) if entry is None else _late(values[entry], time, entry)
    return Durations(
        time,
        gone,
        codes,
        causes,
        late,
        group,
        groups,
        "",
        (Assumption("uninformative-end"), *notes),
    )


def _late(entry: Floats, time: Floats, column: str) -> tuple[Floats | None, list[Assumption]]:
    """Return entries, −∞ for who was watched from the beginning; raise where somebody was gone by then."""
    null = int(np.isnan(entry).sum())
    if null:
        msg = f"entry={column!r} is null in {null:,} of {entry.size:,} rows: give these the time of entering, if watched from then on"
        raise ContractError(msg)
    late = np.asarray(np.where(entry > 0, entry, -np.inf), dtype=np.float64)
    wrong = int(np.count_nonzero(late >= time))
    if wrong:
        msg = (
            f"entry={column!r} is not before the end in {wrong:,} of {entry.size:,} rows: customers who had left before they were watched "
            "tell nothing, leave them out"
        )
        raise ContractError(msg)
    number = int(np.count_nonzero(np.isfinite(late)))
    return (late, [Assumption("late-entries", {"rows": number})]) if number else (None, [])
