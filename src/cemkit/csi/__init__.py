"""Customer satisfaction: an index, gaps between expectation and perception, and what moves satisfaction."""

from cemkit.csi.gap import Gap, gap
from cemkit.csi.index import index

__all__ = [
    "Gap",
    "gap",
    "index",
]
