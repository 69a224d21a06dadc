"""What every record of the domain has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Identifier", "Record"]


def _as_text(value: object) -> object:
    """Take whole numbers as identifiers too: survey files number their respondents."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Identifier = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
"""A non-empty identifier; whole numbers are taken as text."""


class Record(BaseModel):
    """A frozen record; unknown fields are an error, so that a misspelt name is found."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
