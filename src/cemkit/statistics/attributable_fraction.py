"""The attributable fraction of a Cox model: the share of events by a time that goes with the exposure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.cox import CoxFit, cox
from cemkit.statistics.cox_sums import denominators, find_blocks, first_orders, score_residuals

__all__ = ["AttributableFraction", "cox_attributable_fraction"]

Floats = npt.NDArray[np.float64]


class AttributableFraction(NamedTuple):
    """AF(t) = 1 − (1 − S₀(t)) / (1 − S(t)), one row per time."""

    time: Floats
    estimate: Floats
    """NaN before the first event and beyond the time observed."""
    std_error: Floats
    survival: Floats
    """Mean survival of all units as they are."""
    survival_unexposed: Floats
    """Mean survival of the same units without the exposure."""
    fit: CoxFit


def cox_attributable_fraction(
    x: npt.ArrayLike,
    unexposed: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    times: npt.ArrayLike,
    cluster: npt.NDArray[np.integer] | None = None,
    ties: str = "breslow",
) -> AttributableFraction:
    r"""Estimate the attributable fraction over time (Chen, Lin & Zeng 2010; Sjölander & Vansteelandt 2014).

    :math:`S_0(t) = \frac1n \sum_i \exp(-\hat H(t) e^{x_{0i}'\beta})`, x₀ the covariates without the exposure, and S(t)
    the same with the covariates as they are.

    Parameters
    ----------
    x, unexposed : (n, p) arrays
        Covariates known at the beginning, as they are and with the exposure taken away. An exposure that comes later
        makes this immortal time: use `preventable.preventable`.
    stop, event : (n,) arrays
        Time and whether it is an event.
    times : array
        Times at which the fraction is wanted.
    cluster : (n,) array of int, optional
        Units that belong together, numbered from 0.

    Notes
    -----
    The standard error is a sandwich over all estimating equations (coefficients, cumulative hazard, both means).
    """
    fit = cox(x, stop, event, ties=ties)
    if fit.status != "ok":
        msg = f"an attributable fraction needs a Cox model that can be fitted: its status is {fit.status!r}"
        raise CemkitError(msg)
    covariates, without = np.asarray(x, dtype=np.float64), np.asarray(unexposed, dtype=np.float64)
    if covariates.shape != without.shape:
        msg = f"unexposed covariates need the shape of the covariates, {covariates.shape}: found {without.shape}"
        raise CemkitError(msg)
    ends, happened = np.asarray(stop, dtype=np.float64), np.asarray(event, dtype=np.bool_)
    asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
    n = len(covariates)
    blocks = find_blocks(None, ends, happened, np.zeros(n, dtype=np.intp), ties)
    centred = covariates - fit.center
    risk = np.exp(centred @ fit.coefficient)
    risk_without = np.exp((without - fit.center) @ fit.coefficient)
    # censored before the first event: at risk in no block, without influence on the fit
    used = np.flatnonzero(blocks.last >= 0)
    inside = blocks._replace(first=blocks.first[used], last=blocks.last[used], happened=np.flatnonzero(happened[used]))
    sums = denominators(risk[used], inside)
    of_beta = np.zeros_like(covariates)
    of_beta[used] = score_residuals(centred[used], risk[used], sums, inside) @ fit.model_covariance
    whole, leaving = first_orders(centred[used], risk[used], inside)
    slope = np.cumsum(sums.square[0][:, None] * whole - sums.square[1][:, None] * leaving, axis=0)
    hazard, own = np.cumsum(sums.hazard), np.concatenate([[0.0], np.cumsum(sums.square[0])])
    columns: list[tuple[float, float, float, float]] = []
    for t in asked:
        block = int(np.searchsorted(blocks.time, t, side="right")) - 1
        if block < 0 or t > ends.max():
            columns.append((np.nan, np.nan, np.nan if block >= 0 else 1.0, np.nan if block >= 0 else 1.0))
            continue
        left = np.flatnonzero(happened & (blocks.last <= block))
        of_hazard = -risk * own[np.minimum(blocks.last, block) + 1] - of_beta @ slope[block]
        of_hazard[left] += (sums.hazard / blocks.events)[blocks.last[left]]
        of_hazard[left] += risk[left] * sums.square[1][blocks.last[left]]
        found = []
        for ratio, value in ((risk, covariates), (risk_without, without)):
            stay = np.exp(-hazard[block] * ratio)
            bend = -ratio * stay / n
            shift = of_hazard * bend.sum() + of_beta @ ((hazard[block] * bend) @ (value - fit.center))
            found.append((stay.mean(), (stay - stay.mean()) / n + shift))
        (stay, of_stay), (stay_without, of_without) = found
        influence = of_without / (1 - stay) - (1 - stay_without) / (1 - stay) ** 2 * of_stay
        if cluster is not None:
            influence = np.bincount(cluster, weights=influence)
        number = influence.size if cluster is None else int(np.unique(cluster).size)
        error = float(np.sqrt(np.sum(influence**2) * number / max(number - 1, 1)))
        columns.append((1 - (1 - stay_without) / (1 - stay), error, float(stay), float(stay_without)))
    estimate, std_error, survival, survival_without = np.array(columns).reshape(-1, 4).T
    return AttributableFraction(asked, estimate, std_error, survival, survival_without, fit)
