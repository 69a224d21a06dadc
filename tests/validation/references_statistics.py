"""Pure functions that the modules stand on: R's `NPS`, `survey` and `metafor`, textbooks, other packages."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from peer_data import ECSI_ARROWS, ECSI_PATHS, ecsi_block, mobi
from validation.reference import Reference

from cemkit.statistics.differences import net_difference, welch_anova
from cemkit.statistics.latent_class import LatentClasses, latent_classes
from cemkit.statistics.moments import weighted_moments
from cemkit.statistics.multinomial import net_interval
from cemkit.statistics.multiplicity import adjust
from cemkit.statistics.pls import path_model
from cemkit.statistics.trend import trend_test
from cemkit.statistics.variance_components import channel_spread

GROUP, REFERENCE = (20, 30, 50), (35, 30, 35)
DIFFERENCES: list[tuple[Any, str, dict[str, float]]] = [
    ("wald", "R NPS 2.0: nps_test(test='wald')", {"std_error": 0.1144552314, "p_value": 0.00876434197}),
    (
        "adjusted-wald",
        "R NPS 2.0: nps_test(test='adjust')",
        {"std_error": 0.1124966400, "low": 0.0707727732, "high": 0.5117514987, "p_value": 0.00962343862},
    ),
    ("t", "R: t.test(..., var.equal=FALSE)", {"statistic": 2.607974, "df": 197.0698, "p_value": 0.00980551}),
]


def difference(method: Any, column: str) -> float:
    return float(getattr(net_difference(GROUP, REFERENCE, method=method), column))


def differences() -> list[Reference]:
    anova = "R: oneway.test(value ~ group)"
    groups = [GROUP, REFERENCE, (30, 40, 30)]
    z2 = 1.959963984540054**2
    return [
        *(
            Reference(f"net_difference, {method}", f"20/30/50 less 35/30/35: {column}", source, value,
                      partial(difference, method, column), 1e-6 if method == "t" else 5e-9, "printed with ten digits or fewer")
            for method, source, known in DIFFERENCES
            for column, value in known.items()
        ),
        Reference("welch_anova", "20/30/50, 35/30/35, 30/40/30: F", anova, 4.758486,
                  lambda: float(welch_anova(groups).statistic), 2e-7, "printed with seven digits"),
        Reference("welch_anova", "the same: p", anova, 0.00958514, lambda: float(welch_anova(groups).p_value), 1e-6,
                  "printed with six digits"),
        Reference("net_interval, score", "20 passives: high", "closed form: z²/(20 + z²)", z2 / (20 + z2),
                  lambda: float(net_interval(0, 20, 0, method="score")[1])),
        Reference("adjust, holm", "p of .03, .01, .02: the first", "hand: max(.01 · 3, .02 · 2, .03)", 0.04,
                  lambda: float(adjust([0.03, 0.01, 0.02])[0])),
        Reference("trend_test", "5, 6, 7 with errors of 3: std_error", "hand: 3/√Σ(t - 1)² = 3/√2", 3 / 2**0.5,
                  lambda: float(trend_test([0, 1, 2], [5.0, 6, 7], [3.0, 3, 3]).std_error)),
    ]  # fmt: skip


# ---- random effects -------------------------------------------------------------------------------------------------
MEANS = np.array([4.1, 3.6, 3.9, 3.2, 4.4])
VARIANCES = np.array([0.004, 0.010, 0.006, 0.020, 0.012])
METHODS: list[tuple[Any, float, float, float]] = [
    ("dl", 0.123108348135, 3.8501258755, 0.163267551953),
    ("pm", 0.198021954012, 3.84659209025, 0.204095759451),
    ("reml", 0.193303698445, 3.84674020554, 0.201769075023),
]


def spread(method: Any, column: str, power: int = 1) -> float:
    return float(getattr(channel_spread(MEANS, VARIANCES, most=2.0, method=method), column)) ** power


@cache
def grouped() -> Any:
    groups = ([5, 4, 4, 3, 5, 4], [3, 3, 4, 2, 3, 5, 1], [4, 5, 5, 4, 5], [2, 3, 1, 2, 4, 3, 3, 2])
    n = np.array([len(group) for group in groups])
    variance = [np.var(group, ddof=1) / len(group) for group in groups]
    return channel_spread([np.mean(group) for group in groups], variance, df=n - 1, most=2.0)


def random_effects() -> list[Reference]:
    call = "R metafor 3.8-1: rma(yi, vi, method='{}')"
    oneway = "R 4.2.2: oneway.test(x ~ g)"
    profile = "R metafor 3.8-1: confint(rma(yi, vi)), Q-profile"
    return [
        *(
            Reference(f"channel_spread, {method}", f"five means: {what}", call.format(method.upper()), value,
                      partial(spread, method, column, power))
            for method, *known in METHODS
            for (what, column, power), value in zip(
                (("τ²", "tau", 2), ("mean", "mean", 1), ("std_error of the mean", "mean_std_error", 1)), known, strict=True
            )
        ),
        Reference("channel_spread", "four groups of five to eight answers: Welch's F", oneway, 9.144785953,
                  lambda: float(grouped().statistic)),
        Reference("channel_spread", "the same: p", oneway, 0.00199469326, lambda: float(grouped().p_value)),
        Reference("channel_spread", "five means: lower limit of τ²", profile, 0.0616171405213, partial(spread, "reml", "low", 2)),
        Reference("channel_spread", "five means: upper limit of τ²", profile, 1.74376753646, partial(spread, "reml", "high", 2)),
    ]  # fmt: skip


# ---- path models in other modes and schemes -------------------------------------------------------------------------
PATHS: dict[tuple[str, Any], list[float]] = {
    ("AAAAAAA", "factorial"): [
        *[0.504943138, 0.1785926719, 0.1958196184, 0.5567590274, 0.0501781002, 0.064943655],
        *[0.5577624464, 0.5129747004, 0.19144526, 0.5258565524, 0.4830591744, 0.0703105732],
    ],
    ("BBBBBAB", "path"): [
        *[0.5033775276, 0.1913781052, 0.1530522017, 0.5582264073, 0.0274960984, 0.0335522896],
        *[0.600180912, 0.5109301539, 0.2119009916, 0.548680326, 0.539276663, 0.0754166986],
    ],
}


@cache
def paths(modes: str, scheme: Any) -> np.ndarray:
    names, x = mobi()
    moments = weighted_moments(x).covariance
    fit = path_model(moments, block=ecsi_block(names), paths=ECSI_PATHS, modes=list(modes), scheme=scheme)
    return fit.paths[tuple(zip(*ECSI_ARROWS, strict=True))]


def path_models() -> list[Reference]:
    return [
        Reference(
            f"path_model, {scheme} scheme, modes {modes}",
            f"mobi: path {i + 1} of 12",
            "PyPI seminr 0.2.1: estimate_pls(mobi, ..., stop_criterion=10)",
            value,
            partial(lambda modes, scheme, i: float(paths(modes, scheme)[i]), modes, scheme, i),
            2e-10 / value,
            "printed with ten decimals",
        )
        for (modes, scheme), known in PATHS.items()
        for i, value in enumerate(known)
    ]


# ---- latent classes -------------------------------------------------------------------------------------------------
# Stouffer and Toby (1951), 216 respondents, four role conflicts: the counts of the 16 patterns, as in Goodman (1974)
STOUFFER = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20]


@cache
def goodman() -> LatentClasses:
    patterns = np.array([[(i >> (3 - j)) & 1 for j in range(4)] for i in range(16)])
    return latent_classes(np.repeat(patterns, STOUFFER, axis=0), (2,) * 4, k=2, rng=np.random.default_rng(0))


def classes() -> list[Reference]:
    polca = "R poLCA (Linzer and Lewis 2011), example `values`; Goodman (1974)"
    return [
        Reference("latent_classes", "role conflicts, two classes: log likelihood", polca, -504.4677,
                  lambda: float(goodman().log_likelihood), 1e-7, "printed with four decimals"),
        Reference("latent_classes", "role conflicts, two classes: BIC", polca, 1057.313, lambda: float(goodman().bic(216)), 5e-7,
                  "printed with three decimals"),
        Reference("latent_classes", "role conflicts: share of the smaller class", polca, 0.2792,
                  lambda: float(np.min(goodman().share)), 2e-3, "given as .279: held to the three decimals"),
    ]  # fmt: skip


REFERENCES = [*differences(), *random_effects(), *path_models(), *classes()]
