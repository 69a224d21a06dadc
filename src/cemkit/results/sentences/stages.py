"""The English sentences of assumptions: stages."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    "association": "The difference is an association: customers differ in more than this.",
    "collected-units": "A row per customer was collected for the regression ({units} rows).",
    "incomplete-customers": "{customers} customers lack one of the two aspects or an outcome and were left out.",
    "unmatched-experiences": "{rows} experiences meet the conditions of no rule; their kind is null.",
}
