"""Spells: when each customer entered and left, and why, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.results import Assumption
from cemkit.tables.binding import Bound
from cemkit.tables.factor import factor
from cemkit.tables.fractional_days import fractional_days, zone_of
from cemkit.tables.groups import natural_key
from cemkit.tables.spell import UNKNOWN_CAUSE, Spell

__all__ = ["Spells", "cause_codes", "date_of", "require_leavers", "spell_table"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_SECONDS = 86_400


@dataclass(frozen=True, eq=False)
class Spells:
    """One element per spell, in the order of the table.

    Days count from 1970-01-01 of the columns' own local time, with the time of day as their fraction.

    Attributes
    ----------
    ids
        The customers, each once.
    customer
        Place of the spell's customer in ``ids``.
    entered
        Day of entering.
    left
        Day of leaving, or ``until`` where the customer had not left by then.
    event
        Whether the customer left by then for a reason that counts as churn.
    cause
        0 where the customer had not left; k where the cause was ``causes[k - 1]``, churn or not.
    causes
        The causes, in natural order, ``"unknown"`` last; the one cause ``"left"`` without a column of reasons.
    churn
        Per cause, whether it counts as churn.
    until
        Day until which leaving was observed.
    zone
        Time zone of the columns; None where their times have none.
    times
        The further columns of times, as days; NaN where null.
    columns
        The further columns: numpy arrays of numbers (NaN where null), lists of anything else (None where null).
    assumptions
        What was assumed, and how many rows were left out.
    """

    ids: list[Any]
    customer: Ints
    entered: Floats
    left: Floats
    event: Bools
    cause: Ints
    causes: tuple[Any, ...]
    churn: Bools
    until: float
    zone: str | None
    times: Mapping[str, Floats]
    columns: Mapping[str, Any]
    assumptions: tuple[Assumption, ...]

    def __len__(self) -> int:
        return len(self.entered)


def spell_table(
    bound: Bound,
    spell: Spell,
    *,
    columns: Sequence[str] = (),
    times: Sequence[str] = (),
    customer: str | None = "customer_id",
) -> Spells:
    """Collect the spells of a table of customers.

    Survival needs the rows themselves, so the few columns asked for leave the engine: customers are millions at most, and
    a spell takes a hundred bytes. Experiences never come through here.

    Parameters
    ----------
    bound
        A row per customer, or per spell where ``spell.spell_id`` tells a customer's spells apart.
    spell
        Which columns say what.
    columns
        Further columns to collect, as they are.
    times
        Further columns of dates or times to collect, as days.
    customer
        The customer's column; None takes every row as a customer of its own.

    Raises
    ------
    ColumnError
        If a column is absent or holds no times, or one of the two has a time zone that the other has not.
    ContractError
        If a customer or the time of entering is null, somebody leaves before entering, or a customer has two rows without
        ``spell_id`` or spells that overlap.
    CemkitError
        If there are no rows, nobody entered by ``until``, or nobody left for one of ``causes``.
    """
    _check_columns(bound, spell, columns, times, customer)
    zone = _one_zone(bound, spell, times)
    named = [name for name in (customer, spell.reason, spell.spell_id) if name is not None]
    wanted = [spell.entered, *([spell.left] if bound.is_time(spell.left) else []), *times]
    moments, further = fractional_days(bound, wanted, others=[*named, *columns])
    entered = moments[spell.entered]
    left = moments.get(spell.left, np.full(entered.size, np.nan))
    left = np.where(np.isnan(left), np.inf, left)
    _check_times(entered, left, spell)
    codes, ids = _customers(further, customer, entered.size)
    _check_repeats(codes, ids, entered, left, further, spell, customer)
    until, notes = _until(entered, left, spell, zone)
    keep = entered <= until
    if not keep.all():
        notes.append(Assumption("entered-after-until", {"rows": int((~keep).sum()), "until": date_of(until)}))
        entered, left, codes = entered[keep], left[keep], codes[keep]
        moments = {name: values[keep] for name, values in moments.items()}
        further = {name: _kept(values, keep) for name, values in further.items()}
        codes, present = factor(codes)
        ids = [ids[i] for i in present]
    later = int(np.count_nonzero((left > until) & np.isfinite(left)))
    if later:
        notes.append(Assumption("left-after-until", {"rows": later, "until": date_of(until)}))
    gone = np.asarray(left <= until, dtype=np.bool_)
    cause, causes = (
        cause_codes(further[spell.reason], gone) if spell.reason is not None else (gone.astype(np.int64), ("left",))
    )
    churn = _churn(causes, spell)
    return Spells(
        ids,
        codes,
        entered,
        np.where(gone, left, until),
        np.concatenate([[False], churn])[cause],
        cause,
        causes,
        churn,
        until,
        zone,
        {name: moments[name] for name in times},
        {name: _one_null(further[name]) for name in columns},
        tuple(notes),
    )


def require_leavers(spells: Spells, spell: Spell) -> None:
    """Raise where nobody left, for analyses that then have nothing to say."""
    if not spells.event.any():
        why = "" if spell.causes is None else f" for {', '.join(map(repr, spell.causes))}"
        msg = (
            f"none of {len(spells):,} customers left{why} by {date_of(spells.until)} (left={spell.left!r}): check the column, or take "
            "customers who were observed for longer"
        )
        raise CemkitError(msg)


def date_of(day: float) -> str:
    """Return a day as a date, with its time of day where it is neither the day's beginning nor its end."""
    second = int(np.floor(day * _SECONDS + 4e-7))  # days of our century are exact to 3e-7 of a second
    text = str(np.datetime64(second, "s"))
    return text[:10] if second % _SECONDS in (0, _SECONDS - 1) else text.replace("T", " ")


