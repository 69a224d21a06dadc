"""Shapley values: a total shared fairly, exactly for few players, by antithetic permutations for many."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = [
    "EXACT_PLAYERS",
    "Game",
    "Shapley",
    "coalitions",
    "exact_game",
    "multiplicative_shapley",
    "permutation_game",
    "shapley",
    "shapley_values",
    "shapley_weights",
]

Floats = npt.NDArray[np.float64]

EXACT_PLAYERS = 12


class Shapley(NamedTuple):
    """Values that sum to v(all) − v(none)."""

    value: Floats
    """(players, ...) with the shape of one coalition's value behind."""
    error: Floats
    """Standard error of the permutations, 0 where the values are exact; not the sampling error of the data."""
    total: Floats
    """v(all) − v(none)"""
    method: str
    """'exact' or 'antithetic-permutations'."""
    evaluations: int
    """Coalitions whose value was asked for."""


def coalitions(players: int) -> npt.NDArray[np.bool_]:
    """Return all 2^K coalitions, (2^K, K): row c holds player k if bit k of c is set."""
    return np.asarray((np.arange(2**players)[:, None] >> np.arange(players)) % 2 == 1)


def _orders(players: int) -> Floats:
    """Return |S|! (K − |S| − 1)! / K! by the size of S: the share of orders in which just S comes before a player."""
    from scipy.special import gammaln

    size = np.arange(players)
    return np.asarray(np.exp(gammaln(size + 1) + gammaln(players - size) - gammaln(players + 1)))


def shapley_values(worth: npt.ArrayLike, players: int) -> Floats:
    """Return the Shapley values, (players, ...), of a game given by the values of all `coalitions`, (2^K, ...).

    Gains are taken before they are weighed, so that a player who changes nothing has exactly 0.
    """
    value = np.asarray(worth, dtype=np.float64)
    member, found = coalitions(players), np.zeros((players, *value.shape[1:]))
    size = member.sum(axis=1)
    for k in range(players):
        outside = np.flatnonzero(~member[:, k])
        found[k] = np.tensordot(_orders(players)[size[outside]], value[outside + 2**k] - value[outside], axes=1)
    return found


def shapley_weights(players: int) -> Floats:
    """Return W, (players, 2^K), so that W @ v(coalitions) are the Shapley values: they are linear in the game."""
    member, found = coalitions(players), np.zeros((players, 2**players))
    size = member.sum(axis=1)
    for k in range(players):
        outside = np.flatnonzero(~member[:, k])
        weight = _orders(players)[size[outside]]
        found[k, outside], found[k, outside + 2**k] = -weight, weight
    return found


