"""Complaints: how many were resolved, how fast, and what that changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.statistics.proportions import logit_interval, proportion_interval
from cemkit.statistics.regression import contrasts, least_squares
from cemkit.statistics.survival import kaplan_meier, survival_quantile
from cemkit.tables.binding import Bound
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
    if str(bound.schema["complaint"]) != "Boolean":
        bound.require_number("complaint", "complaint")
    for name in (at, "resolved_at"):
        bound.require_time(name, name)
    require_one_zone(bound, at, "resolved_at")
    end = time_reach(bound, at).last_second
    found = flagged_unit_rows(
        bound, unit=unit, flag="complaint", keys=[touchpoint], numbers=[score], times=[at, "resolved_at"]
    )
    who, _ = factor(found[unit])
    where, places = factor(found[touchpoint])
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
    after, when = _next_rating(who, second, rating, complaint)
    settled = closed & (resolved <= when)
    rows = []
    order = sorted(set(where[complaint].tolist()), key=lambda code: natural_key(places[code]))
    for code in [*order, None]:
        mine = complaint if code is None else complaint & (where == code)
        row = _row(
            who[mine],
            closed[mine],
            (np.where(closed, resolved, end) - second)[mine] / _DAY,
            after[mine],
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


def _next_rating(
    who: npt.NDArray[np.int64], second: npt.NDArray[np.int64], rating: Floats, wanted: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the customer's mean rating at their first rated moment after a row's own, and when that was; NaN where there is none."""
    rated = np.flatnonzero(np.isfinite(rating) & (second > NO_MOMENT))
    answer, when = np.full(len(who), np.nan), np.full(len(who), NO_MOMENT)
    if not len(rated):
        return answer, when
    rows = np.flatnonzero(wanted)
    base = int(min(second[rated].min(), second[rows].min()))
    span = int(max(second[rated].max(), second[rows].max())) - base + 1
    moments, place = np.unique(who[rated] * span + (second[rated] - base), return_inverse=True)
    mean = np.bincount(place, weights=rating[rated]) / np.bincount(place)
    following = np.searchsorted(moments, who[rows] * span + (second[rows] - base), side="right")
    inside = following < len(moments)
    same = np.zeros(len(rows), dtype=bool)
    same[inside] = moments[following[inside]] // span == who[rows][inside]
    answer[rows[same]] = mean[following[same]]
    when[rows[same]] = moments[following[same]] % span + base
    return answer, when


def _row(
    who: npt.NDArray[np.int64],
    closed: npt.NDArray[np.bool_],
    days: Floats,
    after: Floats,
    settled: npt.NDArray[np.bool_],
    level: float,
) -> dict[str, Any]:
    customers, size = len(np.unique(who)), len(who)
    share, low, high, method = _share(who, closed, customers, level)
    curve = kaplan_meier(days, closed, level=level) if closed.any() else None
    middle = survival_quantile(curve) if curve is not None else None
    rated = np.isfinite(after)
    arms = (int((rated & settled).sum()), int((rated & ~settled).sum()))
    change: tuple[float, ...] = (np.nan,) * 4
    people = len(np.unique(who[rated])) if rated.any() else 0
    if min(arms) >= 2 and people > 2:
        fit = least_squares(
            settled[rated][:, None].astype(np.float64),
            after[rated],
            cluster=np.unique(who[rated], return_inverse=True)[1],
        )
        found = contrasts(fit, np.array([[0.0, 1.0]]), level=level)
        change = tuple(float(part[0]) for part in (found.estimate, found.std_error, found.low, found.high))
    median = (np.nan,) * 3 if middle is None else (middle.time, middle.low, middle.high)
    values = (size, customers, share, low, high, *median, *change, *arms, level, method)
    return dict(zip(COMPLAINT_COLUMNS[1:], values, strict=True))


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
