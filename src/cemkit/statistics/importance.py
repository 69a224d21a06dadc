"""What each driver contributes to R²: LMG (Shapley), relative weights, CAR scores, first and last.

All from a correlation (or covariance) matrix with the items first and the outcome last, or from a batch of them.

Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980), *Introduction to Bivariate and Multivariate Analysis*.
Johnson, J. W. (2000), A heuristic method for estimating the relative weight of predictor variables in multiple
regression, *Multivariate Behavioral Research* 35, 1-19. Genizi, A. (1993), Decomposition of R² in multiple regression
with correlated regressors, *Statistica Sinica* 3, 407-420 (the same numbers as Johnson's). Zuber, V. & Strimmer, K.
(2011), High-dimensional regression and variable selection using CAR scores, *SAGMB* 10. Azen, R. & Budescu, D. V.
(2003), The dominance analysis approach for comparing predictors in multiple regression, *Psychological Methods* 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_method
from cemkit.statistics.moments import correlate
from cemkit.statistics.predictors import Prepared, prepare
from cemkit.statistics.subsets import complete_dominance, contributions_by_size, pair_dominance, subset_fits

__all__ = [
    "EXACT_LIMIT",
    "IMPORTANCE_METHODS",
    "BySize",
    "Dominance",
    "Importance",
    "ImportanceMethod",
    "dominance",
    "importance",
    "lmg_by_size",
    "probe_importance",
]

ImportanceMethod: TypeAlias = Literal["lmg", "relative-weights", "car", "first", "last"]
IMPORTANCE_METHODS: tuple[ImportanceMethod, ...] = ("lmg", "relative-weights", "car", "first", "last")
EXACT_LIMIT = 22
"""Drivers (or groups) up to which all subsets are fitted."""

_TIE = 1e-12
_MOST_FITS = 1 << 22


class Importance(NamedTuple):
    """What each driver (or group) contributes, in units of R².

    Attributes
    ----------
    contribution
        (..., G). ``lmg``, ``relative-weights`` and ``car`` sum to ``r_squared`` − ``base``; ``first`` (alone beside the
        controls) and ``last`` (beside all others) do not.
    r_squared
        Of all items and controls, (...).
    base
        R² of the controls alone, (...).
    sampling_error
        Standard error of the sampled permutations, (..., G); zero where the method is exact.
    """

    contribution: FloatArray
    r_squared: FloatArray
    base: FloatArray
    sampling_error: FloatArray

    @property
    def share(self) -> FloatArray:
        """Contributions divided by their sum."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.contribution / self.contribution.sum(axis=-1, keepdims=True))


class Dominance(NamedTuple):
    """Which driver is ahead of which (1, ½, 0), from the same subset fits as the LMG.

    Attributes
    ----------
    complete
        (..., G, G): the row adds at least as much as the column to every subset of the others.
    conditional
        (..., G, G): on average over the subsets of each size, at every size.
    general
        (..., G, G): on average over the sizes, that is, by LMG.
    by_size
        (..., G, G): a driver's (row's) mean contribution beside 0, 1, …, G − 1 others.
    contribution
        (..., G): the LMG, the mean of ``by_size``.
    """

    complete: FloatArray
    conditional: FloatArray
    general: FloatArray
    by_size: FloatArray
    contribution: FloatArray


class BySize(NamedTuple):
    """Mean contributions by the number of other drivers (..., G, G), their mean, and R² of all and of the controls."""

    by_size: FloatArray
    contribution: FloatArray
    r_squared: FloatArray
    base: FloatArray


