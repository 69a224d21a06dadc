"""The accounting view of churn: each leaver's hazard at exit, split over the exposures then in force."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.discrete_hazard import HazardFit, design_matrix, removed_hazard
from cemkit.statistics.preventable import PersonTime
from cemkit.statistics.shapley import Game

__all__ = ["ExitShares", "exit_shares"]

Floats = npt.NDArray[np.float64]


class ExitShares(NamedTuple):
    """Shares of the leavers observed; the last of each array is all players together."""

    share: Floats
    std_error: Floats
    covariance: Floats
    influence: Floats
    """(customers, players + 1)"""
    error: Floats
    """Standard error of the random orders; 0 where the values are exact."""


def exit_shares(rows: PersonTime, fit: HazardFit, game: Game, *, weight: npt.ArrayLike | None = None) -> ExitShares:
    r"""Split the hazard of every leaver's last interval by Shapley's rule, and take the mean over leavers.

    :math:`\phi_k = -\sum_S w_{kS} h_S / h`, with the hazard h of the cell and h_S that without the players S. The
    standard error counts the drawing of the customers and, through the gradient of the mean, the fit.

    Parameters
    ----------
    rows : PersonTime
    fit : HazardFit
    game : Game
        The coalitions to be evaluated.
    weight : (customers,) array, optional
        What each customer counts for.
    """
    left = np.flatnonzero(rows.event)
    customer = np.repeat(np.arange(rows.offsets.size - 1), np.diff(rows.offsets))
    stakes = np.ones(rows.offsets.size - 1) if weight is None else np.asarray(weight, dtype=np.float64)
    total = float(stakes[customer[left]].sum())
    if not total > 0:
        msg = f"the hazard at exit needs leavers whose weights sum to more than 0: found {left.size} leavers"
        raise CemkitError(msg)
    cells, place = np.unique(rows.cell[left], return_inverse=True)
    lost = np.bincount(place.reshape(-1), weights=stakes[customer[left]], minlength=cells.size)
    design, players = fit.design, game.member.shape[1]
    pairs = [design.pattern[cells, i] & design.pattern[cells, j] for i, j in design.pairs]
    columns = np.column_stack([design.pattern[cells], *pairs]).astype(np.float64)
    owners = [(p,) for p in design.player] + [(design.player[i], design.player[j]) for i, j in design.pairs]
    some = fit._replace(design=design._replace(pattern=design.pattern[cells], baseline=design.baseline[cells]))
    hazard = np.maximum(fit.hazard[cells], 1e-300)
    gone = np.ones((len(game.member), len(owners)), dtype=np.bool_)
    for e, owner in enumerate(owners):
        gone[:, e] = np.any([game.member[:, p] for p in owner if p >= 0] or [game.member[:, 0] & False], axis=0)
    worth = np.zeros((len(game.member), cells.size))
    of_columns = np.zeros((players, len(owners)))
    step = max(1, 2_000_000 // max(cells.size, 1))
    for begin in range(0, len(game.member), step):
        part = slice(begin, begin + step)
        ratio = removed_hazard(some, game.member[part]) / hazard
        worth[part] = 1 - ratio
        if fit.kind == "multiplicative":
            of_columns += game.weight[:, part] @ (((ratio * lost) @ columns) * gone[part])
    values, errors = np.zeros((players, cells.size)), np.zeros((players, cells.size))
    for c in range(cells.size) if not game.exact else ():
        values[:, c], errors[:, c] = game.values(worth[:, c])
    if game.exact:
        from cemkit.statistics.shapley import shapley_values

        values = shapley_values(worth, players)
    share = values @ lost / total
    q = design.baseline.shape[1]
    gradient = np.zeros((players, fit.coefficient.size))
    if fit.kind == "multiplicative":
        gradient[:, q:] = of_columns
    else:
        gradient -= (values * (lost / hazard)) @ design_matrix(some.design)
        gradient[:, q:] -= (game.weight @ ~gone) * ((lost / hazard) @ columns)
    gradient /= total
    direction = design_matrix(design) @ (fit.bread @ gradient.T)
    residual = (rows.event - fit.hazard[rows.cell] * rows.duration) / fit.working[rows.cell]
    influence = np.zeros((rows.offsets.size - 1, players))
    own = (values.T[place.reshape(-1)] - share) * (stakes[customer[left]] / total)[:, None]
    for k in range(players):
        influence[:, k] = np.bincount(customer, weights=residual * direction[rows.cell, k], minlength=len(influence))
        influence[:, k] += np.bincount(customer[left], weights=own[:, k], minlength=len(influence))
    influence = np.column_stack([influence, influence.sum(axis=1)])
    covariance = influence.T @ influence
    error = np.append((errors * lost).sum(axis=1) / total, 0.0)
    return ExitShares(np.append(share, share.sum()), np.sqrt(np.diag(covariance)), covariance, influence, error)
