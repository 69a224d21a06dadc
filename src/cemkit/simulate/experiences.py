"""Part 'experiences': what the recorded contacts were like, and the call with which customers cancel.

Expected is drawn from 2..5. A bad experience falls short of it by 1, 2 or 3 (never below 1); any other meets it, or
with the touchpoint's chance of delight exceeds it by 1 or 2 (never above 5). So the valence, the sign of perceived
minus expected, is negative exactly where the experience is bad. Given touchpoint and channel, ratings depend on
nothing else. Effort is a rating of the same scale, 1..5, on which 5 is easiest. A resolved complaint changes nothing in
what the customer does next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import DAY, Calendar, timestamps
from cemkit.simulate.churn import VOLUNTARY, ChurnState
from cemkit.simulate.company import CANCELLATION, CHANNELS, TOUCHPOINTS, Profile
from cemkit.simulate.contacts import Contacts, bad_chance, channel_shares, describe
from cemkit.simulate.customers import Base
from cemkit.simulate.frames import pick, texts, times
from cemkit.simulate.streams import stream

__all__ = ["Rated", "cancellations", "draw_ratings", "experience_frame", "touchpoint_truth"]

_EXPECTED = {"rational": (0.05, 0.30, 0.45, 0.20), "emotional": (0.10, 0.35, 0.40, 0.15)}
_SHORT = (0.45, 0.35, 0.20)
_MORE = (0.7, 0.3)
_LEAST, _MOST = 1, 5
_EFFORT = np.array([[0.04, 0.08, 0.18, 0.35, 0.35], [0.30, 0.30, 0.22, 0.12, 0.06]])
_CALLS = 0.8
_CALL_DAYS = 10.0
_RESOLVED = 0.7
_RESOLUTION_DAYS = 5.0
_EARLY_DAYS = 30
_VALENCES = ("negative", "neutral", "positive")
_KINDS = ("typical", "critical", "unique")


@dataclass(frozen=True)
class Rated:
    """Recorded contacts with their ratings."""

    contacts: Contacts
    """The contacts."""
    expected: npt.NDArray[np.int8]
    """What was expected."""
    perceived: npt.NDArray[np.int8]
    """What was perceived."""
    effort: npt.NDArray[np.int8]
    """How easy it was; zero where the touchpoint has no such rating."""


def _steps(profile: Profile) -> list[float]:
    return [1 - profile.delight, *(profile.delight * share for share in _MORE)]


def draw_ratings(contacts: Contacts, seed: int) -> Rated:
    """Draw what was expected, perceived, and how easy it was."""
    size, tp = len(contacts.customer), contacts.touchpoint
    expected_shares = np.array([_EXPECTED[p.aspect or "rational"] for p in TOUCHPOINTS])
    more_shares = np.array([_steps(p) for p in TOUCHPOINTS])
    has_effort = np.array([p.effort for p in TOUCHPOINTS])
    expected = 2 + _pick_by(stream(seed, "experiences.expected").random(size, dtype=np.float32), expected_shares, tp)
    move = stream(seed, "experiences.perceived").random(size, dtype=np.float32)
    short = 1 + pick(move, np.array(_SHORT))
    more = _pick_by(move, more_shares, tp)
    perceived = np.where(contacts.bad, np.maximum(expected - short, _LEAST), np.minimum(expected + more, _MOST)).astype(
        np.int8
    )
    ease = stream(seed, "experiences.effort").random(size, dtype=np.float32)
    effort = 1 + _pick_by(ease, _EFFORT, contacts.bad.astype(np.int8))
    return Rated(contacts, expected.astype(np.int8), perceived, np.where(has_effort[tp], effort, 0).astype(np.int8))


def _pick_by(
    uniform: npt.NDArray[np.float32], shares: npt.NDArray[np.float64], row: npt.NDArray[np.int8]
) -> npt.NDArray[np.int8]:
    bounds = np.cumsum(shares, axis=1)[:, :-1].astype(np.float32)
    code = np.zeros(len(uniform), dtype=np.int8)
    for column in range(bounds.shape[1]):
        code += uniform >= bounds[row, column]
    return code


def cancellations(state: ChurnState, seed: int) -> Contacts:
    """Return the calls with which most of those who leave of their own will cancel, in their last ten days."""
    base = state.base
    draw = stream(seed, "experiences.cancellation")
    own_will = (state.left >= 0) & (state.reason < len(VOLUNTARY))
    calls = draw.random(base.n) < _CALLS
    ahead = 1 + np.floor(draw.random(base.n) * _CALL_DAYS * DAY).astype(np.int64)
    second = state.left - ahead
    customer = np.flatnonzero(own_will & calls & (second >= 0) & (second > base.joined)).astype(np.int32)
    return describe(draw, base, CANCELLATION, customer, second[customer], joining=False)


def _rating_means(profile: Profile) -> tuple[float, float, float]:
    """Return the mean of expected, of perceived if bad, of perceived if not, by enumeration."""
    expected = bad = good = 0.0
    for level, chance in enumerate(_EXPECTED[profile.aspect or "rational"], start=2):
        expected += chance * level
        bad += chance * sum(p * max(level - d, _LEAST) for d, p in enumerate(_SHORT, start=1))
        good += chance * sum(p * min(level + d, _MOST) for d, p in enumerate(_steps(profile)))
    return expected, bad, good


def touchpoint_truth(contacts: Contacts) -> pd.DataFrame:
    """Return the mean ratings to expect per touchpoint and channel; a null channel is all its recorded contacts."""
    size = len(TOUCHPOINTS) * len(CHANNELS)
    cell = contacts.touchpoint.astype(np.int64) * len(CHANNELS) + contacts.channel
    counts = np.bincount(cell, minlength=size).reshape(len(TOUCHPOINTS), len(CHANNELS))
    rows = []
    for k, profile in enumerate(TOUCHPOINTS):
        expected, if_bad, if_good = _rating_means(profile)
        chance = bad_chance(profile)
        perceived = chance * if_bad + (1 - chance) * if_good
        used = channel_shares(profile).sum(axis=0) > 0
        total = counts[k].sum()
        shares = counts[k] / total if total else np.full(len(CHANNELS), np.nan)
        for name, n, bad, mean in [
            *((c.name, counts[k, i], chance[i], perceived[i]) for i, c in enumerate(CHANNELS) if used[i]),
            (None, total, shares @ chance, shares @ perceived),
        ]:
            row = {"touchpoint_id": profile.touchpoint_id, "channel": name, "contacts": int(n), "bad": bad}
            rows.append({**row, "expected": expected, "perceived": mean, "gap": mean - expected})
    return pd.DataFrame(rows)


def _resolution(
    contacts: Contacts, state: ChurnState, calendar: Calendar, seed: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return which contacts are complaints, and when these were resolved (-1: not before leaving or the log's end)."""
    draw = stream(seed, "experiences.complaint")
    size = len(contacts.customer)
    chance = np.array([p.complaints for p in TOUCHPOINTS], dtype=np.float32)[contacts.touchpoint]
    complaint = contacts.bad & (draw.random(size, dtype=np.float32) < chance)
    where = np.flatnonzero(complaint)
    resolved = draw.random(len(where)) < _RESOLVED
    delay = 60 + np.floor(draw.standard_exponential(len(where)) * _RESOLUTION_DAYS * DAY).astype(np.int64)
    moment = contacts.second[where] + delay
    left = state.left[contacts.customer[where]]
    end = np.where(left >= 0, left, np.int64(calendar.days * DAY))
    at = np.full(size, -1, dtype=np.int64)
    at[where] = np.where(resolved & (moment < end), moment, -1)
    return complaint, at


