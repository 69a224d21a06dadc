"""The English words of the report: scores."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    # Scores
    "scores.title": "Scores",
    "scores.sentence": "{metric} is {estimate}; the {level} interval runs from {interval}, on {n} answers.",
    "scores.nothing": "{metric}: the question was put, but nobody answered.",
    "scores.caption": "All scores",
    "scores.unweighted": "{metric}, unweighted",
    "scores.rate": "Response rate, {metric}",
    "fact.rate": "Response rate",
    "fact.rate-value": "{rate} of those invited ({interval})",
    "fact.no-invitations": "not known: invitations are not recorded",
    "fact.fieldwork": "Fieldwork",
    "fact.dates": "{first} to {last}",
    "fact.mode": "Mode",
    "fact.mode-value": "{mode} ({n})",
    "fact.unknown": "not recorded",
    # Bands
    "bands.title": "Behind the scores",
    "bands.sentence": "A score is a summary: these are the shares of the answers that it is made of.",
    "bands.block": "{band}: {share} of the answers ({level} interval {interval}). {other}: {other_share}.",
    "bands.caption": "{metric}: shares of the answers",
    "bands.call": "{metric}: shares of the bands",
    # Trend
    "trend.title": "Trend",
    "trend.sentence": "How the scores move from period to period, and whether that is more than chance.",
    "trend.block": "{metric} by {every}",
    "trend.slope": "{metric} changes by {slope} per {every} ({level} interval {interval}, p {p}).",
    "trend.no-slope": "{metric} over {periods} periods: too few complete ones to test for a slope.",
    "trend.signals": "{signals} periods stand out from the control limits' baseline.",
    "trend.no-signals": "No period stands out from what chance brings.",
    "trend.no-limits": "Control limits need 20 complete periods; none are drawn.",
    "every.1w": "week",
    "every.1mo": "month",
    "every.1q": "quarter",
    "per.1w": "week",
    "per.1mo": "month",
    "per.1q": "quarter",
    "signal.beyond-limits": "beyond the limits",
    "signal.nine-on-one-side": "nine on one side",
    "signal.six-in-a-row": "six in a row",
    "signal.fourteen-alternating": "fourteen alternating",
    "signal.incomplete": "not complete",
    # Segments
    "segments.title": "Groups of customers",
    "segments.sentence": "The scores by {columns}; each group is also held against all others together.",
    "segments.block": "{metric} by {column}",
    "segments.rest": "{title}: each group against the rest",
    "segments.small": "{column}: fewer than two groups have enough answers to name a highest and a lowest.",
    "segments.extremes": (
        "The highest {metric} is that of {high}, {high_value} ({level} interval {high_interval}); the lowest that of {low}, "
        "{low_value} ({low_interval})."
    ),
    # Touchpoints
    "touchpoints.title": "Touchpoints",
    "touchpoints.sentence": (
        "The lowest rated touchpoint is {low}: {low_value} of its ratings are in the top two ({level} interval {low_interval}); "
        "the highest is {high}, {high_value} ({high_interval})."
    ),
    "touchpoints.note": "Share of ratings in the top of the scale ({points}), the lowest first.",
    "touchpoints.wave": "Ratings of wave {wave}.",
    "touchpoints.all-waves": "Ratings of all waves together: the table of experiences has no column wave.",
    "touchpoints.axis": "Top-two share, %",
    "touchpoints.caption": "Satisfaction by touchpoint",
    # Comparison
    "comparison.title": "Comparison",
    "comparison.sentence": "Differences with their own intervals: two scores whose intervals overlap can still differ.",
    "comparison.block": "{metric} by {column}",
    "comparison.values": "{title}: the values compared",
    "comparison.pair": "{group} − {reference}",
    "comparison.last": (
        "{metric}, {group} less {reference}: {difference} ({level} interval {interval}, adjusted p {p})."
    ),
    "comparison.change": "{metric} by {column}: change from {before} to {after}",
    "comparison.change-largest": "The largest change of a group. {finding}",
    "comparison.change-small": "{column}: no group has enough answers in both waves to name its change.",
    "comparison.change-note": "The later wave less the earlier one, within each group. Changes are observed, not explained.",
    "comparison.omnibus": "The test that no level differs gives p {p}.",
    # Decomposition
    "decomposition.title": "Where the change comes from",
    "decomposition.sentence": "The change between the last two waves, split into what groups changed and what their shares changed.",
    "decomposition.block": "{metric}, {before} to {after}, by {column}",
    "decomposition.total": (
        "{metric} from {before} to {after}: {difference} ({level} interval {interval}), of which {rate} because groups changed "
        "and {mix} because who answered changed."
    ),
    "decomposition.note": "The {total} rows sum exactly to the change of all. Mix is a change in who answered, not in the customers.",
    # Quality
    "quality.title": "Data quality",
    "quality.ok": "All {tables} tables keep their contracts: columns, types, ranges and keys are as they must be.",
    "quality.broken": "The data break {violations} rules of their contracts; what follows from these rows is to be read with care.",
    "quality.caption": "Answers by question",
    "quality.tables": "Tables of the study",
    "quality.violations": "Broken rules",
    "quality.notes": "Odd, but not wrong",
    "quality.part": "{n} ({share})",
    "quality.note": (
        "Missing: no answer, or a code for 'no answer'. Invalid: outside the scale. Both are counted and left out. The last "
        "column is the share of all customers in the study who answered at least once."
    ),
}
