"""The English sentences of assumptions: loyalty."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
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
}
