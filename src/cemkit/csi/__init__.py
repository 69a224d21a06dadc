"""Customer satisfaction: the index, gaps, what drives it, and what to fix first."""

from cemkit.csi.delivery_gap import delivery_gap
from cemkit.csi.drivers import Drivers, drivers
from cemkit.csi.gap import Gap, gap
from cemkit.csi.importance_performance import ImportancePerformance, importance_performance
from cemkit.csi.index import index
from cemkit.csi.kano import Kano, kano
from cemkit.csi.models import ACSI, ECSI, PathModel
from cemkit.csi.path_fit import PathModelFit
from cemkit.csi.path_model import path_model
from cemkit.csi.penalty_reward import PenaltyReward, penalty_reward
from cemkit.csi.reliability import Reliability, reliability

__all__ = [
    "ACSI",
    "ECSI",
    "Drivers",
    "Gap",
    "ImportancePerformance",
    "Kano",
    "PathModel",
    "PathModelFit",
    "PenaltyReward",
    "Reliability",
    "delivery_gap",
    "drivers",
    "gap",
    "importance_performance",
    "index",
    "kano",
    "path_model",
    "penalty_reward",
    "reliability",
]
