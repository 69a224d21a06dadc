"""The Korean words of the report: stages. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {}
