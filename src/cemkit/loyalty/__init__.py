"""Loyalty: who buys again, how long and how much; who says so; and both held against each other."""

from cemkit.loyalty.cohorts import Cohorts, cohorts
from cemkit.loyalty.quadrants import Quadrants, quadrants
from cemkit.loyalty.repurchase import repurchase_rate
from cemkit.loyalty.revenue_retention import RevenueBridge, revenue_retention
from cemkit.loyalty.wallet import Wallet, wallet
from cemkit.loyalty.word_of_mouth import word_of_mouth

__all__ = [
    "Cohorts",
    "Quadrants",
    "RevenueBridge",
    "Wallet",
    "cohorts",
    "quadrants",
    "repurchase_rate",
    "revenue_retention",
    "wallet",
    "word_of_mouth",
]
