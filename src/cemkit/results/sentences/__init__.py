"""The English sentence of every assumption code, a file per module."""

from __future__ import annotations

from cemkit.results.sentences import churn, csi, loyalty, scores, stages

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    **scores.SENTENCES,
    **csi.SENTENCES,
    **churn.SENTENCES,
    **loyalty.SENTENCES,
    **stages.SENTENCES,
}
