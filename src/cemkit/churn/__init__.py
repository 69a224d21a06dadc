"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.attribute import attribute
from cemkit.churn.explain import explain
from cemkit.churn.ledger import Explanation, Ledger, ValueAtRisk
from cemkit.churn.value_at_risk import value_at_risk

__all__ = [
    "Explanation",
    "Ledger",
    "ValueAtRisk",
    "attribute",
    "explain",
    "value_at_risk",
]
