"""The English sentences of assumptions: stages."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # consistency of channels
    "adjusted-for-mix": (
        "Channels are compared at each touchpoint's own mix of {columns}, by regression on their main effects; the mix is taken as it is."
    ),
    "channels-as-sample": "Tau takes the channels as a sample of many with normal true means; the spread is that of these channels alone.",
    "channels-left-out": "{channels} channels of touchpoints have fewer than {least} answers or no variance, and take no part.",
    "no-order": "Changes of channel were not looked at: that needs a journey or customer, and times in {column!r}.",
    "no-switching": (
        "Changes of channel have no interval where rows with a time, answers or clusters are too few, or cells too many to compare at once."
    ),
    "rows-without-channel": "{rows} rows without {over!r} or {unit!r} are left out.",
    "steps-without-order": "{rows} rows without a time or a journey are left out where changes of channel are counted.",
    "switching-is-association": (
        "Changes of channel are those from one step of a {journey!r} to the next; who changes often does so for a reason, "
        "so that the difference is an association."
    ),
    "units-not-compared": "{units} touchpoints have a single usable channel, or customers that no other channel has, and are not compared.",
    # segments
    "held-out-folds": (
        "Every row is predicted by its segment's mean in the other parts of {folds}; gains are those of means of that many rows."
    ),
    "unknown-segments": "Rows without a segment ({names}) are a segment of their own.",
    "one-segment": "There is one segment ({chosen}): no division of these rows describes them better, so there is nothing to tell apart.",
    "profiles-given-assignment": (
        "Shares and profiles hold the assignment of rows to segments fixed; they do not say how sure the borders are, which stability does."
    ),
    "skewed-features": "Skewed features ({features}): a mixture also spends components on a long tail; take logarithms first.",
    "unstable-segments": "Segments {segments} do not come back in resamples (Jaccard below {limit:g}) and are not to be trusted.",
    "association": "The difference is an association: customers differ in more than this.",
    "bad-below-midpoint": "An experience is bad where it is rated on the bad side of the scale's midpoint, {midpoint:g}.",
    "collected-units": "A row per customer was collected for the regression ({units} rows).",
    "complainers-collected": "All rows of customers who complained were collected ({rows} rows) for what followed.",
    "customers-drawn-again": "Ranks vary over {replicates} draws of the {customers} customers, who are taken as independent.",
    "followed-from-then": (
        "Experiences are followed from when they happen until the next negative one of their kind, {within:g} days, leaving, or the end "
        "of the data."
    ),
    "incomplete-customers": "{customers} customers lack one of the two aspects or an outcome and were left out.",
    "ledger-ranks": "The ranks by preventable churn rest on the intervals of the ledger's {touchpoints} touchpoints.",
    "open-until-end": (
        "{complaints} complaints were not resolved by the end of the data; "
        "they count as open until then, not as never resolved."
    ),
    "outcomes-not-told": "Outcomes that need a column the tables lack have no rows: {columns}.",
    "peak-end-customers": "Peak-end is of customers' own ratings, each customer once, taken as independent and equally weighted.",
    "rows-followed": "Rows were collected to follow experiences through time ({rows} experiences): customers, times, labels, amounts.",
    "same-touchpoint": "Reference rates are those of the same touchpoints, weighted by the time that the exposed were followed.",
    "timeless-complaints": "{rows} complaints without a time were left out.",
    "unmatched-experiences": "{rows} experiences meet the conditions of no rule; their kind is null.",
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
