"""Draws of what one customer will do: purchases within a span, and what they are worth.

Given the parameters, whether a customer is alive is a coin of P(alive); given that they are, their own rate of purchase and of
leaving have the posterior of a conjugate pair. Drawn are these two, then when the customer leaves, then the number of purchases in the
span; given that number, the times are uniform. Each draw also draws the parameters from their sampling distribution, so that the
spread of the draws is that of a prediction and not of an expectation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.histories import Histories
from cemkit.statistics.purchase_predictions import draw_params
from cemkit.statistics.purchasing import PurchaseModel, TimingFit, params_of_rows

__all__ = ["DrawnPurchases", "draw_purchases", "draw_values", "prediction_limits"]

_SETS = 25
_PIECE = 512
_FAR = 20.0


@dataclass(frozen=True)
class DrawnPurchases:
    """Purchases of customers, each (rows, draws).

    Attributes
    ----------
    number
        How many, `last` among them.
    span
        The time from the window's end over which the times of all but the last one are uniform.
    last
        Whether the last purchase ended the customer's time; it comes at the end of `span`.
    whole
        Whether times are whole numbers (opportunities).
    """

    number: FloatArray
    span: FloatArray
    last: FloatArray
    whole: bool = False


def draw_purchases(
    model: PurchaseModel,
    params: FloatArray,
    data: Histories,
    *,
    span: float,
    draws: int,
    rng: np.random.Generator,
) -> DrawnPurchases:
    """Draw the purchases of every customer within `span` after the window.

    Parameters
    ----------
    model, params
        The model, and its parameters, (P,) or (P, rows).
    data
        The customers.
    span
        A finite time (opportunities for BG/BB).
    draws
        Per customer.
    """
    own = np.broadcast_to(params[:, None] if params.ndim == 1 else params, (params.shape[0], data.rows))
    size = (data.rows, draws)
    x = data.frequency.astype(np.float64)
    alive = rng.random(size) < np.broadcast_to(model.alive(data, params), (data.rows,))[:, None]
    ended = np.full(size, span)
    last = np.zeros(size)
    if model.name == "bg/bb":
        buys = rng.beta((own[0] + x)[:, None], (own[1] + data.age - x)[:, None], size)
        leaves = rng.beta(own[2][:, None], (own[3] + data.age)[:, None], size)
        ended = np.minimum(rng.geometric(np.maximum(leaves, 1e-12), size) - 1.0, np.round(span)) * alive
        return DrawnPurchases(rng.binomial(ended.astype(np.int64), buys).astype(np.float64), ended, last, whole=True)
    phase = np.zeros(size)
    if model.k > 1:
        phase = _phases(own, data, model.k, rng, draws)
    shape = own[0][:, None] + model.k * x[:, None] + phase
    rate = np.maximum(rng.standard_gamma(shape) / (own[1] + data.age)[:, None], 1e-300)
    if model.name == "pareto/nbd":
        hazard = np.maximum(rng.standard_gamma(own[2][:, None], size) / (own[3] + data.age)[:, None], 1e-300)
        ended = np.minimum(rng.standard_exponential(size) / hazard, span)
    if model.name in ("nbd", "pareto/nbd"):
        number = rng.poisson(np.minimum(rate * ended, 1e15)).astype(np.float64)
        return DrawnPurchases(number * alive, ended, last)
    stays = own[3] + x + float(getattr(model, "at_start", False))
    leaves = np.maximum(rng.beta(own[2][:, None], stays[:, None], size), 1e-12)
    until = rng.geometric(leaves, size).astype(np.float64)
    stages = model.k * until - phase
    when = rng.standard_gamma(stages) / rate
    left = when <= span
    before = rng.binomial(
        np.maximum(stages - 1.0, 0.0).astype(np.int64), np.where(left, 0.0, span / np.maximum(when, span))
    )
    number = np.where(left, until, np.floor((before + phase) / model.k)) * alive
    return DrawnPurchases(number, np.where(left, when, span), (left & alive).astype(np.float64))


def _phases(own: FloatArray, data: Histories, k: int, rng: np.random.Generator, draws: int) -> FloatArray:
    """Draw how many of the k stages to the next purchase are over."""
    m = own[0] + k * data.frequency
    v = (data.age - data.recency) / (own[1] + data.age)
    terms = [np.ones(data.rows)]
    for j in range(k - 1):
        terms.append(terms[-1] * (m + j) / (j + 1.0) * v)
    shares = np.cumsum(np.stack(terms), axis=0)
    point = rng.random((data.rows, draws)) * shares[-1][:, None]
    return np.asarray((point[None] > shares[:-1, :, None]).sum(axis=0), dtype=np.float64)


def draw_values(
    bought: DrawnPurchases,
    frequency: FloatArray,
    spend: FloatArray,
    *,
    params: FloatArray,
    rate: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw the discounted amounts of drawn purchases under the Gamma-Gamma model, (rows, draws).

    Parameters
    ----------
    bought
        The purchases.
    frequency, spend
        Repeat purchases and their mean amount, (rows,).
    params
        (p, q, v), (3,).
    rate
        Continuous discount rate per unit of time.

    Notes
    -----
    Given the customer's own scale of amounts, the discounted sum is drawn from the gamma distribution that has its mean and its
    variance, which is exact without a discount.
    """
    p, q, v = params
    x = np.asarray(frequency, dtype=np.float64)[:, None]
    paid = x * np.where(x > 0, np.nan_to_num(np.asarray(spend, dtype=np.float64))[:, None], 0.0)
    own = np.maximum(rng.standard_gamma(np.broadcast_to(p * x + q, bought.number.shape)) / (v + paid), 1e-300)
    even = bought.number - bought.last
    first, second = (_mean_discount(each * rate * bought.span) for each in (1.0, 2.0))
    if bought.whole and rate > 0:  # the mean over 1 .. span instead of over the time between
        first, second = first * rate / np.expm1(rate), second * 2.0 * rate / np.expm1(2.0 * rate)
    at_end = bought.last * np.exp(-rate * bought.span)
    mean = p / own * (even * first + at_end)
    variance = (even * ((p + p * p) * second - (p * first) ** 2) + p * at_end**2) / own**2
    some = bought.number > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = np.where(some, mean * mean / variance, 1.0)
        scale = np.where(some, variance / mean, 0.0)
    return rng.standard_gamma(np.where(np.isfinite(shape), shape, 1.0)) * np.where(np.isfinite(scale), scale, 0.0)


