"""Hazards on cells of person-time: exposure pattern × stratum × tenure band.

Within a cell the hazard is constant, so that events are Poisson with mean hazard × person-time and a table of (events,
person-time) per cell is all that the data say (Holford 1980; Laird & Olivier 1981); the tables of disjoint customers
add. Person-time must be split where an exposure starts or ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_method

__all__ = [
    "KINDS",
    "HazardDesign",
    "HazardFit",
    "choose_hazard",
    "fit_hazard",
    "hazard_design",
    "hazard_shares",
    "held_out_log_likelihood",
    "removed_hazard",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KINDS = ("multiplicative", "additive")
MAX_ITERATIONS = 200


class HazardDesign(NamedTuple):
    """What the hazard of a cell is made of."""

    pattern: Bools
    """(cells, exposures): which exposures are in force."""
    player: npt.NDArray[np.intp]
    """(exposures,) the touchpoint that an exposure belongs to; −1 for one that is never taken away (valence unknown)."""
    baseline: Floats
    """(cells, q) columns of the background: bands, strata, splines; their span must hold the constant."""
    pairs: tuple[tuple[int, int], ...]
    """Exposures that interact: a column for both in force."""


class HazardFit(NamedTuple):
    """A fitted hazard: q coefficients of the background, then one per exposure, then one per pair."""

    kind: str
    design: HazardDesign
    coefficient: Floats
    """Logarithms of ratios (multiplicative) or differences per unit of time (additive); 0 where nobody was exposed."""
    covariance: Floats
    """If events are Poisson within cells; customers as clusters come with `preventable`."""
    bread: Floats
    """Inverse of the estimating equations' slope: Σ bread @ (column · (events − hazard · time) / working) per customer
    is that customer's influence on the coefficients."""
    hazard: Floats
    """(cells,)"""
    working: Floats
    """(cells,) 1, or the additive fit's working variance."""
    log_likelihood: float
    """Σ d log h − h T, hazards counting as at least a thousandth of the overall rate."""
    status: str
    """'ok', 'negative' (additive: some cells' hazard would be below 0 and is taken as 0), 'no-events' or 'not-converged'."""

    @property
    def effect(self) -> Floats:
        """Coefficients of the exposures."""
        q = self.design.baseline.shape[1]
        return self.coefficient[q : q + self.design.pattern.shape[1]]


def hazard_design(
    pattern: npt.ArrayLike,
    baseline: npt.ArrayLike,
    *,
    player: npt.ArrayLike | None = None,
    pairs: Sequence[tuple[int, int]] = (),
) -> HazardDesign:
    """Return a checked design; every exposure is its own player unless said otherwise."""
    member, columns = np.asarray(pattern, dtype=np.bool_), np.asarray(baseline, dtype=np.float64)
    owner = np.arange(member.shape[-1]) if player is None else np.asarray(player, dtype=np.intp)
    if member.ndim != 2 or columns.ndim != 2 or len(columns) != len(member) or owner.shape != member.shape[1:]:
        msg = f"cells need a pattern, a player per exposure and a background: found {member.shape}, {owner.shape}, {columns.shape}"
        raise CemkitError(msg)
    return HazardDesign(member, owner, columns, tuple(pairs))


def design_matrix(design: HazardDesign, removed: Bools | None = None) -> Floats:
    """Return (cells, q + exposures + pairs), the players ``removed`` taken away."""
    pattern = design.pattern
    if removed is not None:
        gone = np.append(removed, False)[design.player]
        pattern = pattern & ~gone
    both = [pattern[:, i] & pattern[:, j] for i, j in design.pairs]
    return np.column_stack([design.baseline, pattern, *both])


