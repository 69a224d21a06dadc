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
Σ 2^|P| instead of 2^K passes, and the reason why twelve touchpoints are exact. Beyond twelve, the coalitions of random
orders are evaluated the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import HazardFit, design_matrix, removed_hazard
from cemkit.statistics.shapley import Game, exact_game

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
    error: Floats
    """(players + 1,) standard error of the random orders; 0 where the values are exact."""
    incidence: Floats
    """(coalitions,) F_S at the horizon; of an exact game, bit k of the index set where player k is removed. [0] is the churn fitted."""
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
    rows: PersonTime,
    fit: HazardFit,
    band: npt.ArrayLike,
    width: npt.ArrayLike,
    players: int,
    *,
    game: Game | None = None,
    weight: npt.ArrayLike | None = None,
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
        Touchpoints.
    game : Game, optional
        The coalitions to be evaluated; all of them unless given, for at most twelve players. `permutation_game` is for more.
    weight : (customers,) array, optional
        What each customer counts for, such as their value.

    Notes
    -----
    Those observed at risk in a band stand for all who would be; with late entries, those who came late have met what
    was not seen, and start with weight 1. The standard error counts both the drawing of customers and the fit:
    influence functions, the gradient by one backward pass through the weights.
    """
    played = exact_game(players) if game is None else game
    bands, lengths = np.asarray(band, dtype=np.intp), np.asarray(width, dtype=np.float64)
    met = _ever_met(rows, fit, players)
    stakes = np.ones(met.size) if weight is None else np.asarray(weight, dtype=np.float64)
    sums = np.zeros((3, len(played.member), lengths.size))
    for part in _parts(rows, met, 1):
        own, position = _subsets(part.met, played.code)
        work = _Weighted.of(part, fit, own, stakes)
        at = work.weight * part.rows.duration
        values = np.zeros((3, len(own), lengths.size))
        place = (np.arange(len(own))[:, None] * lengths.size + bands[part.rows.cell]).reshape(-1)
        for i, value in enumerate((at * work.hazard, at, work.weight * part.rows.competing)):
            values[i] += np.bincount(place, weights=value.reshape(-1), minlength=values[i].size).reshape(
                values[i].shape
            )
        sums += values[:, position]
    incidence, slopes = incidence_without(sums[0], sums[1], sums[2], lengths)
    worth = 1 - incidence / incidence[0]
    share, error = played.values(worth)
    by_incidence = -played.weight / incidence[0]
    by_incidence[:, 0] = played.weight[:, 1:] @ incidence[1:] / incidence[0] ** 2
    needed = np.stack([by_incidence[:, :, None] * slope for slope in slopes])
    influence = _influence(rows, fit, bands, met, needed, _Margins(needed, played), stakes)
    influence = np.column_stack([influence, influence.sum(axis=1)])
    covariance = influence.T @ influence
    share, error = np.append(share, worth[-1]), np.append(error, 0.0)
    return Preventable(share, np.sqrt(np.diag(covariance)), covariance, influence, error, incidence, sums[1, 0])


def _ever_met(rows: PersonTime, fit: HazardFit, players: int) -> Codes:
    """Return per customer the bits of the players that were ever in force."""
    design = fit.design
    owned = design.player >= 0
    bits = np.zeros(len(design.pattern), dtype=np.intp)
    for pattern, player in zip(design.pattern.T[owned], design.player[owned], strict=True):
        bits |= pattern.astype(np.intp) << player
    if rows.cell.size == 0 or np.any(np.diff(rows.offsets) == 0) or np.any(bits >> players):
        msg = f"every customer needs an interval and every exposure a player below {players}"
        raise CemkitError(msg)
    return np.bitwise_or.reduceat(bits[rows.cell], rows.offsets[:-1])


class _Part(NamedTuple):
    met: int
    customers: Codes
    rows: PersonTime


def _parts(rows: PersonTime, met: Codes, outputs: int) -> Iterator[_Part]:
    order = np.argsort(met, kind="stable")
    edges = np.flatnonzero(np.diff(met[order], prepend=-1, append=-1))
    size = np.diff(rows.offsets)
    for low, high in pairwise(edges.tolist()):
        customers, bits = order[low:high], int(met[order[low]])
        running = np.cumsum(size[customers]) * 2.0 ** bits.bit_count() * outputs // CHUNK
        for chunk in np.split(customers, np.flatnonzero(np.diff(running)) + 1):
            yield _Part(bits, chunk, rows.take(chunk))


def _subsets(bits: int, codes: Codes) -> tuple[Codes, Codes]:
    """Return what coalitions are on a set, and which of them each coalition is."""
    own, position = np.unique(codes & bits, return_inverse=True)
    return own, position.reshape(-1)


def _members(codes: Codes, players: int) -> Bools:
    return np.asarray((codes[:, None] >> np.arange(players)) % 2 == 1)


class _Weighted(NamedTuple):
    hazard: Floats
    """(subsets, rows)"""
    weight: Floats
    """(subsets, rows) at the middle of the interval, times what the customer counts for."""

    @classmethod
    def of(cls, part: _Part, fit: HazardFit, own: Codes, stakes: Floats) -> _Weighted:
        rows = part.rows
        cells, place = np.unique(rows.cell, return_inverse=True)
        design = fit.design
        some = design._replace(pattern=design.pattern[cells], baseline=design.baseline[cells])
        players = int(design.player.max(initial=-1)) + 1
        hazard = removed_hazard(fit._replace(design=some), _members(own, players))[:, place.reshape(-1)]
        whole = fit.hazard[rows.cell]
        gain = (whole - hazard) * rows.duration
        before = np.cumsum(gain, axis=1) - gain
        size = np.diff(rows.offsets)
        before -= np.repeat(before[:, rows.offsets[:-1]], size, axis=1)
        return cls(hazard, np.exp(before + gain / 2) * np.repeat(stakes[part.customers], size))


class _Margins:
    """Derivatives summed over the coalitions that are alike for customers who met a set; sets come in rising order.

    With all coalitions, the derivatives are a cube with a side per player, of which those not met are summed away, from
    the highest down: what two sets in a row have in common is kept.
    """

    def __init__(self, needed: Floats, game: Game) -> None:
        self.needed, self.game, self.players = needed, game, game.member.shape[1]
        kinds, outputs, _, bands = needed.shape
        self.levels = {self.players: needed.reshape(kinds, outputs, -1, 1, bands)}
        self.last = -1

    def of(self, bits: int, position: Codes, size: int) -> Floats:
        """Return (3, outputs, subsets, bands)."""
        if not self.game.exact:
            order = np.argsort(position, kind="stable")
            starts = np.searchsorted(position[order], np.arange(size))
            return np.add.reduceat(self.needed[:, :, order], starts, axis=2)
        differing = bits ^ self.last if self.last >= 0 else 2**self.players - 1
        for k in range(differing.bit_length() - 1, -1, -1):
            above = self.levels[k + 1]
            kinds, outputs, _, kept, bands = above.shape
            cube = above.reshape(kinds, outputs, 2, 2**k, kept, bands)
            if bits >> k & 1:
                self.levels[k] = np.moveaxis(cube, 2, 4).reshape(kinds, outputs, 2**k, 2 * kept, bands)
            else:
                self.levels[k] = cube[:, :, 0] + cube[:, :, 1]
        self.last = bits
        return self.levels[0][:, :, 0]


def _influence(
    rows: PersonTime, fit: HazardFit, bands: Codes, met: Codes, needed: Floats, margins: _Margins, stakes: Floats
) -> Floats:
    """Return (customers, outputs): the drawing of the customers, and through them the fit."""
    outputs, design = needed.shape[1], fit.design
    players = needed.shape[1]
    found = np.zeros((met.size, outputs))
    of_cells = np.zeros((outputs, len(fit.hazard)))
    same_cells = np.zeros_like(of_cells)
    pairs = [design.pattern[:, i] & design.pattern[:, j] for i, j in design.pairs]
    columns = np.column_stack([design.pattern, *pairs]).astype(np.float64)
    owners = [(p,) for p in design.player] + [(design.player[i], design.player[j]) for i, j in design.pairs]
    of_columns = np.zeros((outputs, columns.shape[1]))
    for part in _parts(rows, met, outputs):
        own, position = _subsets(part.met, margins.game.code)
        work = _Weighted.of(part, fit, own, stakes)
        time, cell = part.rows.duration, part.rows.cell
        first, size = part.rows.offsets[:-1], np.diff(part.rows.offsets)
        by_a, by_b, by_c = margins.of(part.met, position, len(own))[:, :, :, bands[cell]]
        at = work.weight * time
        by_hazard = by_a * at
        value = by_hazard * work.hazard + by_b * at + by_c * (work.weight * part.rows.competing)
        found[part.customers] += np.add.reduceat(value.sum(axis=1), first, axis=1).T
        running = np.cumsum(value, axis=2)
        # what comes after an interval, and half of its own
        later = np.repeat(running[:, :, part.rows.offsets[1:] - 1], size, axis=2) - running + value / 2
        later *= time
        by_hazard -= later
        if fit.kind == "multiplicative":
            by_hazard *= work.hazard
        for total, each in ((same_cells, later), (of_cells, by_hazard)):
            row = each.sum(axis=1)
            for k in range(outputs):
                total[k] += np.bincount(cell, weights=row[k], minlength=total.shape[1])
        gone = _members(own, players)
        kept = np.column_stack(
            [~np.any([gone[:, p] for p in owner if p >= 0] or [gone[:, 0] & False], axis=0) for owner in owners]
        )
        of_columns += ((by_hazard @ columns[cell]) * kept).sum(axis=1)
    whole = design_matrix(design)
    gradient = np.column_stack([of_cells @ design.baseline, of_columns])
    gradient += same_cells @ (whole * fit.hazard[:, None] if fit.kind == "multiplicative" else whole)
    direction = whole @ (fit.bread @ gradient.T)
    residual = (rows.event - fit.hazard[rows.cell] * rows.duration) / fit.working[rows.cell]
    customer = np.repeat(np.arange(met.size), np.diff(rows.offsets))
    for k in range(outputs):
        found[:, k] += np.bincount(customer, weights=residual * direction[rows.cell, k], minlength=met.size)
    return found
