"""Scores: R's `NPS` and `survey`, statsmodels, hand counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pandas as pd
from api_data import apiclus1, apistrat
from det60 import det60
from validation.reference import Reference, shared_data

import cemkit as cem
from cemkit import Design, Scale, nps
from cemkit.scales import NPS_SCALE
from cemkit.scores import ScoreMetric

ROCKS = "R NPS 2.0: nps_test_(c({}, {}, {}), test='{}')"
THEIR_NAMES = {"wald": "wald", "adjusted-wald": "adjust", "score": "iterative"}
BISECTION = "the peer's limits come from a search that stops at about 1e-7"
NET = [
    ((54, 108, 162), "wald", 33.33333333, 4.140866625, 25.21738388, 41.44928278),
    ((54, 108, 162), "adjusted-wald", 33.33333333, 4.140866625, 24.94525141, 41.10979446),
    ((54, 108, 162), "score", 33.33333333, 4.140866625, 24.95402262, 41.16111596),
    ((75, 675, 250), "wald", 17.5, 1.715735994, 14.13721922, 20.86278075),
    ((75, 675, 250), "adjusted-wald", 17.5, 1.715735994, 14.08588306, 20.80943100),
    ((75, 675, 250), "score", 17.5, 1.715735994, 14.13984761, 20.87811440),
    ((2, 11, 18), "wald", 51.61290323, 11.05371215, 29.94802551, 73.27778094),
    ((2, 11, 18), "adjusted-wald", 51.61290323, 11.05371215, 25.51233412, 68.60531294),
    ((2, 11, 18), "score", 51.61290323, 11.05371215, 26.09191110, 69.91589954),
    ((0, 20, 0), "adjusted-wald", 0.0, 0.0, -10.43676451, 10.43676451),
    ((0, 20, 0), "score", 0.0, 0.0, -16.11252017, 16.11251235),
]


def from_counts(counts: tuple[int, int, int], method: str, column: str) -> float:
    return float(getattr(nps.from_counts(counts, method=method), column))


def net_scores() -> list[Reference]:
    return [
        Reference(
            f"nps.from_counts, {method}",
            f"{counts[0]}, {counts[1]}, {counts[2]} detractors, passives, promoters: {column}",
            ROCKS.format(*counts, THEIR_NAMES[method]),
            value,
            partial(from_counts, counts, method, column),
            tolerance=2e-6 if method == "score" else 1e-8,
            note=BISECTION if method == "score" and column in {"low", "high"} else "",
        )
        for counts, method, *values in NET
        for column, value in zip(("estimate", "std_error", "low", "high"), values, strict=True)
    ]


# ---- designs on the sixty answers of `tests/det60.py` --------------------------------------------------------------
FULL = Design(weights="w", strata="st", cluster="cl")
CLUSTERED = "svydesign(~cl, weights=~w, strata=~st)"
SURVEY = "R survey 4.1-1: "
DESIGNS = [
    ("no design", Design(), "svymean(~v, svydesign(~1))", -21.666666666667, 12.141274485793),
    ("weights", Design(weights="w"), "svymean(~v, svydesign(~1, weights=~w))", -20.0, 13.235801474711),
    (
        "weights, strata",
        Design(weights="w", strata="st"),
        "svydesign(~1, weights=~w, strata=~st)",
        -20,
        13.293042572824,
    ),
    ("weights, clusters", Design(weights="w", cluster="cl"), "svydesign(~cl, weights=~w)", -20, 10.885631341221),
    ("weights, strata, clusters", FULL, CLUSTERED, -20, 11.028851053285),
    (
        "weights, strata, clusters, population",
        Design(weights="w", strata="st", cluster="cl", population="N"),
        "svydesign(~cl, weights=~w, strata=~st, fpc=~N)",
        -20,
        6.7151437479443,
    ),
    (
        "jackknife",
        Design(weights="w", strata="st", cluster="cl", variance="jackknife"),
        f"as.svrepdesign({CLUSTERED}, type='JKn', mse=TRUE)",
        -20,
        11.039062265763,
    ),
    (
        "jackknife with population",
        Design(weights="w", strata="st", cluster="cl", population="N", variance="jackknife"),
        "as.svrepdesign(svydesign(~cl, weights=~w, strata=~st, fpc=~N), type='JKn', mse=TRUE)",
        -20,
        6.7223681058728,
    ),
    (
        "replicate weights",
        Design(weights="w", replicates=("r1", "r2", "r3", "r4")),
        "svrepdesign(weights=~w, repweights=d[, c('r1','r2','r3','r4')], type='other', scale=1/4, mse=TRUE)",
        -20,
        2.7967277012091,
    ),
]


@cache
def sixty(design: Design, by: str | None = None) -> pd.DataFrame:
    return nps.score(det60(), design=design, by=by).to_frame()


def cell(table: Callable[[], pd.DataFrame], column: str, row: int = 0) -> float:
    return float(table()[column].iloc[row])


def designs() -> list[Reference]:
    found = [
        Reference(
            "nps.score(design=)",
            f"det60, {name}: {column}",
            SURVEY + call,
            value,
            partial(cell, partial(sixty, design), column),
        )
        for name, design, call, *values in DESIGNS
        for column, value in zip(("estimate", "std_error"), values, strict=True)
    ]
    limits = {"low": -44.57381152, "high": 4.573811525}
    found += [
        Reference("nps.score(design=)", f"det60, strata and clusters: {column}", f"{SURVEY}confint(svymean(~v, {CLUSTERED}), df=10)",
                  value, partial(cell, partial(sixty, FULL), column))
        for column, value in limits.items()
    ]  # fmt: skip
    found.append(
        Reference(
            "nps.score(design=)",
            "det60, weights: n_eff",
            f"{SURVEY}60 / deff(svymean(~v, ..., deff='replace'))",
            50.30959752322,
            partial(cell, partial(sixty, Design(weights="w")), "n_eff"),
        )
    )
    groups = [(2, 25.044076345515), (-30, 24.657980452584), (-32, 23.583424687691)]
    found += [
        Reference(
            "nps.score(by=, design=)",
            f"det60, g = {row}: {column}",
            f"{SURVEY}svyby(~v, ~g, {CLUSTERED}, svymean)",
            value,
            partial(cell, partial(sixty, FULL, "g"), column, row),
        )
        for row, values in enumerate(groups)
        for column, value in zip(("estimate", "std_error"), values, strict=True)
    ]
    return found


@cache
def compared() -> Any:
    return nps.compare(det60(), over="g", design=FULL)


@cache
def promoters() -> pd.DataFrame:
    metric = ScoreMetric("promoters", NPS_SCALE, "top", unit="share", question="nps")
    return metric.score(det60(), design=FULL).to_frame()


@cache
def mean_score() -> pd.DataFrame:
    return ScoreMetric("mean", Scale(0, 10), "mean", unit="scale").score(det60(), design=FULL).to_frame()


API = ScoreMetric("api00", Scale(200, 1000, step=None), "mean", unit="scale")


@cache
def stratified() -> pd.DataFrame:
    return API.score(
        apistrat(), score="api00", design=Design(weights="pw", strata="stype", population="fpc")
    ).to_frame()


@cache
def clustered(variance: str = "linearised") -> pd.DataFrame:
    design = Design(weights="pw", cluster="dnum", population="fpc")
    if variance == "jackknife":
        design = Design(weights="pw", cluster="dnum", variance="jackknife")
    return API.score(apiclus1(), score="api00", design=design).to_frame()


def omnibus(column: str) -> float:
    return float(compared().omnibus[column].iloc[0])


def comparisons() -> list[Reference]:
    contrast = f"{SURVEY}svycontrast(svyby(~v, ~g, {CLUSTERED}, svymean), c(-1, 1, 0))"
    wald = f"{SURVEY}regTermTest(svyglm(v ~ factor(g), {CLUSTERED}), ~factor(g))"
    return [
        Reference("nps.compare(design=)", "det60, g 1 less g 0: difference", contrast, -32.0,
                  lambda: cell(compared().to_frame, "difference")),
        Reference("nps.compare(design=)", "det60, g 1 less g 0: std_error", contrast, 34.183355013808,
                  lambda: cell(compared().to_frame, "std_error")),
        Reference("nps.compare(design=)", "det60, omnibus F(2, 8)", wald, 0.53905891590349, partial(omnibus, "statistic")),
        Reference("nps.compare(design=)", "det60, omnibus p_value", wald, 0.60308244384767, partial(omnibus, "p_value")),
        *(
            Reference("ScoreMetric('top').score(design=)", f"det60, promoters: {column}",
                      f"{SURVEY}svyciprop(~I(score >= 9), {CLUSTERED}, method='logit', df=10)", value,
                      partial(cell, promoters, column))
            for column, value in (("estimate", 0.35333333333337), ("std_error", 0.043118029227279),
                                  ("low", 0.26407596641638), ("high", 0.45414222288948))
        ),
        *(
            Reference("ScoreMetric('mean').score(design=)", f"det60: {column}", f"{SURVEY}svymean(~score, {CLUSTERED})",
                      value, partial(cell, mean_score, column))
            for column, value in (("estimate", 6.46), ("std_error", 0.36024589133288))
        ),
        *(
            Reference("ScoreMetric('mean').score(design=)", f"apistrat: {column}",
                      f"{SURVEY}svymean(~api00, svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc))", value,
                      partial(cell, stratified, column))
            for column, value in (("estimate", 662.28736315932), ("std_error", 9.4089408027846))
        ),
        *(
            Reference("ScoreMetric('mean').score(design=)", f"apiclus1: {column}",
                      f"{SURVEY}svymean(~api00, svydesign(id=~dnum, weights=~pw, fpc=~fpc))", value,
                      partial(cell, clustered, column))
            for column, value in (("estimate", 644.1693989071), ("std_error", 23.542240693781))
        ),
        Reference("ScoreMetric('mean').score(design=)", "apiclus1, jackknife: std_error",
                  f"{SURVEY}as.svrepdesign(svydesign(id=~dnum, weights=~pw), type='JK1', mse=TRUE)", 26.599713722099,
                  lambda: cell(partial(clustered, "jackknife"), "std_error")),
    ]  # fmt: skip


# ---- raking ---------------------------------------------------------------------------------------------------------
@cache
def raked(margins: str) -> Any:
    g = {0: 0.2, 1: 0.3, 2: 0.5}
    targets: dict[str, Any] = {"g": g} if margins == "g" else {"st": {"A": 0.5, "B": 0.5}, "g": g}
    return cem.rake(det60(), targets, weights="w", tolerance=1e-13)


@cache
def raked_score(margins: str) -> pd.DataFrame:
    found = raked(margins)
    return nps.score(found.frame, design=found.design).to_frame()


def raking() -> list[Reference]:
    post = f"{SURVEY}svymean(~v, postStratify(svydesign(~1, weights=~w), ~g, ...))"
    rake = f"{SURVEY}calibrate(svydesign(~1, weights=~w), ~st+g, ..., calfun='raking', epsilon=1e-13)"
    return [
        Reference("rake and nps.score", "det60 to g 20/30/50: estimate", post, -24.6,
                  lambda: cell(partial(raked_score, "g"), "estimate")),
        Reference("rake and nps.score", "det60 to g 20/30/50: std_error", post, 13.8452170043775,
                  lambda: cell(partial(raked_score, "g"), "std_error")),
        Reference("rake and nps.score", "det60 to st 50/50, g 20/30/50: estimate", rake, -24.684684091143,
                  lambda: cell(partial(raked_score, "st, g"), "estimate")),
        Reference("rake and nps.score", "det60 to st 50/50, g 20/30/50: std_error", rake, 13.6263436598047,
                  lambda: cell(partial(raked_score, "st, g"), "std_error"),
                  note="R's rake() prints another standard error, from residuals on unweighted means"),
    ]  # fmt: skip


# ---- shares, plans, a real survey -----------------------------------------------------------------------------------
@cache
def satisfied(method: str) -> pd.DataFrame:
    return cem.csat.score(pd.DataFrame({"score": [5] * 40 + [4] * 42 + [1] * 18}), method=method).to_frame()


@cache
def airport(weights: str | None) -> pd.DataFrame:
    frame = pd.read_csv(shared_data() / "sfo_2017" / "sfo_2017.csv", low_memory=False).rename(columns=str.strip)
    metric = nps.with_scale(Scale(0, 10, bands=dict(NPS_SCALE.bands or {}), missing_codes=(11,)))
    return metric.score(frame, score="NETPRO", design=Design(weights=weights)).to_frame()


def others() -> list[Reference]:
    limits = {"wilson": (73.3326, 88.2998), "beta": (73.0523, 88.9689), "jeffreys": (73.6163, 88.5633)}
    return [
        *(
            Reference(f"csat.score, {method}", f"82 of 100: {column}",
                      f"statsmodels 0.14: proportion_confint(82, 100, method='{method}')", value,
                      partial(cell, partial(satisfied, method), column), tolerance=1e-6, note="printed with six digits")
            for method, pair in limits.items()
            for column, value in zip(("low", "high"), pair, strict=True)
        ),
        Reference("csat.sample_size", "half a width of 5 at one half", "textbook: 1.96² / 4 / .05², rounded up", 385,
                  lambda: cem.csat.sample_size(half_width=5)),
        Reference("nps.sample_size", "half a width of 5 at 20/30/50", "hand: (.7 - .09) 3.841459 10⁴/25 - 3, rounded up", 935,
                  lambda: nps.sample_size(half_width=5, shares=(0.2, 0.3, 0.5))),
        Reference("nps.sample_size", "difference of 10, power .8, per group", "hand: 2 .61 10⁴ 7.848879/10², rounded up", 958,
                  lambda: nps.sample_size(difference=10, shares=(0.2, 0.3, 0.5))),
        Reference("nps.score", "SFO 2017, unweighted", "counted in the file: 100 (1436 - 342)/2746", 100 * (1436 - 342) / 2746,
                  lambda: cell(partial(airport, None), "estimate")),
        Reference("nps.score(design=)", "SFO 2017, weighted", "Σ w v/Σ w over the raw file", 40.398,
                  lambda: cell(partial(airport, "WEIGHT"), "estimate"), tolerance=2e-5, note="given with three decimals"),
    ]  # fmt: skip


# ---- changes over time, response, means -----------------------------------------------------------------------------
def answers(wave: Any, counts: tuple[int, int, int], segment: str = "all") -> pd.DataFrame:
    """Return detractors, passives and promoters of one wave."""
    score = [3] * counts[0] + [7] * counts[1] + [10] * counts[2]
    return pd.DataFrame({"score": score, "wave": wave, "seg": segment, "answered_at": pd.Timestamp(wave)})


@cache
def decomposed() -> Any:
    waves = {"2025-01-01": {"a": (10, 20, 20), "b": (10, 10, 30)}, "2025-02-01": {"a": (5, 5, 15), "b": (15, 15, 45)}}
    parts = [answers(wave, counts, segment) for wave, table in waves.items() for segment, counts in table.items()]
    return nps.decompose(pd.concat(parts), over="wave", by="seg")


@cache
def controlled() -> pd.DataFrame:
    months = pd.date_range("2023-01-01", periods=20, freq="ME")
    parts = [answers(month, (20, 30, 50) if i % 2 == 0 else (30, 30, 40)) for i, month in enumerate(months)]
    return nps.trend(pd.concat(parts)).to_frame()


@cache
def responded() -> pd.DataFrame:
    day = pd.Timestamp("2026-03-01")
    columns = {"customer_id": range(100), "answered_at": [day] * 82 + [pd.NaT] * 18, "invited_at": day}
    return cem.response_rate(pd.DataFrame(columns)).to_frame()


@cache
def effort() -> pd.DataFrame:
    return cem.ces.score(pd.DataFrame({"score": [3, 4, 4, 4, 5]})).to_frame()


def changes() -> list[Reference]:
    # net p - d, variance (p + d - (p - d)²)/n: 30 with .61, 10 with .69
    centre = (30 / 0.61 + 10 / 0.69) / (1 / 0.61 + 1 / 0.69)
    sigma = ((30 - centre) / 61**0.5 + (centre - 10) / 69**0.5) / 1.128
    reach = 2.776445105197793 * 0.1**0.5
    return [
        Reference("nps.decompose", "segment a from 20 to 40: rate", "hand: (.5 + .25)/2 · 20", 7.5,
                  lambda: cell(decomposed().to_frame, "rate")),
        Reference("nps.decompose", "segment a from half to a quarter: mix", "hand: ((20 + 40)/2 - (30 + 40)/2)(.25 - .5)", 1.25,
                  lambda: cell(decomposed().to_frame, "mix")),
        Reference("nps.decompose", "the whole change: std_error", "hand: 100 √(.61/100 + .64/100)", 100 * 0.0125**0.5,
                  lambda: float(decomposed().total["std_error"].iloc[0])),
        Reference("nps.trend", "20 months of 30 and 10 by turns: centre", "hand: mean weighted with 1/.61 and 1/.69", centre,
                  lambda: cell(controlled, "centre")),
        Reference("nps.trend", "the same: control_high of the first", "hand: centre + 3 σ √.61 · 10, σ = moving range of z/1.128",
                  centre + 3 * sigma * 61**0.5, lambda: cell(controlled, "control_high")),
        Reference("response_rate", "82 of 100: low", "statsmodels 0.14: proportion_confint(82, 100, method='wilson')", 0.733326,
                  lambda: cell(responded, "low"), tolerance=1e-6, note="printed with six digits"),
        Reference("ces.score", "3, 4, 4, 4, 5: low", "hand: 4 - t(4) √(.5/5)", 4 - reach, lambda: cell(effort, "low")),
        Reference("ces.score", "3, 4, 4, 4, 5: high", "hand: 4 + t(4) √(.5/5)", 4 + reach, lambda: cell(effort, "high")),
    ]  # fmt: skip


REFERENCES = [*net_scores(), *designs(), *comparisons(), *raking(), *others(), *changes()]
