"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.attribute import attribute
from cemkit.churn.cox import HazardFit, cox
from cemkit.churn.explain import explain
from cemkit.churn.incidence import CumulativeIncidence, cumulative_incidence
from cemkit.churn.ledger import Explanation, Ledger, ValueAtRisk
from cemkit.churn.moments_of_truth import MomentsOfTruth, moments_of_truth
from cemkit.churn.path_attribution import PathAttribution, path_attribution
from cemkit.churn.rates import ChurnRates, rate
from cemkit.churn.satisfaction_trap import SatisfactionTrap, satisfaction_trap
from cemkit.churn.survival import LogRankTest, Survival, survival
from cemkit.churn.value_at_risk import value_at_risk

__all__ = [
    "ChurnRates",
    "CumulativeIncidence",
    "Explanation",
    "HazardFit",
    "Ledger",
    "LogRankTest",
    "MomentsOfTruth",
    "PathAttribution",
    "SatisfactionTrap",
    "Survival",
    "ValueAtRisk",
    "attribute",
    "cox",
    "cumulative_incidence",
    "explain",
    "moments_of_truth",
    "path_attribution",
    "rate",
    "satisfaction_trap",
    "survival",
    "value_at_risk",
]
