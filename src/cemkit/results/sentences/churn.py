"""The English sentences of assumptions: churn."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # Hazard models.
    "adjusted-for-covariates": "Hazard ratios are associations, adjusted for the covariates of the model and for nothing else.",
    "collinear-covariates": "Covariates that follow from those before them have no coefficient: {covariates}.",
    "few-clusters": "With {clusters} clusters robust standard errors are too small; read their intervals as a lower limit.",
    "infinite-coefficients": (
        "The likelihood rises without end in the coefficients of {covariates}, as where nobody (or everybody) with a trait left; they "
        "have no interval."
    ),
    "hazards-not-proportional": (
        "Hazard ratios change over time (score test of all together: p {p_value:.2g}), so each is an average over the times of leaving; "
        "proportionality says whose, and such a covariate is better taken as strata."
    ),
    "proportional-hazards": "Hazard ratios are taken as constant over time (score test of all together: p {p_value:.2g}).",
    "reference-level": "{column!r} is compared with its level {reference!r}.",
    "robust-errors": (
        "Standard errors are robust, with the {clusters} values of {column!r} in {rows} rows as clusters; cluster=False takes rows as "
        "independent."
    ),
    # Spells.
    "entered-after-until": "{rows} customers who entered after {until} were left out.",
    "last-churn-period-incomplete": "The last period ({period}) is observed until {until} only; its churn will still grow.",
    "late-entries": "{rows} customers came under observation after they had entered; they count from then on.",
    "left-after-until": "{rows} customers who left after {until} count as still there at that time.",
    "observed-until": (
        "Leaving is taken as observed until {until}, the last time in the table; whoever had not left by then was still a customer."
    ),
    "other-causes-censored": (
        "{rows} customers who left for reasons that do not count as churn are taken as last seen when they left; the curve is that of a "
        "world without these reasons."
    ),
    "period-customers-alike": "Customers of a period are taken as independent and alike; the same customers stand in successive periods.",
    "spells-independent": "The {spells} spells of {customers} customers are taken as independent.",
    "uninformative-end": "When a customer was last seen is taken to say nothing about when they would leave.",
    "unknown-causes": "{rows} customers left without a known cause; 'unknown' is a cause of its own.",
    # Paths.
    "leavers-without-touchpoint": "{customers} of {total} leavers met no touchpoint; their leaving is credited to none.",
    "markov-paths": "Where a path goes next is taken to depend on its last touchpoints alone, {order} of them.",
    "paths-describe": (
        "Credit describes paths and is no effect: shares sum to 100 % even where no touchpoint made anybody leave, and frequent "
        "touchpoints get large ones."
    ),
    "paths-missing": "{rows} rows without a path were left out.",
    "paths-of-customers": "Customers have several paths, so customers are the clusters of the intervals.",
    "paths-open": "{customers} of {total} customers are still open and count as not having left; some of them will leave.",
    # The satisfaction trap.
    "answers-after-leaving": "{rows} answers given at or after leaving were left out.",
    "answers-before-entering": "{rows} answers given before entering were left out.",
    "answers-incomplete": "{rows} rows without a customer, a time or a score are no answers; they were left out.",
    "answers-not-followed": (
        "{answers} answers lie less than {window} days before the end of observation; leaving after them is not "
        "counted."
    ),
    "answers-of-strangers": "{rows} answers of customers who are not in the table of customers were left out.",
    "answers-off-scale": "{rows} answers lie outside the scale and were left out.",
    "leavers-not-surveyed": (
        "{leavers} of {total} leavers have no answer within {window} days before leaving; the bounds say what they "
        "allow."
    ),
    "leavers-unmatched": "{leavers} of {total} leavers with an answer had nobody like them beside them and are left out of the contrast.",
    "stayers-matched": (
        "Those who stayed were there when the leaver left, in the same band of {band} days of tenure, and had answered within "
        "{window} days; all of them are used. The contrast is an association."
    ),
    # Moments of truth.
    "experiences-censored": "{rows} experiences lie too near the end for a whole window after them; they are censored and count nowhere.",
    "experiences-incomplete": "{rows} rows without a customer, a time or a touchpoint are no experiences; they were left out.",
    "experiences-of-strangers": "{rows} experiences of customers who are in no other table were left out.",
    "experiences-outside": "{rows} experiences before entering, or on the day of leaving or later, were left out.",
    "experiences-short": (
        "{rows} experiences lie too near the beginning, or to entering, for a whole window before them; they were left "
        "out."
    ),
    "leaving-unknown": "Without the table of customers nobody is known to leave; who stops buying bought less.",
    "moments-standardised": (
        "Differences are standardised over {columns} to the customers who had the experience; they are associations, as customers may "
        "differ in other ways."
    ),
    "moments-unadjusted": "Differences are adjusted for nothing; customers who have good and bad experiences may differ to begin with.",
    "no-baseline-moments": "The log is too short for moments without an experience.",
    "observed-spending": "Spending is taken as covered until {until}.",
    "purchases-incomplete": "{rows} transactions without a customer or a time were left out.",
}
