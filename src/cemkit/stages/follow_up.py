"""Experiences followed through time to what their customers did next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ContractError
from cemkit.statistics.following import FAR, Moments, next_moment, previous_moment
from cemkit.tables.binding import Bound
from cemkit.tables.derive import require_flag
from cemkit.tables.factor import factor
from cemkit.tables.periods import require_one_zone, second_of
from cemkit.tables.preceding import NO_MOMENT
from cemkit.tables.unit_rows import collected_rows

__all__ = ["Followed", "Study", "follow"]

_DAY = 86_400
_CUSTOMER, _AT = "customer_id", "occurred_at"
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Followed:
    """Experiences with the span in which each is followed, (start, end] in seconds; ``left_out`` could not be."""

    unit: Integers
    touchpoint: Integers
    exposed: Flags
    start: Integers
    end: Integers
    leaves: Flags
    """Whether the customer leaves at the end of the span."""
    left_out: int


@dataclass(frozen=True, eq=False)
class Study:
    """All experiences, when their customers left, and what they did.

    ``usable``: with a customer, a time and a valence, and no part of leaving. ``resolved``: ``NO_MOMENT`` where never.
    ``left``: ``FAR`` where never.
    """

    unit: Integers
    second: Integers
    touchpoint: Integers
    kinds: npt.NDArray[Any]
    negative: Flags
    usable: Flags
    complaint: Flags
    resolved: Integers
    left: Integers
    end: int
    within: int
    moments: Mapping[str, Moments]
    untold: tuple[str, ...]
    has_cost: bool

    @property
    def total(self) -> int:
        """Number of experiences."""
        return len(self.unit)

    def kind(self, kind: str) -> Followed:
        """Follow the kind's experiences from when they happened; the negative ones are exposed."""
        mine = self.kinds == kind
        return self._followed(mine, self.negative, self.second, self.unit, mine)

    def recovery(self, kind: str) -> Followed:
        """Follow resolved complaints from their resolution, and experiences that were neither negative nor a complaint."""
        mine = self.kinds == kind
        solved = self.complaint & (self.resolved > NO_MOMENT)
        fine = ~self.complaint & ~self.negative
        place = self.unit * (int(self.touchpoint.max(initial=0)) + 1) + self.touchpoint
        return self._followed(mine & (solved | fine), solved, np.where(solved, self.resolved, self.second), place, mine)

    def _followed(self, rows: Flags, exposed: Flags, start: Integers, group: Integers, among: Flags) -> Followed:
        """Follow until the group's next negative experience; leave out what has one in the ``within`` days before."""
        bad = self.negative & self.usable & among
        after, before = next_moment(group, self.second, bad), previous_moment(group, self.second, bad)
        stop = np.minimum(np.minimum(after, self.second + self.within), np.minimum(self.left, self.end))
        kept = rows & self.usable & (self.second - before > self.within) & (stop > start)
        return Followed(
            self.unit[kept],
            self.touchpoint[kept],
            exposed[kept],
            start[kept],
            stop[kept],
            self.left[kept] == stop[kept],
            int(rows.sum() - kept.sum()),
        )

    def outcome(self, found: Followed, name: str) -> tuple[Floats, Floats | None] | None:
        """Return what happened in every span, and its occasions where they are not time; None where the tables do not tell."""
        if name == "leaving":
            return found.leaves.astype(np.float64), None
        if name not in self.moments:
            return None
        span = (found.unit, found.start, found.end)
        return self.moments[name].within(*span), self.moments["purchases"].within(*span) if name == "basket" else None


