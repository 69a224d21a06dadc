"""Customer satisfaction: an index, gaps between expectation and perception, and what moves satisfaction."""

from cemkit.csi.delivery_gap import delivery_gap
from cemkit.csi.gap import Gap, gap
from cemkit.csi.index import index

__all__ = [
    "Gap",
    "delivery_gap",
    "gap",
    "index",
]
