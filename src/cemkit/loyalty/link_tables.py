"""The tables of a link between satisfaction and an outcome, all from the means at its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics._arguments import critical_value
from cemkit.statistics.monotone import Bend, MonotoneSpline, PointMeans, bend, isotonic_means, monotone_spline

__all__ = ["LINK_COLUMNS", "Link", "LinkFit", "fitted_link", "model_rows", "point_rows", "turn_row", "value_rows"]

LINK_COLUMNS = (
    "outcome",
    "satisfaction",
    "observed",
    "observed_low",
    "observed_high",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "unit",
    "isotonic",
    "linear",
    "n",
)
Floats = npt.NDArray[np.float64]
_ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Link:
    """An outcome's means along satisfaction, which reaches from `low` to `high`."""

    outcome: str
    means: PointMeans
    unit: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LinkFit:
    """The fits to the means, and to draws of them."""

    link: Link
    sign: float
    spline: MonotoneSpline
    drawn: MonotoneSpline
    turn: Bend
    turns: Bend
    linear: Floats
    isotonic: Floats

    def curve(self, x: npt.ArrayLike) -> Floats:
        """Return the spline at x."""
        return np.asarray(self.sign * self.spline.at(x)[0])

    def curves(self, x: npt.ArrayLike) -> Floats:
        """Return the splines of the draws at x, (draws, x)."""
        return self.sign * self.drawn.at(x)


def fitted_link(link: Link, *, sign: float, draws: int, seed: int) -> LinkFit:
    """Fit the spline, the bend, the line and the isotonic means; `sign` is -1 for an outcome that falls."""
    means = link.means
    values, vectors = np.linalg.eigh(means.covariance)
    noise = np.random.default_rng(seed).standard_normal((draws, means.x.size))
    # heavier tails where few clusters stand behind the covariance
    scale = float(critical_value(0.95, means.df)) / float(critical_value(0.95))
    drawn = means.mean + scale * noise @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    line = np.polynomial.polynomial.polyfit(means.x, means.mean, 1, w=np.sqrt(means.weight))
    return LinkFit(
        link,
        sign,
        monotone_spline(means.x, sign * means.mean[None, :], means.weight),
        monotone_spline(means.x, sign * drawn, means.weight),
        bend(means.x, means.mean[None, :], means.weight),
        bend(means.x, drawn, means.weight),
        line[0] + line[1] * means.x,
        sign * isotonic_means(sign * means.mean, means.weight),
    )


