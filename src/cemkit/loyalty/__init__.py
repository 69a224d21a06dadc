"""Loyalty: who buys again, how long and how much; who says so; and what customers are worth."""

from cemkit.loyalty.cohorts import Cohorts, cohorts
from cemkit.loyalty.contract import ContractFit, fit_contract
from cemkit.loyalty.dormancy import DormancyPlan, dormancy
from cemkit.loyalty.fitting import fit
from cemkit.loyalty.history import PurchaseHistory, history
from cemkit.loyalty.ladder import LadderTransitions, ladder
from cemkit.loyalty.lifetime_value import LifetimeValue, lifetime_value
from cemkit.loyalty.model_comparison import ModelComparison, compare_models
from cemkit.loyalty.predictions import Predictions
from cemkit.loyalty.purchase import PurchaseFit
from cemkit.loyalty.quadrants import Quadrants, quadrants
from cemkit.loyalty.repurchase import repurchase_rate
from cemkit.loyalty.revenue_retention import RevenueBridge, revenue_retention
from cemkit.loyalty.rfm import RFM, rfm, rfm_segments
from cemkit.loyalty.satisfaction_link import SatisfactionLink, satisfaction_link
from cemkit.loyalty.spend import SpendFit, fit_spend
from cemkit.loyalty.wallet import Wallet, wallet
from cemkit.loyalty.word_of_mouth import word_of_mouth

__all__ = [
    "RFM",
    "Cohorts",
    "ContractFit",
    "DormancyPlan",
    "LadderTransitions",
    "LifetimeValue",
    "ModelComparison",
    "Predictions",
    "PurchaseFit",
    "PurchaseHistory",
    "Quadrants",
    "RevenueBridge",
    "SatisfactionLink",
    "SpendFit",
    "Wallet",
    "cohorts",
    "compare_models",
    "dormancy",
    "fit",
    "fit_contract",
    "fit_spend",
    "history",
    "ladder",
    "lifetime_value",
    "quadrants",
    "repurchase_rate",
    "revenue_retention",
    "rfm",
    "rfm_segments",
    "satisfaction_link",
    "wallet",
    "word_of_mouth",
]