def _check_columns(
    bound: Bound, spell: Spell, columns: Sequence[str], times: Sequence[str], customer: str | None
) -> None:
    bound.require_time(spell.entered, "entered")
    bound.require(spell.left, "left")
    if bound.first_values(spell.left, count=1):  # a column without any value has any type
        bound.require_time(spell.left, "left")
    for argument, name in (("customer", customer), ("reason", spell.reason), ("spell_id", spell.spell_id)):
        if name is not None:
            bound.require_key(name, argument)
    for name in columns:
        bound.require(name, "columns")
    for name in times:
        bound.require_time(name, "times")


def _one_zone(bound: Bound, spell: Spell, times: Sequence[str]) -> str | None:
    names = (spell.entered, spell.left, *times)
    zones = {name: zone_of(bound, name) for name in names if isinstance(bound.schema[name], nw.Datetime)}
    if len(set(zones.values())) > 1:
        shown = ", ".join(f"{name!r}: {zone or 'none'}" for name, zone in zones.items())
        msg = (
            f"the times of the spells have different time zones ({shown}): bring all to one zone first, for example with "
            "pandas.to_datetime(..., utc=True)"
        )
        raise ColumnError(msg)
    return next(iter(zones.values()), None)


def _check_times(entered: Floats, left: Floats, spell: Spell) -> None:
    if not entered.size:
        msg = "the table of customers has no rows: check the file or the filter that made it"
        raise CemkitError(msg)
    null = int(np.isnan(entered).sum())
    if null:
        msg = (
            f"entered={spell.entered!r} is null in {null:,} of {entered.size:,} rows, so nobody can tell how long they were customers: "
            "repair them, or leave these rows out"
        )
        raise ContractError(msg)
    wrong = np.flatnonzero(left < entered)
    if wrong.size:
        i = int(wrong[0])
        msg = (
            f"{spell.left!r} lies before {spell.entered!r} in {wrong.size:,} of {entered.size:,} rows (first in row {i + 1:,}: entered "
            f"{date_of(entered[i])}, left {date_of(left[i])}): repair them, or leave these rows out"
        )
        raise ContractError(msg)


def _customers(further: Mapping[str, Any], customer: str | None, rows: int) -> tuple[Ints, list[Any]]:
    if customer is None:
        return np.arange(rows), list(range(rows))
    codes, ids = factor(further[customer])
    if ids and ids[-1] is None:
        null = int(np.count_nonzero(codes == len(ids) - 1))
        msg = f"customer={customer!r} is null in {null:,} of {rows:,} rows: name the customers, or leave these rows out"
        raise ContractError(msg)
    return codes, ids


def _check_repeats(
    codes: Ints,
    ids: list[Any],
    entered: Floats,
    left: Floats,
    further: Mapping[str, Any],
    spell: Spell,
    customer: str | None,
) -> None:
    counts = np.bincount(codes)
    most = int(np.argmax(counts))
    if spell.spell_id is None:
        if counts[most] > 1:
            msg = (
                f"{int((counts > 1).sum()):,} of {len(ids):,} customers have several rows (customer={customer!r}, such as "
                f"{ids[most]!r}): drop the duplicates, or say spell_id= where a customer who came back has a row per spell"
            )
            raise ContractError(msg)
        return
    number, levels = factor(further[spell.spell_id])
    pairs = codes * len(levels) + number
    twice = pairs.size - np.unique(pairs).size
    if twice:
        msg = f"{twice:,} rows repeat the {spell.spell_id!r} of their customer: name every spell of a customer once"
        raise ContractError(msg)
    order = np.lexsort((entered, codes))
    same = codes[order][1:] == codes[order][:-1]
    over = same & (entered[order][1:] < left[order][:-1])
    if over.any():
        who = ids[int(codes[order][1:][over][0])]
        msg = (
            f"the spells of {np.unique(codes[order][1:][over]).size:,} customers overlap (such as {who!r}): end a spell before the "
            "customer's next one starts"
        )
        raise ContractError(msg)


