"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.moments_of_truth import MomentsOfTruth, moments_of_truth
from cemkit.churn.path_attribution import PathAttribution, path_attribution
from cemkit.churn.satisfaction_trap import SatisfactionTrap, satisfaction_trap

__all__ = [
    "MomentsOfTruth",
    "PathAttribution",
    "SatisfactionTrap",
    "moments_of_truth",
    "path_attribution",
    "satisfaction_trap",
]
