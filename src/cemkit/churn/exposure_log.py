"""The log of experiences as the ledger needs it: who was exposed to what, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.results import Assumption
from cemkit.tables.binding import Bound, bind
from cemkit.tables.fractional_days import zone_of
from cemkit.tables.groups import natural_key
from cemkit.tables.joining import keys_agree
from cemkit.tables.periods import parse_days, second_of
from cemkit.tables.spans import KeySpan, key_spans, spans
from cemkit.tables.spells import Spells, date_of
from cemkit.typing import Frame

__all__ = [
    "EVER",
    "ExposureLog",
    "LogColumns",
    "after_leaving",
    "as_days",
    "exposure_log",
    "touchpoint_names",
    "window_note",
]

EVER = 1_000_000
"""Days that never end."""
_LONGEST = 3_650
_DAY = 86_400
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LogColumns:
    """Columns of the log, the valence that is an exposure, and how long one is in force (days)."""

    touchpoint: str
    valence: str | None
    exposure: tuple[str, ...]
    customer: str
    at: str
    window: int


@dataclass(frozen=True, eq=False)
class ExposureLog:
    """Stretches of exposures, one row per customer, touchpoint, level and stretch of days.

    Attributes
    ----------
    touchpoints
        Those that may have a row: all of the log but the excluded ones, in natural order.
    controls
        Negative controls among the touchpoints of the log.
    excluded
        Touchpoints left out.
    customer, touchpoint
        Place in the spells' ``ids``, and in ``(*touchpoints, *controls)``.
    known
        False where the valence is null.
    first, last
        Days of the first and the last experience of the stretch.
    begin, end
        First and last day that the log covers.
    notes
        What was left out.
    """

    touchpoints: tuple[Any, ...]
    controls: tuple[Any, ...]
    excluded: tuple[Any, ...]
    customer: Ints
    touchpoint: Ints
    known: npt.NDArray[np.bool_]
    first: Floats
    last: Floats
    begin: float
    end: float
    notes: tuple[Assumption, ...]

    @property
    def names(self) -> tuple[Any, ...]:
        """Touchpoints, then negative controls."""
        return (*self.touchpoints, *self.controls)


def as_days(value: object, argument: str, *, zero: bool = False, ever: bool = False) -> int:
    """Read a length such as ``"30d"`` or ``"4w"``, and where allowed ``"0d"`` or ``"ever"``."""
    if ever and value == "ever":
        return EVER
    if zero and isinstance(value, str) and value.strip() in ("0d", "0w"):
        return 0
    return parse_days(value, argument)


def touchpoint_names(value: object, argument: str) -> tuple[Any, ...]:
    """Return one or several touchpoints as a tuple."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence | set | frozenset | np.ndarray):
        return (value,)
    names = tuple(value)
    if len(set(names)) < len(names):
        msg = f"{argument} names a touchpoint twice: {', '.join(map(repr, names))}"
        raise CemkitError(msg)
    return names


def exposure_log(
    experiences: Frame,
    spells: Spells,
    customers: Bound,
    columns: LogColumns,
    *,
    exclude: tuple[Any, ...] = (),
    controls: tuple[Any, ...] = (),
    since: Any = None,
    lenient: bool = False,
) -> ExposureLog:
    """Bind the log, look at it once, and take out of its engine only the first and last times of exposures.

    ``lenient`` allows a log without any exposure, such as that of one customer.
    """
    bound = bind(experiences, what="experiences")
    _check(bound, customers, spells, columns)
    names: dict[str, Any] = {
        "unit": columns.customer,
        "key": columns.touchpoint,
        "level": columns.valence,
        "at": columns.at,
    }
    seen = key_spans(bound, **names)
    notes = _left_out(seen)
    touchpoints = _touchpoints(seen, columns, exclude, controls, lenient=lenient)
    wanted = [t for t in touchpoints if t not in exclude]
    level = ("",) if columns.valence is None else columns.exposure
    found = spans(bound, **names, wanted=level, keys=wanted, days=min(columns.window, _LONGEST))
    place = pd.Index(spells.ids).get_indexer(pd.Index(found.units)) if found.units else np.zeros(0, dtype=np.intp)
    who = place[found.unit] if found.units else np.zeros(0, dtype=np.intp)
    strangers = int(found.rows[who < 0].sum())
    if strangers and strangers == int(found.rows.sum()):
        ids, others = spells.ids[0], found.units[0]
        msg = (
            f"none of the {strangers:,} experiences that count belongs to one of the {len(spells.ids):,} customers: "
            f"{columns.customer!r} is {others!r} in experiences and {ids!r} in customers"
        )
        raise CemkitError(msg)
    if strangers:
        notes.append(Assumption("strangers-left-out", {"rows": strangers}))
    mine = [t for t in wanted if t not in controls]
    order = {t: i for i, t in enumerate((*mine, *[t for t in wanted if t in controls]))}
    key = np.array([order[k] for k in found.keys], dtype=np.int64)[found.key] if found.keys else found.key
    kept = who >= 0
    begin = float(seen.first.min()) // _DAY if since is None else second_of(since, "since") / _DAY
    unknown = int(found.rows[kept & ~found.known].sum())
    if unknown:
        notes.append(Assumption("valence-unknown", {"rows": unknown}))
    return ExposureLog(
        tuple(mine),
        tuple(t for t in wanted if t in controls),
        exclude,
        who[kept].astype(np.int64),
        key[kept],
        found.known[kept],
        found.first[kept] / _DAY,
        found.last[kept] / _DAY,
        begin,
        float(seen.last.max()) // _DAY + 1,
        tuple(notes),
    )


