"""The English words of the report: stages."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {}
