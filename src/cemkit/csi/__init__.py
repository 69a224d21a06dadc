"""Customer satisfaction: an index, gaps between expectation and perception, and what moves satisfaction."""

from cemkit.csi.delivery_gap import delivery_gap
from cemkit.csi.gap import Gap, gap
from cemkit.csi.index import index
from cemkit.csi.kano import Kano, kano

__all__ = [
    "Gap",
    "Kano",
    "delivery_gap",
    "gap",
    "index",
    "kano",
]
