"""Cells of person-time: what is in force × stratum × band of tenure, with what each touchpoint can tell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.churn.at_risk import AtRisk
from cemkit.churn.confounders import Strata
from cemkit.churn.exposure_log import ExposureLog
from cemkit.errors import CemkitError
from cemkit.statistics.exposure_time import MOST_COLUMNS, split_time
from cemkit.statistics.preventable import PersonTime
from cemkit.tables.spells import Spells

__all__ = ["Cells", "Column", "make_cells"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

_LEAST_OVERLAP = 0.5
_LEAST_UNEXPOSED = 0.01
_FEW_LEAVERS = 5


class Column(NamedTuple):
    """An exposure: bad experiences at a touchpoint, or such of unknown valence."""

    touchpoint: int
    """Place among the log's names."""
    known: bool
    customers: int
    """Who were exposed at any time."""
    leavers: float
    """Who left while exposed."""
    days: float
    """Person-time exposed."""
    overlap: float
    """Share of the exposed time in strata and bands in which at least 1 % of the time is not exposed; NaN without time."""

    @property
    def status(self) -> str:
        """'ok', 'nobody-exposed', 'no-overlap' or 'too-few' (leavers while exposed)."""
        if not self.days:
            return "nobody-exposed"
        if self.overlap < _LEAST_OVERLAP:
            return "no-overlap"
        return "too-few" if self.leavers < _FEW_LEAVERS else "ok"


class Cells(NamedTuple):
    """Person-time in cells."""

    rows: PersonTime
    pattern: Bools
    """(cells, exposures): the columns that are of use."""
    used: tuple[int, ...]
    """Place in ``columns`` of each exposure."""
    columns: tuple[Column, ...]
    stratum: Codes
    band: Codes
    calendar: Codes
    ever: Bools
    """(spells, columns) who met what while observed."""
    total_days: float


def make_cells(
    spells: Spells, risk: AtRisk, log: ExposureLog, strata: Strata, *, window: int, lag: int, calendar: int | None
) -> Cells:
    """Split the time at risk by exposures, and sum it up in cells."""
    unit, place, start, stop = _exposures(spells, risk, log, window=window, lag=lag)
    size = len(log.names)
    present = np.unique(place)
    kinds = [i for i in range(2 * size) if i < size or i in present]
    if len(kinds) > MOST_COLUMNS:
        msg = (
            f"{len(kinds)} exposures (touchpoints, and unknown valence at them) are more than {MOST_COLUMNS}: merge touchpoints, or "
            "leave some out with exclude="
        )
        raise CemkitError(msg)
    column = np.searchsorted(kinds, place)
    cuts = None if calendar is None else _calendar_cuts(spells, risk, calendar)
    split = split_time(risk.begin, risk.end, (unit, column, start, stop), width=risk.width, cuts=cuts)
    last = split.offsets[1:] - 1
    event, competing = np.zeros(split.unit.size, dtype=np.bool_), np.zeros(split.unit.size, dtype=np.bool_)
    event[last], competing[last] = risk.event, risk.competing
    bands = risk.widths.size
    band = np.clip(np.floor((split.begin - risk.start) / risk.width + 1e-9).astype(np.intp), 0, bands - 1)
    stratum = strata.code[risk.spell][split.unit]
    period = np.zeros(split.unit.size, dtype=np.int64)
    if calendar is not None:
        period = np.floor((spells.entered[risk.spell][split.unit] + split.begin) / calendar + 1e-9).astype(np.int64)
    _, period = np.unique(period, return_inverse=True)
    member = (split.pattern[:, None] >> np.arange(len(kinds))) & 1 == 1
    ever = np.bitwise_or.reduceat(split.pattern, split.offsets[:-1])
    met = (ever[:, None] >> np.arange(len(kinds))) & 1 == 1
    group = stratum * bands + band
    columns = tuple(
        _column(kind % size, kind < size, member[:, i], met[:, i], group, split.duration, event)
        for i, kind in enumerate(kinds)
    )
    used = tuple(i for i, c in enumerate(columns) if c.status == "ok")
    mask = sum(1 << i for i in used)
    code, pattern = np.unique(split.pattern & mask, return_inverse=True)
    parts: list[Any] = [pattern.reshape(-1), stratum, band, period.reshape(-1)]
    sizes = [int(p.max(initial=0)) + 1 for p in parts]
    key = np.zeros(split.unit.size, dtype=np.int64)
    for part, levels in zip(parts, sizes, strict=True):
        key = key * levels + part
    cells, cell = np.unique(key, return_inverse=True)
    rest, of_period = np.divmod(cells, sizes[3])
    rest, of_band = np.divmod(rest, sizes[2])
    of_pattern, of_stratum = np.divmod(rest, sizes[1])
    rows = PersonTime(split.offsets, cell.reshape(-1).astype(np.intp), split.duration, event, competing)
    found = (code[of_pattern][:, None] >> np.array(used, dtype=np.int64)) & 1 == 1
    return Cells(rows, found, used, columns, of_stratum, of_band, of_period, met, float(split.duration.sum()))


def _exposures(
    spells: Spells, risk: AtRisk, log: ExposureLog, *, window: int, lag: int
) -> tuple[Codes, Codes, Floats, Floats]:
    """Return, in tenure, when exposures are in force: of each spell at risk, those of its customer."""
    customer = spells.customer[risk.spell]
    order = np.argsort(customer, kind="stable")
    low = np.searchsorted(customer[order], log.customer, side="left")
    number = np.searchsorted(customer[order], log.customer, side="right") - low
    row = np.repeat(np.arange(log.customer.size), number)
    opening = np.repeat(np.cumsum(number) - number, number)
    unit = order[np.repeat(low, number) + np.arange(row.size) - opening]
    entered = spells.entered[risk.spell][unit]
    place = log.touchpoint[row] + np.where(log.known[row], 0, len(log.names))
    start, stop = log.first[row] + lag - entered, log.last[row] + lag + window - entered
    return unit, place.astype(np.intp), start, stop


def _calendar_cuts(spells: Spells, risk: AtRisk, every: int) -> tuple[Codes, Floats]:
    entered = spells.entered[risk.spell]
    edges = np.arange(np.floor((entered + risk.begin).min() / every) * every, (entered + risk.end).max(), every)
    owner = np.repeat(np.arange(entered.size), edges.size)
    return owner, (edges[None, :] - entered[:, None]).reshape(-1)


def _column(
    touchpoint: int, known: bool, member: Bools, met: Bools, group: Codes, duration: Floats, event: Bools
) -> Column:
    days = float(duration[member].sum())
    overlap = np.nan
    if days:
        groups = int(group.max()) + 1
        exposed = np.bincount(group[member], weights=duration[member], minlength=groups)
        total = np.bincount(group, weights=duration, minlength=groups)
        overlap = float(exposed[total - exposed >= _LEAST_UNEXPOSED * total].sum()) / days
    return Column(touchpoint, known, int(met.sum()), float(event[member].sum()), days, overlap)
