"""A world of bad experiences with known preventable shares, in continuous time, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from cemkit.statistics.preventable import PersonTime, person_time
from cemkit.statistics.shapley import shapley

MONTHS, WINDOW, BAND = 24, 3.0, 3.0
# billing, support, network, app, store, reminder
EXTRA = np.array([0.030, 0.040, 0.020, 0.010, 0.0, 0.0])
CONTACT = np.array([0.20, 0.10, 0.25, 0.30, 0.08, 0.60])
BAD = np.array([0.12, 0.25, 0.10, 0.08, 0.15, 0.05])
BASE = 0.012
PLAYERS = len(EXTRA)


class World(NamedTuple):
    rows: PersonTime
    stratum: np.ndarray
    """(cells,)"""
    band: np.ndarray
    pattern: np.ndarray
    strata: int
    truth: np.ndarray
    """Counterfactual Shapley shares and their sum."""
    leavers: int

    def design_columns(self) -> np.ndarray:
        """Background: strata, and bands but the first."""
        bands = int(MONTHS / BAND)
        return np.column_stack([np.eye(self.strata)[self.stratum], np.eye(bands)[self.band][:, 1:]])

    def sums(self, fold: np.ndarray | None = None, folds: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return events and person-time, (folds, cells)."""
        owner = np.repeat(np.arange(self.rows.offsets.size - 1), np.diff(self.rows.offsets))
        place = self.rows.cell + (0 if fold is None else fold[owner] * len(self.band))
        size = folds * len(self.band)
        events = np.bincount(place, weights=self.rows.event, minlength=size)
        time = np.bincount(place, weights=self.rows.duration, minlength=size)
        return events.reshape(folds, -1), time.reshape(folds, -1)


def simulate(n: int, seed: int, *, kind: str = "additive", strata: int = 8, late: bool = False) -> World:
    """Simulate customers; ``late`` starts the watch of half of them up to a year after they entered."""
    rng = np.random.default_rng(seed)
    # a confounder of so many levels, so that strata adjust for it wholly
    stratum = rng.integers(0, strata, n)
    z = ndtri((np.arange(strata) + 0.5) / strata)[stratum]
    chance = np.broadcast_to(CONTACT, (n, PLAYERS)).copy()
    chance[:, 1] *= np.exp(0.5 * z)
    bad = rng.random((n, MONTHS, PLAYERS)) < (chance * BAD)[:, None]
    who, month, which = np.nonzero(bad)
    start = month + rng.random(who.size)
    # moments at which something changes: (customer, time, player or −1, +1 or −1)
    edges = np.arange(0, MONTHS + BAND, BAND)
    customer = np.concatenate([who, who, np.repeat(np.arange(n), edges.size)])
    time = np.concatenate([start, np.minimum(start + WINDOW, MONTHS), np.tile(edges, n)])
    player = np.concatenate([which, which, np.full(n * edges.size, -1)])
    sign = np.concatenate([np.ones(who.size), -np.ones(who.size), np.zeros(n * edges.size)])
    order = np.lexsort((time, customer))
    customer, time, player, sign = customer[order], time[order], player[order], sign[order]
    force = np.empty((time.size, PLAYERS), dtype=bool)
    for k in range(PLAYERS):
        force[:, k] = np.cumsum(np.where(player == k, sign, 0)) > 0.5
    keep = np.flatnonzero((customer[1:] == customer[:-1]) & (time[1:] > time[:-1]))
    customer, begin, end, force = customer[keep], time[keep], time[keep + 1], force[keep]
    base = BASE * np.exp(0.6 * z[customer])
    ratio = 1 + EXTRA / BASE
    hazard = base + force @ EXTRA if kind == "additive" else base * np.exp(force @ np.log(ratio))

    def stays(removed: np.ndarray) -> np.ndarray:
        kept = force & ~removed
        rate = base + kept @ EXTRA if kind == "additive" else base * np.exp(kept @ np.log(ratio))
        return np.exp(-np.bincount(customer, weights=rate * (end - begin), minlength=n))

    whole = 1 - stays(np.zeros(PLAYERS, dtype=bool)).mean()
    truth = shapley(lambda s: np.array([1 - (1 - stays(row).mean()) / whole for row in s]), PLAYERS)
    # leave when the hazard met exceeds an exponential number
    patience = rng.exponential(size=n)
    met = np.cumsum(hazard * (end - begin))
    opening = np.flatnonzero(np.diff(customer, prepend=-1))
    met -= (met[opening] - (hazard * (end - begin))[opening])[customer]
    event = met >= patience[customer]
    event &= np.concatenate([[True], ~event[:-1] | (customer[1:] != customer[:-1])])
    there = (met < patience[customer]) | event
    end = np.where(event, end - (met - patience[customer]) / hazard, end)
    entry = np.where(rng.random(n) < 0.5, rng.uniform(0, 12, n), 0.0) if late else np.zeros(n)
    begin = np.maximum(begin, entry[customer])
    there &= end > begin
    bands = edges.size - 1
    band = np.minimum((begin // BAND).astype(int), bands - 1)
    key = (((force @ (1 << np.arange(PLAYERS))) * strata + stratum[customer]) * bands + band)[there]
    cells, cell = np.unique(key, return_inverse=True)
    size = np.unique(customer[there], return_counts=True)[1]
    rows = person_time(np.r_[0, np.cumsum(size)], cell, (end - begin)[there], event[there])
    code, cell_band = np.divmod(cells, bands)
    code, cell_stratum = np.divmod(code, strata)
    pattern = (code[:, None] >> np.arange(PLAYERS)) % 2 == 1
    shares = np.append(truth.value, truth.total)
    return World(rows, cell_stratum, cell_band, pattern, strata, shares, int(event[there].sum()))
