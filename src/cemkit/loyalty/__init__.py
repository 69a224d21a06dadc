"""Loyalty: who buys again, how long and how much; what customers are worth."""

from cemkit.loyalty.fitting import fit
from cemkit.loyalty.history import PurchaseHistory, history
from cemkit.loyalty.predictions import Predictions
from cemkit.loyalty.purchase import PurchaseFit

__all__ = [
    "Predictions",
    "PurchaseFit",
    "PurchaseHistory",
    "fit",
    "history",
]
