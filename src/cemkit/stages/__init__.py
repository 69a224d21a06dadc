"""Stages: the journey seen in stages, kinds and channels."""

from cemkit.stages.dwell import Dwell, dwell
from cemkit.stages.funnel import Funnel, funnel
from cemkit.stages.paths import Paths, paths
from cemkit.stages.transitions import Transitions, transitions

__all__ = ["Dwell", "Funnel", "Paths", "Transitions", "dwell", "funnel", "paths", "transitions"]
