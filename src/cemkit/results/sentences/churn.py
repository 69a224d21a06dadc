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
    # Ledger.
    "after-leaving": "{customers} customers have experiences after they left; these count for nothing.",
    "at-risk-from": (
        "Customers who entered before the log of experiences starts ({since}) are at risk from {window} days after its "
        "start, since what "
        "they met before is not known; all others from the day they entered."
    ),
    "cancellation-like": (
        "{touchpoint} looks like a part of leaving: its hazard ratio is {ratio:.1f}, but {later:.1f} once an experience counts only "
        "after {days} days. Leave it out with exclude=, or move it out with lag=."
    ),
    "causes-counted": "Only leaving for {causes} is churn; leaving for other reasons competes with it ({competing} leavers).",
    "confounders-declared": (
        "Adjusted for tenure and {columns}. The shares are causal only if nothing else drives both bad experiences and leaving; "
        "otherwise they are associations."
    ),
    "confounders-fixed": (
        "Confounders ({columns}) are taken as they stand in the table. One that changes over time, and that bad experiences change "
        "(contract, use, complaints), needs weights for time-varying confounding, which this ledger does not have."
    ),
    "control-fails": (
        "The negative control {touchpoint} has the hazard ratio {ratio:.2f} ({low:.2f} to {high:.2f}), where 1 was expected: something "
        "that is not declared drives both contact and leaving."
    ),
    "controls-hold": "The negative controls ({touchpoints}) have hazard ratios that 1 is compatible with.",
    "e-value": (
        "E-value: something undeclared would explain away {touchpoint} (hazard ratio {ratio:.2f}) only if it had a "
        "risk ratio of at least "
        "{e_value:.2f} with both the bad experience and leaving ({e_value_low:.2f} for the limit of the interval)."
    ),
    "ever-both": (
        "Comparing those ever exposed with those never exposed would give {naive:.1%} of churn; counted from the moment it happened "
        "it is {share:.1%}."
    ),
    "ever-converted": (
        "An exposure that never ends counts from the moment it happens, not before; customers who entered before the log starts "
        "({since}) are left out, since nobody knows what they had met."
    ),
    "experiences-keyless": "{rows} experiences without a touchpoint were left out.",
    "experiences-nameless": "{rows} experiences without a customer were left out.",
    "strangers-left-out": "{rows} experiences of customers who are not in the table of customers were left out.",
    "experiences-timeless": "{rows} experiences without a time were left out: nobody can tell whether they came before leaving.",
    "hazard-chosen": (
        "The {hazard} hazard was chosen by how well it predicts customers that it has not seen (held-out log likelihood {lead:+.1f} "
        "against the {other} one; within one standard error, the simpler one is taken)."
    ),
    "hazard-given": "The {hazard} hazard was asked for, not chosen by how well it predicts.",
    "hazard-share-higher": (
        "Shares of the hazard at exit are accounting. They run higher than the preventable shares, since a customer who is saved "
        "once can still leave later."
    ),
    "horizon-thin": "The horizon of {horizon} days lies beyond {longest} days, up to which enough customers are observed.",
    "leavers-outside": (
        "{before} leavers left before their exposures were known, {after} at a tenure outside the horizon; the ledger counts neither."
    ),
    "ledger-association": (
        "The shares are observed associations. They say how much of the churn goes with the experiences, not what an "
        "action against them "
        "would bring."
    ),
    "ledger-horizon": "Churn is that between {start} and {horizon} days of tenure.",
    "log-ends-early": "The log of experiences ends on {end}, before {until}; customers are followed until its end.",
    "no-overlap": (
        "{touchpoint}: refused, since nearly everybody had met it all the time ({overlap:.0%} of the exposed time has "
        "anybody unexposed "
        "to compare with); its part is in the background."
    ),
    "overlap-found": "Overlap: at {touchpoint}, the least, {overlap:.0%} of the exposed time has comparable time without exposure.",
    "random-orders": "With more than 12 touchpoints, shares come from random orders; their own error is at most {error:.4f}.",
    "tenure-only": (
        "Adjusted for tenure only: whatever else drives both bad experiences and leaving is in these shares. Name it with confounders=."
    ),
    "too-few-exposed": "Refused, since fewer than five customers left while exposed: {touchpoints}; their part is in the background.",
    "touchpoints-excluded": "Left out, and without a row: {touchpoints}.",
    "valence-unknown": (
        "{rows} experiences have no valence; they are a level of their own, neither exposed nor unexposed, and in the "
        "background."
    ),
    "value-missing": "{rows} customers have no value and count with 0.",
    # Value at risk.
    "acquisition-cost": "Every leaver is replaced at a cost of {cost:g}.",
    "break-even": (
        "The break-even is what keeping one customer may cost at most; it assumes that those kept are worth what those "
        "who left were."
    ),
    "retention-cost": (
        "Keeping a customer costs {cost:g}, paid only for those who would otherwise have left: a floor, since nobody "
        "knows them beforehand."
    ),
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
