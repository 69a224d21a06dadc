"""Loyalty: who buys again, how long and how much; who says so; and both held against each other."""

from cemkit.loyalty.cohorts import Cohorts, cohorts

__all__ = ["Cohorts", "cohorts"]
