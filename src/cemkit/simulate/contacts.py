"""Part 'contacts': who meets which touchpoint when, in which channel, and whether the experience is bad.

Contacts are drawn for every customer of the company up to the end of the log, *whether or not they leave before*: these
are the experiences that they would have. Leaving cuts the record (``experiences``), and the counterfactual truth
(``churn``) needs the rest. In a calendar month a touchpoint is met at most once, with the chance
``monthly · segment factor · exp(strain · z)``, at a uniform moment; a customer who joins in the month meets only
what comes after. A contact is bad with the chance ``bad · factor of its channel``, independent of everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.simulate.calendar import DAY, Calendar
from cemkit.simulate.company import CHANNELS, MONTHLY, SEGMENTS, TOUCHPOINTS, Profile
from cemkit.simulate.customers import Base
from cemkit.simulate.frames import pick, time_order
from cemkit.simulate.streams import stream

__all__ = ["Contacts", "bad_chance", "channel_shares", "draw_contacts"]

_YEAR = 365.25
_LAST_MONTH = 335.0
_RENEWAL_CHANCE = 0.5


@dataclass(frozen=True)
class Contacts:
    """Contacts as vectors, one entry per contact."""

    customer: npt.NDArray[np.int32]
    """Place of the customer in the base."""
    touchpoint: npt.NDArray[np.int8]
    """Place in ``TOUCHPOINTS``."""
    second: npt.NDArray[np.int64]
    """When, in seconds since the start of the log."""
    channel: npt.NDArray[np.int8]
    """Place in ``CHANNELS``."""
    bad: npt.NDArray[np.bool_]
    """Whether the experience is bad."""
    joining: npt.NDArray[np.bool_]
    """Whether it belongs to joining."""

    def where(self, chosen: npt.NDArray[Any]) -> Contacts:
        """Return the contacts chosen by a mask or by places."""
        return Contacts(
            self.customer[chosen],
            self.touchpoint[chosen],
            self.second[chosen],
            self.channel[chosen],
            self.bad[chosen],
            self.joining[chosen],
        )

    @staticmethod
    def joined(parts: Sequence[Contacts]) -> Contacts:
        """Return several sets of contacts as one."""
        return Contacts(
            np.concatenate([p.customer for p in parts]),
            np.concatenate([p.touchpoint for p in parts]),
            np.concatenate([p.second for p in parts]),
            np.concatenate([p.channel for p in parts]),
            np.concatenate([p.bad for p in parts]),
            np.concatenate([p.joining for p in parts]),
        )


def channel_shares(profile: Profile) -> npt.NDArray[np.float64]:
    """Return the chance of each channel at a touchpoint, segment by channel."""
    usual = np.array([channel.name == profile.channel for channel in CHANNELS], dtype=np.float64)
    return profile.usual * usual + (1 - profile.usual) * np.array([s.channels for s in SEGMENTS])


def bad_chance(profile: Profile) -> npt.NDArray[np.float64]:
    """Return the chance of a bad experience at a touchpoint, by channel."""
    return profile.bad * np.array(profile.bad_by_channel)


def describe(
    draw: np.random.Generator,
    base: Base,
    touchpoint: int,
    customer: npt.NDArray[np.int32],
    second: npt.NDArray[np.int64],
    *,
    joining: bool,
) -> Contacts:
    """Give contacts at one touchpoint their channel and say which are bad."""
    profile = TOUCHPOINTS[touchpoint]
    size = len(customer)
    channel = pick(draw.random(size), channel_shares(profile)[base.segment[customer]])
    bad = draw.random(size) < bad_chance(profile)[channel]
    return Contacts(
        customer, np.full(size, touchpoint, dtype=np.int8), second, channel, bad, np.full(size, joining, dtype=np.bool_)
    )


def _joining(base: Base, calendar: Calendar, seed: int) -> Contacts:
    parts = []
    for touchpoint, profile in enumerate(TOUCHPOINTS):
        draw = stream(seed, f"contacts.joining.{profile.touchpoint_id}")
        customer = np.flatnonzero(draw.random(base.n) < profile.joining).astype(np.int32)
        low, high = profile.joining_days
        delay = low + (high - low) * draw.random(len(customer))
        second = base.joined[customer] + np.floor(delay * DAY).astype(np.int64)
        contacts = describe(draw, base, touchpoint, customer, second, joining=True)
        parts.append(contacts.where((second >= 0) & (second < calendar.days * DAY)))
    return Contacts.joined(parts)


def _chance(profile: Profile, base: Base) -> npt.NDArray[np.float32]:
    chance = profile.monthly * np.array(profile.segments)[base.segment]
    if profile.strain:
        chance = chance * np.exp(profile.strain * base.strain)
    return np.minimum(chance, 1.0).astype(np.float32)


def draw_contacts(base: Base, calendar: Calendar, seed: int) -> Iterator[Contacts]:
    """Yield each calendar month's contacts in the order of time, of all who have joined, even if they have left."""
    edges = calendar.edges * DAY
    joining = _joining(base, calendar, seed)
    joining = joining.where(time_order(joining.second))
    cuts = np.searchsorted(joining.second, edges)
    chances = {k: _chance(TOUCHPOINTS[k], base) for k in MONTHLY}
    streams = {k: stream(seed, f"contacts.monthly.{TOUCHPOINTS[k].touchpoint_id}") for k in MONTHLY}
    for month in range(calendar.months):
        start, end = edges[month], edges[month + 1]
        parts = [joining.where(np.arange(cuts[month], cuts[month + 1]))]
        for k in MONTHLY:
            draw = streams[k]
            chance = chances[k]
            if TOUCHPOINTS[k].stage == "renew":
                tenure = start / DAY - base.joined_day
                due = (tenure > 0) & (np.mod(tenure, _YEAR) >= _LAST_MONTH)
                chance = np.where(due, np.float32(_RENEWAL_CHANCE), chance)
            customer = np.flatnonzero(draw.random(base.n, dtype=np.float32) < chance).astype(np.int32)
            second = (start + np.floor(draw.random(len(customer)) * (end - start))).astype(np.int64)
            contacts = describe(draw, base, k, customer, second, joining=False)
            parts.append(contacts.where(second > base.joined[customer]))
        contacts = Contacts.joined(parts)
        yield contacts.where(time_order(contacts.second))