class Game(NamedTuple):
    """Coalitions whose values give the Shapley values of many games of the same players; the first is nobody, the last all."""

    member: npt.NDArray[np.bool_]
    """(coalitions, players)"""
    code: npt.NDArray[np.intp]
    """(coalitions,) the same as bits."""
    weight: Floats
    """(players, coalitions): weight @ worth are the values."""
    steps: npt.NDArray[np.intp]
    """(pairs, 2, players, 2) for random orders: the coalitions before and after each player; (0, ...) of an exact game."""

    @property
    def exact(self) -> bool:
        """Whether all coalitions are here."""
        return not len(self.steps)

    def values(self, worth: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the Shapley values and the standard errors of the random orders.

        Gains are taken before they are weighed, so that a player who changes nothing has exactly 0.
        """
        value, players = np.asarray(worth, dtype=np.float64), self.member.shape[1]
        if self.exact:
            return shapley_values(value, players), np.zeros(players)
        gain = (value[self.steps[..., 1]] - value[self.steps[..., 0]]).mean(axis=1)
        return gain.mean(axis=0), gain.std(axis=0, ddof=1) / np.sqrt(len(gain))


def exact_game(players: int) -> Game:
    """Return all coalitions of at most twelve players."""
    if not 1 <= players <= EXACT_PLAYERS:
        msg = (
            f"Shapley values are exact for 1 to {EXACT_PLAYERS} players, found {players}: beyond, use permutation_game"
        )
        raise CemkitError(msg)
    nothing = np.zeros((0, 2, players, 2), dtype=np.intp)
    return Game(coalitions(players), np.arange(2**players), shapley_weights(players), nothing)


def permutation_game(players: int, *, permutations: int, seed: int | np.random.Generator | None = None) -> Game:
    """Return the coalitions of so many random orders and their reverses (Mitchell et al. 2022), of at most 62 players."""
    if not 1 <= players <= 62 or permutations < 2:
        msg = f"random orders need 1 to 62 players and at least 2 permutations: found {players} and {permutations}"
        raise CemkitError(msg)
    rng = np.random.default_rng(seed)
    first = np.array([rng.permutation(players) for _ in range(permutations)])
    orders = np.stack([first, first[:, ::-1]], axis=1)
    after = np.cumsum(np.left_shift(1, orders.astype(np.int64)), axis=2)
    before = np.concatenate([np.zeros_like(after[..., :1]), after[..., :-1]], axis=2)
    code, place = np.unique(np.stack([before, after], axis=-1), return_inverse=True)
    ranked = place.reshape(*before.shape, 2)
    steps = np.empty_like(ranked)
    np.put_along_axis(steps, orders[..., None].repeat(2, axis=-1), ranked, axis=2)
    weight = np.zeros((players, code.size))
    for k in range(players):
        np.add.at(weight[k], steps[:, :, k, 1].reshape(-1), 0.5 / permutations)
        np.add.at(weight[k], steps[:, :, k, 0].reshape(-1), -0.5 / permutations)
    return Game((code[:, None] >> np.arange(players)) % 2 == 1, code.astype(np.intp), weight, steps.astype(np.intp))


def shapley(
    value: Callable[[npt.NDArray[np.bool_]], npt.ArrayLike],
    players: int,
    *,
    permutations: int = 500,
    seed: int | np.random.Generator | None = None,
) -> Shapley:
    """Share v(all) − v(none) among the players (Shapley 1953).

    Parameters
    ----------
    value : function
        Takes coalitions, (m, players) of bool, and returns their values, (m,) or (m, ...).
    permutations : int
        Beyond twelve players: pairs of a random order and its reverse (Mitchell et al. 2022). The values still sum to
        the total exactly; ``error`` is what chance leaves. A game that is cheap to solve exactly and close to this one
        can be taken off first: Shapley values add over games.

    Examples
    --------
    >>> found = shapley(lambda s: 1 - np.prod(np.where(s, [0.5, 0.8], 1.0), axis=1), 2)
    >>> found.value.round(4).tolist(), round(float(found.total), 4)
    ([0.45, 0.15], 0.6)
    """
    if players < 0 or permutations < 2:
        msg = f"Shapley values need players and at least 2 permutations: found {players} and {permutations}"
        raise CemkitError(msg)
    if players <= EXACT_PLAYERS:
        member = coalitions(players)
        worth = np.asarray(value(member), dtype=np.float64)
        found = shapley_values(worth, players)
        return Shapley(found, np.zeros_like(found), worth[-1] - worth[0], "exact", len(member))
    rng = np.random.default_rng(seed)
    mean: Floats = np.zeros(())
    squares: Floats = np.zeros(())
    ladder = np.tri(players + 1, players, -1, dtype=np.bool_)
    total: Floats = np.zeros(())
    for done in range(permutations):
        order = rng.permutation(players)
        pair: Floats = np.zeros(())
        for ranked in (order, order[::-1]):
            member = np.empty_like(ladder)
            member[:, ranked] = ladder
            worth = np.asarray(value(member), dtype=np.float64)
            gain = np.empty((players, *worth.shape[1:]))
            gain[ranked] = np.diff(worth, axis=0)
            total = worth[-1] - worth[0]
            pair = pair + gain / 2
        shift = pair - mean
        mean = mean + shift / (done + 1)
        squares = squares + shift * (pair - mean)
    error = np.sqrt(squares / (permutations - 1) / permutations)
    asked = 2 * permutations * (players + 1)
    return Shapley(np.asarray(mean), np.asarray(error), total, "antithetic-permutations", asked)


def multiplicative_shapley(ratio: npt.ArrayLike) -> Floats:
    r"""Return the Shapley values of v(S) = 1 − Π_{k∈S} r_k along the last axis, without 2^K coalitions.

    :math:`\phi_k = \int_0^1 (1 - r_k) \prod_{j \ne k} (1 - q (1 - r_j))\, dq`, a polynomial of degree K − 1, which
    Gauss–Legendre with ⌈K/2⌉ nodes integrates exactly (Owen 1972). For a multiplicative hazard, r is the inverse of the
    hazard ratio of an exposure in force, 1 for one that is not.

    Examples
    --------
    >>> multiplicative_shapley([0.5, 0.8]).round(4).tolist()
    [0.45, 0.15]
    """
    loss = 1.0 - np.asarray(ratio, dtype=np.float64)
    players = loss.shape[-1]
    if not players:
        return loss
    nodes, weights = np.polynomial.legendre.leggauss((players + 1) // 2)
    found = np.zeros_like(loss)
    for q, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        factor = 1.0 - q * loss
        # products of all others from the left and from the right: no division by a factor that may be 0
        left = np.concatenate([np.ones_like(factor[..., :1]), np.cumprod(factor, axis=-1)[..., :-1]], axis=-1)
        right = np.cumprod(factor[..., ::-1], axis=-1)[..., -2::-1]
        right = np.concatenate([right, np.ones_like(factor[..., :1])], axis=-1)
        found += weight * loss * left * right
    return found
