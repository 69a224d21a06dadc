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
    # Satisfied leavers
    "trap.title": "Satisfied leavers",
    "trap.subtitle": "The satisfaction trap",
    "trap.sentence": (
        "Of the {n} leavers who answered in the {days} days before they left, {left} were satisfied ({level} "
        "interval {interval}); of customers like them who stayed, {stayed}. Difference: {difference} "
        "({difference_interval})."
    ),
    "trap.bounds": (
        "{surveyed} of {n} leavers with an answer: of all leavers, between {low} and {high} may have been satisfied, "
        "as those who did not answer are not known."
    ),
    "trap.left": "Left",
    "trap.stayed": "Stayed",
    "trap.age": "Days since the answer",
    "trap.satisfied": "Share satisfied",
    "trap.all-ages": "all",
    "trap.quantity": "Share",
    "trap.caption": "Satisfaction of those who left and of those who stayed",
    "trap.satisfied-given-left": "Satisfied, of those who left",
    "trap.satisfied-given-stayed": "Satisfied, of those who stayed",
    "trap.satisfied-difference": "Difference: left less stayed",
    "trap.left-given-satisfied": "Left, of the satisfied",
    "trap.left-given-not-satisfied": "Left, of the not satisfied",
    "trap.left-difference": "Difference: satisfied less not satisfied",
    "trap.surveyed-given-left": "With an answer, of those who left",
    "trap.surveyed-given-stayed": "With an answer, of those who stayed",
    "trap.note": (
        "Satisfied: {bands}. Those who stayed were there on the same date, as long customers, and had answered "
        "within {days} days. ‘Left’ is leaving within {days} days of the answer. Observed associations."
    ),
    "trap.ages": "By the age of the last answer",
    "trap.ages-note": "n: leavers whose last answer was that old.",
    "without.trap": "it needs to be known when customers joined and left, and a score made of bands with dates of answers.",
}
