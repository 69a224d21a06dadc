"""The sections of the report, in their order. A new one is a file with ``build``, a line here, and its texts."""

from __future__ import annotations

from collections.abc import Callable

from cemkit.report.context import Context
from cemkit.report.section import Section
from cemkit.report.sections import (
    bands,
    churn,
    comparison,
    decomposition,
    quality,
    scores,
    segments,
    touchpoints,
    trend,
)

__all__ = ["SECTIONS"]

SECTIONS: tuple[tuple[str, Callable[[Context], Section | None]], ...] = (
    ("scores", scores.build),
    ("bands", bands.build),
    ("trend", trend.build),
    ("segments", segments.build),
    ("touchpoints", touchpoints.build),
    ("churn", churn.build),
    ("comparison", comparison.build),
    ("decomposition", decomposition.build),
    ("quality", quality.build),
)
"""Name and builder of each section; a builder returns None where the study has nothing for it."""
