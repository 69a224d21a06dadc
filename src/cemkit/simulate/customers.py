"""Part 'customers': who the customers are, their strain z, and when they joined.

Sixty per cent joined before the log, at a constant rate over five years, and are those who had not left by then: a
candidate with tenure a is kept with the chance exp(-H(a)), H the cumulative hazard under which the log itself runs,
with the extra hazards at their mean given z. So z depends on tenure as survival makes it. The others join during
the log, at a constant rate. The strain z is standard normal among those who join, rounded to three decimals; it is a
column of the customers' table (``strain``), so that it can be declared as a confounder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import DAY, MONTH_DAYS, Calendar, timestamps
from cemkit.simulate.company import EXPOSURE_DAYS, HARMFUL, SEGMENTS, TOUCHPOINTS
from cemkit.simulate.frames import pick, texts, times
from cemkit.simulate.streams import stream

__all__ = [
    "BASE_HAZARD",
    "EARLY_DAYS",
    "EARLY_RISE",
    "STRAIN_EFFECT",
    "Base",
    "base_hazard_integral",
    "customer_frame",
    "draw_customers",
]

BASE_HAZARD = 0.008
"""Voluntary hazard per 30 days of a long-standing customer with z = 0 and no bad experience."""
EARLY_RISE = 1.0
"""The base hazard is BASE_HAZARD · (1 + EARLY_RISE · exp(-tenure / EARLY_DAYS)) · exp(STRAIN_EFFECT · z)."""
EARLY_DAYS = 180.0
"""See ``EARLY_RISE``."""
STRAIN_EFFECT = 0.6
"""See ``EARLY_RISE``."""
_BEFORE = 0.6
_LONGEST_DAYS = 5 * 365.25
_REGIONS = ("north", "east", "south", "west", "capital")
_REGION_SHARES = np.array([0.18, 0.17, 0.22, 0.18, 0.25])
_CONTRACTS = ("flexible", "12 months", "24 months")
_CONTRACT_SHARES = np.array([[0.5, 0.3, 0.2], [0.15, 0.35, 0.5], [0.2, 0.4, 0.4], [0.1, 0.3, 0.6]])
_AGES = ("18-29", "30-44", "45-64", "65+")
_AGE_SHARES = np.array([[0.9, 0.1, 0.0, 0.0], [0.1, 0.55, 0.35, 0.0], [0.0, 0.0, 0.3, 0.7], [0.1, 0.4, 0.45, 0.05]])
_ORIGINS = ("own search", "referral", "campaign")
_ORIGIN_SHARES = np.array([0.40, 0.25, 0.35])


@dataclass(frozen=True)
class Base:
    """The customers as vectors, one entry per customer."""

    ids: npt.NDArray[np.object_]
    """Keys."""
    segment: npt.NDArray[np.int8]
    """Place in ``SEGMENTS``."""
    strain: npt.NDArray[np.float64]
    """The trait z."""
    joined: npt.NDArray[np.int64]
    """When they joined, in seconds since the start of the log (negative: before)."""
    fee: npt.NDArray[np.float64]
    """Mean monthly bill."""

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.segment)

    @cached_property
    def joined_day(self) -> npt.NDArray[np.float64]:
        """When they joined, in days since the start of the log."""
        return self.joined / DAY

    def at(self, chosen: npt.NDArray[np.int64]) -> Base:
        """Return some of the customers."""
        return Base(self.ids[chosen], self.segment[chosen], self.strain[chosen], self.joined[chosen], self.fee[chosen])


def base_hazard_integral(
    tenure: npt.NDArray[np.float64], until: npt.NDArray[np.float64], strain: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the integral of the voluntary base hazard from one tenure to another, both in days."""
    early = EARLY_RISE * EARLY_DAYS * (np.exp(-tenure / EARLY_DAYS) - np.exp(-until / EARLY_DAYS))
    return BASE_HAZARD / MONTH_DAYS * (until - tenure + early) * np.exp(STRAIN_EFFECT * strain)


def _mean_hazard(
    tenure: npt.NDArray[np.float64], strain: npt.NDArray[np.float64], segment: npt.NDArray[np.int8]
) -> npt.NDArray[np.float64]:
    total = base_hazard_integral(np.zeros_like(tenure), tenure, strain)
    rate = np.array([s.involuntary for s in SEGMENTS])[segment]
    for profile in (TOUCHPOINTS[k] for k in HARMFUL):
        if profile.monthly:
            met = profile.monthly * np.array(profile.segments)[segment] * np.exp(profile.strain * strain)
            rate = rate + profile.extra * -np.expm1(-met * profile.bad * EXPOSURE_DAYS / MONTH_DAYS)
        else:
            total += profile.extra * profile.joining * profile.bad * np.minimum(tenure, EXPOSURE_DAYS) / MONTH_DAYS
    return total + rate * tenure / MONTH_DAYS


def _join(
    n: int, calendar: Calendar, segment: npt.NDArray[np.int8], seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    draw = stream(seed, "customers.joining")
    before = draw.random(n) < _BEFORE
    joined = draw.random(n) * calendar.days
    strain = np.round(draw.standard_normal(n), 3)
    waiting = np.flatnonzero(before)
    while len(waiting):
        tenure = draw.random(len(waiting)) * _LONGEST_DAYS
        trait = np.round(draw.standard_normal(len(waiting)), 3)
        stays = draw.standard_exponential(len(waiting)) > _mean_hazard(tenure, trait, segment[waiting])
        joined[waiting[stays]] = -tenure[stays]
        strain[waiting[stays]] = trait[stays]
        waiting = waiting[~stays]
    return np.floor(joined * DAY).astype(np.int64), strain


def draw_customers(n: int, calendar: Calendar, seed: int) -> Base:
    """Draw the customers of a world, as vectors."""
    segment = pick(stream(seed, "customers.segment").random(n), np.array([s.share for s in SEGMENTS]))
    joined, strain = _join(n, calendar, segment, seed)
    spread = stream(seed, "customers.fee").gamma(8.0, 1 / 8.0, n)
    fee = np.round(np.array([s.fee for s in SEGMENTS])[segment] * spread + 5.0, 2)
    width = max(7, len(str(n)))
    ids = np.array([f"C{number:0{width}d}" for number in range(1, n + 1)], dtype=object)
    return Base(ids=ids, segment=segment, strain=strain, joined=joined, fee=fee)


def customer_frame(
    base: Base, left: npt.NDArray[np.int64], reason: npt.NDArray[np.int8], reasons: tuple[str, ...], seed: int
) -> pd.DataFrame:
    """Return the customers' table; ``left`` is in seconds since the start of the log, -1 for those who stayed."""
    n = base.n
    return pd.DataFrame(
        {
            "customer_id": texts(base.ids.tolist(), np.arange(n)),
            "segment": texts([s.name for s in SEGMENTS], base.segment),
            "acquired_at": timestamps(base.joined),
            "left_at": times(timestamps(left), left >= 0),
            "left_reason": texts(reasons, reason),
            "region": texts(_REGIONS, pick(stream(seed, "customers.region").random(n), _REGION_SHARES)),
            "age_band": texts(_AGES, pick(stream(seed, "customers.age").random(n), _AGE_SHARES[base.segment])),
            "contract": texts(
                _CONTRACTS, pick(stream(seed, "customers.contract").random(n), _CONTRACT_SHARES[base.segment])
            ),
            "origin": texts(_ORIGINS, pick(stream(seed, "customers.origin").random(n), _ORIGIN_SHARES)),
            "monthly_fee": base.fee,
            "strain": base.strain,
        }
    )
