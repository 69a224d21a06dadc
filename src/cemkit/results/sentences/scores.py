"""The English sentences of assumptions: scores."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    "independent": "Answers are taken as independent and equally weighted.",
    "simple-random": "The sample is taken as a simple random one of the customers that the score speaks for.",
    "customers-are-clusters": (
        "Customers answered more than once ({rows} answers of {customers} customers), so customers are taken as the "
        "clusters; Design.independent() treats every answer as independent."
    ),
    "weighted": "Answers carry the weights of column {column!r}.",
    "questions-left-out": "Only answers to the question {question!r} were used; {rows} rows with other questions were left out.",
    "nested-clusters": (
        "{clusters} cluster names appear in more than one stratum; each is counted as one cluster in every stratum it is in."
    ),
    "collapsed-interval": "The interval of {groups} row(s) has collapsed to zero width because all answers are alike; it says nothing.",
    "all-alike": (
        "All answers of {groups} row(s) fall alike; their interval is the adjusted one with the number of clusters as n."
    ),
    "no-degrees-of-freedom": (
        "{groups} row(s) have answers from a single cluster per stratum, so no standard error; the interval is the whole scale."
    ),
    "groups-are-clusters": (
        "The groups are the clusters of the design ({column!r}); answers are taken as drawn independently within each."
    ),
    "scale-unused": (
        "The {rows} answers run from {least:g} to {most:g} on the scale {low:g} to {high:g}: check that the question was "
        "asked on this scale (with_scale gives a metric another)."
    ),
    "suppressed": (
        "{groups} row(s) with fewer than {min_base} customers are hidden, and {complementary} more so that none can be had "
        "by subtraction; this protects one table, not several calls."
    ),
    "invalid-left-out": "{rows} answers outside the scale {low:g} to {high:g} were left out and counted as invalid.",
    "missing-at-random": "Missing answers ({rows} rows) are taken as missing at random within the groups shown.",
    "linearised": "The standard error is linearised (Taylor series) under the survey design, with t intervals.",
    "jackknife": "The standard error is that of the delete-one-cluster jackknife ({replicates} replicates).",
    "bootstrap": "The standard error comes from {replicates} bootstrap replicates (seed {seed}).",
    "replicate-weights": "The standard error comes from the {replicates} replicate weights of the design.",
    "calibrated": "Weights are calibrated to the margins of {columns}; the standard error uses the residuals from the margins.",
    "calibrated-replicates": "Weights are calibrated to the margins of {columns}; every replicate is raked anew.",
    "raked": "Weights are raked to the margins of {columns}; what the margins do not say about those who did not answer stays unknown.",
    "not-invited": (
        "{rows} rows without an invitation ({answered} of them with an answer) are no part of the response rate and are counted as missing."
    ),
    "rows-are-invitations": "Every row is taken as one invitation; {column!r} tells whether it was answered.",
    "finite-population": "The variance is reduced for the share of the population that was drawn ({column!r}).",
    "weights-are-sampling": "Weights are sampling weights, not frequencies.",
    "shared-respondents": "Some clusters (or customers) answered on both sides of a comparison; the standard error uses their covariance.",
    "part-of-whole": "The group is a part of what it is compared with; the standard error uses their covariance.",
    "adjusted-p-values": "p-values are adjusted for {comparisons} comparisons ({method}).",
    "mix-is-who-answered": "Without the customer base's shares, the mix part is a change in who answered, not in who the customers are.",
    "population-shares": "Segments are weighted with the customer base's shares, so there is no change in who answered.",
    "segments-appear": "Segments seen in only one period count as mix: {segments}.",
    "incomplete-period": "The last period ({period}) is not complete; no signal is taken from it.",
    "no-limits": (
        "No control limits are drawn for {lines} stretch(es) of a line: the longest has {periods} complete periods with answers, "
        "fewer than the {needed} of a baseline."
    ),
    "overlapping-windows": (
        "Windows of {window} overlap, so neighbouring values share answers; no limits, no signals and no tests are made."
    ),
    "mode-changed": "The survey mode changed ({modes}); the line breaks there.",
    "frozen-baseline": "Centre and limits are those of the first {periods} complete periods, frozen.",
    "laney": "Limits are widened by a factor of up to {sigma_z:.3g} for variation beyond sampling (Laney).",
    "null-times": "{rows} rows without a time in {column!r} belong to no period; none of their answers is used.",
    "alike-periods": (
        "All answers of {periods} period(s) fall alike; limits and tests use the standard error of the adjusted interval there."
    ),
    "shared-between-periods": (
        "Some clusters (or customers) of {column!r} have answers in several periods; limits, signals, trend test and change points "
        "take the periods as independent and leave out that covariance."
    ),
    "exchangeable": "Groups are taken as drawn from one Dirichlet distribution; each is drawn towards the common mean.",
    "homogeneous": "The groups differ no more than by chance; all are drawn close to the common mean.",
    "single-group": "Only one group has answers, so there is nothing to draw it towards; it is estimated by itself (Jeffreys prior).",
    "unidentified-spread": (
        "No group has more than one answer, so how much the groups differ cannot be estimated; every strength of drawing together "
        "is taken as possible."
    ),
    "effective-counts": (
        "Under the design, a group counts as its weighted shares times its effective size, which is taken as at most its answers."
    ),
    "trimmed": "{rows} weights were held at the bounds {low:g} to {high:g}.",
    "target-probability": "The probability of reaching the target assumes the Jeffreys prior.",
    "collected-rows": "{method} needs rows: {columns} were collected ({rows} rows).",
}
