"""What purchase models say of customers: purchases to come, the probability of being alive, silence, discounted purchases.

All take the model, its parameters and the histories, and answer row by row; times count from the end of each row's observation.
The unique histories are computed once. Intervals are those of the *expectation*, from the uncertainty of the parameters alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cemkit.errors import CemkitError, did_you_mean
from cemkit.statistics._arguments import FloatArray, check_level, critical_value, is_one_of
from cemkit.statistics.histories import Histories, compress, new_customer
from cemkit.statistics.purchasing import PurchaseModel, TimingFit, params_of_rows

__all__ = [
    "DAYS_OF_UNIT",
    "continuous_rate",
    "delta_interval",
    "discounted_purchases",
    "draw_params",
    "expected_new",
    "expected_purchases",
    "next_purchase_quantile",
    "probability_alive",
    "probability_inactive_for",
]

Prediction: TypeAlias = Callable[[FloatArray], FloatArray]
Kernel: TypeAlias = Callable[[Histories, FloatArray], FloatArray]

DAYS_OF_UNIT = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}

_PIECE = 4_096
_NEVER = 1e12
_HALVINGS = 90
_STEP = 1e-4


def _by_row(model: PurchaseModel, params: ArrayLike, data: Histories, kernel: Kernel) -> FloatArray:
    """Return the kernel's answer for every row, computed once for every unique row."""
    if model.k == 1:
        data = Histories(
            data.frequency, data.recency, data.age, data.count, np.full(data.rows, np.nan), data.covariates
        )
    unique, back = compress(data)
    given = np.asarray(params, dtype=np.float64)
    if given.size < len(model.names) or not (given[: len(model.names)] > 0).all():
        message = f"{model.name} needs {len(model.names)} positive parameters ({', '.join(model.names)}), not {given}."
        raise CemkitError(message)
    answers = [
        np.broadcast_to(kernel(piece, params_of_rows(model, given, piece.covariates)), (piece.rows,))
        for piece in unique.pieces(_PIECE)
    ]
    return np.asarray(np.concatenate(answers)[back], dtype=np.float64)


def _time(value: float, name: str) -> FloatArray:
    """Return a time that may be used, or raise."""
    if not (np.isfinite(value) and value >= 0):
        message = f"{name} must be a finite time of at least 0, not {value!r}."
        raise CemkitError(message)
    return np.asarray(float(value))


def expected_purchases(model: PurchaseModel, params: ArrayLike, data: Histories, *, t: float) -> FloatArray:
    """Return E[purchases in the next t | history], finite at a = 1 and s = 1."""
    span = _time(t, "t")
    return _by_row(model, params, data, lambda piece, own: model.expected(piece, own, span))


def probability_alive(model: PurchaseModel, params: ArrayLike, data: Histories, *, at: float = 0.0) -> FloatArray:
    """Return P(alive at `at` after the end of observation | history)."""
    later = _time(at, "at")
    if at == 0:
        return _by_row(model, params, data, model.alive)
    return _by_row(model, params, data, lambda piece, own: model.alive_later(piece, own, later))


def probability_inactive_for(model: PurchaseModel, params: ArrayLike, data: Histories, *, t: float) -> FloatArray:
    """Return P(no purchase in the next t | history)."""
    span = _time(t, "t")
    return _by_row(model, params, data, lambda piece, own: model.silent(piece, own, span))


def next_purchase_quantile(model: PurchaseModel, params: ArrayLike, data: Histories, *, q: float) -> FloatArray:
    """Return the time by which the next purchase has come with probability q; infinite where it never has.

    For BG/BB the number of opportunities. A time of more than 1e12 units counts as never.
    """
    if not (isinstance(q, int | float | np.number) and 0.0 < q < 1.0):
        message = f"q must lie between 0 and 1, not {q!r}."
        raise CemkitError(message)

    def kernel(piece: Histories, own: FloatArray) -> FloatArray:
        if not model.timed:
            return _whole_quantile(model, piece, own, q)
        low, high = np.full(piece.rows, np.log(1e-12)), np.full(piece.rows, np.log(_NEVER))
        never = model.silent(piece, own, np.exp(high)) > 1.0 - q
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            late = model.silent(piece, own, np.exp(middle)) <= 1.0 - q
            high, low = np.where(late, middle, high), np.where(late, low, middle)
        return np.where(never, np.inf, np.exp(high))

    return _by_row(model, params, data, kernel)


