"""Paths of touchpoints as two arrays, and the credits that rules give to their places.

A path is the order in which one customer met touchpoints. `touch` holds all paths end to end as codes 0..touchpoints−1,
`offsets` where each begins: path i is touch[offsets[i]:offsets[i + 1]], which may be empty. `counts` says how many
customers took the path, `left` how many of them left. Credits describe paths; they are not effects.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_method

__all__ = [
    "RULES",
    "Paths",
    "bootstrap_paths",
    "check_paths",
    "membership",
    "rule_weights",
    "set_credits",
    "touch_credits",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

RULES = ("first", "last", "linear", "time-decay", "position")


class Paths(NamedTuple):
    """Checked paths."""

    touch: Codes
    offsets: Codes
    touchpoints: int

    @property
    def path(self) -> Codes:
        """The path of each place in `touch`."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))


def check_paths(touch: npt.NDArray[np.integer], offsets: npt.NDArray[np.integer], *, touchpoints: int) -> Paths:
    """Return the paths as arrays of one type, or raise."""
    codes, ends = np.asarray(touch, dtype=np.intp), np.asarray(offsets, dtype=np.intp)
    if ends.size < 1 or ends[0] != 0 or ends[-1] != codes.size or np.any(np.diff(ends) < 0):
        msg = f"offsets must rise from 0 to the number of touches, {codes.size}: found {ends[:1]} to {ends[-1:]}"
        raise CemkitError(msg)
    if codes.size and (codes.min() < 0 or codes.max() >= touchpoints):
        msg = f"touchpoints are numbered 0 to {touchpoints - 1}: found {codes.min()} to {codes.max()}"
        raise CemkitError(msg)
    return Paths(codes, ends, touchpoints)


def rule_weights(
    paths: Paths, *, rule: str, age: npt.ArrayLike | None = None, half_life: float = 7.0, ends: float = 0.4
) -> Floats:
    """Return the share of its path's credit for each touch; sums to 1 over every path that is not empty.

    Parameters
    ----------
    rule : {"first", "last", "linear", "time-decay", "position"}
        All to the first or last touch; alike to each; halving every ``half_life``; ``ends`` to the first and to the
        last each and the rest alike to those between (half to each of two, all to one).
    age : (touches,) array, optional
        Time from the touch to the end of the path, in the unit of ``half_life``. Without, the number of touches after.
    """
    check_method(rule, RULES)
    if not (half_life > 0 and 0 <= ends <= 0.5):
        msg = f"half_life must be above 0 and ends between 0 and 0.5: found {half_life!r} and {ends!r}"
        raise CemkitError(msg)
    length = np.repeat(np.diff(paths.offsets), np.diff(paths.offsets))
    place = np.arange(paths.touch.size) - np.repeat(paths.offsets[:-1], np.diff(paths.offsets))
    is_first, is_last = place == 0, place == length - 1
    if rule == "first":
        return np.asarray(is_first, dtype=np.float64)
    if rule == "last":
        return np.asarray(is_last, dtype=np.float64)
    if rule == "linear":
        return np.asarray(1.0 / length, dtype=np.float64)
    if rule == "time-decay":
        old = (length - 1 - place).astype(np.float64) if age is None else np.asarray(age, dtype=np.float64)
        # relative to the youngest touch, so that the oldest paths keep their digits
        youngest = np.full(paths.offsets.size - 1, np.inf)
        np.minimum.at(youngest, paths.path, old)
        weight = np.exp2(-(old - youngest[paths.path]) / half_life)
        return np.asarray(weight / np.bincount(paths.path, weights=weight, minlength=youngest.size)[paths.path])
    middle = np.maximum(length - 2, 1)
    weight = np.where(is_first | is_last, ends, (1 - 2 * ends) / middle)
    return np.asarray(np.where(length == 1, 1.0, np.where(length == 2, 0.5, weight)))


def touch_credits(paths: Paths, weights: Floats, left: npt.ArrayLike) -> Floats:
    """Return Σ over paths of leavers × the touchpoint's weight; ``left`` is (paths,) or (replicates, paths)."""
    from scipy.sparse import csr_array

    share = csr_array((weights, (paths.path, paths.touch)), shape=(paths.offsets.size - 1, paths.touchpoints))
    return np.asarray((share.T @ np.asarray(left, dtype=np.float64).T).T)


def membership(paths: Paths) -> npt.NDArray[np.bool_]:
    """Return (paths, touchpoints): which touchpoints a path contains."""
    member = np.zeros((paths.offsets.size - 1, paths.touchpoints), dtype=np.bool_)
    member[paths.path, paths.touch] = True
    return member


def set_credits(member: npt.NDArray[np.bool_], left: npt.ArrayLike) -> Floats:
    r"""Return Shapley credits of sets of touchpoints: :math:`\phi_c = \sum_{P \ni c} \text{left}_P / |P|`.

    The Shapley value of the game in which a coalition gains the leavers of all paths that it covers wholly (Zhao 2018):
    each path's leavers are shared alike by its distinct touchpoints. Leavers of empty paths are nobody's. ``left`` is
    (paths,) or (replicates, paths).

    Examples
    --------
    >>> set_credits(np.array([[True, True], [True, False]]), [10, 4]).tolist()
    [9.0, 5.0]
    """
    size = np.maximum(member.sum(axis=1), 1)
    return np.asarray((np.asarray(left, dtype=np.float64) / size) @ member)


def bootstrap_paths(
    counts: npt.ArrayLike, rng: np.random.Generator, *, replicates: int, unit: npt.NDArray[np.integer] | None = None
) -> Floats:
    """Return (replicates, rows) counts as if the customers had been drawn anew.

    Rows are distinct (path, end) with the number of customers that each stands for: a multinomial draw. Where a
    customer has several paths, give ``unit``, the customer of each row, numbered from 0: customers are drawn, rows keep
    their counts.
    """
    number = np.asarray(counts, dtype=np.float64)
    if unit is not None:
        units = int(np.max(unit, initial=-1)) + 1
        drawn = rng.multinomial(units, np.full(units, 1 / units), size=replicates)
        return drawn[:, unit] * number
    total = number.sum()
    if not total > 0 or total != round(total):
        msg = f"customers can be drawn anew only from whole counts, at least one: found a total of {total}"
        raise CemkitError(msg)
    return rng.multinomial(int(total), number / total, size=replicates).astype(np.float64)