def fit_hazard(events: npt.ArrayLike, time: npt.ArrayLike, design: HazardDesign, *, kind: str) -> HazardFit:
    r"""Fit the hazard of cells.

    Parameters
    ----------
    events, time : (cells,) arrays
        Events and person-time.
    kind : {"multiplicative", "additive"}
        :math:`h = \exp(b'\gamma + e'\beta)` by maximum likelihood, or :math:`h = b'\gamma + e'\beta` by least squares
        weighted with the working variance of the multiplicative fit.

    Notes
    -----
    The additive estimating equations are linear, hence without bias and with an honest variance where a hazard is near 0.
    Maximum likelihood with an identity link weighs a cell by its own fitted hazard, and so believes a harmless exposure's
    chance deficit where hazards are low. A difference may be negative: cutting it at 0 would bias a harmless one upwards;
    only the hazard of a cell is cut at 0. Exposures without person-time have coefficient exactly 0.

    Examples
    --------
    >>> cells = hazard_design([[False], [True]], [[1.0], [1.0]])
    >>> fit = fit_hazard([10, 9], [1000, 300], cells, kind="additive")
    >>> fit.coefficient.round(6).tolist()
    [0.01, 0.02]
    """
    check_method(kind, KINDS)
    d, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
    lonely = int(np.count_nonzero((d > 0) & ~(t > 0)))
    if d.shape != t.shape or d.shape != design.pattern.shape[:1] or lonely or np.any(d < 0) or not np.all(t >= 0):
        shapes = f"{d.shape} and {t.shape} for {len(design.pattern)} cells, {lonely} with events but no time"
        msg = f"each cell needs events and person-time, not negative: found {shapes}"
        raise CemkitError(msg)
    whole = design_matrix(design)
    width = whole.shape[1]
    if not d.sum() > 0:
        nothing = np.full(width, np.nan)
        none = np.zeros_like(d)
        square = np.full((width, width), np.nan)
        return HazardFit(kind, design, nothing, square, square, none, np.ones_like(d), 0.0, "no-events")
    seen = t > 0
    used = np.flatnonzero(np.any(whole[seen] != 0, axis=0))
    matrix, rate = whole[np.ix_(seen, used)], float(d.sum() / t.sum())
    start = np.linalg.lstsq(matrix, np.full(int(seen.sum()), np.log(rate)))[0]
    theta, information, converged = _climb(start, d[seen], t[seen], matrix)
    working = np.ones_like(d)
    spread = information
    if kind == "additive":
        coefficient = np.zeros(width)
        coefficient[used] = theta
        # the log-linear hazard as weights; no cell may claim to know a hundred times more than the average
        working = np.maximum(np.exp(np.minimum(whole @ coefficient, 500.0)), 0.01 * rate)
        weight = t[seen] / working[seen]
        information = (matrix * weight[:, None]).T @ matrix
        theta = np.asarray(np.linalg.lstsq(information, matrix.T @ (d[seen] / working[seen]), rcond=1e-13)[0])
        variance = np.maximum(matrix @ theta, 0.0) * weight / working[seen]
        spread = (matrix * variance[:, None]).T @ matrix
    coefficient, bread, middle = np.zeros(width), np.zeros((width, width)), np.zeros((width, width))
    place = np.ix_(used, used)
    coefficient[used], middle[place] = theta, spread
    bread[place] = np.linalg.pinv(information, hermitian=True, rcond=1e-13)
    covariance = bread @ middle @ bread
    eta = whole @ coefficient
    hazard = _hazard(eta, kind)
    status = "ok" if converged else "not-converged"
    if kind == "additive" and converged and bool(np.any(eta[seen] < 0)):
        status = "negative"
    score = _log_likelihood(d, t, hazard, 1e-3 * rate)
    return HazardFit(kind, design, coefficient, covariance, bread, hazard, working, score, status)


def _log_likelihood(events: Floats, time: Floats, hazard: Floats, floor: float) -> float:
    """Return Σ d log h − h T, a hazard counting as at least ``floor``: one event where a fit says never does not decide."""
    bounded = np.maximum(hazard, max(floor, 1e-300))
    return float(np.sum(np.where(events > 0, events * np.log(bounded), 0.0) - bounded * time))


def _hazard(eta: Floats, kind: str) -> Floats:
    return np.exp(np.minimum(eta, 500.0)) if kind == "multiplicative" else np.maximum(eta, 0.0)


