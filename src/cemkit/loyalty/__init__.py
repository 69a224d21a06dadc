"""Loyalty: who buys again, how long and how much; what customers are worth."""

from cemkit.loyalty.contract import ContractFit, fit_contract
from cemkit.loyalty.fitting import fit
from cemkit.loyalty.history import PurchaseHistory, history
from cemkit.loyalty.lifetime_value import LifetimeValue, lifetime_value
from cemkit.loyalty.model_comparison import ModelComparison, compare_models
from cemkit.loyalty.predictions import Predictions
from cemkit.loyalty.purchase import PurchaseFit
from cemkit.loyalty.spend import SpendFit, fit_spend

__all__ = [
    "ContractFit",
    "LifetimeValue",
    "ModelComparison",
    "Predictions",
    "PurchaseFit",
    "PurchaseHistory",
    "SpendFit",
    "compare_models",
    "fit",
    "fit_contract",
    "fit_spend",
    "history",
    "lifetime_value",
]
