"""The third step: standard error and interval of a measure, for independent answers or under a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, did_you_mean
from cemkit.estimation.counted import Counted
from cemkit.estimation.measure import Measure
from cemkit.results import Assumption
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.survey import Ratios

if TYPE_CHECKING:
    from cemkit.statistics.multinomial import NetMethod
    from cemkit.statistics.proportions import ProportionMethod

__all__ = [
    "Inference",
    "independent",
    "positive_std_error",
    "require_method",
    "simple_variance",
    "under_design",
    "with_pseudo_answers",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inference:
    """Per group, in the unit of the measure: estimate, standard error, limits, effective size, degrees of freedom."""

    estimate: Floats
    std_error: Floats
    low: Floats
    high: Floats
    n_eff: Floats
    df: Floats
    method: str
    assumptions: tuple[Assumption, ...] = ()


def require_method(measure: Measure, method: str | None, *, with_design: bool) -> str:
    """Return the interval method, or raise where it is unknown or does not go with a design."""
    known = ("t", "logit", "wald") if with_design and measure.statistic == "top" else ("t", "wald")
    allowed = known if with_design else measure.methods
    if method is None:
        return "logit" if with_design and measure.statistic == "top" else allowed[0]
    if method in allowed:
        return method
    if with_design and method in measure.methods:
        msg = (
            f"method={method!r} takes answers as independent and equally weighted, but the data have a design (weights, strata, "
            f"clusters, or customers who answered more than once): choose one of {', '.join(allowed)}, or design=Design.independent()"
        )
        raise CemkitError(msg)
    msg = f"method={method!r} is not one of {', '.join(allowed)} for {measure.name!r}.{did_you_mean(method, allowed)}"
    raise CemkitError(msg)


def under_design(
    counted: Counted, measure: Measure, ratios: Ratios, *, level: float, method: str, name: str
) -> Inference:
    """Return t or logit intervals around ratios whose variances a design gave."""
    theta, std_error, df = ratios.estimate, np.sqrt(ratios.variance), ratios.df
    quantile = _t_quantile(level, df if method != "wald" else np.full_like(df, np.inf))
    bottom, top = measure.raw_limits
    low, high = theta - quantile * std_error, theta + quantile * std_error
    if method == "logit":
        from cemkit.statistics.proportions import logit_interval

        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = logit_interval(theta, std_error, df, level=level)
    low, high = np.clip(low, bottom, top), np.clip(high, bottom, top)
    notes: list[Assumption] = []
    simple = simple_variance(counted, measure, theta)
    alike = (counted.n > 0) & (simple <= 1e-14)
    if alike.any():
        edge = _adjusted(theta[alike], np.maximum(_answering(counted)[alike], 1.0), level, bottom, top)
        low[alike], high[alike] = edge
        notes.append(Assumption("all-alike", {"groups": int(alike.sum())}))
    unknown = (counted.n > 0) & ~alike & (df < 1)
    if unknown.any():
        low[unknown], high[unknown] = bottom, top
        std_error = np.where(unknown, np.nan, std_error)
        notes.append(Assumption("no-degrees-of-freedom", {"groups": int(unknown.sum())}))
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(std_error > 0, simple / std_error**2, counted.n)
    return _in_unit(measure, theta, std_error, low, high, effective, df, f"{name}-{method}", notes)


def simple_variance(counted: Counted, measure: Measure, theta: Floats) -> Floats:
    """Return the variance of y between answers: what the sample would have been drawn from simply at random."""
    size = len(counted.groups)
    per_row = np.column_stack([counted.sums @ measure.square, counted.sums @ measure.denominator])
    square, weight = (grouped_sum(counted.group, per_row[:, k], groups=size) for k in range(2))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = square / weight - theta**2
        scaled = np.where(counted.n > 1, variance * counted.n / (counted.n - 1), 0.0)
    return np.where(np.abs(scaled) < 1e-14, 0.0, scaled)


def _answering(counted: Counted) -> Floats:
    return grouped_sum(counted.group, counted.answering, groups=len(counted.groups))


def _t_quantile(level: float, df: Floats) -> Floats:
    from scipy.special import ndtri, stdtrit

    p = (1 + level) / 2
    finite = np.where(np.isfinite(df) & (df > 0), df, 1.0)
    return np.where(np.isfinite(df), stdtrit(finite, p), ndtri(p))


def positive_std_error(counted: Counted, measure: Measure, inference: Inference) -> Floats:
    """Return the standard errors, but the adjusted one for a group whose answers are all alike (zero says nothing there)."""
    theta = (inference.estimate - measure.origin) / measure.factor
    alike = (counted.n > 0) & (inference.std_error <= 1e-12 * abs(measure.factor))
    _, adjusted = with_pseudo_answers(theta, np.maximum(_answering(counted), 1.0), *measure.raw_limits)
    return np.where(alike, abs(measure.factor) * adjusted, inference.std_error)


def with_pseudo_answers(theta: Floats, n: Floats, bottom: float, top: float) -> tuple[Floats, Floats]:
    """Return mean and standard error of n answers alike and three pseudo answers: ¾, 1½, ¾ at the low end, mid and the high end."""
    middle, half = (bottom + top) / 2, (top - bottom) / 2
    size = n + 3.0
    centre = (n * theta + 3.0 * middle) / size
    second = (n * (theta - middle) ** 2 + 1.5 * half**2) / size
    return centre, np.sqrt((second - (centre - middle) ** 2) / size)


def _adjusted(theta: Floats, n: Floats, level: float, bottom: float, top: float) -> tuple[Floats, Floats]:
    """Return the adjusted Wald interval of values that are all alike."""
    from scipy.special import ndtri

    centre, error = with_pseudo_answers(theta, n, bottom, top)
    reach = ndtri((1 + level) / 2) * error
    low, high = np.minimum(centre - reach, theta), np.maximum(centre + reach, theta)
    return np.clip(low, bottom, top), np.clip(high, bottom, top)


def independent(counted: Counted, measure: Measure, *, level: float, method: str, seed: int | None) -> Inference:
    """Return intervals for independent, equally weighted answers."""
    n = counted.n
    df = np.full(len(n), np.inf)
    notes = [Assumption("independent")]
    if measure.statistic == "net":
        from cemkit.statistics.multinomial import net_estimate, net_interval

        bottom, top = counted.counts[:, 0], counted.counts[:, -1]
        middle = n - bottom - top
        rng = None if method != "bootstrap" else np.random.default_rng(seed)
        theta, std_error = net_estimate(bottom, middle, top)
        low, high = net_interval(bottom, middle, top, level=level, method=cast("NetMethod", method), rng=rng)
        if method == "t":
            df = n - 1
    elif measure.statistic == "top":
        from cemkit.statistics.proportions import proportion_interval

        successes = counted.counts[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = successes / n
            std_error = np.sqrt(theta * (1 - theta) / n)
        low, high = proportion_interval(successes, n, level=level, method=cast("ProportionMethod", method))
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = (counted.counts @ measure.numerator) / n
            variance = np.where(n > 1, ((counted.counts @ measure.square) / n - theta**2) * n / (n - 1), 0.0)
            std_error = np.sqrt(np.maximum(variance, 0.0) / n)
        df = n - 1 if method == "t" else df
        reach = _t_quantile(level, df) * std_error
        bottom_end, top_end = measure.raw_limits
        low, high = np.clip(theta - reach, bottom_end, top_end), np.clip(theta + reach, bottom_end, top_end)
        alike = (n > 0) & (std_error <= 1e-12)
        if alike.any():
            low[alike], high[alike] = _adjusted(theta[alike], n[alike], level, bottom_end, top_end)
            notes.append(Assumption("all-alike", {"groups": int(alike.sum())}))
    collapsed = (n > 0) & (high - low <= 0)
    if collapsed.any():
        notes.append(Assumption("collapsed-interval", {"groups": int(collapsed.sum())}))
    return _in_unit(measure, theta, std_error, low, high, n, df, method, notes)


def _in_unit(
    measure: Measure,
    theta: Floats,
    std_error: Floats,
    low: Floats,
    high: Floats,
    n_eff: Floats,
    df: Floats,
    method: str,
    notes: list[Assumption],
) -> Inference:
    factor, origin = measure.factor, measure.origin
    ends = origin + factor * low, origin + factor * high
    if factor < 0:
        ends = ends[1], ends[0]
    return Inference(origin + factor * theta, abs(factor) * std_error, *ends, n_eff, df, method, tuple(notes))
