"""The English words of the report: what every section says."""

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
    # Chapters
    "chapter.customers": "How customers see us",
    "chapter.hurts": "Where it hurts",
    "chapter.leaving": "Who leaves, and why",
    "chapter.staying": "Who stays, and what that is worth",
    "chapter.changed": "What changed",
    "chapter.first": "What to do first",
    "chapter.know": "How we know",
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
    "note.difference-rest": (
        "Each against all others together. Overlapping intervals of two groups do not mean 'the same': read the difference."
    ),
    "mark.small": "small base",
    "axis.dashed": "{axis} (dashed: all, {value})",
    # Summary
    "summary.title": "Summary",
    "summary.no-scores": "The study has no answers to the questions of the scores, so there is no headline number.",
    "summary.findings": "What stands out",
    "summary.examined": (
        "Of {candidates} differences examined (groups and touchpoints against the rest, waves against each other, also within "
        "groups; expectation against perception, channels of a touchpoint, leavers against those who stayed), {kept} are both large "
        "(at least 5 points, or 5% of the scale) and unlikely to be chance (false-discovery rate 5%, Benjamini–Yekutieli). The "
        "largest, at most {most}, are these."
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
    # Methods
    "methods.title": "Methods and calls",
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
