"""Kano's categories: the evaluation table, Better and Worse, and how sure the top category is.

Answers are codes 0 to 4: like, must-be, neutral, live-with, dislike; categories are in the order of `CATEGORIES`.

Berger, C. et al. (1993), Kano's methods for understanding customer-defined quality, *Center for Quality of Management
Journal* 2(4), 3-36 (table, Better/Worse, M>O>A>I, continuous variant; Pouliot's table on its pages 28-36). Fong, D.
(1996), Using the self-stated importance questionnaire to interpret Kano questionnaire results, *CQM Journal* 5. Lee, M. C.
& Newcomb, J. F. (1997), Applying the Kano methodology to meet customer requirements, *Quality Management Journal* 4
(category strength and total strength).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_method

__all__ = [
    "CATEGORIES",
    "KANO_TABLES",
    "BetterWorse",
    "KanoTable",
    "Top",
    "better_worse",
    "category_counts",
    "continuous_category",
    "continuous_scores",
    "evaluate",
    "top_category",
    "top_probability",
]

CATEGORIES = ("attractive", "one-dimensional", "must-be", "indifferent", "reverse", "questionable")
"""The order of every axis of categories."""

KanoTable: TypeAlias = Literal["berger", "pouliot"]
# rows: answer to the functional question, columns: to the dysfunctional one, both like .. dislike
KANO_TABLES: dict[KanoTable, tuple[str, str, str, str, str]] = {
    "berger": ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"),
    "pouliot": ("QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ"),
}
"""Berger et al.'s table, and Pouliot's, in which two must-be or two live-with answers are questionable, too."""

FUNCTIONAL_SCORES = (4.0, 2.0, 0.0, -1.0, -2.0)
DYSFUNCTIONAL_SCORES = (-2.0, -1.0, 0.0, 2.0, 4.0)

_LETTERS = "AOMIRQ"
# the rule of ties: what would do most harm if it were overlooked comes first
_PRECEDENCE = np.array([2, 1, 0, 3, 4, 5])
_FONG = 1.65


class BetterWorse(NamedTuple):
    """Better (0 to 1) and Worse (−1 to 0), each (...), and their covariance (..., 2, 2)."""

    better: FloatArray
    worse: FloatArray
    covariance: FloatArray


class Top(NamedTuple):
    """The most frequent category and how sure it is.

    Attributes
    ----------
    category, second
        (...) places in `CATEGORIES`; of equal counts the first by M > O > A > I > R > Q. −1 without answers.
    strength
        Category strength: share of the top less share of the second.
    total
        Total strength: share of attractive, one-dimensional and must-be together.
    statistic, p_value
        z = (a − b)/√(a + b) of the top two counts, two-sided. The two were chosen for being the top: see
        `top_probability` for what that is worth.
    different
        Whether the rule asked for (z test or Fong's) tells the top two apart; where it does not, M > O > A > I decides
        between them.
    """

    category: NDArray[np.intp]
    second: NDArray[np.intp]
    strength: FloatArray
    total: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    different: NDArray[np.bool_]


def evaluate(functional: ArrayLike, dysfunctional: ArrayLike, *, table: KanoTable = "berger") -> NDArray[np.intp]:
    """Return the category (a place in `CATEGORIES`) of each pair of answers.

    Parameters
    ----------
    functional, dysfunctional : array_like of int
        Codes 0 (like) to 4 (dislike); a negative code is a missing answer and gives −1.
    table : str
        ``berger`` or ``pouliot``.

    Raises
    ------
    CemkitError
        If the table is unknown or a code exceeds 4.
    """
    check_method(table, KANO_TABLES)
    present, absent = _codes(functional), _codes(dysfunctional)
    cells = np.array([[_LETTERS.index(letter) for letter in row] for row in KANO_TABLES[table]], dtype=np.intp)
    return np.asarray(np.where((present < 0) | (absent < 0), -1, cells[present, absent]), dtype=np.intp)


def category_counts(category: NDArray[np.intp], *, weights: FloatArray | None = None) -> FloatArray:
    """Return Σ weights (or the number) of respondents per category, (..., 6), over the first axis (respondents)."""
    category = np.asarray(category)
    w = np.ones(len(category)) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.stack([np.tensordot(w, category == k, axes=(0, 0)) for k in range(6)], axis=-1)


def better_worse(counts: ArrayLike, *, covariance: FloatArray | None = None) -> BetterWorse:
    """Return Better = (A + O)/(A + O + M + I) and Worse = −(O + M)/(A + O + M + I) with their covariance.

    Parameters
    ----------
    counts : array_like
        Counts or shares (..., 6) in the order of `CATEGORIES`.
    covariance : ndarray, optional
        Covariance (..., 6, 6) of ``counts``, from a design; without it that of multinomial counts.

    Returns
    -------
    BetterWorse
        nan where nobody answered attractive, one-dimensional, must-be or indifferent. The covariance is that of the
        delta method; for a multinomial that is Better (1 − Better)/n, and so on, with n = A + O + M + I.
    """
    counts = np.asarray(counts, dtype=np.float64)
    base = counts[..., :4].sum(axis=-1)
    base = np.where(base > 0, base, np.nan)
    members = np.array([[1.0, 1, 0, 0, 0, 0], [0, -1, -1, 0, 0, 0]])
    values = (counts @ members.T) / base[..., None]
    inside = np.array([1.0, 1, 1, 1, 0, 0])
    slope = (members - values[..., None] * inside) / base[..., None, None]
    if covariance is None:
        # the multinomial's −nn'/N has no part in a ratio: the slopes are orthogonal to the counts
        spread = (slope * counts[..., None, :]) @ np.swapaxes(slope, -1, -2)
    else:
        spread = slope @ np.asarray(covariance, dtype=np.float64) @ np.swapaxes(slope, -1, -2)
    return BetterWorse(values[..., 0], values[..., 1], spread)


def top_category(
    counts: ArrayLike,
    *,
    method: Literal["z", "fong"] = "z",
    level: float = 0.95,
    covariance: FloatArray | None = None,
) -> Top:
    """Return the top category, its strength, and whether it is beyond chance.

    Parameters
    ----------
    counts : array_like
        Counts (..., 6) in the order of `CATEGORIES`.
    method : str
        ``z``: the top two differ where the p value of z = (a − b)/√(a + b) is below 1 − level. ``fong``: where
        a − b ≥ 1.65·√((a + b)(2n − a − b)/(2n)), n all answers; that has false alarms in 19 % where it means 10 %.
    level : float
        Level of the z test.
    covariance : ndarray, optional
        Covariance (..., 6, 6) of the counts under a design; then z = (a − b)/sd(a − b).

    Raises
    ------
    CemkitError
        If the method is unknown.
    """
    from scipy.special import ndtr

    check_method(method, ("z", "fong"))
    counts = np.asarray(counts, dtype=np.float64)
    n = counts.sum(axis=-1)
    first, second = _top_two(counts)
    a, b = (np.take_along_axis(counts, place[..., None], axis=-1)[..., 0] for place in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(a + b if covariance is None else _contrast_variance(np.asarray(covariance), first, second))
        statistic = (a - b) / spread
        p_value = np.where(spread > 0, 2 * ndtr(-np.abs(statistic)), np.nan)
        total = counts[..., :3].sum(axis=-1) / n
        strength = (a - b) / n
        limit = _FONG * np.sqrt((a + b) * (2 * n - a - b) / (2 * n))
    different = np.asarray(p_value < 1 - level if method == "z" else (a - b >= limit) & (n > 0))
    earlier = np.where(_rank(first) <= _rank(second), first, second)
    later = np.where(earlier == first, second, first)
    empty = ~(n > 0)
    category = np.where(empty, -1, np.where(different, first, earlier)).astype(np.intp)
    other = np.where(empty, -1, np.where(different, second, later)).astype(np.intp)
    return Top(category, other, strength, total, statistic, p_value, different)


def top_probability(counts: ArrayLike, *, rng: np.random.Generator, draws: int = 4000) -> FloatArray:
    """Return the share of bootstrap samples in which each category is the top one, (..., 6).

    Samples of the same size are drawn from the observed shares; equal counts go by M > O > A > I > R > Q. Under a
    design give effective counts (share times effective sample size), which are rounded to a whole sample size.
    """
    counts = np.asarray(counts, dtype=np.float64)
    flat = counts.reshape(-1, 6)
    found = np.full(flat.shape, np.nan)
    for i, row in enumerate(flat):
        total = row.sum()
        if total > 0:
            drawn = rng.multinomial(max(1, round(total)), row / total, size=draws)
            first, _ = _top_two(drawn.astype(np.float64))
            found[i] = np.bincount(first, minlength=6) / draws
    return found.reshape(counts.shape)


def continuous_scores(functional: ArrayLike, dysfunctional: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the scores of the continuous variant: functional 4, 2, 0, −1, −2 and dysfunctional −2, −1, 0, 2, 4.

    Codes are 0 (like) to 4 (dislike); negative codes are missing and give nan. The scales are lopsided on purpose: the
    answers on the far side are the less certain ones.
    """
    found = []
    for codes, scores in ((functional, FUNCTIONAL_SCORES), (dysfunctional, DYSFUNCTIONAL_SCORES)):
        place = _codes(codes)
        found.append(np.where(place < 0, np.nan, np.array(scores)[place]))
    return found[0], found[1]


def continuous_category(functional: ArrayLike, dysfunctional: ArrayLike) -> NDArray[np.intp]:
    """Return the quadrant of mean scores (Berger et al. 1993) as a category; −1 for nan.

    One-dimensional at 2 or more on both, must-be on the dysfunctional alone, attractive on the functional alone, else
    indifferent; reverse where both are below 0, which is outside the quadrants.
    """
    x, y = np.asarray(functional, dtype=np.float64), np.asarray(dysfunctional, dtype=np.float64)
    inside = np.where(x >= 2, np.where(y >= 2, 1, 0), np.where(y >= 2, 2, 3))
    found = np.where((x < 0) & (y < 0), 4, inside)
    return np.asarray(np.where(np.isnan(x + y), -1, found), dtype=np.intp)


def _codes(codes: ArrayLike) -> NDArray[np.intp]:
    found = np.asarray(codes, dtype=np.intp)
    if (found > 4).any():
        raise CemkitError(
            f"Kano codes run from 0 (like) to 4 (dislike): {int((found > 4).sum())} answers exceed 4, the largest is "
            f"{int(found.max())}."
        )
    return found


def _rank(category: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.asarray(_PRECEDENCE[category])


def _top_two(counts: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the categories of the largest and second-largest counts, ties by precedence."""
    order = np.argsort(_PRECEDENCE)
    ranked = order[np.argsort(-counts[..., order], axis=-1, kind="stable")]
    return ranked[..., 0], ranked[..., 1]


def _contrast_variance(covariance: FloatArray, first: NDArray[np.intp], second: NDArray[np.intp]) -> FloatArray:
    contrast = (np.arange(6) == first[..., None]).astype(np.float64) - (np.arange(6) == second[..., None])
    return np.asarray((contrast[..., None, :] @ covariance @ contrast[..., :, None])[..., 0, 0])
