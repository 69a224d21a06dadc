"""Worlds of customers and experiences with real timestamps, and the counterfactual truth of who would not have left.

Time is continuous. The hazard of leaving per month is known in closed form between the moments at which bad experiences
come in force (when they happen) and go out of it (three months later), so that each customer's chance of staying under
any set of touchpoints is exact given the experiences that they would have: the truth has no noise of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cemkit.statistics.exposure_time import split_time
from cemkit.statistics.shapley import shapley

DAYS, WINDOW = 30.0, 90.0
NAMES = ("billing", "support", "network", "app", "store", "reminder")
START = np.datetime64("2023-01-01", "us")


@dataclass(frozen=True)
class Kind:
    """What is true of a world; hazards and chances are per month."""

    multiplicative: bool = False
    extra: tuple[float, ...] = (0.030, 0.040, 0.020, 0.010, 0.0, 0.0)
    """Added while a bad experience lies within three months; a multiplicative world has 1 + extra / base as ratios."""
    contact: tuple[float, ...] = (0.20, 0.10, 0.25, 0.30, 0.08, 0.60)
    bad: tuple[float, ...] = (0.12, 0.25, 0.10, 0.08, 0.15, 0.05)
    base: float = 0.012
    both: float = 1.0
    """Ratio on the hazard while billing and support are both in force."""
    confounder: float = 0.0
    """Logarithm of the ratio on all contacts, and half as much on leaving, per standard deviation of a known number."""
    early: float = 0.0
    """The background starts 1 + early times as high, and loses that over four months of tenure."""
    staggered: bool = False
    """Half of the customers entered up to two years before the log, the others while it runs."""
    cancelling: bool = False
    """Who leaves has called to cancel some days before, mostly with a bad experience."""
    months: int = 24
    levels: int = 0
    """Of the number that drives the background; it is continuous where 0."""
    declared: bool = False
    """Whether that number is to be declared as a confounder."""


WORLDS = {
    "additive": Kind(),
    # with a multiplicative hazard, what drives leaving alone must be known as well: those at risk are selected on it
    "interaction": Kind(
        multiplicative=True, both=2.5, contact=(0.30, 0.20, 0.25, 0.30, 0.08, 0.60), levels=5, declared=True
    ),
    "confounded": Kind(confounder=0.8, declared=True),
    "staggered": Kind(early=2.0, staggered=True),
    "cancelling": Kind(
        cancelling=True, contact=(0.20, 0.10, 0.25, 0.30, 0.08, 0.90), bad=(0.12, 0.25, 0.10, 0.08, 0.15, 0.4)
    ),
}


@dataclass(frozen=True)
class World:
    customers: pd.DataFrame
    experiences: pd.DataFrame
    truth: dict[str, float]
    """Preventable share within the horizon by touchpoint, and ``all``."""
    horizon: int
    """Days of tenure."""


def simulate(kind: Kind, n: int, seed: int, *, chances: bool = True, truth: bool = True) -> World:
    """Simulate a world; ``chances`` adds experiences that are not bad."""
    rng = np.random.default_rng(seed)
    size, length = len(NAMES), kind.months * DAYS
    z = rng.standard_normal(n)
    if kind.levels:
        z = ndtri((rng.integers(0, kind.levels, n) + 0.5) / kind.levels)
    before = 24 * DAYS if kind.staggered else 0.0
    entered = np.zeros(n)
    if kind.staggered:
        entered = np.where(rng.random(n) < 0.5, rng.uniform(-before, 0, n), rng.uniform(0, length, n))
    # time runs in tenure; contacts over all of it, of which the log sees what lies after its start
    horizon = length
    rate = np.array(kind.contact) / DAYS * np.exp(kind.confounder * z)[:, None]
    number = rng.poisson(rate * np.array(kind.bad) * horizon)
    who, which = (np.repeat(x.reshape(-1), number.reshape(-1)) for x in np.indices(number.shape))
    at = rng.uniform(0, horizon, who.size)
    base, hazard = hazards(kind, z, at, who, which, n, horizon)
    found = {}
    if truth:
        stay = {}

        def left(removed: np.ndarray) -> float:
            key = removed.tobytes()
            if key not in stay:
                kept = [k for k in range(size) if not removed[k]]
                total = np.bincount(base.unit, weights=hazard(kept) * base.duration, minlength=n)
                stay[key] = float(-np.expm1(-total).mean())
            return stay[key]

        nobody = np.zeros(size, dtype=bool)
        worth = shapley(lambda s: np.array([1 - left(row) / left(nobody) for row in s]), size)
        found = {name: float(v) for name, v in zip(NAMES, worth.value, strict=True)} | {"all": float(worth.total)}
    tenure = leaving(base, hazard(list(range(size))), rng.exponential(size=n), n)
    left_at = entered + tenure
    until = length
    gone = left_at < until
    seen = (entered < until) & (left_at > 0)
    keep = (entered[who] + at >= 0) & (entered[who] + at < np.minimum(left_at, until)[who]) & seen[who]
    rows = [(who[keep], which[keep], (entered[who] + at)[keep], np.full(int(keep.sum()), "negative", dtype=object))]
    if chances:
        good = rng.poisson(rate * (1 - np.array(kind.bad)) * horizon * 0.5)
        who, which = (np.repeat(x.reshape(-1), good.reshape(-1)) for x in np.indices(good.shape))
        at = entered[who] + rng.uniform(0, horizon, who.size)
        keep = (at >= 0) & (at < np.minimum(left_at, until)[who]) & seen[who]
        rows.append(
            (who[keep], which[keep], at[keep], rng.choice(["neutral", "positive"], int(keep.sum())).astype(object))
        )
    names = list(NAMES)
    if kind.cancelling:
        names.append("cancellation")
        leaver = np.flatnonzero(gone & seen & (rng.random(n) < 0.7))
        at = np.maximum(left_at[leaver] - rng.uniform(0.1, 6.0, leaver.size), np.maximum(entered[leaver], 0))
        felt = np.where(rng.random(leaver.size) < 0.6, "negative", "neutral").astype(object)
        rows.append((leaver, np.full(leaver.size, size), at, felt))
    who, which, at, felt = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    ids = np.char.mod("c%06d", np.arange(n)).astype(object)
    experiences = pd.DataFrame(
        {
            "customer_id": ids[who],
            "touchpoint_id": np.array(names, dtype=object)[which],
            "occurred_at": stamps(at),
            "valence": felt,
        }
    ).sort_values(["occurred_at", "customer_id"], ignore_index=True)
    gone_at = stamps(np.where(gone, left_at, 0.0))
    gone_at[~gone] = np.datetime64("NaT")
    customers = pd.DataFrame({"customer_id": ids, "acquired_at": stamps(entered), "left_at": gone_at, "strain": z})
    return World(customers[seen].reset_index(drop=True), experiences, found, int(horizon))


def stamps(days: np.ndarray) -> np.ndarray:
    return START + np.round(days * 86_400e6).astype("timedelta64[us]")


def hazards(kind, z, at, who, which, n, horizon):
    """Return person-time split at exposures, and a function from the touchpoints that count to the hazard per day."""
    base = split_time(np.zeros(n), np.full(n, horizon), (who, which, at, at + WINDOW), width=DAYS)
    force = (base.pattern[:, None] >> np.arange(len(NAMES))) & 1 == 1
    extra = np.array(kind.extra)
    own = kind.base / DAYS * np.exp(0.6 * z if not kind.confounder else 0.5 * kind.confounder * z)[base.unit]
    if kind.early:
        own = own * (1 + kind.early * np.exp(-(base.begin + base.duration / 2) / (4 * DAYS)))

    def hazard(kept: list[int]) -> np.ndarray:
        if not kind.multiplicative:
            return own + force[:, kept] @ extra[kept] / DAYS
        ratio = np.exp(force[:, kept] @ np.log1p(extra[kept] / kind.base))
        if kind.both != 1 and 0 in kept and 1 in kept:
            ratio = ratio * np.where(force[:, 0] & force[:, 1], kind.both, 1.0)
        return own * ratio

    return base, hazard


def leaving(base, hazard, patience, n):
    """Return the tenure at which the hazard met reaches each customer's patience; infinite if it never does."""
    part = hazard * base.duration
    met = np.cumsum(part)
    first = base.offsets[:-1]
    met -= np.repeat(met[first] - part[first], np.diff(base.offsets))
    done = met >= patience[base.unit]
    tenure = np.full(n, np.inf)
    rows = np.flatnonzero(done)
    one = rows[np.unique(base.unit[rows], return_index=True)[1]]
    unit = base.unit[one]
    tenure[unit] = base.begin[one] + base.duration[one] - (met[one] - patience[unit]) / hazard[one]
    return tenure


def smaller(kind: Kind, **changes) -> Kind:
    """Return the world with some things changed."""
    return replace(kind, **changes)
