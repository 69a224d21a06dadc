"""One customer's journey: experiences in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from pydantic import field_validator, model_validator

from cemkit.errors import CemkitError
from cemkit.model.base import Identifier, Record, as_text
from cemkit.model.experience import Experience
from cemkit.model.journey_map import JourneyMap

__all__ = ["Journey"]

_VALENCE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0, None: 0.0}


def _in_order(experiences: Iterable[Experience]) -> tuple[Experience, ...]:
    rows = list(experiences)
    if len({e.occurred_at.tzinfo is None for e in rows if e.occurred_at is not None}) > 1:
        msg = f"the experiences of customer {rows[0].customer_id!r} mix times with and without a time zone"
        raise CemkitError(msg)
    dated = sorted((e for e in rows if e.occurred_at is not None), key=lambda e: (e.occurred_at, e.touchpoint_id))
    return (*dated, *(e for e in rows if e.occurred_at is None))


class Journey(Record):
    """One customer's experiences in order of time, with the stages they passed.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cemkit.model import Experience, Journey
    >>> steps = [
    ...     Experience(customer_id="a", touchpoint_id="bill", occurred_at=datetime(2025, 5, 2), perceived=2),
    ...     Experience(customer_id="a", touchpoint_id="shop", occurred_at=datetime(2025, 5, 1), perceived=5),
    ... ]
    >>> journey = Journey.from_experiences(steps)
    >>> journey.duration.days, journey.low_point.touchpoint_id, journey.end.touchpoint_id
    (1, 'bill', 'bill')
    """

    customer_id: Identifier
    """Key of the customer."""
    journey_id: str | None = None
    """Key of the journey; None where the experiences are of several journeys, or of none in particular."""
    experiences: tuple[Experience, ...]
    """The experiences in order of time, ties by touchpoint; those without a time come last."""
    stages: tuple[str, ...] = ()
    """The stages passed, in order, each run of the same stage once."""

    _text = field_validator("journey_id", mode="before")(as_text)
    _order = field_validator("experiences", mode="after")(_in_order)

    @model_validator(mode="after")
    def _one_customer(self) -> Self:
        if not self.experiences:
            msg = f"the journey of customer {self.customer_id!r} has no experiences"
            raise ValueError(msg)
        others = sorted({e.customer_id for e in self.experiences} - {self.customer_id})
        if others:
            msg = f"the journey of customer {self.customer_id!r} holds experiences of {', '.join(others[:3])}"
            raise ValueError(msg)
        return self

    @classmethod
    def from_experiences(cls, experiences: Iterable[Experience], *, journey_map: JourneyMap | None = None) -> Journey:
        """Build a journey; times tie by touchpoint, and stages come from the map where one is given."""
        ordered = _in_order(experiences)
        if not ordered:
            msg = "a journey needs at least one experience"
            raise CemkitError(msg)
        journeys = {e.journey_id for e in ordered}
        passed: list[str] = []
        if journey_map is not None:
            where = {t.touchpoint_id: t.stage for t in journey_map.touchpoints}
            for row in ordered:
                stage = where.get(row.touchpoint_id)
                if stage is not None and (not passed or passed[-1] != stage):
                    passed.append(stage)
        return cls(
            customer_id=ordered[0].customer_id,
            journey_id=ordered[0].journey_id if len(journeys) == 1 else None,
            experiences=ordered,
            stages=tuple(passed),
        )

    @property
    def duration(self) -> timedelta:
        """Time from the first to the last dated experience."""
        times = [e.occurred_at for e in self.experiences if e.occurred_at is not None]
        return times[-1] - times[0] if times else timedelta(0)

    @property
    def low_point(self) -> Experience:
        """The worst experience: lowest ``perceived``, else most negative ``valence``; the first of equals."""
        rated = [e for e in self.experiences if e.perceived is not None]
        if rated:
            return min(rated, key=lambda e: e.perceived if e.perceived is not None else 0.0)
        return min(self.experiences, key=lambda e: _VALENCE[e.valence])

    @property
    def end(self) -> Experience:
        """The last dated experience (the last of all where none has a date)."""
        dated = [e for e in self.experiences if e.occurred_at is not None]
        return (dated or list(self.experiences))[-1]
