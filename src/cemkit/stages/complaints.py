"""Complaints: how many were resolved, how fast, and what that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.statistics.proportions import logit_interval, proportion_interval
from cemkit.statistics.standardised_rates import standardised_rates
from cemkit.statistics.survival import kaplan_meier, survival_quantile
from cemkit.tables.binding import Bound
from cemkit.tables.derive import require_flag
from cemkit.tables.factor import factor
from cemkit.tables.groups import natural_key
from cemkit.tables.periods import require_one_zone, time_reach
from cemkit.tables.preceding import NO_MOMENT
from cemkit.tables.unit_rows import flagged_unit_rows

__all__ = ["COMPLAINT_COLUMNS", "complaint_table"]

COMPLAINT_COLUMNS = (
    "touchpoint_id", "complaints", "customers", "resolved", "resolved_low", "resolved_high", "median_days", "median_days_low",
    "median_days_high", "change", "change_std_error", "change_low", "change_high", "n_resolved", "n_open", "level", "method",
)  # fmt: skip
_DAY = 86_400.0
Floats = npt.NDArray[np.float64]


def complaint_table(
    bound: Bound, *, touchpoint: str, unit: str, at: str, score: str, level: float
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return a row per touchpoint with complaints, then one for all (null touchpoint); empty where the table tells no complaints."""
    if not {"complaint", "resolved_at", at} <= set(bound.schema):
        return pd.DataFrame(columns=list(COMPLAINT_COLUMNS)), []
    require_flag(bound, "complaint", "complaint")
    for name in (at, "resolved_at"):
        bound.require_time(name, name)
    require_one_zone(bound, at, "resolved_at")
    end = time_reach(bound, at).last_second
    found = flagged_unit_rows(
        bound, unit=unit, flag="complaint", keys=[touchpoint], numbers=[score], times=[at, "resolved_at"]
    )
    who, _ = factor(found[unit])
    where, places = _in_order(*factor(found[touchpoint]))
    second, resolved, rating = found[at], found["resolved_at"], found[score]
    complaint = found["complaint"] & (second > NO_MOMENT)
    timeless = int(found["complaint"].sum() - complaint.sum())
    if not complaint.any() or end is None:
        return pd.DataFrame(columns=list(COMPLAINT_COLUMNS)), []
    backwards = complaint & (resolved > NO_MOMENT) & (resolved < second)
    if backwards.any():
        msg = f"{int(backwards.sum()):,} complaints were resolved before they happened: check 'resolved_at' and {at!r}"
        raise CemkitError(msg)
    closed = resolved > NO_MOMENT
    after = _next_rating(who, second, where, rating, complaint)
    settled = closed & (resolved <= after.second)
    rows = []
    for code in [*sorted(set(where[complaint].tolist())), None]:
        mine = complaint if code is None else complaint & (where == code)
        row = _row(
            who[mine],
            closed[mine],
            (np.where(closed, resolved, end) - second)[mine] / _DAY,
            after.where(mine),
            settled[mine],
            level,
        )
        rows.append({"touchpoint_id": None if code is None else places[code], **row})
    table = pd.DataFrame(rows)[list(COMPLAINT_COLUMNS)]
    table["touchpoint_id"] = table["touchpoint_id"].astype(object).where(table["touchpoint_id"].notna(), None)
    notes = [
        Assumption("complainers-collected", {"rows": len(second)}),
        Assumption("open-until-end", {"complaints": int((complaint & ~closed).sum())}),
    ]
    if timeless:
        notes.append(Assumption("timeless-complaints", {"rows": timeless}))
    return table, notes


@dataclass(frozen=True, eq=False)
class _Next:
    """Of every row the customer's next rated moment: its rating (NaN where there is none), when and where it was."""

    rating: Floats
    second: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    def where(self, rows: npt.NDArray[np.bool_]) -> _Next:
        return _Next(self.rating[rows], self.second[rows], self.place[rows])


def _next_rating(
    who: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    rating: Floats,
    wanted: npt.NDArray[np.bool_],
) -> _Next:
    """Find the next rating strictly after each wanted row; of several touchpoints in one second the first in order."""
    found = _Next(np.full(len(who), np.nan), np.full(len(who), NO_MOMENT), np.zeros(len(who), dtype=np.int64))
    rated = np.flatnonzero(np.isfinite(rating) & (second > NO_MOMENT))
    if not len(rated):
        return found
    rows = np.flatnonzero(wanted)
    base = int(min(second[rated].min(), second[rows].min()))
    span = int(max(second[rated].max(), second[rows].max())) - base + 1
    size = int(place.max()) + 1
    key = (who[rated] * span + (second[rated] - base)) * size + place[rated]
    moments, cell = np.unique(key, return_inverse=True)
    mean = np.bincount(cell, weights=rating[rated]) / np.bincount(cell)
    own = (who[rows] * span + (second[rows] - base)) * size + size - 1
    following = np.searchsorted(moments, own, side="right")
    inside = following < len(moments)
    same = np.zeros(len(rows), dtype=bool)
    same[inside] = moments[following[inside]] // (span * size) == who[rows][inside]
    target, source = rows[same], following[same]
    found.rating[target] = mean[source]
    found.second[target] = moments[source] // size % span + base
    found.place[target] = moments[source] % size
    return found


def _row(
    who: npt.NDArray[np.int64],
    closed: npt.NDArray[np.bool_],
    days: Floats,
    after: _Next,
    settled: npt.NDArray[np.bool_],
    level: float,
) -> dict[str, Any]:
    customers, size = len(np.unique(who)), len(who)
    share, low, high, method = _share(who, closed, customers, level)
    curve = kaplan_meier(days, closed, level=level) if closed.any() else None
    middle = survival_quantile(curve) if curve is not None else None
    rated = np.isfinite(after.rating)
    arms = (int((rated & settled).sum()), int((rated & ~settled).sum()))
    change: tuple[float, ...] = (np.nan,) * 4
    if min(arms) >= 2:
        once = np.ones(int(rated.sum()))
        found = standardised_rates(
            who[rated], after.place[rated], settled[rated], after.rating[rated], once, level=level
        )
        change = tuple(float(part[2]) for part in (found.estimate, found.std_error, found.low, found.high))
    median = (np.nan,) * 3 if middle is None else (middle.time, middle.low, middle.high)
    values = (size, customers, share, low, high, *median, *change, *arms, level, method)
    return dict(zip(COMPLAINT_COLUMNS[1:], values, strict=True))


def _in_order(codes: npt.NDArray[np.int64], values: list[Any]) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Return codes that follow the order of the values, whatever the order of the rows."""
    order = sorted(range(len(values)), key=lambda i: natural_key(values[i]))
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    return rank[codes], [values[i] for i in order]


def _share(
    who: npt.NDArray[np.int64], closed: npt.NDArray[np.bool_], customers: int, level: float
) -> tuple[float, float, float, str]:
    share = float(closed.mean())
    if customers < len(who) and 0 < share < 1 and customers > 1:
        _, place = np.unique(who, return_inverse=True)
        residual = np.bincount(place, weights=closed - share)
        error = np.sqrt((residual**2).sum() * customers / (customers - 1)) / len(who)
        low, high = logit_interval(np.array([share]), np.array([error]), np.array([customers - 1.0]), level=level)
        return share, float(low[0]), float(high[0]), "linearised-logit"
    low, high = proportion_interval(np.array([closed.sum()]), np.array([len(who)]), level=level)
    return share, float(low[0]), float(high[0]), "wilson"