def _kinds(contacts: Contacts, base: Base) -> npt.NDArray[np.int8]:
    """Typical while joining and in the first month, critical at support and cancelling, unique at renewal, or null."""
    by_touchpoint = np.array(
        [{"support": 1, "cancel": 1, "renew": 2}.get(p.stage, -1) for p in TOUCHPOINTS], dtype=np.int8
    )
    kind = by_touchpoint[contacts.touchpoint]
    early = contacts.joining | (contacts.second < base.joined[contacts.customer] + _EARLY_DAYS * DAY)
    return np.where((kind < 0) & early, 0, kind).astype(np.int8)


def experience_frame(rated: Rated, state: ChurnState, seed: int) -> pd.DataFrame:
    """Return the experiences' table; ``complaint`` is a column of its own."""
    base, calendar, contacts = state.base, state.calendar, rated.contacts
    complaint, resolved = _resolution(contacts, state, calendar, seed)
    quarters = [f"-{calendar.quarter(month)}" for month in range(calendar.months)]
    journeys = [*sorted(set(quarters)), "-join"]
    by_month = np.array([journeys.index(q) for q in quarters], dtype=np.int8)
    month = np.searchsorted(calendar.edges * DAY, contacts.second, side="right") - 1
    journey = np.where(contacts.joining, len(journeys) - 1, by_month[month]).astype(np.int8)
    ids = texts(base.ids.tolist(), contacts.customer)
    perceived, expected = rated.perceived, rated.expected
    return pd.DataFrame(
        {
            "customer_id": ids,
            "touchpoint_id": texts([p.touchpoint_id for p in TOUCHPOINTS], contacts.touchpoint),
            "occurred_at": timestamps(contacts.second),
            "channel": texts([c.name for c in CHANNELS], contacts.channel),
            "journey_id": pd.Series(ids) + pd.Series(texts(journeys, journey)),
            "kind": texts(_KINDS, _kinds(contacts, base)),
            "valence": texts(_VALENCES, np.sign(perceived - expected) + 1),
            "expected": expected.astype(np.float64),
            "perceived": perceived.astype(np.float64),
            "effort": np.where(rated.effort > 0, rated.effort, np.nan),
            "complaint": complaint,
            "resolved_at": times(timestamps(resolved), resolved >= 0),
        }
    )
