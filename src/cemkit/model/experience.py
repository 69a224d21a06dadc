"""What customers lived through, and what they answered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from cemkit.model.base import Identifier, Record, as_text, require_order
from cemkit.model.journey_map import Aspect

__all__ = ["Aspect", "Experience", "Kind", "Response", "Valence"]

Kind = Literal["typical", "critical", "unique"]
"""Typical (early contact that builds trust), critical (a moment of truth: recovery, complaint), unique (upsell)."""
Valence = Literal["negative", "neutral", "positive"]
"""How the customer felt about it."""


class Experience(Record):
    """One experience of one customer at one touchpoint.

    ``expected``, ``perceived`` and ``effort`` are on the scale that the table declares.
    """

    customer_id: Identifier
    """Key of the customer."""
    touchpoint_id: Identifier
    """Key of the touchpoint."""
    occurred_at: datetime | None = None
    """When it happened; None where a survey asks about it without a date."""
    channel: str | None = None
    """Channel in which it happened."""
    journey_id: str | None = None
    """Key of the journey it belongs to."""
    kind: Kind | None = None
    """Typical, critical or unique."""
    valence: Valence | None = None
    """Negative, neutral or positive."""
    expected: float | None = None
    """What the customer expected, as a rating."""
    perceived: float | None = None
    """What the customer perceived, as a rating."""
    effort: float | None = None
    """How much effort it took, as a rating."""
    comment: str | None = None
    """What the customer said."""
    resolved_at: datetime | None = None
    """When the company resolved it (complaints)."""

    _text = field_validator("channel", "journey_id", mode="before")(as_text)

    @model_validator(mode="after")
    def _resolved_after_it_happened(self) -> Self:
        require_order(self.customer_id, occurred_at=self.occurred_at, resolved_at=self.resolved_at)
        return self


class Response(Record):
    """One answer to one question; invited and not answered has neither ``answered_at`` nor ``score``."""

    customer_id: Identifier
    """Key of the customer."""
    answered_at: datetime | None = None
    """When the customer answered."""
    score: float | None = None
    """The answer, on the question's scale."""
    question: str = Field(default="nps")
    """Which question: nps, csat, ces, or the company's own."""
    touchpoint_id: str | None = None
    """Touchpoint that the question is about."""
    channel: str | None = None
    """Channel that the question is about."""
    wave: str | None = None
    """Wave of the survey."""
    mode: str | None = None
    """How it was asked: web, phone, paper."""
    invited_at: datetime | None = None
    """When the customer was invited."""
    weight: float | None = Field(default=None, ge=0)
    """Survey weight, at least zero."""
    stratum: str | None = None
    """Stratum of the sample."""
    cluster: str | None = None
    """Cluster of the sample."""
    comment: str | None = None
    """What the customer added in words."""

    _text = field_validator("touchpoint_id", "channel", "wave", "mode", "stratum", "cluster", mode="before")(as_text)

    @model_validator(mode="after")
    def _answers_after_invitation(self) -> Self:
        require_order(self.customer_id, invited_at=self.invited_at, answered_at=self.answered_at)
        return self
