"""Loyalty: who buys again, how long and how much; what customers are worth."""

from cemkit.loyalty.history import PurchaseHistory, history

__all__ = [
    "PurchaseHistory",
    "history",
]