def _climb(theta: Floats, d: Floats, t: Floats, matrix: Floats) -> tuple[Floats, Floats, bool]:
    """Climb the Poisson likelihood of a log-linear hazard; return coefficients, information, and whether it has ended."""

    def value(eta: Floats) -> float:
        return float(d @ eta - t @ np.exp(eta)) if float(eta.max()) < 500 else -np.inf

    eta = matrix @ theta
    likelihood = value(eta)
    for _ in range(MAX_ITERATIONS):
        mean = t * np.exp(eta)
        gradient, information = matrix.T @ (d - mean), (matrix * mean[:, None]).T @ matrix
        step = np.linalg.lstsq(information, gradient, rcond=1e-13)[0]
        if float(step @ gradient) < 1e-14:
            return theta, information, True
        factor = 1.0
        least = likelihood - 1e-12 * abs(likelihood)
        while (trial := value(matrix @ (theta + factor * step))) < least and factor > 1e-12:
            factor /= 2
        if factor <= 1e-12:
            break
        theta = theta + factor * step
        eta, likelihood = matrix @ theta, trial
    return theta, information, False


def removed_hazard(fit: HazardFit, removed: npt.ArrayLike) -> Floats:
    """Return the hazard of every cell without some players: (m, players) of bool gives (m, cells)."""
    gone = np.atleast_2d(np.asarray(removed, dtype=np.bool_))
    q = fit.design.baseline.shape[1]
    base = fit.design.baseline @ fit.coefficient[:q]
    bare = fit.design._replace(baseline=np.empty((len(base), 0)))
    return np.stack([_hazard(base + design_matrix(bare, row) @ fit.coefficient[q:], fit.kind) for row in gone])


def held_out_log_likelihood(events: npt.ArrayLike, time: npt.ArrayLike, design: HazardDesign, *, kind: str) -> Floats:
    """Return (folds,) log likelihoods of each fold under the fit to the others; tables are (folds, cells).

    Folds are of customers, never of person-time.
    """
    d, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
    found = np.empty(len(d))
    for fold in range(len(d)):
        rest, rest_time = d.sum(axis=0) - d[fold], t.sum(axis=0) - t[fold]
        fit = fit_hazard(rest, rest_time, design, kind=kind)
        found[fold] = _log_likelihood(d[fold], t[fold], fit.hazard, 1e-3 * float(rest.sum() / rest_time.sum()))
    return found


def choose_hazard(
    events: npt.ArrayLike, time: npt.ArrayLike, designs: Mapping[str, tuple[HazardDesign, str]]
) -> tuple[str, dict[str, float]]:
    """Return the name of the (design, kind) with the highest held-out log likelihood, and that of each.

    ``events`` and ``time`` are (folds, cells), the same cells for every design.
    """
    score = {
        name: float(held_out_log_likelihood(events, time, design, kind=kind).sum())
        for name, (design, kind) in designs.items()
    }
    return max(score, key=lambda name: score[name]), score


def hazard_shares(fit: HazardFit, players: int) -> Floats:
    """Return (cells, players + 1): the hazard of each cell split over the players in force; the last is background.

    Rows sum to 1. The split is the Shapley value of removing players from the hazard, in closed form where exposures do
    not interact. Weighted by the leavers of each cell it is the accounting view: it adds up to the leavers observed,
    and runs higher than the preventable share, since a customer who is saved once can still leave later.
    """
    from cemkit.statistics.shapley import multiplicative_shapley, shapley

    if fit.kind == "multiplicative" and not fit.design.pairs:
        owned = fit.design.player >= 0
        log_ratio = np.zeros((len(fit.hazard), players))
        np.add.at(log_ratio.T, fit.design.player[owned], (fit.design.pattern * -fit.effect)[:, owned].T)
        shares = multiplicative_shapley(np.exp(log_ratio))
    else:
        hazard = np.maximum(fit.hazard, 1e-300)
        shares = shapley(lambda s: 1 - removed_hazard(fit, s) / hazard, players, permutations=200, seed=0).value.T
    return np.column_stack([shares, 1 - shares.sum(axis=1)])
