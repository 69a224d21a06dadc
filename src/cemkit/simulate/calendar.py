"""The time of a world: calendar months from the start of the log, in days, and the survey's waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["DAY", "LOG_START", "MONTH_DAYS", "Calendar", "timestamps"]

LOG_START = np.datetime64("2023-01-01T00:00:00", "us")
"""Start of every log."""
DAY = 86_400
"""Seconds in a day."""
MONTH_DAYS = 30.0
"""Days in the 'month' of a monthly hazard."""
_QUARTER = 3


@dataclass(frozen=True)
class Calendar:
    """Calendar months of a log that starts at ``LOG_START``; times are seconds since then.

    Examples
    --------
    >>> from cemkit.simulate.calendar import Calendar
    >>> Calendar(24).wave_names[-1], Calendar(24).days
    ('2024Q4', 731.0)
    """

    months: int
    """Number of calendar months."""

    @property
    def edges(self) -> npt.NDArray[np.float64]:
        """Start of each month and end of the last, in days since the start of the log."""
        first = LOG_START.astype("datetime64[M]")
        starts = (first + np.arange(self.months + 1)).astype("datetime64[D]")
        return np.asarray((starts - starts[0]).astype(np.float64), dtype=np.float64)

    @property
    def days(self) -> float:
        """Length of the log in days."""
        return float(self.edges[-1])

    @property
    def wave_months(self) -> tuple[int, ...]:
        """Months at whose start a wave of the survey goes out: the third of each quarter."""
        return tuple(range(_QUARTER - 1, self.months, _QUARTER))

    @property
    def wave_names(self) -> tuple[str, ...]:
        """Names of the waves."""
        return tuple(self.quarter(month) for month in self.wave_months)

    def quarter(self, month: int) -> str:
        """Return the calendar quarter of a month of the log."""
        year = int(str(LOG_START)[:4]) + month // 12
        return f"{year}Q{month % 12 // _QUARTER + 1}"


def timestamps(seconds: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """Return seconds since the start of the log as times without zone, in microseconds."""
    stamps: npt.NDArray[np.datetime64] = LOG_START + seconds.astype("timedelta64[s]").astype("timedelta64[us]")
    return stamps