def importance(
    correlation: FloatArray,
    *,
    method: ImportanceMethod = "lmg",
    groups: Sequence[Sequence[int]] | None = None,
    controls: Sequence[int] = (),
    permutations: int = 2000,
    rng: np.random.Generator | None = None,
) -> Importance:
    """Return what each driver contributes to R².

    LMG: ``φᵢ = Σ_S |S|! (p − |S| − 1)!/p! · [R²(S ∪ i) − R²(S)]`` over the subsets S of the other drivers. Relative weights:
    Λ = R^½, ε = Λ² (Λ⁻¹ r)². CAR: (R^−½ r)². With controls every method divides what the items add to them; relative
    weights and CAR take the items and the outcome given the controls.

    Parameters
    ----------
    correlation : ndarray
        Correlation or covariance matrix (p + 1, p + 1), items first and outcome last; or a batch (B, p + 1, p + 1).
    method : str
        ``lmg``, ``relative-weights``, ``car``, ``first`` or ``last``.
    groups : sequence of sequences of int, optional
        Items that enter and leave together, each once; by default each item is its own. The LMG of groups takes
        coalitions of groups; relative weights and CAR are summed over the members.
    controls : sequence of int
        Items that are always in the model and get no share.
    permutations, rng
        Beyond 22 drivers (or groups) the LMG is the mean over this many random orders, each with its reverse; the
        standard error of that sampling is returned, and the contributions still sum to R². The generator is needed
        then only.

    Returns
    -------
    Importance
        For a batch, nan where a matrix is singular or a column constant (count them).

    Raises
    ------
    CemkitError
        For a single matrix with a constant column or perfectly collinear items (by column number), or that is no
        correlation matrix; if groups and controls are no partition of the items; beyond 22 drivers without a generator.
    """
    check_method(method, IMPORTANCE_METHODS)
    ready = prepare(correlation, groups=groups, controls=controls)
    fitted = _explained(ready)
    error = np.zeros((len(fitted), len(ready.sizes)))
    if method == "lmg" and len(ready.sizes) > EXACT_LIMIT:
        contribution, error = _sampled(ready, permutations, rng)
    elif method == "lmg":
        contribution = np.concatenate([contributions_by_size(fits).mean(axis=2) for fits in _all_fits(ready)])
    elif method in {"relative-weights", "car"}:
        contribution = np.add.reduceat(_rooted(ready, method), ready.starts, axis=1)
    else:
        contribution = _ends(ready, fitted, method)
    return Importance(*map(ready.outward, (contribution, ready.base + fitted, ready.base, error)))


def dominance(
    correlation: FloatArray, *, groups: Sequence[Sequence[int]] | None = None, controls: Sequence[int] = ()
) -> Dominance:
    """Return complete, conditional and general dominance, up to 22 drivers (or groups).

    The arguments are those of `importance`. Complete dominance implies conditional, which implies general.

    Raises
    ------
    CemkitError
        As `importance`, and beyond 22 drivers.
    """
    ready = prepare(correlation, groups=groups, controls=controls)
    if len(ready.sizes) > EXACT_LIMIT:
        raise CemkitError(
            f"dominance compares all subsets, which is done up to {EXACT_LIMIT} drivers, not {len(ready.sizes)}: "
            "put items in groups, or use method='lmg', which samples."
        )
    parts: list[tuple[FloatArray, ...]] = []
    for fits in _all_fits(ready):
        sizes = contributions_by_size(fits)
        ahead = sizes[:, :, None, :] - sizes[:, None, :, :]
        conditional = pair_dominance(ahead.min(axis=3), ahead.max(axis=3), tolerance=_TIE)
        mean = ahead.mean(axis=3)
        general = pair_dominance(mean, mean, tolerance=_TIE)
        complete = complete_dominance(fits, conditional=conditional, tolerance=_TIE)
        parts.append((complete, conditional, general, sizes, sizes.mean(axis=2)))
    return Dominance(*(ready.outward(np.concatenate(part)) for part in zip(*parts, strict=True)))


def lmg_by_size(
    correlation: FloatArray, *, groups: Sequence[Sequence[int]] | None = None, controls: Sequence[int] = ()
) -> BySize:
    """Return every driver's mean contribution beside 0, 1, …, G − 1 others, of which the LMG is the mean.

    The arguments are those of `importance`; the first column is what a driver explains alone, the last what it adds to all.
    """
    ready = prepare(correlation, groups=groups, controls=controls)
    parts = [(contributions_by_size(fits), fits[:, -1] - fits[:, 0]) for fits in _all_fits(ready)]
    sizes, fitted = (np.concatenate(part) for part in zip(*parts, strict=True))
    return BySize(*map(ready.outward, (sizes, sizes.mean(axis=2), ready.base + fitted, ready.base)))


def probe_importance(
    correlation: FloatArray,
    *,
    n: float,
    rng: np.random.Generator,
    draws: int = 200,
    method: ImportanceMethod = "lmg",
    controls: Sequence[int] = (),
    permutations: int = 100,
) -> FloatArray:
    """Return the contributions (draws,) that an item without any meaning would get beside the others.

    A permuted column has correlations with the others of mean zero and covariance R/(n − 1); they are drawn as normal
    from that, so that the correlation matrix of n rows is enough.
    """
    matrix = correlate(np.asarray(correlation, dtype=np.float64))
    items = len(matrix) - 1
    prepare(matrix, controls=controls)
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0) / (n - 1))
    meeting = rng.standard_normal((draws, items + 1)) @ root.T
    probed = np.empty((draws, items + 2, items + 2))
    place = [*range(1, items + 1), items + 1]
    probed[:, 1:, 1:] = matrix
    probed[:, 0, 0] = 1.0
    probed[:, 0, place] = probed[:, place, 0] = meeting
    shifted = [control + 1 for control in controls]
    found = importance(probed, method=method, controls=shifted, permutations=permutations, rng=rng)
    return found.contribution[:, 0]


