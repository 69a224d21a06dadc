"""Cox's proportional hazards: late entries, start–stop rows, strata, tied times, clustered errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_method
from cemkit.statistics.cox_sums import (
    Blocks,
    denominators,
    find_blocks,
    score_and_information,
    score_residuals,
)
from cemkit.statistics.proportionality import Proportionality, proportionality_test, time_transform

__all__ = ["TIES", "CoxFit", "cox"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

TIES = ("efron", "breslow")
MAX_ITERATIONS = 50
TOLERANCE = 1e-13
"""Of the Newton decrement: twice the log likelihood still to be gained."""
COLLINEAR = 1e-9
"""Share of a covariate's information that the others must leave over."""


class CoxFit(NamedTuple):
    """A fitted model. Coefficients that cannot be estimated are NaN; `status` says why."""

    coefficient: Floats
    """(p,) log hazard ratios."""
    std_error: Floats
    """(p,) robust if clusters were given, else from the information."""
    covariance: Floats
    """(p, p) that belongs to `std_error`."""
    model_covariance: Floats
    """(p, p) inverse information."""
    log_likelihood: float
    log_likelihood_null: float
    """With all coefficients 0."""
    time: Floats
    """(blocks,) distinct event times, stratum after stratum."""
    stratum: Codes
    """(blocks,)"""
    hazard: Floats
    """(blocks,) jumps of the cumulative hazard of a unit whose covariates are `center`."""
    center: Floats
    """(p,) means of the covariates over the rows."""
    n: int
    """Rows."""
    events: int
    clusters: int
    """Clusters of the robust error; 0 without."""
    aliased: npt.NDArray[np.bool_]
    """(p,) covariates that follow from the others (or do not vary) among those at risk."""
    infinite: npt.NDArray[np.bool_]
    """(p,) covariates whose coefficient grows without end (monotone likelihood)."""
    iterations: int
    ties: str
    proportionality: Proportionality | None
    """Of the covariates that are not aliased; None if not asked for, without any, or where the fit has no end."""
    status: str
    """'ok', 'collinear', 'monotone-likelihood', 'no-events' or 'not-converged'."""


class _Rows(NamedTuple):
    x: Floats
    blocks: Blocks
    order: Codes
    """Row of the caller for each row here."""


