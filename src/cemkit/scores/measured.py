"""What the methods of a metric, kept in files by what they are for, need of it."""

from __future__ import annotations

from typing import Protocol

from cemkit.estimation.measure import Measure
from cemkit.scales import Scale

__all__ = ["Measured"]


class Measured(Protocol):
    """A metric: what it estimates, and the question it looks for."""

    def measure(self, scale: Scale | None = None) -> Measure:
        """Return what is estimated."""

    def _question(self, question: str | None) -> str: ...