def _percentiles(drawn: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return standard errors and percentile limits of draws (draws, ...)."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
    return drawn.std(axis=0, ddof=1), low, high


def point_rows(fit: LinkFit, level: float) -> pd.DataFrame:
    """Return a row per point."""
    means = fit.link.means
    error, low, high = _percentiles(fit.curves(means.x), level)
    half = float(critical_value(level, means.df)) * np.sqrt(np.diagonal(means.covariance))
    return pd.DataFrame(
        {
            "outcome": _texts(fit.link.outcome, means.x.size),
            "satisfaction": means.x,
            "observed": means.mean,
            "observed_low": means.mean - half,
            "observed_high": means.mean + half,
            "estimate": fit.curve(means.x),
            "std_error": error,
            "low": low,
            "high": high,
            "level": level,
            "method": _texts("monotone-spline", means.x.size),
            "unit": _texts(fit.link.unit, means.x.size),
            "isotonic": fit.isotonic,
            "linear": fit.linear,
            "n": means.n.astype(np.int64),
        }
    )


def model_rows(fit: LinkFit) -> pd.DataFrame:
    """Return how well each model fits."""
    from scipy.special import fdtrc

    means = fit.link.means
    about = means.mean - means.weight @ means.mean / means.weight.sum()
    between = float(means.weight @ about**2)
    rows = []
    for model, fitted in (("linear", fit.linear), ("spline", fit.curve(means.x)), ("isotonic", fit.isotonic)):
        miss = float(means.weight @ (means.mean - fitted) ** 2)
        total = between + means.within
        rows.append(
            {
                "outcome": fit.link.outcome,
                "model": model,
                "r_squared": 1.0 - (miss + means.within) / total if total > 0 else np.nan,
                "r_squared_means": 1.0 - miss / between if between > 0 else np.nan,
                "p_value": np.nan,
                "n": int(means.n.sum()),
            }
        )
    free = means.x.size - 2
    if free > 0 and means.df > free:
        maker = np.eye(means.x.size) - _hat(means, 1)
        miss_ = maker @ means.mean
        spread = maker @ means.covariance @ maker.T
        statistic = float(miss_ @ np.linalg.pinv(spread, rcond=1e-10) @ miss_) / free
        shrink = (means.df - free + 1) / means.df
        rows[0]["p_value"] = float(fdtrc(free, means.df - free + 1, statistic * shrink))
    return pd.DataFrame(rows).astype({"outcome": object, "model": object})


def _hat(means: PointMeans, degree: int) -> Floats:
    """Return the matrix that takes means to their fits by a polynomial."""
    powers = np.vander(means.x - means.x.mean(), degree + 1)
    root = np.sqrt(means.weight / means.weight.sum())
    return np.asarray(powers @ np.linalg.pinv(powers * root[:, None]) * root)


def turn_row(fit: LinkFit, level: float) -> pd.DataFrame:
    """Return where the slope changes, by how much, and whether that may be chance."""
    means = fit.link.means
    row: dict[str, Any] = {"outcome": fit.link.outcome}
    for name, found, drawn in (
        ("at", fit.turn.at, fit.turns.at),
        ("slope_below", fit.turn.below, fit.turns.below),
        ("slope_above", fit.turn.above, fit.turns.above),
        ("estimate", fit.turn.above - fit.turn.below, fit.turns.above - fit.turns.below),
    ):
        error, low, high = _percentiles(drawn, level)
        names = ("std_error", "low", "high") if name == "estimate" else (f"{name}_low", f"{name}_high")
        row[name] = float(found[0])
        limits = (error, low, high) if name == "estimate" else (low, high)
        row |= {key: float(limit) for key, limit in zip(names, limits, strict=True)}
    p_value, curvature = _curvature(means)
    bent = p_value < _ALPHA
    gain = fit.sign * curvature
    row |= {
        "p_value": p_value,
        "shape": ("diminishing" if gain < 0 else "increasing") if bent else "straight",
        "level": level,
        "method": "broken-line",
        "unit": fit.link.unit,
        "n": int(means.n.sum()),
    }
    return pd.DataFrame([row]).astype(dict.fromkeys(("outcome", "shape", "method", "unit"), object))


def _curvature(means: PointMeans) -> tuple[float, float]:
    """Return the p-value of the quadratic coefficient of the means, and the coefficient."""
    from scipy.special import stdtr

    if means.x.size < 3:
        return float("nan"), 0.0
    powers = np.vander(means.x - means.x.mean(), 3)
    root = np.sqrt(means.weight / means.weight.sum())
    contrast = (np.linalg.pinv(powers * root[:, None]) * root)[0]
    estimate = float(contrast @ means.mean)
    error = float(np.sqrt(max(contrast @ means.covariance @ contrast, 0.0)))
    return float(2 * stdtr(means.df, -abs(estimate) / error)) if error > 0 else float("nan"), estimate


def value_rows(fit: LinkFit, level: float, worth: float | None, step: float) -> pd.DataFrame:
    """Return what a step up the scale goes with, from each point and for all customers."""
    link, means = fit.link, fit.link.means
    starts = np.round(np.arange(link.low, link.high - step * (1 - 1e-9), step), 12)
    money = 1.0 if worth is None else worth
    change = money * (fit.curve(starts + step) - fit.curve(starts))
    drawn = money * (fit.curves(starts + step) - fit.curves(starts))
    share = means.weight / means.weight.sum()
    after = np.minimum(means.x + step, link.high)
    everybody = money * float(share @ (fit.curve(after) - fit.curve(means.x)))
    all_drawn = money * ((fit.curves(after) - fit.curves(means.x)) @ share)
    error, low, high = _percentiles(np.column_stack([drawn, all_drawn]), level)
    size = starts.size + 1
    there = np.append([means.n[(means.x >= a) & (means.x < a + step)].sum() for a in starts], means.n.sum())
    return pd.DataFrame(
        {
            "outcome": _texts(link.outcome, size),
            "satisfaction": np.append(starts, np.nan),
            "to": np.append(starts + step, np.nan),
            "estimate": np.append(change, everybody),
            "std_error": error,
            "low": low,
            "high": high,
            "level": level,
            "method": _texts("monotone-spline", size),
            "unit": _texts(link.unit if worth is None else "money", size),
            "n": there.astype(np.int64),
        }
    )


def _texts(word: str, size: int) -> pd.Series:
    return pd.Series([word] * size, dtype=object)