def cox(
    x: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    start: npt.ArrayLike | None = None,
    stratum: npt.NDArray[np.integer] | None = None,
    cluster: npt.NDArray[np.integer] | None = None,
    ties: str = "efron",
    transform: str | None = None,
) -> CoxFit:
    r"""Fit :math:`h(t \mid x) = h_{0s}(t) \exp(x'\beta)` by partial likelihood.

    Parameters
    ----------
    x : (n, p) array
        Covariates of the interval.
    stop : (n,) array
        End of the interval.
    event : (n,) array of bool
        True where the interval ends in the event.
    start : (n,) array, optional
        Begin of the interval: at risk on (start, stop]. Late entries, and covariates that change, as several rows.
    stratum : (n,) array of int, optional
        Strata, numbered from 0, each with a baseline of its own.
    cluster : (n,) array of int, optional
        Units whose rows belong together: standard errors are then robust (Lin & Wei 1989), as repeated events need.
    ties : {"efron", "breslow"}
        Treatment of events at one time.
    transform : {"km", "log", "identity"}, optional
        Test that hazards are proportional against coefficients that move with this function of time.

    Notes
    -----
    Cox (1972), Efron (1977), Andersen & Gill (1982). Newton with step halving on standardised covariates. Risk sets
    are cumulative sums over the sorted event times, so that a step costs O(n p²) whatever the times and however many
    rows a unit has. Collinear covariates get NaN and the rest is fitted without them; a likelihood that rises for
    ever is a status, not a large number.

    Examples
    --------
    >>> fit = cox([[0], [1], [0], [1]], [4, 1, 2, 3], [True, True, True, False])
    >>> fit.status, fit.coefficient.round(4).tolist()
    ('ok', [0.3466])
    """
    check_method(ties, TIES)
    covariates, ends, happened, begins, strata, clusters = _checked(x, stop, event, start, stratum, cluster)
    n, p = covariates.shape
    rows, center, scale = _prepare(covariates, ends, happened, begins, strata, ties)
    events = int(happened.sum())
    if not events or not p:
        return _nothing(p, n, events, center, rows.blocks, ties)
    beta = np.zeros(p)
    null_likelihood, gradient, matrix = _derivatives(beta, rows)
    aliased = _aliased(matrix)
    kept = np.flatnonzero(~aliased)
    reduced = _Rows(np.asfortranarray(rows.x[:, kept]), rows.blocks, rows.order)
    found, likelihood, matrix, step, iterations = _newton(
        reduced, null_likelihood, gradient[kept], matrix[np.ix_(kept, kept)]
    )
    moving = _drifting(step, matrix)
    status = "collinear" if aliased.any() else "ok"
    infinite = np.zeros(p, dtype=np.bool_)
    if moving.any():
        infinite[kept[moving]] = True
        status = "monotone-likelihood"
    elif float(step @ matrix @ step) > 1e-8:
        status = "not-converged"
    inverse = _inverse(matrix)
    model = _widen(inverse / np.outer(scale[kept], scale[kept]), kept, p)
    covariance, number = model, 0
    sums = denominators(np.exp(reduced.x @ found), reduced.blocks)
    if clusters is not None:
        residual = score_residuals(reduced.x, np.exp(reduced.x @ found), sums, reduced.blocks) @ inverse
        number = int(clusters.max()) + 1
        codes = clusters[rows.order]
        influence = np.column_stack([np.bincount(codes, weights=column, minlength=number) for column in residual.T])
        covariance = _widen((influence.T @ influence) / np.outer(scale[kept], scale[kept]), kept, p)
        number = int(np.unique(clusters).size)
    tested = None
    if transform is not None and kept.size and status in ("ok", "collinear"):
        g = time_transform(reduced.blocks, transform, stop=ends, event=happened, start=begins)
        tested = proportionality_test(reduced.x, np.exp(reduced.x @ found), sums, reduced.blocks, matrix, g)
    beta = np.full(p, np.nan)
    beta[kept] = found / scale[kept]
    return CoxFit(
        coefficient=beta,
        std_error=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        model_covariance=model,
        log_likelihood=likelihood,
        log_likelihood_null=null_likelihood,
        time=rows.blocks.time,
        stratum=rows.blocks.stratum,
        hazard=sums.hazard,
        center=center,
        n=n,
        events=events,
        clusters=number,
        aliased=aliased,
        infinite=infinite,
        iterations=iterations,
        ties=ties,
        proportionality=tested,
        status=status,
    )


def _checked(
    x: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    start: npt.ArrayLike | None,
    stratum: npt.NDArray[np.integer] | None,
    cluster: npt.NDArray[np.integer] | None,
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Floats | None, Codes, Codes | None]:
    covariates, ends = np.asarray(x, dtype=np.float64), np.asarray(stop, dtype=np.float64)
    happened = np.asarray(event).astype(np.bool_, copy=False)
    begins = None if start is None else np.asarray(start, dtype=np.float64)
    strata = np.zeros(ends.size, dtype=np.intp) if stratum is None else np.asarray(stratum, dtype=np.intp)
    clusters = None if cluster is None else np.asarray(cluster, dtype=np.intp)
    shape = (ends.size,)
    parts = (ends, happened, strata, *(a for a in (begins, clusters) if a is not None))
    if covariates.ndim != 2 or len(covariates) != ends.size or any(a.shape != shape for a in parts):
        msg = (
            f"a Cox model needs one row of covariates per interval: found {covariates.shape} for {ends.size} intervals"
        )
        raise CemkitError(msg)
    bad = ~(np.isfinite(covariates).all(axis=1) & np.isfinite(ends))
    if begins is not None:
        bad |= np.isnan(begins)
    if bad.any():
        msg = f"{int(bad.sum())} of {ends.size} intervals have missing or infinite values; leave them out"
        raise CemkitError(msg)
    if begins is not None and not np.all(begins < ends):
        wrong = int(np.count_nonzero(begins >= ends))
        msg = f"every interval must start before it stops: {wrong} of {ends.size} do not"
        raise CemkitError(msg)
    return covariates, ends, happened, begins, strata, clusters


