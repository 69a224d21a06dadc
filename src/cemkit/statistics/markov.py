"""Absorbing Markov chains of paths: who leaves, and how many fewer would without a touchpoint.

Every removal effect of a chain comes from one factorisation. With Q the moves between states, r the exits by leaving,
s the share of paths that begin in each state: N = (I − Q)⁻¹, x = N r is the chance to leave from each state, and s'x
the share of all paths that end in leaving. A path that is stopped at its first visit to the set C no longer leaves.
The first visits f solve f N_CC = (s'N)_C, so that (s'N)_C N_CC⁻¹ x_C is lost; for a single state this is
(s'N)_c / N_cc · x_c.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.paths import Paths

__all__ = ["Chain", "Removal", "Transitions", "chain_counts", "markov_removal", "path_transitions", "removal_of_states"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

DENSE_STATES = 1500
"""Up to so many states the whole of N is formed; beyond, each removal solves a sparse system of what remains."""


class Transitions(NamedTuple):
    """Which states a path passes, for every path: the moves are then sums over paths under any weights."""

    states: int
    member: npt.NDArray[np.bool_]
    """(states, touchpoints): the touchpoints that a state's k-gram contains."""
    first: Codes
    """(paths,) state in which a path begins; −1 if it is empty."""
    last: Codes
    """(paths,) state in which it ends; −1 if it is empty."""
    edge: Codes
    """(moves,) source · states + target of each distinct kind of move, sorted."""
    move: Codes
    """Kind of each single move, an index into `edge`."""
    move_path: Codes
    """Path of each single move."""


class Chain(NamedTuple):
    """Counts of a chain. Tables of disjoint customers add."""

    start: Floats
    """(states,) paths that begin in a state."""
    source: Codes
    target: Codes
    moves: Floats
    """Number of moves from source to target."""
    left: Floats
    """(states,) paths that end in leaving from a state."""
    other: Floats
    """(states,) paths that end otherwise (kept, still open)."""
    direct_left: float = 0.0
    """Paths without any touchpoint that ended in leaving."""
    direct_other: float = 0.0


class Removal(NamedTuple):
    """The chain's answer."""

    base_rate: float
    """Share of all paths that end in leaving: s'x, empty paths included. Equals the share observed."""
    effect: Floats
    """(touchpoints,) share of the base rate that ends if paths stop at the touchpoint; 0 if nobody met it."""
    share: Floats
    """(touchpoints,) the effects as shares of their sum; NaN if all are 0."""
    chance: Floats
    """(states,) x: chance to leave from a state."""
    status: str
    """'ok' or 'no-leavers'."""


def path_transitions(paths: Paths, *, order: int = 1) -> Transitions:
    """Turn paths into moves between k-grams, the last ``order`` touchpoints (fewer at a path's beginning)."""
    if order < 1:
        msg = f"the order of a chain must be at least 1, not {order!r}: 1 remembers the last touchpoint"
        raise CemkitError(msg)
    touch, path = paths.touch, paths.path
    opening = np.zeros(touch.size, dtype=np.bool_)
    opening[paths.offsets[:-1][np.diff(paths.offsets) > 0]] = True
    values, state = _distinct(touch, paths.touchpoints)
    member = np.zeros((values.size, paths.touchpoints), dtype=np.bool_)
    member[np.arange(values.size), values] = True
    for _ in range(order - 1):
        before = np.concatenate([[0], state[:-1] + 1])
        before[opening] = 0
        pair, state_next = np.unique(before * paths.touchpoints + touch, return_inverse=True)
        prior, newest = np.divmod(pair, paths.touchpoints)
        grown = np.where((prior > 0)[:, None], member[np.maximum(prior - 1, 0)], False)  # noqa: FBT003
        grown[np.arange(pair.size), newest] = True
        member, state = grown, state_next
    states = len(member)
    first = np.full(paths.offsets.size - 1, -1, dtype=np.intp)
    last = first.copy()
    some = np.flatnonzero(np.diff(paths.offsets) > 0)
    first[some], last[some] = state[paths.offsets[:-1][some]], state[paths.offsets[1:][some] - 1]
    within = np.flatnonzero(~opening)
    edge, move = _distinct(state[within - 1] * states + state[within], states * states)
    return Transitions(states, member, first, last, edge, move, path[within])


