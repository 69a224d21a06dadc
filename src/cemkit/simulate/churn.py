"""Part 'churn': when and why customers leave.

Time is continuous. The hazard of customer i at tenure a, per 30 days, is a sum:

    h(t) = BASE_HAZARD (1 + EARLY_RISE exp(-a / EARLY_DAYS)) exp(STRAIN_EFFECT z)       voluntary, background
         + involuntary(segment)                                                          moved, nonpayment
         + sum over k of extra(k) · [a bad experience at touchpoint k within the last 90 days]     voluntary

so that its integral over a month is known in closed form from the moments of the bad experiences, and the moment of
leaving is where it crosses a standard exponential draw. Since contacts do not depend on leaving, the survival of each
customer under any set of touchpoints is known exactly given the experiences that they would have: ``preventable``
turns these integrals into the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.simulate.calendar import DAY, MONTH_DAYS, Calendar
from cemkit.simulate.company import EXPOSURE_DAYS, HARMFUL, SEGMENTS, TOUCHPOINTS
from cemkit.simulate.contacts import Contacts
from cemkit.simulate.customers import (
    BASE_HAZARD,
    EARLY_DAYS,
    EARLY_RISE,
    STRAIN_EFFECT,
    Base,
    base_hazard_integral,
)
from cemkit.simulate.frames import pick
from cemkit.simulate.streams import stream

__all__ = ["INVOLUNTARY", "REASONS", "VOLUNTARY", "ChurnState", "Month"]

VOLUNTARY: tuple[str, ...] = ("service", "price", "competitor")
"""Reasons of those who leave of their own will."""
INVOLUNTARY: tuple[str, ...] = ("moved", "nonpayment")
"""Reasons of the others."""
REASONS: tuple[str, ...] = VOLUNTARY + INVOLUNTARY
"""All recorded reasons."""
_REASON_SHARES = np.array(
    [[0.15, 0.45, 0.40, 0.0, 0.0], [0.0, 0.0, 0.0, 0.6, 0.4], *[[0.70, 0.12, 0.18, 0.0, 0.0]] * len(HARMFUL)]
)
_EXTRA = np.array([TOUCHPOINTS[k].extra for k in HARMFUL]) / MONTH_DAYS
_MOOD = np.array([TOUCHPOINTS[k].mood for k in HARMFUL])
_BISECTIONS = 45

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Month:
    """The hazards of one calendar month in closed form; times in days since the start of the log.

    Touchpoint k is in force until ``carry[k]`` and again from ``onset[k]`` to the month's end.
    """

    base: Base
    start: float
    end: float
    carry: list[Floats] = field(repr=False)
    onset: list[Floats] = field(repr=False)
    rate: Floats = field(repr=False)

    def background(self, chosen: Any, day: Floats | float) -> tuple[Floats, Floats]:
        """Return the voluntary and involuntary integrals from the month's start (or joining) to ``day``."""
        joined = self.base.joined_day[chosen]
        begin = np.maximum(joined, self.start)
        stop = np.maximum(day, begin)
        voluntary = base_hazard_integral(begin - joined, stop - joined, self.base.strain[chosen])
        return voluntary, self.rate[chosen] * (stop - begin)

    def added(self, which: int, chosen: Any, day: Floats | float) -> Floats:
        """Return the integral of one touchpoint's extra hazard from the month's start to ``day``."""
        carried = np.minimum(self.carry[which][chosen], day) - self.start
        fresh = np.maximum(day - self.onset[which][chosen], 0.0)
        total: Floats = _EXTRA[which] * (np.maximum(carried, 0.0) + fresh)
        return total

    def at(self, chosen: npt.NDArray[np.int64]) -> Month:
        """Return the month for some of the customers only."""
        return Month(
            self.base.at(chosen),
            self.start,
            self.end,
            [each[chosen] for each in self.carry],
            [each[chosen] for each in self.onset],
            self.rate[chosen],
        )

    def moment(self, target: Floats) -> Floats:
        """Return the day on which everybody's whole integral reaches its ``target``, by bisection."""
        everyone = slice(None)
        low = np.maximum(self.base.joined_day, self.start)
        high = np.full(len(target), self.end)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            total = sum(self.background(everyone, middle), np.zeros(len(target)))
            for which in range(len(HARMFUL)):
                total += self.added(which, everyone, middle)
            below = total < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high

    def hazards(self, day: Floats) -> Floats:
        """Return the hazards per day at ``day``: voluntary background, involuntary, then one row per touchpoint."""
        tenure = day - self.base.joined_day
        early = 1 + EARLY_RISE * np.exp(-tenure / EARLY_DAYS)
        rows = [
            BASE_HAZARD / MONTH_DAYS * early * np.exp(STRAIN_EFFECT * self.base.strain),
            self.rate,
        ]
        for which, extra in enumerate(_EXTRA):
            in_force = (day < self.carry[which]) | (day > self.onset[which])
            rows.append(extra * in_force)
        return np.stack(rows)


