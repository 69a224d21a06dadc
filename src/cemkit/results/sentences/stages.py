"""The English sentences of assumptions: stages."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # flow: transitions, funnel, dwell, paths
    "customers-clusters-of-transitions": (
        "A customer makes several transitions, so customers are the clusters: limits are Wilson's at the "
        "effective size, one probability at a time."
    ),
    "duplicates-dropped": "{rows} experiences that equal another one in customer, time and state were left out.",
    "duplicates-kept": "{rows} experiences equal another one in customer, time and state; they count as experiences of their own.",
    "end-of-data": "The end of the data is not leaving: what follows a customer's last experience is unknown.",
    "experiences-later": "{rows} experiences after {until} were left out.",
    "experiences-without-customer": "{rows} experiences without a customer in {column!r} were left out: nobody can be followed by them.",
    "experiences-without-state": (
        "{rows} experiences without a value in {column!r} were left out; those before and after them count "
        "as neighbours."
    ),
    "experiences-without-time": "{rows} experiences without a time in {column!r} were left out: they have no place in an order.",
    "funnel-censored": "{customers} customers have not had the {days:.4g} days yet and are censored, not counted as staying away.",
    "funnel-entered": "{entered} of {customers} customers came to the first step ({step}); the others are not in the funnel.",
    "funnel-held": "{rows} estimates lay above that of the step before by chance, and are held there: a funnel never rises.",
    "funnel-independent": "Customers are independent, and when they came to the first step says nothing about how they go on.",
    "funnel-median-follow-up": (
        "Conversion is by {days:.4g} days, for which half of the customers could be watched; within= sets another time."
    ),
    "higher-order": "A source is the last {order} states; customers with fewer experiences do not count.",
    "leaving-competes": (
        "Customers who left before a step cannot come to it any more (competing end); shares are of all who "
        "came to the first step."
    ),
    "leaving-unknown": (
        "Leaving is not known here (left= names it): who left goes on waiting in the data, and is neither "
        "gone nor censored."
    ),
    "median-buckets": "Median times come from buckets of lengths and lie within {bound:.0%} of the exact ones.",
    "paths-selected": (
        "Of {different} different paths the most frequent are shown; being chosen for that, they are a "
        "little less frequent outside these data."
    ),
    "visits-independent": "The limits of Kaplan-Meier medians take visits as independent, also those of the same customer.",
    "visits-open": "{visits} visits were still open at the end of the log; they are censored, and not among the completed ones.",
}
