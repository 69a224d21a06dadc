"""Loyalty: the papers of Fader, Hardie and others on CDNOW, Keiningham's wallet, hand arithmetic."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from cdnow import cdnow_folder, cdnow_log
from scipy.special import gammaln, hyp2f1, hyperu
from validation.reference import Reference

from cemkit import loyalty
from cemkit.statistics.histories import histories
from cemkit.statistics.purchasing import purchase_model
from cemkit.statistics.retention import discounted_lifetime

PAPER = "Fader, Hardie and Lee (2005)"
PARETO = (0.5534, 10.5802, 0.6061, 11.6562)
AGREES = "PyPI lifetimes 0.11.3 agrees to its tolerance"
SIX = "given with six digits"


@cache
def history() -> loyalty.PurchaseHistory:
    return loyalty.history(cdnow_log(), until="1997-09-30")


@cache
def fitted(model: str) -> loyalty.PurchaseFit:
    return loyalty.fit(history(), model)


@cache
def rounded() -> loyalty.PurchaseFit:
    frame = pd.read_csv(cdnow_folder() / "cdnow_customers_summary.csv").rename(columns={"T": "age"})
    return loyalty.fit(loyalty.PurchaseHistory.from_summary(frame[["frequency", "recency", "age"]]), "bg/nbd")


@cache
def donors() -> loyalty.PurchaseFit:
    frame = pd.read_csv(cdnow_folder() / "donations.csv").rename(columns={"periods": "age"})
    columns = ["frequency", "recency", "age", "weights"]
    return loyalty.fit(loyalty.PurchaseHistory.from_summary(frame[columns], count="weights"), "bg/bb")


def one(frequency: float, recency: float, age: float) -> loyalty.PurchaseHistory:
    frame = pd.DataFrame({"frequency": [frequency], "recency": [recency], "age": [age]})
    return loyalty.PurchaseHistory.from_summary(frame, unit="week")


def item(result: Any) -> float:
    return float(result.to_frame()["estimate"].item())


def param(model: str, name: str) -> float:
    return fitted(model).params[name]


MODELS = [
    ("bg/nbd", f"{PAPER}, on exact weeks; {AGREES}", {"r": 0.2425945, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}, -9582.4292),
    ("mbg/nbd", f"R BTYDplus; {AGREES}", {"r": 0.524844, "alpha": 6.18309, "a": 0.89136, "b": 1.614}, -9582.1357),
    ("pareto/nbd", f"R BTYD; {AGREES}", {"r": 0.55328, "alpha": 10.5777, "s": 0.60624, "beta": 11.6687}, -9594.9762),
]  # fmt: skip


def models() -> list[Reference]:
    found = []
    for model, source, params, height in MODELS:
        found += [
            Reference(f"loyalty.fit, {model}", f"CDNOW: {name}", source, value, partial(param, model, name), 1e-5, SIX)
            for name, value in params.items()
        ]
        found.append(
            Reference(f"loyalty.fit, {model}", "CDNOW: log likelihood", source, height,
                      partial(lambda m: fitted(m).log_likelihood, model))
        )  # fmt: skip
    errors = {"r": 0.012557, "alpha": 0.378224, "a": 0.185734, "b": 0.705414}
    found += [
        Reference("loyalty.fit, bg/nbd", f"CDNOW: std_error of {name}", "PyPI lifetimes 0.11.3: its Hessian at the optimum", value,
                  partial(lambda n: fitted("bg/nbd").std_errors[n], name), 1e-4, "given with five or six digits")
        for name, value in errors.items()
    ]  # fmt: skip
    rough = {"r": 0.2425929, "alpha": 4.4135323, "a": 0.7928860, "b": 2.4257524}
    found += [
        Reference("loyalty.fit, bg/nbd", f"CDNOW, weeks rounded to two decimals: {name}", f"{PAPER}, the published file",
                  value, partial(lambda n: rounded().params[n], name), 2e-6, "given with seven digits")
        for name, value in rough.items()
    ]  # fmt: skip
    donated = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    found += [
        Reference("loyalty.fit, bg/bb", f"donations: {name}", "Fader, Hardie and Shang (2010), table 4", value,
                  partial(lambda i: list(donors().params.values())[i], i), 8e-4, "printed with three decimals")
        for i, (name, value) in enumerate(donated.items())
    ]  # fmt: skip
    return found


@cache
def held_out() -> pd.DataFrame:
    return loyalty.compare_models(cdnow_log(), split="1997-09-30").to_frame().set_index("model")


@cache
def spend() -> loyalty.SpendFit:
    return loyalty.fit_spend(history())


def predictions() -> list[Reference]:
    pareto = partial(loyalty.PurchaseFit.from_params, "pareto/nbd", PARETO)
    paper = partial(loyalty.PurchaseFit.from_params, "bg/nbd", (0.243, 4.414, 0.793, 2.426))
    gamma = "Fader and Hardie (2013), 946 repeat buyers"
    errors = {"nbd": 1.0410, "bg/nbd": 0.7855, "mbg/nbd": 0.7648, "pareto/nbd": 0.7545}
    return [
        Reference("expected_purchases, bg/nbd", "39 weeks after x = 2, tx = 30.43, T = 38.86", f"{PAPER}, spreadsheet", 1.2259,
                  lambda: item(fitted("bg/nbd").expected_purchases(39, history=one(2, 30.43, 38.86))), 2e-4, "printed with four decimals"),
        Reference("expected_new, bg/nbd", "a new customer, 78 weeks", f"{PAPER}, spreadsheet", 1.8580,
                  lambda: item(fitted("bg/nbd").expected_new(78)), 3e-5, "printed with four decimals"),
        Reference("probability_inactive_for, bg/nbd", "a new customer, 39 weeks", "hand: (4.414/(4.414 + 39))^.243",
                  (4.414 / 43.414) ** 0.243, lambda: item(paper().probability_inactive_for(39, history=one(0, 0, 0)))),
        Reference("probability_alive, pareto/nbd", "CDNOW's customer 1516, x = 26",
                  "published, at r .5534, alpha 10.5802, s .6061, beta 11.6562", 0.9978733,
                  lambda: item(pareto().probability_alive(history=one(26, 216 / 7, 31))), 1e-7, "printed with seven decimals"),
        *(
            Reference("loyalty.compare_models", f"CDNOW, 39 held-out weeks, mean absolute error of {model}",
                      "computed with the peers' parameters", value,
                      partial(lambda m: float(held_out().loc[m, "mean_absolute_error"]), model), 2e-4, "given with four decimals")
            for model, value in errors.items()
        ),
        *(
            Reference("loyalty.fit_spend", f"CDNOW: {name}", gamma, value, partial(lambda n: spend().params[n], name), 2e-4,
                      "given with five digits")
            for name, value in {"p": 6.2496, "q": 3.7442, "v": 15.4435}.items()
        ),
        Reference("loyalty.fit_spend", "CDNOW: log likelihood", gamma, -4055.9177, lambda: spend().log_likelihood, 1e-6),
    ]  # fmt: skip


# ---- contracts, cohorts, retention of revenue, wallets --------------------------------------------------------------
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


@cache
def renewals(name: str) -> loyalty.ContractFit:
    customers = {"high end": HIGH_END, "regular": REGULAR}[name]
    return loyalty.fit_contract(pd.DataFrame({"cohort": "A", "period": range(8), "customers": customers}))


@cache
def months() -> pd.DataFrame:
    return loyalty.cohorts(cdnow_log()).triangle("customers")


@cache
def revenue() -> pd.Series:
    rows = [
        ("a", "2023-02-01", 100.0, "campaign"),
        ("b", "2023-03-01", 60.0, "campaign"),
        ("c", "2023-12-31", 40.0, "referral"),
        ("a", "2024-02-01", 130.0, "referral"),
        ("b", "2024-02-01", 50.0, "own return"),
        ("d", "2024-02-01", 30.0, "referral"),
        ("e", "2024-12-31", 10.0, "campaign"),
    ]
    log = pd.DataFrame(rows, columns=["customer_id", "occurred_at", "amount", "origin"])
    log["occurred_at"] = pd.to_datetime(log["occurred_at"])
    found = loyalty.revenue_retention(log, before="2023", after="2024", origin="origin")
    return found.rates.set_index("metric")["estimate"]


@cache
def wallets() -> np.ndarray:
    data = pd.DataFrame({"who": list("aabbb"), "shop": list("xyxyz"), "place": [1, 2, 1, 1, 3]})
    return loyalty.wallet(data, customer="who", brand="shop", rank="place").table["wallet_allocation"].to_numpy()


def others() -> list[Reference]:
    sbg = "Fader and Hardie (2007)"
    three = "printed with three decimals"
    contracts = {"high end": (0.668, 3.806, -1611.2), "regular": (0.704, 1.182, -1680.3)}
    counts = [(0, period, n) for period, n in enumerate((781, 124, 95, 70))]
    counts += [(1, period, n) for period, n in enumerate((857, 134, 110, 75))]
    names = ("January 1997", "February 1997")
    rates = {
        "gross_retention": (0.75, "(100 + 50 + 0)/200"),
        "net_retention": (0.9, "(130 + 50)/200"),
        "earned_new": (0.15, "30/200, those referred"),
        "earned_growth": (0.05, "90 % + 15 % - 100 %"),
    }
    rule = "Keiningham et al. (2011): (1 - rank/(n + 1)) 2/n"
    return [
        *(
            Reference("loyalty.fit_contract, sbg", f"{name}: {column}", sbg, value,
                      partial(lambda n, i: list(renewals(n).params.values())[i], name, i), 8e-4, three)
            for name, (*params, _) in contracts.items()
            for i, (column, value) in enumerate(zip(("alpha", "beta"), params, strict=True))
        ),
        *(
            Reference("loyalty.fit_contract, sbg", f"{name}: log likelihood", sbg, height,
                      partial(lambda n: renewals(n).log_likelihood, name), 4e-5, "printed with one decimal")
            for name, (*_, height) in contracts.items()
        ),
        *(
            Reference("loyalty.cohorts", f"CDNOW, {names[row]}: customers in month {period}", "counted in the raw log", n,
                      partial(lambda r, p: float(months().iloc[r, p]), row, period))
            for row, period, n in counts
        ),
        *(
            Reference("loyalty.revenue_retention", f"seven purchases of two years: {name}", f"hand: {how}", value,
                      partial(lambda n: float(revenue()[n]), name))
            for name, (value, how) in rates.items()
        ),
        Reference("loyalty.wallet", "first of two brands", rule, 2 / 3, lambda: float(wallets()[0])),
        Reference("loyalty.wallet", "second of two brands", rule, 1 / 3, lambda: float(wallets()[1])),
        Reference("loyalty.wallet", "first of three, tied with another: rank 1.5", rule, 5 / 12, lambda: float(wallets()[2])),
        Reference("loyalty.wallet", "last of three", rule, 1 / 6, lambda: float(wallets()[4])),
    ]  # fmt: skip


# ---- lifetimes: closed forms ----------------------------------------------------------------------------------------
def tricomi(x: float, tx: float, age: float) -> float:
    """Return the discounted expected purchases by Fader, Hardie and Lee's formula with Tricomi's function."""
    r, alpha, s, beta = PARETO
    rate = np.log(1.15) * 7 / 365.25
    data = histories(x, tx, age)
    log_l = purchase_model("pareto/nbd").log_likelihood(data, np.array(PARETO))[0][0]
    gammas = gammaln(r + x + 1) - gammaln(r) - (r + x + 1) * np.log(alpha + age)
    prior = r * np.log(alpha) + s * np.log(beta) + (s - 1) * np.log(rate)
    return float(np.exp(prior + gammas + np.log(hyperu(s, s, rate * (beta + age))) - log_l))


def discounted(x: float, tx: float, age: float) -> float:
    fit = loyalty.PurchaseFit.from_params("pareto/nbd", PARETO)
    return item(fit.discounted_purchases(0.15, history=one(x, tx, age)))


@cache
def again() -> float:
    start = pd.Timestamp("2024-01-01")
    rows = [("a", 0), ("a", 20), ("b", 0), ("b", 40), ("c", 5), ("d", 90), ("d", 95)]
    log = pd.DataFrame(rows, columns=["customer_id", "day"])
    log["occurred_at"] = start + pd.to_timedelta(log.pop("day"), unit="D")
    return loyalty.repurchase_rate(log.assign(amount=1.0), within="30d").only.estimate


def lifetimes() -> list[Reference]:
    sbg = (0.668, 3.806)
    return [
        *(
            Reference("discounted_purchases, pareto/nbd", f"x = {x}, tx = {tx}, T = {age}, 15 % a year",
                      "Fader, Hardie and Lee (2005), RFM and CLV, eq. 2, by scipy.special.hyperu", tricomi(x, tx, age),
                      partial(discounted, x, tx, age), 1e-7, "ours is a quadrature, for all models alike")
            for x, tx, age in ((0, 0.0, 39.0), (2, 30.43, 38.86), (26, 30.857, 31.0))
        ),
        Reference("discounted_lifetime, sbg", "α .668, β 3.806, 10 % a year", "Fader and Hardie (2010), eq. 3: 2F1(1, β, α + β, 1/1.1)",
                  float(hyp2f1(1, sbg[1], sum(sbg), 1 / 1.1)), lambda: float(discounted_lifetime(sbg, discount=0.1, unit="year"))),
        Reference("loyalty.repurchase_rate", "of a, b and c, followed for 30 days, a came back", "hand: 1/3", 1 / 3, again),
    ]  # fmt: skip


REFERENCES = [*models(), *predictions(), *lifetimes(), *others()]
