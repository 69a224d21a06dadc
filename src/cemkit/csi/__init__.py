"""Customer satisfaction: an index, gaps between expectation and perception, and what moves satisfaction."""

from cemkit.csi.gap import Gap, gap

__all__ = [
    "Gap",
    "gap",
]
