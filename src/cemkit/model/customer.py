"""Who the customers are and what they buy."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, JsonValue, model_validator

from cemkit.model.base import Identifier, Record

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

    @model_validator(mode="after")
    def _leaves_after_entering(self) -> Self:
        if self.acquired_at is not None and self.left_at is not None:
            if (self.acquired_at.tzinfo is None) != (self.left_at.tzinfo is None):
                msg = f"customer {self.customer_id!r}: acquired_at and left_at mix times with and without a time zone"
                raise ValueError(msg)
            if self.left_at < self.acquired_at:
                msg = (
                    f"customer {self.customer_id!r} leaves ({self.left_at.isoformat()}) before entering "
                    f"({self.acquired_at.isoformat()})"
                )
                raise ValueError(msg)
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
