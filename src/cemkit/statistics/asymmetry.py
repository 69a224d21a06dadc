"""Penalties and rewards: how much bad and good answers move an outcome against middling ones.

Brandt, D. R. (1987), A procedure for identifying value-enhancing service components, *Journal of Services Marketing* 1.
Matzler, K. & Sauerwein, E. (2002), *International Journal of Service Industry Management* 13 (the three factors).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics.regression import Contrasts, Regression, contrasts, equivalence_p, least_squares

__all__ = ["FACTORS", "PenaltyReward", "penalty_reward"]

FACTORS = ("basic", "performance", "excitement", "undetermined")
"""The order of `PenaltyReward.factor`."""


class PenaltyReward(NamedTuple):
    """Penalties and rewards of p items.

    Attributes
    ----------
    penalty, reward
        Coefficients of the dummies 'low' and 'high' against the middle.
    difference
        Reward + penalty, which is ``|reward| − |penalty|`` where they have the expected signs.
    equivalence
        (p,) p values of the size of the difference being within the margin.
    factor
        (p,) places in `FACTORS`.
    fit
        The regression: intercept, penalties, rewards.
    """

    penalty: Contrasts
    reward: Contrasts
    difference: Contrasts
    equivalence: NDArray[np.float64]
    factor: NDArray[np.intp]
    fit: Regression


def penalty_reward(
    is_low: NDArray[np.bool_],
    is_high: NDArray[np.bool_],
    outcome: NDArray[np.float64],
    *,
    margin: float,
    level: float = 0.95,
    weights: NDArray[np.float64] | None = None,
    cluster: NDArray[np.intp] | None = None,
    stratum: NDArray[np.intp] | None = None,
    population: NDArray[np.float64] | None = None,
) -> PenaltyReward:
    """Regress the outcome on two dummies per item, and class the items by what is shown.

    An item is a basic factor where its penalty is shown to exceed its reward, an excitement factor where its reward is
    shown to exceed its penalty (each at 1 − level, two-sided), a performance factor where the two are shown to be
    equivalent within ±margin and at least one of them differs from zero, and undetermined otherwise: a difference that
    is not significant shows nothing.

    Parameters
    ----------
    is_low, is_high : ndarray of bool
        (n, p): answers at or below the low point, at or above the high one.
    outcome : ndarray
        (n,).
    margin : float
        How far the sizes of reward and penalty may lie apart and count as alike, in the outcome's units.
    level : float
        Level of intervals and tests.
    weights, cluster, stratum, population
        As in `least_squares`; HC3 without any.

    Raises
    ------
    CemkitError
        If an item has no low, no high or no middle answers (by column), and as `least_squares`.
    """
    low, high = np.asarray(is_low, dtype=bool), np.asarray(is_high, dtype=bool)
    for name, part in (("low", low), ("high", high), ("middling", ~(low | high))):
        empty = np.flatnonzero(~part.any(axis=0))
        if len(empty):
            raise CemkitError(
                f"no respondent gave a {name} answer to the items in columns {', '.join(map(str, empty))}: move the "
                "bounds or leave the items out."
            )
    items = low.shape[1]
    fit = least_squares(
        np.column_stack([low, high]).astype(np.float64),
        outcome,
        weights=weights,
        cluster=cluster,
        stratum=stratum,
        population=population,
    )
    nothing, each = np.zeros((items, items)), np.eye(items)
    column = np.zeros((items, 1))
    penalty = contrasts(fit, np.hstack([column, each, nothing]), level=level)
    reward = contrasts(fit, np.hstack([column, nothing, each]), level=level)
    difference = contrasts(fit, np.hstack([column, each, each]), level=level)
    alike = equivalence_p(difference.estimate, difference.std_error, margin=margin, df=fit.df)
    limit = 1 - level
    differs = difference.p_value < limit
    performs = (alike < limit) & (((penalty.p_value < limit) & (penalty.estimate < 0)) | (reward.p_value < limit))
    # a difference within the margin is shown to be negligible, whatever its sign
    factor = np.where(
        performs,
        1,
        np.where(differs & (difference.estimate < 0), 0, np.where(differs & (difference.estimate > 0), 2, 3)),
    )
    return PenaltyReward(penalty, reward, difference, alike, factor.astype(np.intp), fit)
