"""The English words of the report."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    "title": "How customers see us",
    "contents": "Contents",
    "skip": "Skip to the report",
    "footer": "Made with cemkit {version}. Nothing in this file loads from a network.",
    "list-separator": ", ",
    "interval": "{low} to {high}",
    "in-wave": "{what} in wave {wave}",
    # Units
    "unit.points": "{value} points",
    "unit.percent": "{value}%",
    "unit.scale": "{value}",
    "unit-name.points": "points",
    "unit-name.percent": "%",
    "unit-name.scale": "scale points",
    "difference.points": "{value} points",
    "difference.percent": "{value} percentage points",
    "difference.scale": "{value} scale points",
    "difference-name.points": "points",
    "difference-name.percent": "points",
    "difference-name.scale": "scale points",
    # Words of the domain
    "metric.nps": "Net Promoter Score (NPS)",
    "metric.csat": "Customer satisfaction (CSAT)",
    "metric.ces": "Customer effort score (CES)",
    "short.nps": "NPS",
    "short.csat": "CSAT",
    "short.ces": "CES",
    "band.promoter": "Promoters",
    "band.passive": "Passives",
    "band.detractor": "Detractors",
    "band.satisfied": "Satisfied",
    "band.neutral": "Neutral",
    "band.dissatisfied": "Dissatisfied",
    "band.easy": "Easy",
    "band.hard": "Hard",
    "band.agree": "Agree",
    "band.disagree": "Disagree",
    "mode.web": "web",
    "mode.phone": "phone",
    "mode.paper": "paper",
    "column.segment": "Segment",
    "column.region": "Region",
    "column.stratum": "Stratum",
    "column.wave": "Wave",
    "column.touchpoint_id": "Touchpoint",
    "column.age_band": "Age",
    "column.contract": "Contract",
    "column.origin": "Origin",
    "table.customers": "Customers",
    "table.touchpoints": "Touchpoints",
    "table.experiences": "Experiences",
    "table.responses": "Responses",
    "table.transactions": "Transactions",
    "table.answers": "Wide survey",
    "group.null": "(not known)",
    # Headings of tables
    "head.metric": "Score",
    "head.estimate": "Estimate",
    "head.interval": "{level} interval",
    "head.n": "n",
    "head.n_eff": "Effective n",
    "head.missing": "Missing",
    "head.invalid": "Invalid",
    "head.unweighted": "Unweighted",
    "head.band": "Band",
    "head.points": "Answers",
    "head.share": "Share",
    "head.rest": "Against the rest, {unit}",
    "head.p_adjusted": "Adjusted p",
    "head.comparison": "Comparison",
    "head.difference": "Difference, {unit}",
    "head.n_group": "n (first)",
    "head.n_reference": "n (second)",
    "head.table": "Table",
    "head.rows": "Rows",
    "head.columns": "Columns",
    "head.answered": "Answered",
    "head.coverage": "Customers who answered",
    "head.period": "Period",
    "head.signal": "Signal",
    "head.segment-rate": "Rate effect, {unit}",
    "head.segment-mix": "Mix effect, {unit}",
    "head.total": "Together, {unit}",
    "head.rate-name": "Rate: the group changed",
    "head.mix-name": "Mix: its share changed",
    "head.before": "{value} {wave}",
    "head.n-at": "n {wave}",
    "head.share-at": "Share {wave}",
    "head.all": "All",
    "head.limits": "Control limits",
    "axis.change": "Change of {metric}, {unit}",
    "axis.contribution": "Contribution to the change, {unit}",
    "note.small": "Marked rows have fewer than {base} answers, or fewer than {base} after allowing for the design: read them with care.",
    "note.difference": "The first named less the second. Overlapping intervals of two groups do not mean 'the same': read the difference.",
    "mark.small": "small base",
    "axis.dashed": "{axis} (dashed: all, {value})",
    # Summary
    "summary.title": "Summary",
    "summary.no-scores": "The study has no answers to the questions of the scores, so there is no headline number.",
    "summary.findings": "What stands out",
    "summary.examined": (
        "Of {candidates} differences examined (groups and touchpoints against the rest, waves against each other, also within "
        "groups), {kept} are both large (at least 5 points, or 5% of the scale) and unlikely to be chance (false-discovery rate 5%, "
        "Benjamini–Yekutieli). The largest, at most {most}, are these."
    ),
    "summary.none": (
        "Of {candidates} differences examined, none is both large (at least 5 points, or 5% of the scale) and unlikely to be "
        "chance (false-discovery rate 5%, Benjamini–Yekutieli)."
    ),
    "tile.interval": "{level} interval {interval}",
    "tile.base": "n {n}",
    "finding.where": "{column} · {group}",
    "finding.rest": (
        "{where}: {metric} {estimate}, against {other} for the rest ({difference}; {level} interval {interval})."
    ),
    "finding.level": (
        "{where}: {metric} {estimate}, against {other} for {reference} ({difference}; {level} interval {interval})."
    ),
    "finding.change": (
        "{where}: {metric} {estimate} in wave {after}, against {other} in wave {before} ({difference}; {level} interval "
        "{interval})."
    ),
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
    # Methods
    "methods.title": "How we know",
    "methods.sentence": (
        "Every number above comes from a Python call; here they are, with method and assumptions. Intervals would hold the true "
        "value in {level} of repeated samples. All differences are observed associations, no forecast of what an action would do."
    ),
    "methods.start": "Start with the study.",
    "methods.setup": "Setup",
    "methods.method": "Method",
    "methods.left-out": "Left out",
    "methods.without": "{title}: {reason}",
    "without.scores": "no answers to the questions of the scores.",
    "without.bands": "no score is made of bands.",
    "without.trend": "no dates of answers, or all fall into one period.",
    "without.segments": "no grouping column with more than one group.",
    "without.touchpoints": "no experiences with ratings of what was perceived.",
    "without.comparison": "neither waves nor a few groups to compare.",
    "without.decomposition": "no two waves, or no groups to split a change by.",
    "without.quality": "no tables.",
    "method.adjusted-wald": "adjusted Wald interval of a net score (¾, 1½, ¾ added)",
    "method.wilson": "Wilson score interval of a share",
    "method.t": "t interval",
    "method.linearised-t": "Taylor linearisation under the design, t interval",
    "method.linearised-logit": "Taylor linearisation under the design, logit interval",
    "method.linearised-wald": "Taylor linearisation under the design, Wald interval",
    "method.wald": "Wald interval",
    "method.contracts": "contracts of the tables, derived from the domain model",
}
