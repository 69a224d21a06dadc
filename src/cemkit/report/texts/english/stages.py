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
    # the journey curve
    "curve.title": "The journey curve",
    "curve.sentence": (
        "The lowest point of the journey is {low}, rated {low_value} on average ({level} interval {low_interval}); "
        "the highest is {peak}, {peak_value} ({peak_interval})."
    ),
    "curve.one": "Of the journey only {low} was rated: {low_value} on average ({level} interval {low_interval}).",
    "curve.note": (
        "Mean of what was perceived, {low} to {high}, in the order of the map, with {level} intervals; n under each "
        "stage is its ratings. Marks are channels, the larger the more ratings."
    ),
    "curve.mean": "Mean rating",
    "curve.axis": "Mean rating",
    "curve.peak": "peak",
    "curve.low": "low",
    "curve.stage-n": "{name}\nn {n}",
    "curve.touchpoints": "Mean rating by touchpoint",
    "curve.stages": "Mean rating by stage",
    "without.curve": "no ratings of touchpoints, or no journey map.",
    # channels
    "consistency.title": "The same in every channel?",
    "consistency.sentence": (
        "Between channels the same touchpoint differs by a standard deviation of {value} ({level} interval "
        "{interval}), over all touchpoints; the most at {touchpoint}: {worst} ({worst_interval})."
    ),
    "consistency.note": (
        "τ: the standard deviation of the true mean ratings of a touchpoint's channels; zero where every channel is "
        "the same experience."
    ),
    "consistency.alone": (
        "Touchpoints not shown: {touchpoints} (a single channel with enough ratings, or channels that cannot be told apart)."
    ),
    "consistency.axis": "τ, scale points",
    "consistency.caption": "How far channels differ, by touchpoint",
    "consistency.tau": "τ, scale points",
    "consistency.index": "Consistency, 0–100",
    "consistency.channels": "Channels",
    "consistency.table-note": (
        "The adjusted p tests that all channels of the touchpoint are rated alike. Consistency is 100 where they "
        "are, and 0 where τ is half the scale's width."
    ),
    "consistency.offenders": "Channels against the mean of their touchpoint's channels, the lowest first",
    "consistency.where": "Touchpoint and channel",
    "consistency.distance": "Distance, scale points",
    "consistency.rank": "Rank (interval)",
    "consistency.offenders-note": (
        "Distances are drawn towards the touchpoint's mean by as much as chance alone would spread them. Rank 1 is "
        "the furthest below. A difference is observed: customers choose their channel."
    ),
    "consistency.finding": (
        "{touchpoint}: channels differ by a standard deviation of {value} scale points ({level} interval {interval})."
    ),
    "rank.of": "{rank} of {of}",
    "without.consistency": "no ratings of touchpoints with at least two channels.",
    # the funnel
    "funnel.title": "How far customers come",
    "funnel.sentence": (
        "The largest step down is from “{before}” to “{step}”: {value} of those at the one come to the other "
        "({level} interval {interval}), within {days} days of “{first}”, which {customers} customers came to."
    ),
    "funnel.note": (
        "The share of the {n} customers seen at the first stage who come to each next one within {days} days. Who "
        "has not had the time yet is not counted as lost; who left can come no more."
    ),
    "funnel.label": "Share of customers who come to each stage of the map",
    "funnel.axis": "Share of customers at the first stage, %",
    "funnel.caption": "Stages of the map, short of leaving",
    "funnel.share": "Come to it",
    "funnel.of-before": "Of the stage before",
    "funnel.reached": "Seen there",
    "funnel.left": "Left before",
    "funnel.waiting": "Not had the time",
    "funnel.table-note": "Stages such as support or renewal are no goal for everybody: a low share there need not be a loss.",
    "without.funnel": "no journey map with at least three stages that customers were seen at, with times.",
    # what to do first
    "priorities.title": "Touchpoints and items in order",
    "priorities.touchpoints": "Touchpoints by pain",
    "priorities.hurts": (
        "{touchpoint} hurts most: bad experiences there cost {value} scale points per customer ({level} interval "
        "{interval}; rank {rank} of {of}), and reach {reach} of customers."
    ),
    "priorities.leaves": (
        "The largest preventable share of churn goes with {touchpoint}: {share} ({interval}; rank {rank}), an "
        "observed association."
    ),
    "priorities.leaves-none": "No touchpoint has a preventable share of churn that is clearly above zero.",
    "priorities.with-rank": "{rank} · {name}",
    "priorities.axis": "Scale points lost per customer (before the name: interval of the rank)",
    "priorities.pain": "Pain",
    "priorities.rank": "Rank of pain",
    "priorities.reach": "Reach",
    "priorities.episodes": "Episodes",
    "priorities.severity": "Severity",
    "priorities.preventable": "Preventable churn",
    "priorities.preventable-rank": "Its rank",
    "priorities.note": (
        "Pain: reach (share of customers with a bad experience there) × episodes (per customer affected) × severity "
        "(scale points below the middle), in scale points per customer. Ranks are intervals; touchpoints whose ranks "
        "overlap are in no certain order."
    ),
    "priorities.preventable-note": (
        "Preventable churn: an observed association, no forecast of what an action would bring. A dash: not in the "
        "ledger, or not estimated."
    ),
    "priorities.items": "Items of the survey to be fixed first",
    "priorities.fix": (
        "{item} is the most likely to be both important and under the line of performance, with a probability of "
        "{chance}; it is rated {performance} on average ({level} interval {interval}, n {n})."
    ),
    "priorities.fix-none": (
        "No item is likely to be both important and under the line of performance. The most likely one is {item}, with "
        "a probability of {chance}; it is rated {performance} on average ({level} interval {interval}, n {n})."
    ),
    "priorities.items-note": (
        "Sorted by the probability of ‘fix first’ under resampling: important, and under the line of performance. "
        "Items with like probabilities are in no certain order."
    ),
    "without.priorities": "no ratings of touchpoints with customers, and no wide survey with an outcome or stated importance.",
    # words
    "channel.web": "web",
    "channel.app": "app",
    "channel.phone": "phone",
    "channel.shop": "shop",
    "channel.store": "shop",
    "channel.email": "e-mail",
    "channel.chat": "chat",
    "method.log-linearised": "linearised over customers, intervals symmetric in the logarithm; ranks from customers drawn again",
    "method.reml-q-profile": "restricted maximum likelihood, Q-profile interval",
    "method.aalen-johansen": "Aalen-Johansen incidence, Wilson interval at the effective size",
    "method.influence": "influence functions; Wilson interval of leavers, logit interval of those who stayed",
}
