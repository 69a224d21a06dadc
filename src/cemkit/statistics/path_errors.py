"""Standard errors of credits that paths give, by the delta method: how far one customer's path moves every credit.

Without the touchpoint c a share B_c = s'x of all paths still ends in leaving. With x the chance to leave from a state
and y the expected visits to it, both in the chain whose paths stop at c, and t the visits counted, a path that begins in
state f moves B_c by (x_f − B_c) + Σ P·y_i/t_i·(x_j − x_i) over its moves from i to j, divided by the number of paths P;
j is 1 for leaving and 0 for any other end. With no touchpoint removed P·y_i/t_i is 1 and the sum telescopes to
1{left} − B, the influence of a share.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.markov import DENSE_STATES, Chain, Transitions
from cemkit.statistics.paths import Paths

__all__ = ["CreditErrors", "credit_errors", "path_parts", "removal_errors"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
_BLOCK = 4_000_000


class CreditErrors(NamedTuple):
    """Standard errors per touchpoint: of its share of the credit, and of its removal effect (NaN where there is none)."""

    share: Floats
    effect: Floats


class _Without(NamedTuple):
    """The chain without each touchpoint: x and P·y/t, (states, touchpoints), 0 in the states that contain it."""

    chance: Floats
    visits: Floats


def removal_errors(
    transitions: Transitions, chain: Chain, left: npt.ArrayLike, other: npt.ArrayLike, *, unit: Codes | None = None
) -> CreditErrors:
    """Return the standard errors of what `markov_removal` finds.

    Parameters
    ----------
    transitions : Transitions
        The moves of every path.
    chain : Chain
        Their counts (`chain_counts` of the same numbers).
    left, other : (paths,) array
        Customers who took the path and left, or did not.
    unit : (paths,) array of int, optional
        The customer of each path, numbered from 0, where a customer has several. Without, all are different customers.
    """
    gone, rest = np.asarray(left, dtype=np.float64), np.asarray(other, dtype=np.float64)
    paths, touchpoints = float((gone + rest).sum()), transitions.member.shape[1]
    without = _chains_without(chain, transitions.member, paths)
    begins, ends = transitions.first >= 0, transitions.last
    base = float(gone.sum()) / paths
    start = chain.start / paths
    direct = chain.direct_left / paths
    rate = start @ without.chance + direct
    lost = base - rate
    whole = float(lost.sum())
    if not base > 0 or not whole > 0:
        nothing = np.full(touchpoints, np.nan)
        return CreditErrors(nothing, nothing)
    source, target = np.divmod(transitions.edge, max(transitions.states, 1))
    steps = _path_moves(transitions)

    def of_path(chance: Floats, visits: Floats, still: Floats) -> tuple[Floats, Floats]:
        """Return how paths move B_c, for those who left and for the others."""
        drift = steps @ (visits[source] * (chance[target] - chance[source]))
        drift[begins] += chance[transitions.first[begins]]
        drift -= still
        gone_on = drift.copy()
        gone_on[begins] += visits[ends[begins]] * (1.0 - chance[ends[begins]])
        gone_on[~begins] += 1.0
        drift[begins] -= visits[ends[begins]] * chance[ends[begins]]
        return gone_on, drift

    def error(for_left: Floats, for_other: Floats) -> Floats:
        if unit is None:
            square = gone @ for_left**2 + rest @ for_other**2
            return np.asarray(np.sqrt(square) / paths)
        moved = gone[:, None] * for_left + rest[:, None] * for_other
        return _clustered(moved, unit) / paths

    # what all touchpoints together lose is moved by the sum over touchpoints, taken a block at a time
    blocks = np.array_split(np.arange(touchpoints), max(1, -(-gone.size * touchpoints // _BLOCK)))
    all_left, all_other = np.zeros(gone.size), np.zeros(gone.size)
    share, effect = np.zeros(touchpoints), np.zeros(touchpoints)
    for second in (False, True):
        for block in blocks:
            if1, if0 = of_path(without.chance[:, block], without.visits[:, block], rate[block])
            # the loss is B − B_c
            if1, if0 = (1.0 - base) - if1, -base - if0
            if not second:
                all_left, all_other = all_left + if1.sum(axis=1), all_other + if0.sum(axis=1)
                ratio = lost[block] / base
                effect[block] = error((if1 - ratio * (1.0 - base)) / base, (if0 + ratio * base) / base)
            else:
                part = lost[block] / whole
                share[block] = error(
                    (if1 - part * all_left[:, None]) / whole, (if0 - part * all_other[:, None]) / whole
                )
    unmet = ~transitions.member.any(axis=0)
    share[unmet], effect[unmet] = 0.0, 0.0
    return CreditErrors(share, effect)


def credit_errors(part: Any, left: npt.ArrayLike, *, unit: Codes | None = None) -> Floats:
    """Return the standard errors of shares of credit, Σ left·part / Σ left·Σ part, of rules and of sets.

    Parameters
    ----------
    part : (paths, touchpoints) array or sparse array
        The share of a path's leavers that each touchpoint is given: rows sum to 1, or to 0 for an empty path.
    left : (paths,) array
        Customers who took the path and left.
    unit : (paths,) array of int, optional
        The customer of each path, where a customer has several.
    """
    from scipy.sparse import csr_array

    given, gone = csr_array(part), np.asarray(left, dtype=np.float64)
    size = given.sum(axis=1)
    total = float(gone @ size)
    if not total > 0:
        return np.full(given.shape[1], np.nan)
    share = gone @ given / total
    if unit is None:
        # Σ left (a − share·size)², without making the difference
        square = gone @ given.power(2) - 2 * share * ((gone * size) @ given) + share**2 * float(gone @ size**2)
        return np.asarray(np.sqrt(np.maximum(square, 0.0)) / total)
    moved = gone[:, None] * (given.toarray() - np.outer(size, share))
    return _clustered(moved, unit) / total


def _clustered(moved: Floats, unit: Codes) -> Floats:
    units = int(unit.max(initial=-1)) + 1
    sums = np.column_stack([grouped_sum(unit, column, groups=units) for column in moved.T])
    return np.asarray(np.sqrt((sums**2).sum(axis=0) * units / max(units - 1, 1)))


def _path_moves(transitions: Transitions) -> Any:
    """Return (paths, kinds of move): how often a path makes each move."""
    from scipy.sparse import csr_array

    shape = (transitions.first.size, transitions.edge.size)
    return csr_array((np.ones(transitions.move.size), (transitions.move_path, transitions.move)), shape=shape)


def _chains_without(chain: Chain, member: npt.NDArray[np.bool_], paths: float) -> _Without:
    size, touchpoints = chain.start.size, member.shape[1]
    through = np.bincount(chain.source, weights=chain.moves, minlength=size) + chain.left + chain.other
    passed = np.flatnonzero(through > 0)
    place = np.full(size, -1, dtype=np.intp)
    place[passed] = np.arange(passed.size)
    some = chain.moves > 0
    source, target = place[chain.source[some]], place[chain.target[some]]
    move = chain.moves[some] / through[chain.source[some]]
    start, leave = chain.start[passed] / paths, chain.left[passed] / through[passed]
    inside = member[passed]
    solve = _dense_without if passed.size <= DENSE_STATES else _sparse_without
    x, y = solve(start, source, target, move, leave, inside)
    chance, visits = np.zeros((size, touchpoints)), np.zeros((size, touchpoints))
    chance[passed], visits[passed] = x, y * (paths / through[passed])[:, None]
    return _Without(chance, visits)


def _dense_without(
    start: Floats, source: Codes, target: Codes, move: Floats, leave: Floats, member: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    matrix = np.eye(start.size)
    np.subtract.at(matrix, (source, target), move)
    inverse = np.linalg.inv(matrix)
    x, y = inverse @ leave, start @ inverse
    chance, visits = np.tile(x[:, None], member.shape[1]), np.tile(y[:, None], member.shape[1])
    for c in np.flatnonzero(member.any(axis=0)):
        states = np.flatnonzero(member[:, c])
        block = np.linalg.inv(inverse[np.ix_(states, states)])
        chance[:, c] -= inverse[:, states] @ (block @ x[states])
        visits[:, c] -= (y[states] @ block) @ inverse[states]
        chance[states, c], visits[states, c] = 0.0, 0.0
    return chance, visits


def _sparse_without(
    start: Floats, source: Codes, target: Codes, move: Floats, leave: Floats, member: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    from scipy.sparse import coo_array, eye_array
    from scipy.sparse.linalg import splu

    size = start.size
    matrix = (eye_array(size, format="csc") - coo_array((move, (source, target)), shape=(size, size))).tocsc()
    chance, visits = np.zeros(member.shape), np.zeros(member.shape)
    for c in range(member.shape[1]):
        rest = np.flatnonzero(~member[:, c])
        if rest.size:
            kept = matrix[rest][:, rest]
            chance[rest, c] = splu(kept.tocsc()).solve(leave[rest])
            visits[rest, c] = splu(kept.T.tocsc()).solve(start[rest])
    return chance, visits


def path_parts(paths: Paths, weights: Floats) -> Any:
    """Return (paths, touchpoints): the share of a path's credit that each touchpoint gets by `rule_weights`."""
    from scipy.sparse import csr_array

    return csr_array((weights, (paths.path, paths.touch)), shape=(paths.offsets.size - 1, paths.touchpoints))
