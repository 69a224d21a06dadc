"""The English words of the report: churn."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    # Ledger of churn
    "churn.title": "Churn, and the experiences that go with it",
    "churn.sentence": (
        "Of {leavers} customers who left within {horizon} days of joining, {customers} ({share}, {level} interval {interval}) would not "
        "have left by then had the bad experiences not happened, if the association is the whole story."
    ),
    "churn.subtitle": "Preventable churn: an observed association, no forecast of what an action would bring",
    "churn.adjusted": "Adjusted for tenure only.",
    "churn.excluded": "Part of leaving, and so left out: {touchpoints}.",
    "churn.largest": "The largest part goes with {touchpoint}: {share} ({interval}).",
    "churn.caption": "Ledger of churn",
    "churn.note": (
        "The rows sum to the churn observed. Background is churn that goes with none of these bad experiences. Hazard ratio: how many "
        "times as likely customers leave while a bad experience lies within the last 90 days."
    ),
    "churn.background": "Background",
    "churn.observed": "Churn observed",
    "churn.leavers": "Leavers",
    "churn.ratio": "Hazard ratio",
    "churn.exposed": "Customers exposed",
    "churn.refused": "not estimated",
    "churn.while-exposed": "Left while exposed",
    "churn.lag": "{days} days",
    "churn.lags": "Shares if an experience counts only after a lag",
    "churn.lags-note": "What falls to nothing after 7 days is a part of leaving rather than a reason for it.",
    "without.churn": "it needs to be known when customers joined and left, and when their experiences happened and how they felt.",
    "method.preventable: additive hazard": "preventable share, additive hazard, Shapley values, influence functions",
    "method.preventable: multiplicative hazard": "preventable share, multiplicative hazard, Shapley values, influence functions",
    "method.preventable: additive+pairs hazard": "preventable share, additive hazard with pairs, Shapley values, influence functions",
    "method.preventable: multiplicative+pairs hazard": (
        "preventable share, multiplicative hazard with pairs, Shapley values, influence functions"
    ),
}
