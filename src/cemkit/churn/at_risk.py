"""Who is at risk of leaving from which tenure to which, and up to which horizon that can be told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.churn.exposure_log import EVER, ExposureLog
from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.tables.spells import Spells, date_of

__all__ = ["AtRisk", "at_risk"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

_MOMENT = 1 / 86_400
"""Days at risk of somebody who leaves at the moment of coming under observation."""


class AtRisk(NamedTuple):
    """Spells under observation, in days of tenure."""

    spell: Codes
    begin: Floats
    end: Floats
    event: Bools
    competing: Bools
    width: float
    start: float
    """Tenure at which the watch starts: 0 but where nobody was seen so early."""
    horizon: float
    notes: tuple[Assumption, ...]

    @property
    def widths(self) -> Floats:
        """Days that each band covers."""
        edges = np.append(np.arange(self.start, self.horizon - 1e-9, self.width), self.horizon)
        return np.diff(edges)


def at_risk(
    spells: Spells, chosen: Codes, log: ExposureLog, *, window: int, lag: int, width: int, horizon: int | None
) -> AtRisk:
    """Return the spells at risk: from entry, or where somebody entered before the log, once their exposures are known.

    Somebody who entered before the log started is at risk from its start + window + lag: what happened before is not
    known, and by then no longer in force. Whoever entered later has a history without gaps.
    """
    entered, notes = spells.entered[chosen], []
    known = log.begin + (np.inf if window == EVER else window + lag)
    opens = np.where(entered < log.begin, known, entered)
    left, gone, churned = spells.left[chosen], spells.cause[chosen] > 0, spells.event[chosen]
    if log.end < spells.until - width:
        notes.append(Assumption("log-ends-early", {"end": date_of(log.end), "until": date_of(spells.until)}))
        gone, churned = gone & (left <= log.end), churned & (left <= log.end)
        left = np.minimum(left, log.end)
    here = (left > opens) | ((left == opens) & gone)
    before = int(np.count_nonzero(~here & churned))
    chosen, opens, left, gone, churned = chosen[here], opens[here], left[here], gone[here], churned[here]
    begin, end = opens - entered[here], left - entered[here]
    end = np.maximum(end, begin + _MOMENT)
    if not chosen.size:
        msg = (
            f"nobody is at risk: all {spells.entered.size:,} customers left, or observation ended, before their exposures were known "
            f"({date_of(log.begin)} and {window + lag} days): give a longer log, a shorter window, or since="
        )
        raise CemkitError(msg)
    start, last = _reach(begin, end, float(width))
    if horizon is None:
        horizon_days = last
    else:
        # observation ends with the last leaver, a moment before the day that was meant
        horizon_days = min(float(horizon), float(end.max())) if horizon < end.max() + width else float(horizon)
        if horizon_days <= start or not np.any(end >= horizon_days):
            msg = (
                f"horizon={horizon}d: nobody is observed at that tenure; tenures from {start:g} to {float(end.max()):.0f} days are, with "
                f"enough customers up to {last:.0f} days"
            )
            raise CemkitError(msg)
        if horizon_days > last:
            notes.append(Assumption("horizon-thin", {"horizon": horizon, "longest": int(last)}))
    used = (begin < horizon_days) & (end > start)
    inside = end <= horizon_days
    late = int(np.count_nonzero(churned & ~(used & inside)))
    notes.append(Assumption("ledger-horizon", {"horizon": f"{horizon_days:.0f}", "start": f"{start:.0f}"}))
    if before or late:
        notes.append(Assumption("leavers-outside", {"before": before, "after": late}))
    return AtRisk(
        chosen[used],
        np.maximum(begin[used], start),
        np.minimum(end[used], horizon_days),
        (churned & inside)[used],
        (gone & ~churned & inside)[used],
        float(width),
        start,
        horizon_days,
        tuple(notes),
    )


def _reach(begin: Floats, end: Floats, width: float) -> tuple[float, float]:
    """Return from which and to which tenure enough customers are at risk without a gap: 50, or a tenth of few."""
    enough = max(2, min(50, begin.size // 10))
    entries, exits = np.sort(begin), np.sort(end)
    edges = np.append(width * np.arange(1, int(end.max() // width) + 1), exits[-min(enough, exits.size)])
    edges = np.unique(edges)
    here = np.searchsorted(entries, edges, side="left") - np.searchsorted(exits, edges, side="left")
    good = np.flatnonzero(here >= enough)
    if not good.size:
        return 0.0, float(end.max())
    gap = np.flatnonzero(np.diff(good) > 1)
    last = good[gap[0]] if gap.size else good[-1]
    start = 0.0 if good[0] == 0 else float(edges[good[0] - 1])
    return start, float(edges[last])