def _prepare(
    x: Floats, stop: Floats, event: npt.NDArray[np.bool_], start: Floats | None, stratum: Codes, ties: str
) -> tuple[_Rows, Floats, Floats]:
    """Leave out the rows that are at risk at no event, sort the rest by their last block, standardise."""
    blocks = find_blocks(start, stop, event, stratum, ties)
    center = x.mean(axis=0) if len(x) else np.zeros(x.shape[1])
    order = np.argsort(blocks.last, kind="stable")
    order = order[blocks.last[order] >= blocks.first[order]]
    happened = np.flatnonzero(event[order])
    blocks = blocks._replace(first=blocks.first[order], last=blocks.last[order], happened=happened)
    used = np.asfortranarray(x[order] - center)
    scale = used.std(axis=0) if len(used) else np.ones(x.shape[1])
    scale[~(scale > 0)] = 1.0
    used /= scale
    return _Rows(used, blocks, order), center, scale


def _derivatives(beta: Floats, rows: _Rows) -> tuple[float, Floats, Floats]:
    eta = rows.x @ beta
    risk = np.exp(eta)
    sums = denominators(risk, rows.blocks)
    gradient, matrix = score_and_information(rows.x, risk, sums, rows.blocks)
    return float(eta[rows.blocks.happened].sum()) - sums.log_sum, gradient, matrix


def _newton(
    rows: _Rows, likelihood: float, gradient: Floats, matrix: Floats
) -> tuple[Floats, float, Floats, Floats, int]:
    """Climb from 0; return coefficients, likelihood, information, the step still to go, and the iterations."""
    beta = np.zeros(gradient.size)
    step: Floats = np.asarray(np.linalg.lstsq(matrix, gradient, rcond=None)[0])
    iteration = 0
    while iteration < MAX_ITERATIONS and float(step @ gradient) > TOLERANCE and not _drifting(step, matrix).any():
        iteration += 1
        factor = 1.0
        while True:
            trial = beta + factor * step
            # beyond e^±500 risks are no numbers; such a step is too long in any case
            if float(np.abs(trial).sum()) < 500:
                with np.errstate(all="ignore"):
                    value, slope, curvature = _derivatives(trial, rows)
                if (
                    np.isfinite(value)
                    and np.isfinite(curvature).all()
                    and value >= likelihood - 1e-12 * abs(likelihood)
                ):
                    break
            factor /= 2
            if factor < 1e-8:
                return beta, likelihood, matrix, step, iteration
        beta, likelihood, gradient, matrix = trial, value, slope, curvature
        step = np.asarray(np.linalg.lstsq(matrix, gradient, rcond=None)[0])
    return beta, likelihood, matrix, step, iteration


def _drifting(step: Floats, matrix: Floats) -> npt.NDArray[np.bool_]:
    """Return the covariates that still take long steps when nothing is left to gain: their coefficients have no end."""
    return (np.abs(step) > 1e-2) & (float(step @ matrix @ step) < 1e-7)


def _aliased(matrix: Floats) -> npt.NDArray[np.bool_]:
    """Sweep the information at 0 column by column: a covariate of which nothing is left follows from those before it."""
    rest = matrix.copy()
    size = np.diag(matrix).copy()
    largest = float(size.max(initial=0.0))
    aliased = np.zeros(size.size, dtype=np.bool_)
    for j in range(size.size):
        if rest[j, j] <= COLLINEAR * max(size[j], 1e-9 * largest) or rest[j, j] <= 0:
            aliased[j] = True
            continue
        rest -= np.outer(rest[:, j], rest[j]) / rest[j, j]
    return aliased


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(matrix, hermitian=True, rcond=1e-14), dtype=np.float64) if matrix.size else matrix


def _widen(matrix: Floats, kept: Codes, p: int) -> Floats:
    wide = np.full((p, p), np.nan)
    wide[np.ix_(kept, kept)] = matrix
    return wide


def _nothing(p: int, n: int, events: int, center: Floats, blocks: Blocks, ties: str) -> CoxFit:
    """Return the fit without events, or without covariates."""
    nothing, square = np.full(p, np.nan), np.full((p, p), np.nan)
    ones = np.ones(blocks.last.size)
    sums = denominators(ones, blocks)
    return CoxFit(
        nothing,
        nothing,
        square,
        square,
        -sums.log_sum,
        -sums.log_sum,
        blocks.time,
        blocks.stratum,
        sums.hazard,
        center,
        n,
        events,
        0,
        np.zeros(p, np.bool_),
        np.zeros(p, np.bool_),
        0,
        ties,
        None,
        "ok" if events else "no-events",
    )
