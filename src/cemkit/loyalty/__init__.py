"""Loyalty: who buys again, how long and how much; who says so; and both held against each other."""

from cemkit.loyalty.cohorts import Cohorts, cohorts
from cemkit.loyalty.repurchase import repurchase_rate

__all__ = ["Cohorts", "cohorts", "repurchase_rate"]
