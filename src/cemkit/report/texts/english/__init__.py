"""The English words of the report, a file per module."""

from __future__ import annotations

from cemkit.report.texts.english import churn, common, csi, loyalty, scores, stages

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    **common.TEXTS,
    **scores.TEXTS,
    **csi.TEXTS,
    **churn.TEXTS,
    **loyalty.TEXTS,
    **stages.TEXTS,
}
