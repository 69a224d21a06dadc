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
    "scores-compare": "Scores rank the customers of this history against each other; they are no estimate and have no interval.",
    "rfm-without-money": (
        "The history has no amounts, so that there is no monetary score and segments rest on recency and frequency."
    ),
    "fewer-bins": (
        "There are fewer different values of {dimension} than {bins} bins; the scores that exist lie evenly between "
        "1 and {bins}."
    ),
    "customers-clustered": "Steps of one customer resemble each other: standard errors are those over {customers} customers.",
    "seen-once": "{customers} customers who were seen only once make no step and are left out.",
    "null-left-out": "{rows} rows without a value of {column!r} were left out.",
    "repeated-rows-once": "{rows} rows repeat a customer, a time and a rung; each counts once.",
    "too-many-times": "There are more than {most} different times, so that movement over time needs every=, such as '1mo'.",
    "ladder-of-stayers": "Customers who left make no step: the shares are those of customers who were seen again.",
    "association-only": (
        "All of this is association: customers who are more satisfied differ in other ways too, so a point gained "
        "need not bring what a point goes with."
    ),
    "incomplete-left-out": "{rows} rows without satisfaction, {outcome!r} or a positive weight were left out.",
    "points-joined": (
        "{points} points of satisfaction were taken together with their neighbours for {outcome!r}, because few "
        "answers stand behind them."
    ),
    "prediction-interval": (
        "prediction_low and prediction_high hold one customer's own value with probability {level:.0%}; low and "
        "high are the interval of the expectation."
    ),
    "value-if-active": (
        "The residual value is that of a customer who is active again; uplift is by how much a contact raises the "
        "probability of that."
    ),
    "uplift-unknown": "The uplift of {customers} customers is not known; their gain is only bounded.",
    "uplift-without-error": (
        "Uplift was given without a standard error (uplift_std_error=), so that the intervals do not hold its "
        "uncertainty."
    ),
    "response-is-not-uplift": (
        "Response is not uplift: some customers who answer would have come back anyway; it only bounds what a "
        "contact can bring, so nobody is woken on it."
    ),
    "no-uplift": (
        "Nothing is known of the effect of a contact: without uplift from a randomised test nobody is woken; "
        "response would not be uplift either."
    ),
    "consent-not-given": "No consent was given to look at (consent=): contact only those who agreed to it.",
    "do-not-write": (
        "For {customers} customers the choice is not to write at all: a message without an offer, such as 'you have "
        "0 points', is a contact with its cost and its harm."
    ),
    "one-time-buyers-alive": (
        "Under {model} the {customers} customers with one purchase cannot have left, so that they are never "
        "dormant; mbg/nbd has no such rule."
    ),
}
