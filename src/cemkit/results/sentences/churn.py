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
}
