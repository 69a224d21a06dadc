"""Scores of answers: NPS, CSAT, CES, and any of your own."""

from cemkit.scores.metric import ScoreMetric, ces, csat, nps

__all__ = ["ScoreMetric", "ces", "csat", "nps"]