def follow(
    experiences: Bound,
    customers: Bound,
    transactions: Bound,
    *,
    within: float,
    support: frozenset[str],
    leaving: frozenset[str],
    until: object,
) -> Study:
    """Collect the rows of the three tables and find when each customer left."""
    complains = {"complaint", "resolved_at"} <= set(experiences.schema)
    costs = "cost" in experiences.schema
    _require(experiences, (_CUSTOMER, "touchpoint_id", "stage", "kind", "valence"), (_AT,), ("cost",) if costs else ())
    _require(customers, (_CUSTOMER,), ("left_at",), ())
    earns = "margin" in transactions.schema
    _require(transactions, (_CUSTOMER,), (_AT,), ("amount", *(("margin",) if earns else ())))
    if complains:
        experiences.require_time("resolved_at", "resolved_at")
        require_one_zone(experiences, _AT, "resolved_at")
        require_flag(experiences, "complaint", "complaint")
    refers = {"referred_by", "acquired_at"} <= set(customers.schema)
    if refers:
        customers.require_time("acquired_at", "acquired_at")
    _one_zone((experiences, _AT), (customers, "left_at"), (transactions, _AT))
    rows = collected_rows(
        experiences,
        keys=[_CUSTOMER, "touchpoint_id", "stage", "kind", "valence"],
        numbers=["cost"] if costs else [],
        flags=["complaint"] if complains else [],
        times=[_AT, *(["resolved_at"] if complains else [])],
    )
    people = collected_rows(
        customers,
        keys=[_CUSTOMER, *(["referred_by"] if refers else [])],
        times=["left_at", *(["acquired_at"] if refers else [])],
    )
    sales = collected_rows(
        transactions, keys=[_CUSTOMER], numbers=["amount", *(["margin"] if earns else [])], times=[_AT]
    )
    ids = _codes(people[_CUSTOMER])
    unit, second = _units(rows[_CUSTOMER], ids), rows[_AT]
    size = len(unit)
    left = np.full(max(len(ids), 1), FAR, dtype=np.int64)
    gone = people["left_at"] > NO_MOMENT
    left[np.flatnonzero(gone)] = people["left_at"][gone]
    known = (unit >= 0) & (second > NO_MOMENT)
    last = max(int(x.max(initial=NO_MOMENT)) for x in (second, sales[_AT], people["left_at"]))
    end = last if until is None else second_of(until, "until")
    where, stages, valence = factor(rows["touchpoint_id"])[0], _texts(rows["stage"]), _texts(rows["valence"])
    parting = np.isin(stages.astype(str), sorted(leaving)) if leaving else np.zeros(size, dtype=bool)
    helping = known & np.isin(stages.astype(str), sorted(support))
    cost = np.where(np.isnan(rows["cost"]), 0.0, rows["cost"])[helping] if costs else None
    moments = {"support": Moments(unit[helping], second[helping], cost)}
    buyer = _units(sales[_CUSTOMER], ids)
    for name, values in {"purchases": None, "basket": sales["amount"], "margin": sales.get("margin")}.items():
        if values is None and name != "purchases":
            continue
        # a transaction without an amount is none of a basket
        there = (buyer >= 0) & (sales[_AT] > NO_MOMENT) & np.isfinite(sales["amount"] if values is None else values)
        moments[name] = Moments(buyer[there], sales[_AT][there], None if values is None else values[there])
    if refers:
        giver, joined = _units(people["referred_by"], ids), people["acquired_at"]
        there = (giver >= 0) & (joined > NO_MOMENT)
        moments["referral"] = Moments(giver[there], joined[there])
    told = {"resolved_at": complains, "margin": earns, "referred_by": refers}
    return Study(
        unit=unit,
        second=second,
        touchpoint=np.asarray(where, dtype=np.int64),
        kinds=_texts(rows["kind"]),
        negative=valence == "negative",
        usable=known & (valence != None) & ~parting,  # noqa: E711 - element by element
        complaint=rows["complaint"] if complains else np.zeros(size, dtype=bool),
        resolved=rows["resolved_at"] if complains else np.full(size, NO_MOMENT),
        left=np.where(unit >= 0, left[unit], FAR),
        end=end,
        within=round(within * _DAY),
        moments=moments,
        untold=tuple(name for name, there in told.items() if not there),
        has_cost=costs,
    )


def _require(bound: Bound, keys: Sequence[str], times: Sequence[str], numbers: Sequence[str]) -> None:
    for name in keys:
        bound.require_key(name, name)
    for name in times:
        bound.require_time(name, name)
    for name in numbers:
        bound.require_number(name, name)


def _one_zone(*columns: tuple[Bound, str]) -> None:
    zones = {getattr(bound.schema[name], "time_zone", None) for bound, name in columns}
    if len(zones) > 1:
        shown = ", ".join(sorted(str(zone or "no zone") for zone in zones))
        msg = f"the times of experiences, customers and transactions need one time zone, found {shown}: bring them to one first"
        raise CemkitError(msg)


def _texts(values: Any) -> npt.NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = [None if v is None or v != v else str(v) for v in values]
    return found


def _codes(values: Any) -> dict[str, int]:
    """Return each customer's place; an error where one is null or comes twice."""
    found: dict[str, int] = {}
    for i, value in enumerate(_texts(values)):
        if value is None or value in found:
            what = "a null customer_id" if value is None else f"customer_id {value!r} twice"
            msg = f"customers has {what}: it needs one row for each customer"
            raise ContractError(msg)
        found[value] = i
    return found


def _units(values: Any, ids: Mapping[str, int]) -> Integers:
    return np.array([ids.get(value, -1) if value is not None else -1 for value in _texts(values)], dtype=np.int64)
