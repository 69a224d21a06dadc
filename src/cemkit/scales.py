"""Rating scales: which numbers a question can have, which way is up, what means 'no answer', and the bands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = [
    "CES_7",
    "CSAT_5",
    "CSAT_7",
    "LIKERT_5",
    "LIKERT_7",
    "NPS_SCALE",
    "PERCENT",
    "AnyScale",
    "Direction",
    "Scale",
    "as_scale",
]

Direction = Literal["higher-is-better", "lower-is-better"]
_TOLERANCE = 1e-9
_MOST_POINTS = 1001


@dataclass(frozen=True)
class Scale:
    """A rating scale.

    Parameters
    ----------
    low, high
        Smallest and largest value an answer can have.
    bands
        ``{name: (low, high)}``, both ends included, from the bottom of the numbers to the top. Bands may neither
        overlap nor leave holes. On a continuous scale a band starts where the one before it ends, and a value on that
        edge belongs to the one before. Without bands, top and bottom boxes are not defined.
    direction
        Which end is good: ``"higher-is-better"`` or ``"lower-is-better"``.
    missing_codes
        Numbers that mean 'no answer' (blank, never used, refused). They count as missing, not as invalid.
    step
        Distance between neighbouring points; ``None`` is a continuous scale.

    Raises
    ------
    CemkitError
        If the ends are not ordered, the step does not divide the range, or the bands overlap or leave a hole.

    Examples
    --------
    >>> from cemkit.scales import Scale
    >>> stars = Scale(1, 5, bands={"low": (1, 3), "top": (4, 5)}, missing_codes=(0,))
    >>> stars.midpoint
    3.0
    >>> stars.top_band
    'top'
    """

    low: float
    high: float
    bands: Mapping[str, tuple[float, float]] | None = None
    direction: Direction = "higher-is-better"
    missing_codes: tuple[float, ...] = ()
    step: float | None = field(default=1)

    def __post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if not _is_number(value) or not math.isfinite(value):
                msg = f"a scale's {name} must be a finite number, got {value!r}"
                raise CemkitError(msg)
        if not self.low < self.high:
            msg = f"a scale runs from low to high, got low={self.low} and high={self.high}"
            raise CemkitError(msg)
        if self.direction not in ("higher-is-better", "lower-is-better"):
            msg = f"direction must be 'higher-is-better' or 'lower-is-better', got {self.direction!r}"
            raise CemkitError(msg)
        if self.step is not None:
            usable = _is_number(self.step) and 0 < self.step <= self.high - self.low
            steps = (self.high - self.low) / self.step if usable else 0.5
            if not abs(steps - round(steps)) < _TOLERANCE * max(1.0, steps):
                msg = f"step={self.step!r} does not divide the range {self.low} to {self.high} into whole steps"
                raise CemkitError(msg)
            if steps >= _MOST_POINTS:
                msg = f"a stepped scale has at most {_MOST_POINTS} points, got {steps:.0f}; use step=None (continuous)"
                raise CemkitError(msg)
        if isinstance(self.missing_codes, str) or not hasattr(self.missing_codes, "__iter__"):
            msg = f"missing_codes must be several numbers, such as (98, 99), got {self.missing_codes!r}"
            raise CemkitError(msg)
        wrong = [c for c in self.missing_codes if not _is_number(c)]
        if wrong:
            msg = f"missing_codes must be numbers, got {wrong[0]!r}"
            raise CemkitError(msg)
        codes = tuple(float(c) for c in self.missing_codes)
        object.__setattr__(self, "missing_codes", codes)
        inside = [c for c in codes if self._on_grid(c)]
        if inside:
            msg = f"missing code {inside[0]:g} is also a point of the scale {self.low:g} to {self.high:g}: it cannot be both"
            raise CemkitError(msg)
        if self.bands is not None:
            object.__setattr__(self, "bands", MappingProxyType(self._checked_bands(self.bands)))

    def _checked_bands(self, bands: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        if not isinstance(bands, Mapping) or not bands:
            msg = f"bands must be {{name: (low, high), ...}} with at least one band, or None, got {bands!r}"
            raise CemkitError(msg)
        ordered = [(str(name), *_ends(name, ends)) for name, ends in bands.items()]
        gap = self.step or 0.0
        expected = self.low
        for index, (name, low, high) in enumerate(ordered):
            if low > high:
                msg = f"band {name!r} runs from {low:g} to {high:g}: its low end lies above its high end"
                raise CemkitError(msg)
            if self.step is None and index and low == high:
                msg = f"band {name!r} is the single value {low:g}, which on a continuous scale belongs to the band before it"
                raise CemkitError(msg)
            if not abs(low - expected) <= _TOLERANCE:
                kind = "overlaps the band before it" if low < expected else "leaves a hole before it"
                msg = f"band {name!r} starts at {low:g} and {kind}: it must start at {expected:g}"
                raise CemkitError(msg)
            if not self._on_grid(high):
                msg = f"band {name!r} ends at {high:g}, which is not a point of the scale {self.low:g} to {self.high:g}"
                raise CemkitError(msg)
            expected = high + gap
            if index == len(ordered) - 1 and abs(high - self.high) > _TOLERANCE:
                msg = f"the last band {name!r} ends at {high:g}, but the scale ends at {self.high:g}: the bands leave a hole"
                raise CemkitError(msg)
        return {name: (low, high) for name, low, high in ordered}

    def _on_grid(self, value: float) -> bool:
        if not self.low - _TOLERANCE <= value <= self.high + _TOLERANCE:
            return False
        if self.step is None:
            return True
        steps = (value - self.low) / self.step
        return abs(steps - round(steps)) < _TOLERANCE

    # MappingProxyType neither pickles nor hashes, so the three are spelled out.
    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "bands": None if self.bands is None else dict(self.bands)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if name == "bands" and value is not None else value)

    def __hash__(self) -> int:
        bands = None if self.bands is None else tuple(self.bands.items())
        return hash((self.low, self.high, bands, self.direction, self.missing_codes, self.step))

    @property
    def midpoint(self) -> float:
        """The middle of the scale."""
        return (self.low + self.high) / 2

    @property
    def half_width(self) -> float:
        """Half the distance from low to high."""
        return (self.high - self.low) / 2

    @property
    def points(self) -> npt.NDArray[np.float64]:
        """The scale's points from low to high; an error for a continuous scale."""
        if self.step is None:
            msg = "a continuous scale (step=None) has no list of points"
            raise CemkitError(msg)
        count = round((self.high - self.low) / self.step)
        return self.low + self.step * np.arange(count + 1, dtype=np.float64)

    @property
    def band_names(self) -> tuple[str, ...]:
        """The bands from worst to best."""
        names = tuple(self.bands or ())
        return names if self.direction == "higher-is-better" else names[::-1]

    @property
    def top_band(self) -> str:
        """The best band."""
        if not self.bands:
            msg = f"the scale {self.low:g} to {self.high:g} has no bands: give bands={{name: (low, high), ...}}"
            raise CemkitError(msg)
        return self.band_names[-1]

    def valid(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return which values are points of the scale (NaN and missing codes are not)."""
        x = np.asarray(values, dtype=np.float64)
        inside = (x >= self.low - _TOLERANCE) & (x <= self.high + _TOLERANCE)
        if self.step is not None:
            with np.errstate(invalid="ignore", over="ignore"):
                steps = (x - self.low) / self.step
                inside &= np.abs(steps - np.round(steps)) < _TOLERANCE
        return inside

    def missing(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return which values are NaN or one of the missing codes."""
        x = np.asarray(values, dtype=np.float64)
        return np.isnan(x) | np.isin(x, self.missing_codes)

    def band_index(self, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return each value's place in ``band_names`` (0 is the worst band); -1 where it is in none.

        A value on the edge between two bands of a continuous scale is in the one with the smaller numbers.
        """
        if not self.bands:
            msg = f"the scale {self.low:g} to {self.high:g} has no bands: give bands={{name: (low, high), ...}}"
            raise CemkitError(msg)
        x = np.asarray(values, dtype=np.float64)
        ends = np.array([high for _, high in self.bands.values()])
        index = np.searchsorted(ends + _TOLERANCE, x, side="left")
        if self.direction == "lower-is-better":
            index = len(ends) - 1 - index
        return np.where(self.valid(x), index, -1).astype(np.intp)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _ends(name: str, ends: Any) -> tuple[float, float]:
    if not isinstance(ends, (tuple, list)) or len(ends) != 2 or not all(map(_is_number, ends)):
        msg = f"band {name!r} must be (low, high), two numbers, got {ends!r}"
        raise CemkitError(msg)
    return float(ends[0]), float(ends[1])


AnyScale: TypeAlias = Scale | tuple[float, float]


def as_scale(scale: AnyScale) -> Scale:
    """Return a scale, of (low, high) a continuous one.

    Raises
    ------
    CemkitError
        If it is neither, or its ends are no numbers in this order.

    Examples
    --------
    >>> from cemkit.scales import as_scale
    >>> as_scale((0, 100)).midpoint
    50.0
    """
    if isinstance(scale, Scale):
        return scale
    pair = isinstance(scale, Sequence) and not isinstance(scale, str) and len(scale) == 2
    if not pair or not all(isinstance(end, int | float | np.number) for end in scale):
        msg = f"scale must be a cemkit.Scale such as cemkit.LIKERT_5, or (low, high), got {scale!r}"
        raise CemkitError(msg)
    return Scale(scale[0], scale[1], step=None)


NPS_SCALE = Scale(0, 10, bands={"detractor": (0, 6), "passive": (7, 8), "promoter": (9, 10)})
"""'How likely are you to recommend us?', 0 to 10 (Reichheld, 2003)."""
CSAT_5 = Scale(1, 5, bands={"dissatisfied": (1, 2), "neutral": (3, 3), "satisfied": (4, 5)})
"""Satisfaction in five points; the top two are 'satisfied'."""
CSAT_7 = Scale(1, 7, bands={"dissatisfied": (1, 3), "neutral": (4, 5), "satisfied": (6, 7)})
"""Satisfaction in seven points; the top two are 'satisfied'."""
CES_7 = Scale(1, 7, bands={"hard": (1, 3), "neutral": (4, 4), "easy": (5, 7)})
"""Customer effort 2.0, 'the company made it easy for me', 1 strongly disagree to 7 strongly agree (Dixon, 2013)."""
LIKERT_5 = Scale(1, 5, bands={"disagree": (1, 2), "neutral": (3, 3), "agree": (4, 5)})
"""Agreement in five points."""
LIKERT_7 = Scale(1, 7, bands={"disagree": (1, 3), "neutral": (4, 4), "agree": (5, 7)})
"""Agreement in seven points."""
PERCENT = Scale(0, 100, step=None)
"""A continuous scale from 0 to 100."""
