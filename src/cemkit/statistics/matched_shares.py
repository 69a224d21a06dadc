"""Shares among those who are in a state at a moment and as long customers as somebody: sums over sorted spans.

A span says that its owner is in a state from ``start`` (not included) to ``end`` (included), with a value of 0 or 1. The
set of a moment (t, b) holds the spans in force at t whose owner's time since entering, t − entered, lies in the band
b = ⌊(t − entered)/width⌋. A span is cut where its owner changes bands; then sets are counted by bisection, and no pair of
a moment and a member is ever formed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum

__all__ = ["Matched", "Spans", "bands_of", "clustered_error", "matched_shares"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Spans(NamedTuple):
    """States in force after ``start`` until ``end``; ``entered`` is when the owner's time began."""

    owner: Codes
    entered: Floats
    start: Floats
    end: Floats
    value: Floats


class Matched(NamedTuple):
    """What was found for every moment, and how far each owner moves the mean of the shares."""

    members: Floats
    """(moments,) spans in force in the same band."""
    share: Floats
    """(moments,) mean of their values; NaN without members."""
    influence: Floats
    """(owners,) of the mean of the shares over the moments that are used and have members."""
    owners: int
    """Different owners in the sets of these moments."""


def bands_of(at: Floats, entered: Floats, width: float) -> Codes:
    """Return the band of the time since entering."""
    return np.floor((at - entered) / width).astype(np.intp)


def matched_shares(
    spans: Spans,
    at: npt.ArrayLike,
    band: npt.ArrayLike,
    *,
    width: float,
    owners: int,
    used: npt.ArrayLike | None = None,
) -> Matched:
    """Return the share of each moment's set, and the influence of the owners on their mean.

    Parameters
    ----------
    spans : Spans
        The states; those of one owner do not overlap.
    at, band : (moments,) array
        When, and in which band.
    width : float
        Length of a band.
    owners : int
        How many owners there are.
    used : (moments,) array of bool, optional
        The moments whose shares are averaged; all unless given.

    Examples
    --------
    >>> spans = Spans(np.array([0, 1]), np.zeros(2), np.zeros(2), np.array([9.0, 9.0]), np.array([1.0, 0.0]))
    >>> matched_shares(spans, [5.0], [0], width=10, owners=2).share.tolist()
    [0.5]
    """
    moment, place = np.asarray(at, dtype=np.float64), np.asarray(band, dtype=np.intp)
    piece, piece_band, start, end = _pieces(spans, width)
    value, owner = spans.value[piece], spans.owner[piece]
    members, total = np.zeros(moment.size), np.zeros(moment.size)
    order = np.lexsort((start, piece_band))
    band_edges = {int(b): (lo, hi) for b, lo, hi in _runs(piece_band[order])}
    groups = [(which, order[slice(*band_edges[b])]) for b, which in _moments_by_band(place) if b in band_edges]
    for which, inside in groups:
        for sums, weight in ((members, None), (total, value[inside])):
            sums[which] = _below(start[inside], weight, moment[which]) - _below(end[inside], weight, moment[which])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(members > 0, total / members, np.nan)
    chosen = (members > 0) & (True if used is None else np.asarray(used, dtype=np.bool_))
    influence, seen = np.zeros(owners), np.zeros(owners)
    count = max(int(chosen.sum()), 1)
    for which, inside in groups:
        kept = which[chosen[which]]
        by_time = kept[np.argsort(moment[kept], kind="stable")]
        times = moment[by_time]
        first, last = (np.searchsorted(times, ends[inside], side="right") for ends in (start, end))
        ones = np.r_[0.0, np.cumsum(1.0 / members[by_time])]
        shares = np.r_[0.0, np.cumsum(share[by_time] / members[by_time])]
        moved = value[inside] * (ones[last] - ones[first]) - (shares[last] - shares[first])
        influence += grouped_sum(owner[inside], moved / count, groups=owners)
        seen += grouped_sum(owner[inside], (last > first).astype(np.float64), groups=owners)
    return Matched(members, share, influence, int(np.count_nonzero(seen)))


def clustered_error(*influences: Floats) -> float:
    """Return the standard error from the influence of independent owners, summed over its parts."""
    moved = np.sum(influences, axis=0)
    return float(np.sqrt(np.sum(moved**2)))


def _pieces(spans: Spans, width: float) -> tuple[Codes, Codes, Floats, Floats]:
    """Cut spans where their owner changes bands: the span, the band, and the ends of each piece."""
    first = np.maximum(bands_of(spans.start, spans.entered, width), 0)
    last = np.maximum(bands_of(spans.end, spans.entered, width), first)
    some = spans.end > spans.start
    number = np.where(some, last - first + 1, 0)
    piece = np.repeat(np.arange(number.size), number)
    within = np.arange(piece.size) - np.repeat(np.cumsum(number) - number, number)
    band = first[piece] + within
    # a band holds its first moment and not its last, a piece its last and not its first
    opens = np.nextafter(spans.entered[piece] + band * width, -np.inf)
    closes = np.nextafter(spans.entered[piece] + (band + 1) * width, -np.inf)
    start, end = np.maximum(spans.start[piece], opens), np.minimum(spans.end[piece], closes)
    real = end > start
    return piece[real], band[real].astype(np.intp), start[real], end[real]


def _runs(values: Codes) -> list[tuple[int, int, int]]:
    if not values.size:
        return []
    edge = np.flatnonzero(np.r_[True, values[1:] != values[:-1], True])
    return list(zip(values[edge[:-1]].tolist(), edge[:-1].tolist(), edge[1:].tolist(), strict=True))


def _moments_by_band(band: Codes) -> list[tuple[int, Codes]]:
    order = np.argsort(band, kind="stable")
    return [(b, order[lo:hi]) for b, lo, hi in _runs(band[order])]


def _below(edge: Floats, weight: Floats | None, at: Floats) -> Floats:
    """Return Σ weight over the edges strictly below each moment."""
    if weight is None:
        return np.searchsorted(np.sort(edge), at, side="left").astype(np.float64)
    order = np.argsort(edge, kind="stable")
    sums = np.r_[0.0, np.cumsum(weight[order])]
    return np.asarray(sums[np.searchsorted(edge[order], at, side="left")])
