"""An interval that knows its level and method."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Interval"]


@dataclass(frozen=True)
class Interval:
    """An interval from ``low`` to ``high`` that would hold the true value in ``level`` of repeated samples."""

    low: float
    high: float
    level: float
    method: str

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def half_width(self) -> float:
        """Half the distance from low to high: the margin of error of a symmetric interval."""
        return (self.high - self.low) / 2
