"""Customer satisfaction: an index, gaps between expectation and perception, and what moves satisfaction."""

from cemkit.csi.delivery_gap import delivery_gap
from cemkit.csi.gap import Gap, gap
from cemkit.csi.index import index
from cemkit.csi.kano import Kano, kano
from cemkit.csi.penalty_reward import PenaltyReward, penalty_reward

__all__ = [
    "Gap",
    "Kano",
    "PenaltyReward",
    "delivery_gap",
    "gap",
    "index",
    "kano",
    "penalty_reward",
]
