"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.path_attribution import PathAttribution, path_attribution
from cemkit.churn.satisfaction_trap import SatisfactionTrap, satisfaction_trap

__all__ = ["PathAttribution", "SatisfactionTrap", "path_attribution", "satisfaction_trap"]