class ChurnState:
    """The state of every customer as the months pass."""

    def __init__(self, base: Base, calendar: Calendar, seed: int) -> None:
        self.base = base
        self.calendar = calendar
        self.rate: Floats = np.array([s.involuntary for s in SEGMENTS])[base.segment] / MONTH_DAYS
        """Involuntary hazard per day."""
        self.until = [np.full(base.n, -np.inf) for _ in HARMFUL]
        """Until when the last bad experience at each harmful touchpoint is in force, in days."""
        self.background = np.zeros(base.n)
        """Integral of the hazards that no touchpoint causes, so far."""
        self.extra = [np.zeros(base.n) for _ in HARMFUL]
        """Integral of each touchpoint's extra hazard, so far, along the experiences that the customer would have."""
        self.left = np.full(base.n, -1, dtype=np.int64)
        """When the customer left, in seconds; -1 if not so far."""
        self.reason = np.full(base.n, -1, dtype=np.int8)
        """Place in ``REASONS``; -1 for those who stay."""
        self.hazard_shares = np.zeros((2, len(HARMFUL) + 1, len(SEGMENTS)))
        """Hazard at exit, split: (any, voluntary) × (touchpoints, background) × segments, summed over leavers."""
        self._threshold = stream(seed, "churn.threshold")
        self._cause = stream(seed, "churn.cause")
        self._recorded = stream(seed, "churn.reason")

    def active(self, day: float) -> npt.NDArray[np.bool_]:
        """Return who is a customer at a moment that the state has reached."""
        return (self.base.joined_day <= day) & ((self.left < 0) | (self.left > day * DAY))

    def mood(self, day: float) -> Floats:
        """Return by how much bad experiences in force at this moment lower the latent recommendation."""
        total = np.zeros(self.base.n)
        for until, points in zip(self.until, _MOOD, strict=True):
            total += points * (until > day)
        return total

    def month(self, number: int, contacts: Contacts) -> Month:
        """Return the month's hazards, given the contacts in it."""
        start, end = self.calendar.edges[number], self.calendar.edges[number + 1]
        carry, onset = [], []
        for which, k in enumerate(HARMFUL):
            until = np.clip(self.until[which], start, end)
            chosen = contacts.bad & (contacts.touchpoint == k)
            moment = np.full(self.base.n, end)
            moment[contacts.customer[chosen]] = contacts.second[chosen] / DAY
            carry.append(until)
            onset.append(np.maximum(moment, until))
        return Month(self.base, float(start), float(end), carry, onset, self.rate)

    def step(self, month: Month, contacts: Contacts) -> None:
        """Let a month pass: who leaves and why, and the integrals at its end."""
        base = self.base
        everyone = slice(None)
        voluntary, involuntary = month.background(everyone, month.end)
        extras = [month.added(which, everyone, month.end) for which in range(len(HARMFUL))]
        total = voluntary + involuntary
        self.background += total
        for which, extra in enumerate(extras):
            self.extra[which] += extra
            total = total + extra
        threshold = self._threshold.standard_exponential(base.n)
        leaves = np.flatnonzero((self.left < 0) & (threshold < total))
        if len(leaves):
            self._leave(month, leaves, threshold[leaves])
        for which, k in enumerate(HARMFUL):
            chosen = contacts.bad & (contacts.touchpoint == k)
            self.until[which][contacts.customer[chosen]] = contacts.second[chosen] / DAY + EXPOSURE_DAYS

    def _leave(self, month: Month, leaves: npt.NDArray[np.int64], threshold: Floats) -> None:
        theirs = month.at(leaves)
        day = theirs.moment(threshold)
        hazards = theirs.hazards(day)
        shares = hazards / hazards.sum(axis=0)
        cause = pick(self._cause.random(len(leaves)), shares.T)
        last = np.int64(self.calendar.days * DAY) - 1
        self.left[leaves] = np.minimum(np.floor(day * DAY).astype(np.int64) + 1, last)
        self.reason[leaves] = pick(self._recorded.random(len(leaves)), _REASON_SHARES[cause])
        segment = self.base.segment[leaves]
        own_will = cause != 1
        for row, weight in enumerate((np.ones(len(leaves)), own_will / (1 - shares[1]))):
            for which in range(len(HARMFUL)):
                self.hazard_shares[row, which] += np.bincount(segment, shares[2 + which] * weight, len(SEGMENTS))
            rest = shares[0] + (shares[1] if row == 0 else 0.0)
            self.hazard_shares[row, -1] += np.bincount(segment, rest * weight, len(SEGMENTS))
