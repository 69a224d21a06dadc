"""The English sentence of every assumption code."""

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
    # loyalty: histories, purchase models, lifetime value
    "at-limit": "The {model} fit stands at a limit of the model: {limit}.",
    "contract-heterogeneity": (
        "Every customer has a probability of leaving at each renewal that differs between customers (beta); cohorts are taken as alike."
    ),
    "earlier-customers": "{customers} customers whose first purchase lies before {since} were left out.",
    "expectation-interval": (
        "The interval is that of the expectation, from the uncertainty of the parameters; what one customer does varies much more."
    ),
    "first-purchase-apart": "The first purchase makes a customer and is no repeat purchase; purchases within {grain} are one.",
    "given-params": "The parameters were given, not estimated, so there is no standard error and no interval.",
    "infinite-mean": "The expected spend is infinite for {customers} customers: the fitted spends have no mean (px + q is at most 1).",
    "independent-fits": "The uncertainty of purchases and of spend is taken as independent.",
    "likelihood-of-times": "The log-likelihood is that of the times of purchases, so AIC compares models of the same history.",
    "likelihood-of-opportunities": (
        "The log-likelihood of bg/bb is that of purchases at opportunities; its AIC compares with no model of times."
    ),
    "look-alike-purchases": (
        "{rows} rows repeat the amount of another purchase of the same customer and {grain}; if rows were loaded twice, amounts are "
        "too high."
    ),
    "margin-constant": "Every purchase earns the same margin of {margin_rate:g} per unit of money spent.",
    "no-customer": "{rows} rows without a customer in {column!r} belong to nobody; they were left out.",
    "no-interval-asked": "No interval was asked for; level=0.95 gives one.",
    "purchase-model": (
        "Customers buy at random at rates that differ between them, and may leave unseen, as {model} says; rates do not change."
    ),
    "refunds-dropped": "{rows} rows with negative amounts were left out.",
    "refunds-netted": (
        "{rows} negative amounts were summed with the purchases of their customer; a day with refunds alone is no purchase."
    ),
    "regularity-chosen": "Times between purchases are Erlang-{k}, the most likely of k = 1 to {most}.",
    "spend-depends-on-frequency": (
        "Spend goes with frequency (correlation {correlation:.3f}, p {p_value:.2g}), which the Gamma-Gamma model rules out; values of "
        "heavy buyers are biased."
    ),
    "spend-independent": "Spend is taken as independent of frequency (correlation {correlation:.3f}, p {p_value:.2g}).",
    "unidentified": "The {model} fit is not identified: {why}.",
    "held-out": "Models were fitted to {split} and judged on the {length:g} {unit}s that follow, of customers seen until then.",
    # What customers do (loyalty).
    "anonymous-left-out": "{rows} rows without a customer were left out: nobody can be followed by them.",
    "cohorts-alike": "Customers of a cohort are taken as independent and alike; the cells of a row are the same customers.",
    "customers-alike": "Customers are taken as independent draws from customers like these; a few large ones decide the interval.",
    "cuts-given": "High means at least {attitude:g} in attitude and {behaviour:g} in behaviour; the shares depend on these cuts.",
    "earned-customers": "New customers count as word of mouth where {column!r} is one of: {earned}.",
    "earned-origins": "New customers count as earned where {column!r} of their first day is one of: {earned}.",
    "equal-rows": "{rows} rows repeat another one (customer, time, amount); without a transaction_id they count as purchases of their own.",
    "last-period-incomplete": "The last period ({period}) is not covered completely; its counts will still grow.",
    "later-left-out": "{rows} rows after {until} were left out.",
    "not-followed-yet": "{customers} customers whose {days} days after the first purchase are not over are left out (missing).",
    "pairs-left-out": "{rows} rows without a customer or a brand were left out.",
    "refunds-left-out": "{rows} rows with a negative amount are refunds and count as no purchase.",
    "spans-differ": "The spans differ in length ({before} and {after} days), so the rates are no like-for-like growth.",
    "timeless-left-out": "{rows} rows without a time were left out.",
    "wallet-limits": "A customer's own row has no interval: it is what they spent and said; the intervals are those of the brands.",
    "wallets-left-out": "{customers} customers with a missing value were left out as a whole: the rest would look larger than it is.",
    # csi: index, gaps, Kano, penalties
    "equivalence-margin": "Penalty and reward count as alike where they differ by less than {margin:.4g} in the outcome's units.",
    "items-answered": "{rows} respondents answered some items only; theirs is the mean of the items they answered.",
    "kano-questionable": "{answers} answers are questionable (they contradict themselves); they count in no coefficient.",
    "observed-bounds": "No scale was declared; the bounds are those of the answers observed, {low:g} to {high:g}.",
    "one-sided-groups": "{groups} group(s) that only one side has were left out, since nothing stands against them.",
    "paired-differences": "Gaps are perceived less expected of the same respondents; intervals use the pairing.",
    "pairs-missing": (
        "{pairs} pairs lack an answer on one side or both and are missing for that item alone, taken as missing at random."
    ),
    "rows-complete": "{used} of {rows} rows are complete; the others were left out and are taken as missing at random.",
    "top-after-the-fact": (
        "The top two categories were chosen for being the top, so their p-value is too small; read the bootstrap probability of being top."
    ),
    "two-populations": "{provider} answers of the provider and {customers} of customers; the two samples are taken as independent.",
    # drivers and path models
    "association-not-effect": "Parts of R² are associations; what a change of an item would bring about they do not say.",
    "bootstrap-percentile": "Limits are percentiles of {replicates} resamples of the respondents or clusters (seed {seed}).",
    "calibration-fixed": "Weights calibrated to the margins of {columns} are held fixed in the resamples, so intervals are rather wide.",
    "collinear-drivers": (
        "Items overlap: the variance inflation reaches {vif:.1f} ({item!r}), so how their common part is divided is fragile."
    ),
    "complete-rows": "{rows} of {total} rows ({share:.1%}) answer all {columns} columns; the others are left out, as missing at random.",
    "correlation-given": "A correlation matrix was given, so the number of respondents, the probe and intervals are not known.",
    "declared-bounds": "The index uses the declared bounds of the scale and weights in the items' own units.",
    "improper-resamples": "{improper} resamples were improper and {stuck} did not converge; they are left out of the limits.",
    "improper-solution": (
        "The solution is improper (a reliability, loading or R² beyond its bounds): the model does not suit these items."
    ),
    "negative-weights": "{items} weigh negatively, so that an index can leave 0 to 100; perhaps they were asked the other way round.",
    "no-resamples": "No intervals are shown, as no resamples were asked for: bootstrap=1000 makes them.",
    "relative-cuts": "Lines at the {rule} of the items always leave something to fix first, however well all items do.",
    "sampled-orders": "With {items} items the LMG is the mean over 2000 random orders and their reverses (seed {seed}).",
    "singular-resamples": "{replicates} resamples had constant or perfectly collinear items and are left out of the limits.",
}