def _explained(ready: Prepared) -> FloatArray:
    """Return what all items together add to the controls."""
    across = ready.covariance[:, :-1, -1:]
    return np.asarray((across * np.linalg.solve(ready.covariance[:, :-1, :-1], across)).sum(axis=(1, 2)))


def _all_fits(ready: Prepared) -> Iterator[FloatArray]:
    """Yield the fits of all subsets, for as many matrices at a time as memory should hold."""
    step = max(1, _MOST_FITS >> len(ready.sizes))
    for start in range(0, len(ready.covariance), step):
        yield subset_fits(ready.covariance[start : start + step], sizes=ready.sizes)


def _rooted(ready: Prepared, method: ImportanceMethod) -> FloatArray:
    """Relative weights or squared CAR scores per item, in the outcome's own variance."""
    deviation = np.sqrt(np.diagonal(ready.covariance[:, :-1, :-1], axis1=1, axis2=2))
    across = ready.covariance[:, :-1, -1] / deviation
    values, vectors = np.linalg.eigh(ready.covariance[:, :-1, :-1] / deviation[:, :, None] / deviation[:, None, :])
    root = np.sqrt(values)[:, :, None]
    turned = np.swapaxes(vectors, 1, 2)
    score = (vectors @ ((turned @ across[..., None]) / root))[..., 0]
    if method == "car":
        return np.asarray(score**2)
    return np.asarray(((vectors @ (root * turned)) ** 2 @ score[..., None] ** 2)[..., 0])


def _ends(ready: Prepared, fitted: FloatArray, method: ImportanceMethod) -> FloatArray:
    """Return what each block explains alone (first), or adds to all others (last)."""
    inner, across = ready.covariance[:, :-1, :-1], ready.covariance[:, :-1, -1:]
    found = np.empty((len(inner), len(ready.sizes)))
    for g, (start, size) in enumerate(zip(ready.starts, ready.sizes, strict=True)):
        own = np.arange(start, start + size)
        used = own if method == "first" else np.setdiff1d(np.arange(inner.shape[1]), own)
        part = across[:, used]
        fit = (part * np.linalg.solve(inner[:, used][:, :, used], part)).sum(axis=(1, 2))
        found[:, g] = fit if method == "first" else fitted - fit
    return found


def _sampled(ready: Prepared, permutations: int, rng: np.random.Generator | None) -> tuple[FloatArray, FloatArray]:
    """LMG over random orders and their reverses: increments are squares of the last row of a Cholesky factor."""
    if rng is None or permutations < 2:
        raise CemkitError(
            f"beyond {EXACT_LIMIT} drivers the LMG is sampled: it needs a seed and at least 2 permutations "
            f"({len(ready.sizes)} drivers found)."
        )
    count = len(ready.sizes)
    orders = rng.permuted(np.broadcast_to(np.arange(count), (permutations, count)), axis=1)
    members = [list(range(start, start + size)) for start, size in zip(ready.starts, ready.sizes, strict=True)]
    both = [_columns_of(order, members) for order in np.concatenate([orders, orders[:, ::-1]])]
    owner = np.repeat(np.arange(count), ready.sizes)
    mean, error = np.empty((2, len(ready.covariance), count))
    for b, covariance in enumerate(ready.covariance):
        # the outcome's own variance does not enter its regression: raised, a perfect fit is no harm
        raised = covariance.copy()
        raised[-1, -1] += 1.0
        pairs = np.zeros((2 * permutations, count))
        for start in range(0, 2 * permutations, 256):
            order = np.array(both[start : start + 256])
            factor = np.linalg.cholesky(raised[order[:, :, None], order[:, None, :]])
            rows = np.arange(start, start + len(order))[:, None]
            np.add.at(pairs, (rows, owner[order[:, :-1]]), factor[:, -1, :-1] ** 2)
        each = (pairs[:permutations] + pairs[permutations:]) / 2
        mean[b] = each.mean(axis=0)
        error[b] = each.std(axis=0, ddof=1) / np.sqrt(permutations)
    return mean, error


def _columns_of(order: NDArray[np.intp], members: list[list[int]]) -> list[int]:
    columns = [column for block in order for column in members[block]]
    return [*columns, len(columns)]
