"""The sums over risk sets that a Cox model needs, without a loop over times.

Rows are intervals (start, stop] in a stratum. Blocks are the distinct (stratum, event time), numbered in order, so that
a row is at risk in a run of blocks: first..last. Every sum over a risk set is then a cumulative sum from the end of
what was added at `last` less what was added at `first − 1`, and every sum of a row over its own blocks is a
difference of two cumulative sums: no matrix per time is ever formed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "Blocks",
    "Denominators",
    "denominators",
    "exposure_to_hazard",
    "find_blocks",
    "first_orders",
    "information",
    "over_risk_sets",
    "score_and_information",
    "score_residuals",
    "weighted",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Blocks(NamedTuple):
    """Where each row is at risk."""

    time: Floats
    """(blocks,) event times."""
    stratum: Codes
    """(blocks,)"""
    events: Floats
    """(blocks,) number of events."""
    first: Codes
    """(rows,) first block in which a row is at risk."""
    last: Codes
    """(rows,) last one. Rows at risk in none must be left out before any sum: there `last` is less than `first`."""
    happened: Codes
    """The rows that end in an event, which is then in their block `last`."""
    tied: Codes
    """(events,) block of each event, sorted."""
    fraction: Floats
    """(events,) 0, 1/d, …, (d − 1)/d within each block under Efron's ties; 0 under Breslow's."""


class Denominators(NamedTuple):
    """Per block b with events l = 0 … d − 1: sums of 1/D_l, D_l = Σ risk of those at risk − (l/d) Σ risk of those leaving."""

    hazard: Floats
    """Σ_l 1/D"""
    tied_hazard: Floats
    """Σ_l (l/d)/D"""
    square: tuple[Floats, Floats, Floats]
    """Σ_l (l/d)^a / D² for a = 0, 1, 2."""
    log_sum: float
    """Σ log D over all events."""


def find_blocks(start: Floats | None, stop: Floats, event: npt.NDArray[np.bool_], stratum: Codes, ties: str) -> Blocks:
    """Count off the event times of each stratum, and find the run of blocks in which each row is at risk."""
    strata = int(stratum.max()) + 1 if stratum.size else 0
    first, last = np.zeros(stop.size, dtype=np.intp), np.full(stop.size, -1, dtype=np.intp)
    times, codes, before = [], [], 0
    for s in range(strata):
        rows = slice(None) if strata == 1 else np.flatnonzero(stratum == s)
        moments = np.unique(stop[rows][event[rows]])
        last[rows] = before + np.searchsorted(moments, stop[rows], side="right") - 1
        first[rows] = before if start is None else before + np.searchsorted(moments, start[rows], side="right")
        times.append(moments)
        codes.append(np.full(moments.size, s, dtype=np.intp))
        before += moments.size
    time = np.concatenate(times) if times else np.empty(0)
    happened = np.flatnonzero(event)
    number = np.bincount(last[happened], minlength=time.size).astype(np.float64)
    tied = np.repeat(np.arange(time.size), number.astype(np.intp))
    fraction = np.zeros(tied.size)
    if ties == "efron":
        opening = np.concatenate([[0], np.cumsum(number)[:-1]]) if time.size else np.empty(0)
        fraction = (np.arange(tied.size) - opening[tied]) / number[tied]
    stratum_of = np.concatenate(codes) if codes else np.empty(0, dtype=np.intp)
    return Blocks(time, stratum_of, number, first, last, happened, tied, fraction)


def over_risk_sets(values: Floats, blocks: Blocks) -> Floats:
    """Return Σ values over those at risk, per block."""
    size = blocks.time.size
    change = np.bincount(blocks.last, weights=values, minlength=size)
    if blocks.first.any():
        change -= np.bincount(blocks.first, weights=values, minlength=size + 1)[1 : size + 1]
    return np.asarray(np.cumsum(change[::-1])[::-1], dtype=np.float64)


def _over_leavers(values: Floats, blocks: Blocks) -> Floats:
    place = blocks.happened
    return np.asarray(
        np.bincount(blocks.last[place], weights=values[place], minlength=blocks.time.size), dtype=np.float64
    )


def _over_own_blocks(values: Floats, blocks: Blocks) -> Floats:
    running = np.concatenate([[0.0], np.cumsum(values)])
    total = running[blocks.last + 1]
    if blocks.first.any():
        total -= running[blocks.first]
    return total


def denominators(risk: Floats, blocks: Blocks) -> Denominators:
    """Return the sums of 1/D, 1/D² and log D of the partial likelihood."""
    size, tied, fraction = blocks.time.size, blocks.tied, blocks.fraction
    whole = over_risk_sets(risk, blocks)[tied] - fraction * _over_leavers(risk, blocks)[tied]
    inverse = 1.0 / whole

    def block(values: Floats) -> Floats:
        return np.asarray(np.bincount(tied, weights=values, minlength=size), dtype=np.float64)

    square = (block(inverse**2), block(fraction * inverse**2), block(fraction**2 * inverse**2))
    return Denominators(block(inverse), block(fraction * inverse), square, float(np.log(whole).sum()))


def exposure_to_hazard(found: Denominators, blocks: Blocks) -> Floats:
    """Return each row's Σ 1/D over its blocks, a leaver's last block by Efron's share: its expected events over risk."""
    total = _over_own_blocks(found.hazard, blocks)
    place = blocks.happened
    total[place] -= found.tied_hazard[blocks.last[place]]
    return total


