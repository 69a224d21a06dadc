"""Stages: the journey seen in stages, kinds and channels."""

from cemkit.stages.aspects import Aspects, aspects
from cemkit.stages.compare_segmentations import compare_segmentations
from cemkit.stages.consistency import Consistency, consistency
from cemkit.stages.dwell import Dwell, dwell
from cemkit.stages.funnel import Funnel, funnel
from cemkit.stages.journey_curve import JourneyCurve, journey_curve
from cemkit.stages.kinds import RuleCounts, classify, rule_counts
from cemkit.stages.kinds_link import kinds_link
from cemkit.stages.labels import label
from cemkit.stages.pain_points import PainPoints, pain_points
from cemkit.stages.paths import Paths, paths
from cemkit.stages.profile import profile
from cemkit.stages.rules import DEFAULT_RULES, Rule
from cemkit.stages.segment import Segmentation, segment
from cemkit.stages.transitions import Transitions, transitions
from cemkit.stages.voice import voice

__all__ = [
    "DEFAULT_RULES",
    "Aspects",
    "Consistency",
    "Dwell",
    "Funnel",
    "JourneyCurve",
    "PainPoints",
    "Paths",
    "Rule",
    "RuleCounts",
    "Segmentation",
    "Transitions",
    "aspects",
    "classify",
    "compare_segmentations",
    "consistency",
    "dwell",
    "funnel",
    "journey_curve",
    "kinds_link",
    "label",
    "pain_points",
    "paths",
    "profile",
    "rule_counts",
    "segment",
    "transitions",
    "voice",
]
