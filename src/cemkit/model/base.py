"""What every record of the domain has in common."""

from __future__ import annotations

from datetime import datetime
from numbers import Integral
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Identifier", "Record", "as_text", "require_order"]


def as_text(value: object) -> object:
    """Take whole numbers as identifiers too: survey files number their respondents and waves."""
    return str(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def require_order(customer_id: str, **times: datetime | None) -> None:
    """Raise unless two named times, where both are known, have a time zone both or neither, and come in their order."""
    (first, early), (second, late) = times.items()
    if early is None or late is None:
        return
    if (early.tzinfo is None) != (late.tzinfo is None):
        msg = f"customer {customer_id!r}: {first} and {second} mix times with and without a time zone"
        raise ValueError(msg)
    if late < early:
        msg = f"customer {customer_id!r}: {second} ({late.isoformat()}) is before {first} ({early.isoformat()})"
        raise ValueError(msg)


Identifier = Annotated[str, BeforeValidator(as_text), Field(min_length=1)]
"""A non-empty identifier; whole numbers are taken as text."""


class Record(BaseModel):
    """A frozen record; unknown fields are an error, so that a misspelt name is found."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