def first_orders(x: Floats, risk: Floats, blocks: Blocks) -> tuple[Floats, Floats]:
    """Return Σ risk·x over those at risk and over those who leave, both (blocks, covariates)."""
    weighted = [risk * x[:, j] for j in range(x.shape[1])]
    whole = np.column_stack([over_risk_sets(column, blocks) for column in weighted])
    return whole, np.column_stack([_over_leavers(column, blocks) for column in weighted])


def score_and_information(x: Floats, risk: Floats, found: Denominators, blocks: Blocks) -> tuple[Floats, Floats]:
    """Return the gradient and the negative Hessian of the log partial likelihood."""
    expected = risk * exposure_to_hazard(found, blocks)
    gradient = x[blocks.happened].sum(axis=0) - expected @ x
    return gradient, information(x, expected, first_orders(x, risk, blocks), found)


def information(x: Floats, expected: Floats, orders: tuple[Floats, Floats], found: Denominators) -> Floats:
    """Return the sum over blocks of the variances of the covariates among those at risk.

    With `found` times a number per block (:func:`weighted`) it is the sum of these variances times that number.
    """
    whole, leaving = orders
    none, one, two = (term[:, None] for term in found.square)
    outer = (none * whole - one * leaving).T @ whole - (one * whole - two * leaving).T @ leaving
    matrix = (expected[:, None] * x).T @ x - outer
    return np.asarray((matrix + matrix.T) / 2)


def weighted(found: Denominators, weight: Floats) -> Denominators:
    """Return the sums of each block times its weight."""
    none, one, two = (term * weight for term in found.square)
    return Denominators(found.hazard * weight, found.tied_hazard * weight, (none, one, two), found.log_sum)


def score_residuals(x: Floats, risk: Floats, found: Denominators, blocks: Blocks) -> Floats:
    """Return each row's contribution to the score as if it had been drawn at random (Lin & Wei 1989); (rows, p)."""
    whole, leaving = first_orders(x, risk, blocks)
    none, one, two = (term[:, None] for term in found.square)
    in_hazard = none * whole - one * leaving
    in_tied = one * whole - two * leaving
    expected = exposure_to_hazard(found, blocks)[:, None] * x
    expected -= np.column_stack([_over_own_blocks(column, blocks) for column in in_hazard.T])
    place, block = blocks.happened, blocks.last[blocks.happened]
    expected[place] += in_tied[block]
    residual = -risk[:, None] * expected
    mean = (found.hazard[:, None] * whole - found.tied_hazard[:, None] * leaving) / blocks.events[:, None]
    residual[place] += x[place] - mean[block]
    return residual
