"""The preventable share of churn: what would not have happened without some exposures.

With the hazard λ of each cell of person-time and λ_S the same without the exposures of the coalition S, everybody who
was observed at risk is averaged, at time u of their tenure, with the weight

    W_S(u) = Π_{v<u} (1 − h_S(v)) / (1 − h(v)) = exp ∫₀ᵘ (λ − λ_S) dv,

since those who would have stayed without S are missing from those observed, and those who left have no later exposures
to be imagined (Robins 1986; weighting as in Westreich et al. 2012). With bands of tenure b the sums

    A_S(b) = Σ W_S λ_S · time,   B_S(b) = Σ W_S · time,   C_S(b) = Σ W_S · competing events

over person-time suffice: they add over disjoint customers, and the cumulative incidence without S is

    F_S(t) = Σ_b P(still there at b) · a/(a + c) · (1 − exp(−(a + c) width)),   a = A_S/B_S, c = C_S/B_S.

W needs each customer's own history, which no table of cells holds. But only exposures that a customer ever had can be
taken away: customers are grouped by the set P of players that they ever met, and every S is evaluated as S ∩ P. That is
Σ 2^|P| instead of 2^K passes, and the reason why twelve touchpoints are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import HazardFit, design_matrix, removed_hazard
from cemkit.statistics.shapley import EXACT_PLAYERS, coalitions, shapley_values, shapley_weights

__all__ = ["PersonTime", "Preventable", "incidence_without", "person_time", "preventable"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

CHUNK = 2_000_000
"""Numbers held at once per working array."""


class PersonTime(NamedTuple):
    """Intervals of customers, each within one cell, in order of time; customer i has rows offsets[i]:offsets[i + 1]."""

    offsets: Codes
    cell: Codes
    duration: Floats
    event: Bools
    """True where the interval ends in churn."""
    competing: Bools
    """True where it ends in leaving for a reason that is not counted as churn."""

    def take(self, customers: Codes) -> PersonTime:
        """Return the intervals of some customers."""
        size = np.diff(self.offsets)[customers]
        offsets = np.concatenate([[0], np.cumsum(size)])
        rows = np.repeat(self.offsets[customers] - offsets[:-1], size) + np.arange(offsets[-1])
        return PersonTime(offsets, self.cell[rows], self.duration[rows], self.event[rows], self.competing[rows])


class Preventable(NamedTuple):
    """Shares of the churn up to the horizon; the last of each array is all players together."""

    share: Floats
    """(players + 1,) Shapley values of v(S) = 1 − F_S/F, and their sum, the joint preventable share."""
    std_error: Floats
    covariance: Floats
    influence: Floats
    """(customers, players + 1): sums to 0 but for the fit; Σ over clusters of squared sums is the variance."""
    incidence: Floats
    """(2^players,) F_S at the horizon, bit k of the index set where player k is removed; [0] is the churn fitted."""
    at_risk: Floats
    """(bands,) person-time."""


def person_time(
    offsets: npt.ArrayLike,
    cell: npt.ArrayLike,
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    competing: npt.ArrayLike | None = None,
) -> PersonTime:
    """Return checked person-time; every interval must last (count a day of leaving as a day at risk)."""
    ends, codes = np.asarray(offsets, dtype=np.intp), np.asarray(cell, dtype=np.intp)
    length, left = np.asarray(duration, dtype=np.float64), np.asarray(event, dtype=np.bool_)
    other = np.zeros_like(left) if competing is None else np.asarray(competing, dtype=np.bool_)
    bad = int(np.count_nonzero(~(length > 0)))
    if bad or ends.size < 1 or ends[0] != 0 or ends[-1] != codes.size or length.shape != left.shape != other.shape:
        msg = f"person-time needs offsets from 0 to {codes.size} and intervals that last: {bad} do not"
        raise CemkitError(msg)
    return PersonTime(ends, codes, length, left, other)


def incidence_without(
    expected: Floats, at_risk: Floats, competing: Floats, width: Floats
) -> tuple[Floats, tuple[Floats, Floats, Floats]]:
    """Return F (S,) from the sums A, B, C (S, bands), and its derivatives by A, B and C."""
    safe = np.where(at_risk > 0, at_risk, 1.0)
    a, c = expected / safe, competing / safe
    both = a + c
    stay = np.exp(-both * width)
    before = np.concatenate([np.ones_like(stay[:, :1]), np.cumprod(stay, axis=1)[:, :-1]], axis=1)
    some = both > 0
    rate = np.where(some, both, 1.0)
    leave = np.where(some, -np.expm1(-both * width) / rate, width)
    bend = np.where(some, (width * stay - leave) / rate, -(width**2) / 2)
    part = before * a * leave
    later = np.cumsum(part[:, ::-1], axis=1)[:, ::-1] - part
    by_c = before * a * bend - width * later
    by_a = by_c + before * leave
    return part.sum(axis=1), (by_a / safe, -(a * by_a + c * by_c) / safe, by_c / safe)


def preventable(
    rows: PersonTime, fit: HazardFit, band: npt.ArrayLike, width: npt.ArrayLike, players: int
) -> Preventable:
    """Return each player's preventable share of churn by the horizon, with standard errors by customer.

    Parameters
    ----------
    rows : PersonTime
        Intervals of the customers, up to the horizon.
    fit : HazardFit
        The hazard of the cells, fitted to the same customers.
    band : (cells,) array of int
        The tenure band of a cell.
    width : (bands,) array
        Time that each band covers; they sum to the horizon.
    players : int
        Touchpoints, at most twelve. Merge rare ones, or solve over permutations of `incidence` beyond.

    Notes
    -----
    Those observed at risk in a band stand for all who would be; with late entries, those who came late have met what
    was not seen, and start with weight 1. The standard error counts both the drawing of customers and the fit:
    influence functions, the gradient by one backward pass through the weights.
    """
    if not 1 <= players <= EXACT_PLAYERS:
        msg = f"preventable shares are exact for 1 to {EXACT_PLAYERS} touchpoints: found {players}; merge the rarest"
        raise CemkitError(msg)
    bands, lengths = np.asarray(band, dtype=np.intp), np.asarray(width, dtype=np.float64)
    met = _ever_met(rows, fit, players)
    sums = np.zeros((3, 2**players, lengths.size))
    for part in _parts(rows, met, players):
        own, position = _subsets(part.met, players)
        work = _Weighted.of(part.rows, fit, own)
        row_band = bands[part.rows.cell]
        for index, (weight, hazard) in enumerate(zip(work.weight, work.hazard, strict=True)):
            mine = np.flatnonzero(position == index)
            at = weight * part.rows.duration
            values = (at * hazard, at, weight * part.rows.competing)
            for total, value in zip(sums, values, strict=True):
                total[mine] += np.bincount(row_band, weights=value, minlength=lengths.size)
    incidence, slopes = incidence_without(sums[0], sums[1], sums[2], lengths)
    games = shapley_weights(players)
    worth = 1 - incidence / incidence[0]
    share = np.append(shapley_values(worth, players), worth[-1])
    by_incidence = -games / incidence[0]
    by_incidence[:, 0] = games[:, 1:] @ incidence[1:] / incidence[0] ** 2
    needed = np.stack([by_incidence[:, :, None] * slope for slope in slopes])
    influence = _influence(rows, fit, bands, met, needed, players)
    influence = np.column_stack([influence, influence.sum(axis=1)])
    covariance = influence.T @ influence
    return Preventable(share, np.sqrt(np.diag(covariance)), covariance, influence, incidence, sums[1, 0])


def _ever_met(rows: PersonTime, fit: HazardFit, players: int) -> Codes:
    """Return per customer the bits of the players that were ever in force."""
    design = fit.design
    owned = design.player >= 0
    bits = np.zeros(len(design.pattern), dtype=np.intp)
    for pattern, player in zip(design.pattern.T[owned], design.player[owned], strict=True):
        bits |= pattern.astype(np.intp) << player
    if rows.cell.size == 0 or np.any(np.diff(rows.offsets) == 0) or np.any(bits >= 2**players):
        msg = f"every customer needs an interval and every exposure a player below {players}"
        raise CemkitError(msg)
    return np.bitwise_or.reduceat(bits[rows.cell], rows.offsets[:-1])


class _Part(NamedTuple):
    met: int
    customers: Codes
    rows: PersonTime


def _parts(rows: PersonTime, met: Codes, players: int) -> Iterator[_Part]:
    order = np.argsort(met, kind="stable")
    edges = np.searchsorted(met[order], np.arange(2**players + 1))
    size = np.diff(rows.offsets)
    for bits in np.flatnonzero(np.diff(edges)):
        customers = order[edges[bits] : edges[bits + 1]]
        running = np.cumsum(size[customers]) * 2 ** int(bits).bit_count() // CHUNK
        for chunk in np.split(customers, np.flatnonzero(np.diff(running)) + 1):
            yield _Part(int(bits), chunk, rows.take(chunk))


def _subsets(bits: int, players: int) -> tuple[Bools, Codes]:
    """Return the subsets of a set, and which of them each coalition is on it."""
    codes, position = np.unique(np.arange(2**players) & bits, return_inverse=True)
    return coalitions(players)[codes], position


class _Weighted(NamedTuple):
    hazard: Floats
    """(subsets, rows)"""
    weight: Floats
    """(subsets, rows) at the middle of the interval."""

    @classmethod
    def of(cls, rows: PersonTime, fit: HazardFit, subsets: Bools) -> _Weighted:
        hazard = removed_hazard(fit, subsets)[:, rows.cell]
        gain = (hazard[:1] - hazard) * rows.duration
        before = np.cumsum(gain, axis=1) - gain
        before -= np.repeat(before[:, rows.offsets[:-1]], np.diff(rows.offsets), axis=1)
        return cls(hazard, np.exp(before + gain / 2))


def _influence(rows: PersonTime, fit: HazardFit, bands: Codes, met: Codes, needed: Floats, players: int) -> Floats:
    """Return (customers, outputs): the drawing of the customers, and through them the fit."""
    outputs = needed.shape[1]
    found = np.zeros((met.size, outputs))
    gradient = np.zeros((outputs, fit.coefficient.size))
    cells = len(fit.hazard)
    table: dict[int, Floats] = {}
    bit = 1 << np.arange(players)
    for part in _parts(rows, met, players):
        own, position = _subsets(part.met, players)
        work = _Weighted.of(part.rows, fit, own)
        time, cell = part.rows.duration, part.rows.cell
        row_band = bands[cell]
        first, size = part.rows.offsets[:-1], np.diff(part.rows.offsets)
        for index, (weight, hazard) in enumerate(zip(work.weight, work.hazard, strict=True)):
            by_a, by_b, by_c = needed[:, :, position == index].sum(axis=2)
            own_table = table.setdefault(int(own[index] @ bit), np.zeros((outputs, cells)))
            same_table = table.setdefault(0, np.zeros((outputs, cells)))
            at = weight * time
            for k in range(outputs):
                by_hazard = by_a[k][row_band] * at
                value = by_hazard * hazard + by_b[k][row_band] * at + by_c[k][row_band] * weight * part.rows.competing
                total = np.add.reduceat(value, first)
                found[part.customers, k] += total
                if index:
                    running = np.cumsum(value)
                    # what comes after an interval, and half of its own
                    later = np.repeat(running[part.rows.offsets[1:] - 1], size) - running + value / 2
                    same_table[k] += np.bincount(cell, weights=later * time, minlength=cells)
                    by_hazard -= later * time
                own_table[k] += np.bincount(cell, weights=by_hazard, minlength=cells)
    for code, values in table.items():
        removed = (code & bit) > 0
        matrix = design_matrix(fit.design, removed)
        if fit.kind == "multiplicative":
            matrix = matrix * removed_hazard(fit, removed).T
        gradient += values @ matrix
    direction = design_matrix(fit.design) @ (fit.bread @ gradient.T)
    residual = (rows.event - fit.hazard[rows.cell] * rows.duration) / fit.working[rows.cell]
    customer = np.repeat(np.arange(met.size), np.diff(rows.offsets))
    for k in range(outputs):
        found[:, k] += np.bincount(customer, weights=residual * direction[rows.cell, k], minlength=met.size)
    return found
