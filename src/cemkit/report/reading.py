"""How the numbers of a metric are shown: the one place that rounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cemkit.report.texts import Texts
from cemkit.scores import ScoreMetric

__all__ = ["Reading", "count", "p_value", "percent", "percent_interval", "reading_of", "signed"]

_MINUS = "\N{MINUS SIGN}"
_NOTHING = "\N{EN DASH}"


def _known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value)) and value == value


def _number(value: float, digits: int) -> str:
    if not _known(value):
        return _NOTHING
    shown = f"{abs(value):,.{digits}f}"
    return f"{_MINUS}{shown}" if value < 0 and float(shown.replace(",", "")) else shown


def signed(value: float, digits: int) -> str:
    """Return a number with its sign, plus included."""
    shown = _number(value, digits)
    return f"+{shown}" if _known(value) and value > 0 and shown.strip("0.,") else shown


def count(value: Any) -> str:
    """Return a whole number with thousands apart."""
    return f"{int(value):,}" if _known(value) and math.isfinite(value) else _NOTHING


def percent(share: float, digits: int = 1) -> str:
    """Return a share of one as percent."""
    return f"{_number(100 * share, digits)}%" if _known(share) else _NOTHING


def percent_interval(texts: Texts, low: float, high: float) -> str:
    """Return an interval of shares of one as percent."""
    if not _known(low) or not _known(high):
        return _NOTHING
    return texts("interval", low=_number(100 * low, 1), high=percent(high))


def p_value(value: float) -> str:
    """Return a p-value to three digits."""
    if not _known(value):
        return _NOTHING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


@dataclass(frozen=True)
class Reading:
    """How the values of one metric are shown.

    Attributes
    ----------
    kind
        ``"points"``, ``"percent"`` or ``"scale"``.
    factor
        What a value is multiplied by to be shown: 100 for shares of one.
    texts
        The words.
    """

    kind: str
    factor: float
    texts: Texts

    @property
    def digits(self) -> int:
        """Digits after the point."""
        return 2 if self.kind == "scale" else 1

    @property
    def suffix(self) -> str:
        """What follows a value in a table or on an axis."""
        return "%" if self.kind == "percent" else ""

    def value(self, value: float) -> str:
        """Return a value as in a table."""
        shown = _number(value * self.factor if _known(value) else value, self.digits)
        return shown if shown == _NOTHING else f"{shown}{self.suffix}"

    def full(self, value: float) -> str:
        """Return a value with its unit, as in a sentence."""
        if not _known(value):
            return _NOTHING
        return self.texts(f"unit.{self.kind}", value=_number(value * self.factor, self.digits))

    def interval(self, low: float, high: float) -> str:
        """Return an interval as in a table."""
        if not _known(low) or not _known(high):
            return _NOTHING
        return self.texts("interval", low=self.value(low).removesuffix(self.suffix), high=self.value(high))

    def full_interval(self, low: float, high: float) -> str:
        """Return an interval with its unit, as in a sentence."""
        if not _known(low) or not _known(high):
            return _NOTHING
        return self.texts("interval", low=self.value(low).removesuffix(self.suffix), high=self.full(high))

    def difference(self, value: float) -> str:
        """Return a signed difference as in a table."""
        return signed(value * self.factor if _known(value) else value, self.digits)

    def full_difference(self, value: float) -> str:
        """Return a signed difference with its unit, as in a sentence."""
        return self.texts(f"difference.{self.kind}", value=self.difference(value)) if _known(value) else _NOTHING

    def difference_interval(self, low: float, high: float) -> str:
        """Return the interval of a difference."""
        if not _known(low) or not _known(high):
            return _NOTHING
        return self.texts("interval", low=self.difference(low), high=self.difference(high))

    @property
    def unit(self) -> str:
        """The unit of a value, for headings and axes."""
        return self.texts(f"unit-name.{self.kind}")

    @property
    def difference_unit(self) -> str:
        """The unit of a difference, for headings and axes."""
        return self.texts(f"difference-name.{self.kind}")


def reading_of(metric: ScoreMetric, texts: Texts) -> Reading:
    """Return how a metric's values are shown: shares as percent, nets and indices in points, means on their scale."""
    if metric.unit == "scale":
        return Reading("scale", 1.0, texts)
    if metric.statistic == "top":
        return Reading("percent", 100.0 if metric.unit == "share" else 1.0, texts)
    return Reading("points", 100.0 if metric.unit == "share" else 1.0, texts)