def _whole_quantile(model: PurchaseModel, data: Histories, params: FloatArray, q: float) -> FloatArray:
    """Return the quantile in opportunities, of which a thousand are looked at."""
    found = np.full(data.rows, np.inf)
    for steps in range(1, 1001):
        waiting = np.flatnonzero(np.isinf(found))
        done = model.silent(data.take(waiting), params, np.asarray(float(steps))) <= 1.0 - q
        found[waiting[done]] = steps
        if done.all():
            break
    return found


def expected_new(
    model: PurchaseModel, params: ArrayLike, *, t: ArrayLike, covariates: FloatArray | None = None
) -> FloatArray:
    """Return E[repeat purchases of a new customer in the time t after the first purchase], for every t."""
    one = new_customer(covariates)
    found = [expected_purchases(model, params, one, t=float(span)) for span in np.atleast_1d(np.asarray(t, float))]
    return np.stack(found) if one.rows > 1 else np.concatenate(found)


def continuous_rate(discount: float, *, unit: str) -> float:
    """Return the continuous rate per unit of an effective discount per year of 365.25 days."""
    if not is_one_of(unit, DAYS_OF_UNIT):
        message = f"unit {unit!r} is not one of {', '.join(map(repr, DAYS_OF_UNIT))}.{did_you_mean(unit, DAYS_OF_UNIT)}"
        raise CemkitError(message)
    if not (np.isfinite(discount) and discount > 0):
        message = f"discount must be positive (0.10 is 10 % per year), not {discount!r}."
        raise CemkitError(message)
    return float(np.log1p(discount) * DAYS_OF_UNIT[unit] / 365.25)


def discounted_purchases(
    model: PurchaseModel, params: ArrayLike, data: Histories, *, discount: float, unit: str
) -> FloatArray:
    """Return the discounted expected residual transactions (DERT), over an infinite horizon.

    `discount` is effective per year of 365.25 days; `unit` is that of the histories (for BG/BB, between opportunities).
    """
    rate = continuous_rate(discount, unit=unit)
    return _by_row(model, params, data, lambda piece, own: model.discounted(piece, own, rate))


def _free_covariance(fit: TimingFit) -> FloatArray:
    """Return the covariance with zeros for what stands at a limit, or raise where there is none at all."""
    if not np.isfinite(fit.covariance).any():
        message = f"The fit has no covariance ({fit.status}: {fit.detail}), so that no interval can be given."
        raise CemkitError(message)
    return np.nan_to_num(fit.covariance, nan=0.0)


def draw_params(fit: TimingFit, *, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return draws of the parameters, shape (draws, P): normal in the logarithms (and in the coefficients)."""
    values, vectors = np.linalg.eigh(_free_covariance(fit))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    size = len(fit.model.names)
    centre = np.concatenate([np.log(fit.params[:size]), fit.params[size:]])
    points = centre + rng.standard_normal((draws, centre.size)) @ root.T
    points[:, :size] = np.exp(points[:, :size])
    return np.asarray(points, dtype=np.float64)


def delta_interval(
    fit: TimingFit,
    prediction: Prediction,
    *,
    level: float,
    kind: Literal["positive", "probability"] = "positive",
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return standard error and limits of a prediction by the delta method, for the uncertainty of the parameters.

    Parameters
    ----------
    fit
        A fit with a covariance.
    prediction
        A function of the parameters alone: `lambda p: expected_purchases(fit.model, p, data, t=39)`.
    level
        Confidence.
    kind
        The scale of the interval: the logarithm of what is positive, the logit of a probability.
    """
    check_level(level)
    covariance = _free_covariance(fit)
    size = len(fit.model.names)
    factors = np.ones(fit.params.size)
    slopes = []
    for axis in range(fit.params.size):
        sides = []
        for sign in (1.0, -1.0):
            moved = fit.params * factors
            moved[axis] = moved[axis] * np.exp(sign * _STEP) if axis < size else moved[axis] + sign * _STEP
            sides.append(prediction(moved))
        slopes.append((sides[0] - sides[1]) / (2.0 * _STEP))
    gradient = np.stack(slopes)
    variance = np.einsum(
        "pi,pq,qi->i", gradient.reshape(gradient.shape[0], -1), covariance, gradient.reshape(gradient.shape[0], -1)
    )
    value = np.asarray(prediction(fit.params), dtype=np.float64)
    error = np.sqrt(np.maximum(variance, 0.0)).reshape(value.shape)
    half = float(critical_value(level)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "positive":
            ratio = np.exp(np.where(value > 0, half / value, 0.0))
            return error, value / ratio, value * ratio
        from scipy.special import expit, logit

        spread = half / (value * (1.0 - value))
        inside = (value > 0) & (value < 1)
        low = np.where(inside, expit(logit(value) - spread), value)
        high = np.where(inside, expit(logit(value) + spread), value)
    return error, low, high
