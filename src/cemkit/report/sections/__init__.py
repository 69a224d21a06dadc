"""The sections of the report, in their order. A new one is a file with ``build``, a line in both tables, and its texts."""

from __future__ import annotations

from collections.abc import Callable

from cemkit.report.context import Context
from cemkit.report.section import Section
from cemkit.report.sections import (
    bands,
    churn,
    comparison,
    decomposition,
    journey,
    loyalty,
    quality,
    satisfaction,
    scores,
    segments,
    touchpoints,
    trend,
)

__all__ = ["CHAPTERS", "SECTIONS"]

SECTIONS: tuple[tuple[str, Callable[[Context], Section | None]], ...] = (
    ("scores", scores.build),
    ("bands", bands.build),
    ("trend", trend.build),
    ("segments", segments.build),
    ("touchpoints", touchpoints.build),
    ("satisfaction", satisfaction.build),
    ("journey", journey.build),
    ("churn", churn.build),
    ("comparison", comparison.build),
    ("decomposition", decomposition.build),
    ("loyalty", loyalty.build),
    ("quality", quality.build),
)
"""Name and builder of each section; a builder returns None where the study has nothing for it."""

CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("customers", ("scores", "bands", "segments", "satisfaction")),
    ("hurts", ("touchpoints", "journey")),
    ("leaving", ("churn",)),
    ("staying", ("loyalty",)),
    ("changed", ("trend", "comparison", "decomposition")),
    ("know", ("quality",)),
)
"""The chapters of the report and the sections that each holds, in the order of reading."""
