"""All references, by module, in the order of the page."""

from __future__ import annotations

from validation import references_churn as churn
from validation import references_csi as csi
from validation import references_loyalty as loyalty
from validation import references_scores as scores
from validation import references_stages as stages
from validation import references_statistics as statistics
from validation.reference import Reference

MODULES: dict[str, list[Reference]] = {
    "Scores": scores.REFERENCES,
    "Satisfaction": csi.REFERENCES,
    "Churn": churn.REFERENCES,
    "Loyalty": loyalty.REFERENCES,
    "Stages": stages.REFERENCES,
    "Statistics underneath": statistics.REFERENCES,
}
