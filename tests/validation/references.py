"""All references, by module, in the order of the page."""

from __future__ import annotations

from validation import references_csi as csi
from validation import references_scores as scores
from validation.reference import Reference

MODULES: dict[str, list[Reference]] = {
    "Scores": scores.REFERENCES,
    "Satisfaction": csi.REFERENCES,
}
