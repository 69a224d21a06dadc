"""Scores of answers: NPS, CSAT, CES, and any of your own."""

from cemkit.scores.metric import ScoreMetric, ces, csat, nps
from cemkit.scores.raking import Raking, rake
from cemkit.scores.response import ResponseRates, response_rate

__all__ = ["Raking", "ResponseRates", "ScoreMetric", "ces", "csat", "nps", "rake", "response_rate"]
