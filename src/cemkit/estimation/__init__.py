"""Bind, tally, infer, answer: estimates and comparisons of any column under any design."""

from cemkit.estimation.compare import compare
from cemkit.estimation.estimate import estimate
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample, sample

__all__ = ["Measure", "Sample", "compare", "estimate", "sample"]
