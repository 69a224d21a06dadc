"""The English words of the report: satisfaction."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    "column.overall": "Overall satisfaction",
    "column.overall_sat": "Overall satisfaction",
    "column.Q7ALL": "Satisfaction with the airport as a whole",
    "item.price": "price",
    "item.network": "network",
    "item.billing": "billing",
    "item.staff": "staff",
    "item.trust": "trust",
    "item.warmth": "warmth",
    "dimension.rational": "rational",
    "dimension.emotional": "emotional",
    "method.bootstrap-percentile": "percentiles of bootstrap resamples of respondents or clusters",
    "without.satisfaction": "the study does not say what the columns of a wide survey are ([answers.survey]).",
    "satisfaction.title": "Expectation and satisfaction",
    "satisfaction.sentence": "How {items} items of the survey were rated, and which of them go with overall satisfaction.",
    "satisfaction.refused": "Not shown: {reason}.",
    # Gaps
    "satisfaction.gaps-title": "What was expected and what was perceived",
    "satisfaction.overall": (
        "Over {items} items, what customers perceived differs from what they expected by {difference} ({level} interval "
        "{interval}, n {n})."
    ),
    "satisfaction.shortfall": (
        "The item that falls short the most is {item}: {difference} ({level} interval {interval}); for {below} of its "
        "respondents it was less than they had expected."
    ),
    "satisfaction.no-shortfall": "No item falls short of what was expected.",
    "satisfaction.gaps-note": (
        "Gap: perceived less expected, of the same respondents. The overall gap is the mean over respondents of their mean over "
        "items. In the picture the thin line is the interval of the gap, drawn from what was expected."
    ),
    "satisfaction.dimensions": "By dimension",
    "satisfaction.expected": "expected",
    "satisfaction.perceived": "perceived",
    "satisfaction.head-item": "Item",
    "satisfaction.head-dimension": "Dimension",
    "satisfaction.head-expected": "Expected",
    "satisfaction.head-perceived": "Perceived",
    "satisfaction.head-gap": "Gap, {unit}",
    "satisfaction.head-below": "Below expectation",
    # Drivers
    "satisfaction.drivers-title": "What goes with: {outcome}",
    "satisfaction.leading": (
        "{item} has the largest share of what the items explain, {share} ({level} interval {interval}; rank in resamples: "
        "{ranks}). Together the items explain {explained} of the variance of: {outcome}."
    ),
    "satisfaction.drivers-note": (
        "Shares of R² ({method}), from the {n} respondents who answered all items ({complete} of all). A column without any "
        "meaning would get up to {probe} of it. These are associations, no forecast of what an improvement would bring about; "
        "where the inflation is high, items overlap and how they share is fragile."
    ),
    "satisfaction.method-lmg": "LMG: mean over all orders of the items",
    "satisfaction.method-relative-weights": "Johnson's relative weights",
    "satisfaction.share": "Share of what the items explain",
    "satisfaction.probe": "a column without meaning",
    "satisfaction.lowers": "orange: more of it goes with less of the outcome",
    "satisfaction.head-share": "Share",
    "satisfaction.head-rank": "Rank (in resamples)",
    "satisfaction.head-coefficient": "Standardised coefficient",
    "satisfaction.head-vif": "Variance inflation",
    # Importance and performance
    "satisfaction.map-title": "Importance and performance",
    "satisfaction.fix": (
        "To be fixed first, being important and under the line of performance with a probability of at least {probability}: {items}."
    ),
    "satisfaction.perhaps": (
        "No item is to be fixed first with a probability of at least {probability}; the most likely one is {item} ({chance})."
    ),
    "satisfaction.nothing-to-fix": "No item is likely to be both important and under the line of performance.",
    "satisfaction.map-note": (
        "Fixed lines: importance {importance}, performance {performance} (the scale's middle). Probabilities are the shares of "
        "resamples in which the item lies in the quadrant; a full mark has at least {probability}. The numbers in the picture are "
        "those of the table."
    ),
    "satisfaction.importance": "Importance",
    "satisfaction.importance-derived": "Importance (share of what is explained)",
    "satisfaction.importance-stated": "Importance (stated)",
    "satisfaction.performance": "Performance",
    "satisfaction.fix_first": "fix first",
    "satisfaction.keep_up": "keep up",
    "satisfaction.low_priority": "low priority",
    "satisfaction.overdone": "overdone",
    "satisfaction.head-quadrant": "Quadrant",
    "satisfaction.head-probability": "Its probability",
    "satisfaction.head-fix": "Probability of ‘fix first’",
}
