"""Purchase models by maximum likelihood: one core for every model of who buys again, how often and until when.

The likelihood is that of the times of the purchases, for every model, so that AIC compares them. It is computed on unique rows
with counts, in time measured by the longest age, in coordinates log(size) and log(ratio) of each pair of parameters, in which
the limits of a model (everybody alike, nobody leaves) are the faces of a box. A sample whose likelihood has no highest point
inside is no error: its status names the limit.

Static covariates z act on the scale: α_i = α exp(-γ'z) (a larger γ: a higher rate of purchase), for Pareto/NBD
β_i = β exp(-γ'z), for BG/NBD a_i = a exp(γ'z), b_i = b exp(γ'z) (Fader and Hardie 2007).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_method
from cemkit.statistics.bgbb import BetaGeometricBetaBinomial
from cemkit.statistics.bgnbd import BetaGeometric
from cemkit.statistics.histories import Histories, compress
from cemkit.statistics.maximum_likelihood import (
    Objective,
    Optimum,
    Status,
    ascend,
    climb,
    concave,
    limit,
    status_of,
)
from cemkit.statistics.nbd import NBD
from cemkit.statistics.paretonbd import ParetoNBD

__all__ = ["MODELS", "PurchaseModel", "TimingFit", "fit_timing", "params_of_rows", "purchase_model"]

MODELS = ("bg/nbd", "mbg/nbd", "pareto/nbd", "nbd", "bg/bb", "mbg/cnbd-k", "bg/cnbd-k")

_PIECE = 16_384
_SAMPLE = 20_000
_LARGE = 60_000
_SIZES = (-10.0, 12.0)
_RATIOS = (-14.0, 14.0)
_EFFECTS = (-20.0, 20.0)
_STARTS = (
    (-1.5, -1.5, -1.0, -2.0),
    (1.0, 1.0, 1.0, 1.0),
    (-1.0, 1.5, -1.5, 1.5),
    (2.5, 0.0, 2.5, -3.0),
    (0.0, -2.0, 4.0, 0.0),
)


class PurchaseModel(Protocol):
    """What the core and the predictions ask of a model; `params` has the shape (P,) or, with covariates, (P, rows)."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def k(self) -> int:
        """The regularity of the times between purchases (Erlang-k)."""

    names: ClassVar[tuple[str, ...]]
    timed: ClassVar[bool]
    map: ClassVar[tuple[tuple[float, ...], ...]]
    start: ClassVar[tuple[float, ...]]
    faces: ClassVar[tuple[tuple[str, str], ...]]
    covariate_of: ClassVar[tuple[tuple[str, int, float], ...]]

    def log_likelihood(self, data: Histories, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of every row and its gradient in the log parameters."""

    def alive(self, data: Histories, params: FloatArray) -> FloatArray:
        """Return the probability of being alive at the end of observation."""

    def alive_later(self, data: Histories, params: FloatArray, at: FloatArray) -> FloatArray:
        """Return the probability of being alive at a time after the end of observation."""

    def expected(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the expected number of purchases in a time after the end of observation."""

    def silent(self, data: Histories, params: FloatArray, t: FloatArray) -> FloatArray:
        """Return the probability of no purchase in a time after the end of observation."""

    def discounted(self, data: Histories, params: FloatArray, rate: float) -> FloatArray:
        """Return the expected purchases after the end of observation, discounted at a continuous rate."""


@dataclass(frozen=True)
class TimingFit:
    """A fitted purchase model.

    Attributes
    ----------
    model
        The model, with its k.
    names, params, std_errors
        The parameters on their natural scale, in the unit of the data, then the covariates' coefficients. A standard error
        is NaN where the parameter stands at a limit or is not identified.
    covariance
        The covariance of (log parameters, coefficients); NaN where there is none.
    log_likelihood, aic
        Of the times of the purchases (of the sequence of opportunities for BG/BB): comparable between models. `free` parameters
        are counted.
    n
        Customers.
    status, detail
        `converged`; `degenerate limit`, which `detail` names; or `unidentified`, and why.
    """

    model: PurchaseModel
    names: tuple[str, ...]
    params: FloatArray
    std_errors: FloatArray
    covariance: FloatArray
    log_likelihood: float
    free: int
    n: float
    status: Status
    detail: str

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2·free − 2·log likelihood."""
        return 2.0 * self.free - 2.0 * self.log_likelihood


def purchase_model(name: str, *, k: int = 1) -> PurchaseModel:
    """Return the model of this name; `k` is the regularity of "mbg/cnbd-k" and "bg/cnbd-k"."""
    check_method(name, MODELS)
    if name in {"bg/nbd", "bg/cnbd-k"}:
        return BetaGeometric(name=name, k=k if name == "bg/cnbd-k" else 1)
    if name in {"mbg/nbd", "mbg/cnbd-k"}:
        return BetaGeometric(name=name, k=k if name == "mbg/cnbd-k" else 1, at_start=True)
    if name == "pareto/nbd":
        return ParetoNBD()
    if name == "nbd":
        return NBD()
    return BetaGeometricBetaBinomial()


def params_of_rows(model: PurchaseModel, params: FloatArray, covariates: FloatArray) -> FloatArray:
    """Return the model's own parameters, as the covariates of every row shift them, shape (P,) or (P, rows)."""
    size = len(model.names)
    if params.size == size:
        return params
    q = (params.size - size) // len(model.covariate_of)
    if covariates.shape[1] != q:
        message = f"The model was fitted with {q} covariates, but the histories have {covariates.shape[1]}."
        raise CemkitError(message)
    rows = np.repeat(params[:size, None], covariates.shape[0], axis=1)
    for slot, (_, index, sign) in enumerate(model.covariate_of):
        rows[index] *= np.exp(sign * (covariates @ params[size + slot * q : size + (slot + 1) * q]))
    return rows


def _objective(model: PurchaseModel, data: Histories, map_: FloatArray) -> Objective:
    """Return the mean log likelihood and its gradient as a function of the coordinates."""
    pieces = list(data.pieces(_PIECE))
    total, size = data.customers, len(model.names)

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        natural = map_ @ point
        params = np.concatenate([np.exp(natural[:size]), natural[size:]])
        height, gradient = 0.0, np.zeros(natural.size)
        for piece in pieces:
            own = params_of_rows(model, params, piece.covariates)
            ll, slopes = model.log_likelihood(piece, own)
            height += float(np.einsum("i,i->", ll, piece.count))  # no threads for so little
            gradient[:size] += np.einsum("pi,i->p", slopes, piece.count)
            q = piece.covariates.shape[1]
            for slot, (_, index, sign) in enumerate(model.covariate_of if q else ()):
                gradient[size + slot * q : size + (slot + 1) * q] += sign * np.einsum(
                    "i,i,iq->q", slopes[index], piece.count, piece.covariates
                )
        return height / total, map_.T @ gradient / total

    return objective


def _map_of(model: PurchaseModel, data: Histories) -> tuple[FloatArray, FloatArray]:
    """Return the matrix from coordinates to (log parameters, coefficients), and the box of the coordinates.

    Covariates are centred and scaled within it.
    """
    size, q = len(model.names), data.covariates.shape[1]
    slots = model.covariate_of if q else ()
    whole = np.zeros((size + len(slots) * q,) * 2)
    whole[:size, :size] = model.map
    if q:
        share = data.count / data.customers
        mean = share @ data.covariates
        spread = np.sqrt(share @ (data.covariates - mean) ** 2)
        for slot, (_, index, sign) in enumerate(slots):
            for column in range(q):
                at = size + slot * q + column
                whole[at, at] = 1.0 / spread[column]
                whole[index, at] = -sign * mean[column] / spread[column]
    box = np.array([_SIZES, _RATIOS] * (size // 2) + [_EFFECTS] * (len(slots) * q)).T
    return whole, box


def _start(model: PurchaseModel, data: Histories) -> FloatArray:
    """Return the first start: the model's own, at the rate of purchase of the data."""
    start = np.array(model.start)
    if model.timed:
        exposure = float(data.count @ np.where(data.frequency > 0, (data.age + data.recency) / 2.0, data.age))
        bought = float(data.count @ data.frequency)
        start[1] = np.log(max(model.k * (bought + 0.5) / max(exposure, 1e-12), 1e-5))
    return start


def _unidentifiable(model: PurchaseModel, data: Histories) -> str:
    """Return why the data can say nothing of the model's parameters, or an empty string."""
    if not (data.frequency > 0).any():
        return "nobody bought again"
    if data.rows < len(model.names):
        return f"{data.rows} different histories do not identify {len(model.names)} parameters"
    if data.covariates.shape[1]:
        centred = data.covariates - data.covariates.mean(axis=0)
        if np.linalg.matrix_rank(centred) < centred.shape[1]:
            return "a covariate is constant, or a sum of the others"
    return ""


def _search(model: PurchaseModel, data: Histories, map_: FloatArray, box: FloatArray) -> Optimum:
    """Return the optimum: that of a sample of the rows first where there are very many."""
    objective = _objective(model, data, map_)
    first = np.concatenate([_start(model, data), np.zeros(box.shape[1] - len(model.names))])
    if data.rows > _LARGE:
        sample = data.take(np.arange(0, data.rows, data.rows // _SAMPLE))
        near = climb(_objective(model, sample, map_), [first], box, n=sample.customers)
        if near.clean:
            found = ascend(objective, near.point, box, hessian=near.hessian)
            if found.clean:
                return found
            first = found.point
    size = len(model.names)
    starts = [first]
    starts += [first + np.concatenate([shift[:size], np.zeros(first.size - size)]) for shift in np.array(_STARTS)]
    best = climb(objective, starts, box, n=data.customers)
    return best if best.sharp(data.customers) else limit(objective, best, box, faces=size, n=data.customers)


def _covariance(optimum: Optimum, map_: FloatArray, n: float) -> FloatArray:
    """Return the covariance of (log parameters, coefficients), NaN where a coordinate stands at the edge."""
    free = ~optimum.at_edge
    inner = optimum.hessian[np.ix_(free, free)]
    size = map_.shape[0]
    if not free.any() or not concave(inner):
        return np.full((size, size), np.nan)
    chart = map_[:, free]
    covariance = chart @ np.linalg.inv(-inner * n) @ chart.T
    lost = (map_[:, ~free] != 0).any(axis=1)
    covariance[lost] = np.nan
    covariance[:, lost] = np.nan
    return np.asarray(covariance, dtype=np.float64)


def fit_timing(model: PurchaseModel, data: Histories) -> TimingFit:
    """Fit a purchase model by maximum likelihood.

    Parameters
    ----------
    model
        From :func:`purchase_model`.
    data
        From :func:`~cemkit.statistics.histories.histories`; "(m)bg/cnbd-k" with k > 1 needs `log_interval`.

    Returns
    -------
    TimingFit
        Never an exception for a sample without an optimum: its status says what it is instead.

    Raises
    ------
    CemkitError
        Where the model needs what the histories do not have.
    """
    if model.k > 1 and np.isnan(data.log_interval[data.frequency > 0]).any():
        message = f"{model.name} with k = {model.k} needs log_interval, the sum of the log times between purchases."
        raise CemkitError(message)
    if data.covariates.shape[1] and not model.covariate_of:
        message = f"{model.name} takes no covariates: use 'pareto/nbd', 'bg/nbd' or 'mbg/nbd'."
        raise CemkitError(message)
    if model.k == 1 and not np.isnan(data.log_interval).all():
        data = replace(data, log_interval=np.full(data.rows, np.nan))  # rows are alike without it
    data, _ = compress(data.take(np.flatnonzero(data.count > 0)) if (data.count == 0).any() else data)
    size, q = len(model.names), data.covariates.shape[1]
    labels = model.names + tuple(f"{name}_{column}" for name, _, _ in model.covariate_of for column in range(q))
    n = data.customers
    unit = float(data.age.max()) if model.timed and data.age.max() > 0 else 1.0
    scaled = data.rescaled(unit) if unit != 1.0 else data
    why = _unidentifiable(model, data)
    if why:
        nothing = np.full(len(labels), np.nan)
        return TimingFit(
            model, labels, nothing, nothing, np.full((nothing.size,) * 2, np.nan), np.nan, 0, n, "unidentified", why
        )
    map_, box = _map_of(model, scaled)
    optimum = _search(model, scaled, map_, box)
    natural = map_ @ optimum.point
    timed = np.array([name in {"alpha", "beta"} and model.timed for name in model.names])
    natural[:size] += np.where(timed, np.log(unit), 0.0)
    params = np.concatenate([np.exp(natural[:size]), natural[size:]])
    covariance = _covariance(optimum, map_, n)
    std_errors = np.sqrt(np.diag(covariance)) * np.concatenate([params[:size], np.ones(params.size - size)])
    # a density of x times has the dimension time^-x
    log_likelihood = optimum.height * n - float(data.count @ data.frequency) * (np.log(unit) if model.timed else 0.0)
    free = params.size - int(optimum.at_edge.sum())
    status, detail = status_of(optimum, model.faces)
    return TimingFit(model, labels, params, std_errors, covariance, log_likelihood, free, n, status, detail)
