"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.attribute import attribute
from cemkit.churn.explain import explain
from cemkit.churn.ledger import Explanation, Ledger, ValueAtRisk
from cemkit.churn.moments_of_truth import MomentsOfTruth, moments_of_truth
from cemkit.churn.path_attribution import PathAttribution, path_attribution
from cemkit.churn.satisfaction_trap import SatisfactionTrap, satisfaction_trap
from cemkit.churn.value_at_risk import value_at_risk

__all__ = [
    "Explanation",
    "Ledger",
    "MomentsOfTruth",
    "PathAttribution",
    "SatisfactionTrap",
    "ValueAtRisk",
    "attribute",
    "explain",
    "moments_of_truth",
    "path_attribution",
    "satisfaction_trap",
    "value_at_risk",
]
