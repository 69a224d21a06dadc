"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.attribute import attribute
from cemkit.churn.ledger import Explanation, Ledger, ValueAtRisk

__all__ = [
    "Explanation",
    "Ledger",
    "ValueAtRisk",
    "attribute",
]
