"""The English words of the report: churn."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {}