def _distinct(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Return what `numpy.unique` does with the inverse, by counting where the codes are few."""
    if size > 4 * codes.size + 1000:
        values, inverse = np.unique(codes, return_inverse=True)
        return values, inverse
    some = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(some), (np.cumsum(some) - 1)[codes]


def chain_counts(transitions: Transitions, left: npt.ArrayLike, other: npt.ArrayLike) -> Chain:
    """Sum the moves over paths, each taken by so many customers who left and so many who did not."""
    gone, rest = np.asarray(left, dtype=np.float64), np.asarray(other, dtype=np.float64)
    size, both = transitions.states, gone + rest
    some = transitions.first >= 0

    def at(state: Codes, weight: Floats) -> Floats:
        return np.asarray(np.bincount(state[some], weights=weight[some], minlength=size), dtype=np.float64)

    moves = np.bincount(transitions.move, weights=both[transitions.move_path], minlength=transitions.edge.size)
    source, target = np.divmod(transitions.edge, max(size, 1))
    return Chain(
        at(transitions.first, both),
        source,
        target,
        moves.astype(np.float64),
        at(transitions.last, gone),
        at(transitions.last, rest),
        float(gone[~some].sum()),
        float(rest[~some].sum()),
    )


def markov_removal(chain: Chain, member: npt.NDArray[np.bool_]) -> Removal:
    """Return every touchpoint's removal effect (Anderl et al. 2016), exactly, at the order of the chain.

    Parameters
    ----------
    chain : Chain
        Counts of the paths; states that nobody passes may be there (replicates of a bootstrap).
    member : (states, touchpoints) array of bool
        Touchpoints of a state: removing a touchpoint stops every path at the first state that contains it. The
        identity for a chain of order 1.

    Notes
    -----
    Descriptive: a removal effect says how many leavers' paths pass a touchpoint, weighted by a first-order story of how
    paths go on; frequent touchpoints that harm nobody have large ones.

    Examples
    --------
    >>> chain = Chain(np.array([3.0, 0]), np.array([0]), np.array([1]), np.array([2.0]), np.array([1.0, 1]), np.zeros(2) + [0, 1])
    >>> found = markov_removal(chain, np.eye(2, dtype=bool))
    >>> round(found.base_rate, 4), found.effect.round(4).tolist()
    (0.6667, [1.0, 0.5])
    """
    paths = float(chain.start.sum()) + chain.direct_left + chain.direct_other
    touchpoints = member.shape[1]
    through = np.bincount(chain.source, weights=chain.moves, minlength=chain.start.size) + chain.left + chain.other
    passed = np.flatnonzero(through > 0)
    nothing = np.full(touchpoints, np.nan)
    chance = np.full(chain.start.size, np.nan)
    if not paths > 0:
        return Removal(float("nan"), nothing, nothing, chance, "no-leavers")
    renumbered = np.full(chain.start.size, -1, dtype=np.intp)
    renumbered[passed] = np.arange(passed.size)
    some = chain.moves > 0
    source, target = renumbered[chain.source[some]], renumbered[chain.target[some]]
    if np.any(target < 0):
        stuck = int(np.unique(chain.target[some][target < 0]).size)
        msg = f"{stuck} states are entered but never left: every path must end in leaving, kept or open"
        raise CemkitError(msg)
    move = chain.moves[some] / through[passed][source]
    x, lost = removal_of_states(
        chain.start[passed] / paths, source, target, move, chain.left[passed] / through[passed], member[passed]
    )
    chance[passed] = x
    base = float(chain.start[passed] @ x / paths) + chain.direct_left / paths
    if not base > 0:
        return Removal(base, np.where(member[passed].any(axis=0), np.nan, 0.0), nothing, chance, "no-leavers")
    effect = lost / base
    total = float(effect.sum())
    return Removal(base, effect, effect / total if total > 0 else nothing, chance, "ok")


def removal_of_states(
    start: Floats, source: Codes, target: Codes, move: Floats, leave: Floats, member: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return x and, per column of ``member``, the share of paths that no longer leave without these states."""
    size = start.size
    if size <= DENSE_STATES:
        return _dense(start, source, target, move, leave, member)
    from scipy.sparse import coo_array, eye_array
    from scipy.sparse.linalg import splu

    matrix = (eye_array(size, format="csc") - coo_array((move, (source, target)), shape=(size, size))).tocsc()
    x = splu(matrix).solve(leave)
    whole, lost = float(start @ x), np.zeros(member.shape[1])
    for c in np.flatnonzero(member.any(axis=0)):
        rest = np.flatnonzero(~member[:, c])
        still = splu(matrix[rest][:, rest].tocsc()).solve(leave[rest]) if rest.size else np.empty(0)
        lost[c] = whole - float(start[rest] @ still)
    return x, lost


def _dense(
    start: Floats, source: Codes, target: Codes, move: Floats, leave: Floats, member: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    size = start.size
    matrix = np.eye(size)
    np.subtract.at(matrix, (source, target), move)
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError as error:
        msg = "some states are never left for an end: every path must end in leaving, kept or open"
        raise CemkitError(msg) from error
    x, visits = inverse @ leave, start @ inverse
    lost = np.zeros(member.shape[1])
    for c in np.flatnonzero(member.any(axis=0)):
        states = np.flatnonzero(member[:, c])
        if states.size == 1:
            lost[c] = visits[states[0]] / inverse[states[0], states[0]] * x[states[0]]
        else:
            lost[c] = visits[states] @ np.linalg.solve(inverse[np.ix_(states, states)], x[states])
    return x, lost
