"""Who the customers are and what they buy."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, JsonValue, field_validator, model_validator

from cemkit.model.base import Identifier, Record, as_text, require_order

__all__ = ["Customer", "Transaction"]


class Customer(Record):
    """One customer of the company.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cemkit.model import Customer
    >>> Customer(customer_id=7, segment="business", acquired_at=datetime(2024, 3, 1)).customer_id
    '7'
    """

    customer_id: Identifier
    """Unique key of the customer."""
    segment: str | None = None
    """The company's segment, where it has one."""
    acquired_at: datetime | None = None
    """When the customer joined."""
    left_at: datetime | None = None
    """When the customer left; None while they are a customer."""
    left_reason: str | None = None
    """Why the customer left, in the company's words."""
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    """Anything else that is known of the customer."""

    _text = field_validator("segment", mode="before")(as_text)

    @model_validator(mode="after")
    def _leaves_after_entering(self) -> Self:
        require_order(self.customer_id, acquired_at=self.acquired_at, left_at=self.left_at)
        return self


class Transaction(Record):
    """One purchase, bill or refund."""

    customer_id: Identifier
    """Key of the customer."""
    occurred_at: datetime
    """When it happened."""
    amount: float
    """Amount in the company's currency; a refund is negative."""
    margin: float | None = None
    """Contribution margin of the transaction, in the same currency."""
    category: str | None = None
    """Category of what was bought."""
    origin: str | None = None
    """What brought the purchase: own return, referral, campaign, cross-sale."""
