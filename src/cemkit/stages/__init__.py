"""Stages: the journey seen in stages, kinds and channels."""

from cemkit.stages.consistency import Consistency, consistency

__all__ = ["Consistency", "consistency"]
