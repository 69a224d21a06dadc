"""Customer worlds with known truth: demo data, tests, teaching."""

from cemkit.simulate.truth import Truth

__all__ = ["Truth"]
