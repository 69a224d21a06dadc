"""The Korean words of the report, a file per module."""

from __future__ import annotations

from cemkit.report.texts.korean import churn, common, csi, loyalty, scores, stages

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    **common.TEXTS,
    **scores.TEXTS,
    **csi.TEXTS,
    **churn.TEXTS,
    **loyalty.TEXTS,
    **stages.TEXTS,
}
"""Texts by key."""
SENTENCES: dict[str, str] = {
    **scores.SENTENCES,
    **csi.SENTENCES,
    **churn.SENTENCES,
    **loyalty.SENTENCES,
    **stages.SENTENCES,
}
"""Sentences of assumptions by code."""
