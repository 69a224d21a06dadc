"""The company's map: stages, channels and touchpoints."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from cemkit.errors import CemkitError, did_you_mean
from cemkit.model.base import Identifier, Record

__all__ = ["DEFAULT_STAGES", "TELECOM_STAGES", "Aspect", "Channel", "JourneyMap", "Stage", "Touchpoint"]

Aspect = Literal["rational", "emotional"]
"""Rational (order accuracy, speed, price) or emotional (staff, brand, mood)."""


class Stage(Record):
    """A stage of the customer's journey."""

    name: Identifier
    """Name of the stage."""
    order: int
    """Place in the sequence; smaller is earlier."""


class Channel(Record):
    """A way in which customers meet the company."""

    name: Identifier
    """Name of the channel: shop, phone, app."""
    online: bool
    """Whether the channel is online."""


class Touchpoint(Record):
    """A point at which customers meet the company."""

    touchpoint_id: Identifier
    """Unique key of the touchpoint."""
    name: str
    """The name that people see."""
    stage: Identifier
    """Name of the stage it belongs to."""
    channel: str | None = None
    """Name of its usual channel."""
    aspect: Aspect | None = None
    """Whether the experience there is mostly rational or emotional."""


def _stages(*names: str) -> tuple[Stage, ...]:
    return tuple(Stage(name=name, order=order) for order, name in enumerate(names, start=1))


DEFAULT_STAGES: tuple[Stage, ...] = _stages("discover", "visit", "purchase", "use", "care")
"""The sequence of an experience database that is collected from before the purchase."""
TELECOM_STAGES: tuple[Stage, ...] = _stages(
    "discover", "consult", "activate", "use", "bill", "support", "renew", "cancel"
)
"""From joining to cancelling a telecom contract."""


class JourneyMap(Record):
    """The company's map of stages and touchpoints.

    Raises
    ------
    pydantic.ValidationError
        If stages or touchpoints repeat, or a touchpoint names a stage that the map does not have.

    Examples
    --------
    >>> from cemkit.model import JourneyMap, Touchpoint
    >>> shop = Touchpoint(touchpoint_id="shop", name="Shop visit", stage="visit")
    >>> JourneyMap(name="retail", touchpoints=[shop]).stage_of("shop").order
    2
    """

    name: str
    """Name of the map."""
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    """The stages in their order."""
    touchpoints: tuple[Touchpoint, ...] = ()
    """The touchpoints."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [stage.name for stage in self.stages]
        repeated: tuple[tuple[str, list[Any]], ...] = (
            ("stage", names),
            ("stage order", [stage.order for stage in self.stages]),
            ("touchpoint_id", [t.touchpoint_id for t in self.touchpoints]),
        )
        for what, values in repeated:
            twice = sorted({str(v) for v in values if values.count(v) > 1})
            if twice:
                msg = f"journey map {self.name!r}: {what} {', '.join(twice)} appears more than once"
                raise ValueError(msg)
        unknown = [t for t in self.touchpoints if t.stage not in names]
        if unknown:
            first = unknown[0]
            msg = (
                f"journey map {self.name!r}: {len(unknown)} touchpoint(s) name a stage that is not on the map, first "
                f"{first.touchpoint_id!r} with {first.stage!r}; the stages are {', '.join(names)}"
            )
            raise ValueError(msg)
        object.__setattr__(self, "stages", tuple(sorted(self.stages, key=lambda stage: stage.order)))
        return self

    def touchpoint(self, touchpoint_id: str) -> Touchpoint:
        """Return the touchpoint with this key; a CemkitError if the map has none."""
        found = next((t for t in self.touchpoints if t.touchpoint_id == touchpoint_id), None)
        if found is None:
            known = [t.touchpoint_id for t in self.touchpoints]
            msg = (
                f"journey map {self.name!r} has no touchpoint {touchpoint_id!r} among its {len(known)}."
                f"{did_you_mean(touchpoint_id, known)}"
            )
            raise CemkitError(msg)
        return found

    def stage_of(self, touchpoint_id: str) -> Stage:
        """Return the stage that a touchpoint belongs to."""
        name = self.touchpoint(touchpoint_id).stage
        return next(stage for stage in self.stages if stage.name == name)
