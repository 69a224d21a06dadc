"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.cox import HazardFit, cox
from cemkit.churn.incidence import CumulativeIncidence, cumulative_incidence
from cemkit.churn.rates import ChurnRates, rate
from cemkit.churn.survival import LogRankTest, Survival, survival

__all__ = [
    "ChurnRates",
    "CumulativeIncidence",
    "HazardFit",
    "LogRankTest",
    "Survival",
    "cox",
    "cumulative_incidence",
    "rate",
    "survival",
]