def _until(entered: Floats, left: Floats, spell: Spell, zone: str | None) -> tuple[float, list[Assumption]]:
    """Return the day until which leaving was observed."""
    gone = left[np.isfinite(left)]
    last = float(max(entered.max(), gone.max(initial=-np.inf)))
    if spell.until is None:
        today = int(np.datetime64("today", "D").astype(np.int64)) + 2  # somewhere it is tomorrow, to its end
        if last >= today:
            where = spell.entered if entered.max() == last else spell.left
            msg = (
                f"the last time in {where!r} ({date_of(last)}) lies in the future: repair it, or say until which day leaving was "
                "observed with Spell(until=...)"
            )
            raise CemkitError(msg)
        return last, [Assumption("observed-until", {"until": date_of(last)})]
    until = _until_day(spell.until, zone)
    if until == np.floor(until) and not (_whole(entered) and _whole(gone)):
        until += 1 - 1e-6 / _SECONDS  # a date is its whole day
    if until < entered.min():
        msg = (
            f"until={spell.until!r} lies before all {entered.size:,} times in {spell.entered!r} (the first is "
            f"{date_of(float(entered.min()))}): nobody was a customer by then"
        )
        raise CemkitError(msg)
    return until, []


def _until_day(value: Any, zone: str | None) -> float:
    stamp: Any = None
    if not isinstance(value, bool | int | float):
        try:
            stamp = pd.Timestamp(value)
        except (TypeError, ValueError):
            stamp = None
    if stamp is None or stamp is pd.NaT:
        msg = f"until must be a date or a time, such as '2025-03-31', got {value!r}"
        raise CemkitError(msg)
    if stamp.tzinfo is not None:
        if zone is None:
            msg = f"until={value!r} has a time zone, but the times of the table have none: leave it out, or give the table's times one"
            raise CemkitError(msg)
        stamp = stamp.tz_convert(zone)
    return float((stamp.tz_localize(None) - pd.Timestamp(0)) / pd.Timedelta(days=1))


def _whole(days: Floats) -> bool:
    return bool(np.all(days == np.floor(days)))


def cause_codes(column: Any, gone: Bools) -> tuple[Ints, tuple[Any, ...]]:
    """Return each spell's cause, and the causes of those who left, in natural order, the unknown one last."""
    codes, levels = factor(column)
    names = [_named(level) for level in levels]
    found = {names[i] for i in np.unique(codes[gone]).tolist()}
    ordered = sorted(found - {UNKNOWN_CAUSE}, key=natural_key)
    causes = (*ordered, *([UNKNOWN_CAUSE] if UNKNOWN_CAUSE in found else []))
    place = {name: i + 1 for i, name in enumerate(causes)}
    number = np.array([place.get(name, 0) for name in names], dtype=np.int64)
    return np.where(gone, number[codes], 0), causes


def _named(level: Any) -> Any:
    """Return a reason under its name: whole numbers beside nulls are floats on pandas."""
    if level is None:
        return UNKNOWN_CAUSE
    return int(level) if isinstance(level, float) and level.is_integer() else level


def _churn(causes: tuple[Any, ...], spell: Spell) -> Bools:
    if spell.causes is None:
        return np.ones(len(causes), dtype=np.bool_)
    absent = next((cause for cause in spell.causes if cause not in causes), None)
    if absent is not None:
        shown = ", ".join(map(repr, causes[:8])) or "none"
        msg = f"causes={absent!r}: nobody left for this reason.{did_you_mean(absent, causes)} Reasons in {spell.reason!r} are: {shown}"
        raise CemkitError(msg)
    return np.array([cause in spell.causes for cause in causes], dtype=np.bool_)


def _one_null(values: Any) -> Any:
    """Return a list with None for every kind of null (pandas has NaN among texts); numbers keep their NaN."""
    return values if isinstance(values, np.ndarray) else [None if v is None or v != v else v for v in values]


def _kept(values: Any, keep: Bools) -> Any:
    if isinstance(values, np.ndarray):
        return values[keep]
    return [value for value, kept in zip(values, keep.tolist(), strict=True) if kept]