def _check(bound: Bound, customers: Bound, spells: Spells, columns: LogColumns) -> None:
    bound.require_key(columns.customer, "customer")
    bound.require_key(columns.touchpoint, "touchpoint")
    if columns.valence is not None:
        bound.require_key(columns.valence, "valence")
    bound.require(columns.at, "at")
    if not bound.first_values(columns.at, count=1):
        msg = (
            f"at={columns.at!r}: no experience has a time, so nobody can tell whether it came before leaving; 'was ever exposed' is no "
            "answer, since those who stay longer meet more of everything: give the times, or window='ever' with times"
        )
        raise CemkitError(msg)
    bound.require_time(columns.at, "at")
    zone = zone_of(bound, columns.at)
    if _plain(zone) != _plain(spells.zone):
        shown = [repr(z) if z is not None else "none" for z in (zone, spells.zone)]
        msg = (
            f"{columns.at!r} of experiences has the time zone {shown[0]}, the times of customers {shown[1]}: bring both to one zone "
            "first, for example with pandas.to_datetime(..., utc=True)"
        )
        raise ColumnError(msg)
    if columns.customer not in customers.schema:
        return
    pair = (bound, customers)
    if not keys_agree(*pair, columns.customer):
        kinds = [str(b.schema[columns.customer]) for b in pair]
        msg = (
            f"{columns.customer} is {kinds[0]} in experiences and {kinds[1]} in customers: make both text or both whole numbers, "
            "otherwise no experience finds its customer"
        )
        raise ColumnError(msg)


def _plain(zone: str | None) -> str | None:
    """Return a zone's name; engines know UTC by several."""
    return "UTC" if zone in ("Etc/UTC", "+00:00", "Z") else zone


def _left_out(seen: KeySpan) -> list[Assumption]:
    counts = {
        "experiences-nameless": seen.nameless,
        "experiences-keyless": seen.keyless,
        "experiences-timeless": seen.timeless,
    }
    return [Assumption(code, {"rows": rows}) for code, rows in counts.items() if rows]


def _touchpoints(
    seen: KeySpan, columns: LogColumns, exclude: tuple[Any, ...], controls: tuple[Any, ...], *, lenient: bool
) -> tuple[Any, ...]:
    """Return all touchpoints of the log; an error where there are none, or one that is named is not among them."""
    if not seen.key:
        msg = (
            "experiences has no row with a customer, a touchpoint and a time: check the file or the filter that made it"
        )
        raise CemkitError(msg)
    touchpoints = tuple(sorted(set(seen.key), key=natural_key))
    for argument, names in (("exclude", exclude), ("negative_controls", controls)):
        absent = next((name for name in names if name not in touchpoints), None)
        if absent is not None:
            shown = ", ".join(map(repr, touchpoints[:12]))
            msg = f"{argument}={absent!r}: no experience is at this touchpoint.{did_you_mean(absent, touchpoints)} Touchpoints are: {shown}"
            raise CemkitError(msg)
    both = next((name for name in controls if name in exclude), None)
    if both is not None:
        msg = f"the touchpoint {both!r} is both excluded and a negative control: choose one"
        raise CemkitError(msg)
    if columns.valence is not None and not lenient:
        levels = {v for v in seen.level if v is not None}
        absent = next((v for v in columns.exposure if v not in levels), None)
        if absent is not None:
            shown = ", ".join(map(repr, sorted(levels))) or "none"
            msg = f"exposure={absent!r}: no experience has it.{did_you_mean(absent, levels)} Values of {columns.valence!r} are: {shown}"
            raise CemkitError(msg)
    if len(touchpoints) == len(exclude):
        msg = f"exclude= names all {len(exclude)} touchpoints of the log: nothing is left to attribute to"
        raise CemkitError(msg)
    return touchpoints


def after_leaving(log: ExposureLog, spells: Spells) -> int:
    """Return how many customers have exposures that came after their last spell had ended."""
    end = np.full(len(spells.ids), -np.inf)
    np.maximum.at(end, spells.customer, np.where(spells.cause > 0, spells.left, np.inf))
    return int(np.unique(log.customer[log.first > end[log.customer]]).size)


def window_note(window: int, log: ExposureLog) -> Assumption:
    """Say from when exposures are known."""
    if window == EVER:
        return Assumption("ever-converted", {"since": date_of(log.begin)})
    return Assumption("at-risk-from", {"since": date_of(log.begin), "window": window})