def _mean_discount(exponent: FloatArray) -> FloatArray:
    """Return the mean of exp(-e·u), u uniform on 0..1."""
    small = exponent < 1e-9
    return np.where(small, 1.0 - exponent / 2.0, -np.expm1(-exponent) / np.where(small, 1.0, exponent))


def prediction_limits(
    fit: TimingFit,
    data: Histories,
    *,
    span: float,
    rate: float,
    level: float,
    draws: int,
    seed: int,
    spending: tuple[FloatArray, FloatArray, FloatArray] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return the limits between which one customer's own value (purchases, without `spending`) lies with probability `level`.

    Parameters
    ----------
    fit
        The purchase model; without a covariance its parameters are taken as they are.
    data
        The customers.
    span
        Time after the window; infinite is cut where the discount leaves nothing.
    rate
        Continuous discount rate per unit of time.
    level, draws, seed
        Probability, draws per customer, and their seed.
    spending
        Gamma-Gamma parameters (p, q, v), the covariance of their logarithms, and the customers' mean spend.
    """
    rng = np.random.default_rng(seed)
    horizon = min(span, _FAR / rate) if rate > 0 else span
    each = -(-draws // _SETS)
    known = bool(np.isfinite(fit.covariance).any())
    sets = draw_params(fit, draws=_SETS, rng=rng) if known else np.repeat(fit.params[None, :], _SETS, axis=0)
    money = None
    if spending is not None:
        noise = np.nan_to_num(spending[1])
        money = np.exp(rng.multivariate_normal(np.log(spending[0]), noise, size=_SETS, method="eigh"))
    tail = (1.0 - level) / 2.0
    low, high = np.empty(data.rows), np.empty(data.rows)
    for start in range(0, data.rows, _PIECE):
        part = slice(start, min(start + _PIECE, data.rows))
        piece = data.take(part)
        found = []
        for i, params in enumerate(sets):
            own = params_of_rows(fit.model, params, piece.covariates)
            bought = draw_purchases(fit.model, own, piece, span=horizon, draws=each, rng=rng)
            if spending is None or money is None:
                found.append(bought.number)
            else:
                x = piece.frequency.astype(np.float64)
                found.append(draw_values(bought, x, spending[2][part], params=money[i], rate=rate, rng=rng))
        low[part], high[part] = np.quantile(np.concatenate(found, axis=1), [tail, 1.0 - tail], axis=1)
    return low, high
