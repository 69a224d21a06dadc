"""The English sentences of assumptions: stages."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
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
}
