"""The tables of a fitted hazard model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cemkit.churn.covariates import Covariates
from cemkit.churn.reading import text_column
from cemkit.statistics import cox as partial_likelihood
from cemkit.statistics._arguments import critical_value
from cemkit.tables.groups import Groups

__all__ = ["HAZARD_COLUMNS", "baseline_table", "hazard_table", "proportionality_table"]

HAZARD_COLUMNS = (
    "covariate",
    "coefficient",
    "hazard_ratio",
    "std_error",
    "low",
    "high",
    "p_value",
    "hazard_ratio_low",
    "hazard_ratio_high",
    "statistic",
    "level",
    "method",
    "reference",
    "mean",
    "status",
)


def hazard_table(fit: partial_likelihood.CoxFit, matrix: Covariates, level: float, method: str) -> pd.DataFrame:
    """Return a row per covariate."""
    from scipy.special import ndtr

    size = len(matrix.names)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        beta = np.where(fit.infinite, np.copysign(np.inf, fit.coefficient), fit.coefficient)
        std_error = np.where(fit.infinite, np.nan, fit.std_error)
        reach = float(critical_value(level)) * std_error
        low, high = beta - reach, beta + reach
        statistic = beta / std_error
        columns: dict[str, Any] = {
            "covariate": text_column(matrix.names),
            "coefficient": beta,
            "hazard_ratio": np.exp(beta),
            "std_error": std_error,
            "low": low,
            "high": high,
            "p_value": 2 * ndtr(-np.abs(statistic)),
            "hazard_ratio_low": np.exp(low),
            "hazard_ratio_high": np.exp(high),
            "statistic": statistic,
            "level": np.full(size, level),
            "method": text_column([method] * size),
            "reference": pd.Index(list(matrix.references), dtype=object),
            "mean": fit.center,
            "status": text_column(
                np.where(fit.aliased, "collinear", np.where(fit.infinite, "infinite", "ok")).tolist()
            ),
        }
    return pd.DataFrame({name: columns[name] for name in HAZARD_COLUMNS}, index=pd.RangeIndex(size))


def proportionality_table(fit: partial_likelihood.CoxFit, matrix: Covariates) -> pd.DataFrame:
    """Return the score tests of constant coefficients, each and together."""
    found = fit.proportionality
    if found is None:
        return pd.DataFrame({"covariate": text_column([]), "statistic": [], "df": [], "p_value": []})
    names = [name for name, bad in zip(matrix.names, fit.aliased.tolist(), strict=True) if not bad]
    return pd.DataFrame(
        {
            "covariate": text_column([*names, "(all)"]),
            "statistic": np.append(found.statistic, found.overall),
            "df": np.array([1] * len(names) + [found.df], dtype=np.int64),
            "p_value": np.append(found.p_value, found.overall_p_value),
        }
    )


def baseline_table(fit: partial_likelihood.CoxFit, groups: Groups) -> pd.DataFrame:
    """Return the baseline hazard of each stratum, and its running sum."""
    keys = groups.frame().iloc[fit.stratum].reset_index(drop=True)
    hazard = np.asarray(fit.hazard)
    opening = np.searchsorted(fit.stratum, np.arange(len(groups)))
    running = np.concatenate([[0.0], np.cumsum(hazard)])
    cumulative = running[1:] - running[opening[fit.stratum]]
    return pd.DataFrame(
        {**{n: keys[n] for n in groups.names}, "time": fit.time, "hazard": hazard, "cumulative_hazard": cumulative},
        index=pd.RangeIndex(hazard.size),
    )
