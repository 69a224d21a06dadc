"""Typed answers: estimates with their interval, base, method and assumptions."""

from cemkit.results.assumption import Assumption
from cemkit.results.base import Result
from cemkit.results.comparison import COMPARISON_COLUMNS, Comparison
from cemkit.results.estimates import ESTIMATE_COLUMNS, Estimate, Estimates
from cemkit.results.interval import Interval

__all__ = [
    "COMPARISON_COLUMNS",
    "ESTIMATE_COLUMNS",
    "Assumption",
    "Comparison",
    "Estimate",
    "Estimates",
    "Interval",
    "Result",
]
