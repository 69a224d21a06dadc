"""The English words of the report: stages."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    # the journey: stays, moves, paths
    "journey.title": "The journey",
    "journey.sentence": (
        "The most frequent step: after “{source}”, {value} of the next observed experiences ({level} "
        "interval {interval}) are “{target}”, half of them within {days} days."
    ),
    "journey.still": "No customer was seen to go from one part of the journey to another.",
    "journey.stays": "Who comes there, and how long they stay",
    "journey.stays-sentence": (
        "The share of {customers} customers with an experience in each part of the journey, with {level} "
        "intervals; n is the customers."
    ),
    "journey.stays-note": (
        "A stay lasts from the first experience there until the first one elsewhere. Medians count stays "
        "that are not over (Kaplan-Meier); a dash where more than half of the stays may last longer than the data."
    ),
    "journey.others": "{others} more with fewer customers are not shown.",
    "journey.axis": "Share of customers, %",
    "journey.moves": "Where they go next",
    "journey.moves-sentence": "{count} transitions between experiences that follow each other; bands are as thick as they are frequent.",
    "journey.moves-note": (
        "Probabilities are shares of all observed transitions from there, with customers as clusters. The "
        "end of the data is not leaving."
    ),
    "journey.paths": "The most frequent paths",
    "journey.paths-sentence": (
        "{customers} customers took {different} different paths; the most frequent ones are below, repeats "
        "counted once."
    ),
    "journey.with-n": "{name} (n {n})",
    "without.journey": "No experiences with customers and times.",
    "column.stage": "Stage",
    "head.customers": "Customers",
    "head.visits": "Stays",
    "head.open": "Not over",
    "head.median-days": "Median days",
    "head.median-days-between": "Median days until then",
    "head.from": "From",
    "head.to": "To",
    "head.transitions": "Transitions",
    "head.probability": "Probability",
    "head.path": "Path",
    "stage.discover": "Discover",
    "stage.visit": "Visit",
    "stage.purchase": "Purchase",
    "stage.use": "Use",
    "stage.care": "Care",
    "stage.consult": "Consult",
    "stage.activate": "Activate",
    "stage.bill": "Bill",
    "stage.support": "Support",
    "stage.renew": "Renew",
    "stage.cancel": "Cancel",
    "method.clustered-wilson": "Wilson interval at the effective size, customers as clusters",
    "method.kaplan-meier": "Kaplan-Meier medians with log(−log) limits; Wilson intervals of shares",
}
