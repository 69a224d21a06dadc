"""Stages: the journey seen in stages, kinds and channels."""

from cemkit.stages.compare_segmentations import compare_segmentations
from cemkit.stages.consistency import Consistency, consistency
from cemkit.stages.segment import Segmentation, segment

__all__ = ["Consistency", "Segmentation", "compare_segmentations", "consistency", "segment"]
