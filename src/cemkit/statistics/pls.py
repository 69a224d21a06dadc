"""Partial least squares path models (Wold 1982; Lohmöller 1989) from covariance matrices, many at once.

The iterations need no scores: with weights W (items by constructs) the constructs' covariance is W'SW, and the
covariance of items with inner proxies is SWE, E the inner weights of the scheme. A batch of bootstrap replicates runs in
the same few matrix products; a replicate that has converged leaves the batch.

Signs: a construct's sign is arbitrary; it is chosen so that its loadings sum to something positive, or, given
``reference`` loadings (of the whole sample, for replicates), so that their product with the reference sums to something
positive. Convergence: no standardised weight changes its size by ``tolerance`` or more from one iteration to the next.

Lohmöller, J.-B. (1989), *Latent Variable Path Modeling with Partial Least Squares*. Tenenhaus, M. et al. (2005), PLS
path modeling, *Computational Statistics & Data Analysis* 48, 159-205. Dijkstra, T. K. & Henseler, J. (2015), Consistent
partial least squares path modeling, *MIS Quarterly* 39.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray, check_method
from cemkit.statistics.moments import correlate
from cemkit.statistics.predictors import collinear_columns, constant_columns
from cemkit.statistics.reliability import membership, rho_a

__all__ = ["SCHEMES", "PathFit", "Scheme", "consistent_paths", "path_model"]

Scheme: TypeAlias = Literal["path", "factorial", "centroid"]
SCHEMES: tuple[Scheme, ...] = ("path", "factorial", "centroid")
_SINGULAR = 1e-10


class PathFit(NamedTuple):
    """A path model's estimates; a batch has one more axis in front.

    Attributes
    ----------
    weights
        (p,), of standardised items: a construct's score has the variance 1.
    raw_weights
        (p,), of the items as they are: the score is Σ wᵢ (xᵢ − x̄ᵢ). They are ``weights`` / sd.
    loadings
        (p,), correlations of items with their construct's score (with PLSc: with the construct).
    paths
        (J, J) coefficients, from the row's construct to the column's; zero where there is no path.
    correlations
        (J, J) of the scores (with PLSc: of the constructs).
    r_squared
        (J,), nan for constructs that nothing leads to.
    iterations
        How many it took.
    converged
        False where the last allowed iteration still moved a weight; the values are those of that iteration.
    proper
        False where something is singular (the values are nan) or, with PLSc, a reliability, loading or R² lies beyond
        its bounds or the constructs' correlations are no correlation matrix.
    """

    weights: FloatArray
    raw_weights: FloatArray
    loadings: FloatArray
    paths: FloatArray
    correlations: FloatArray
    r_squared: FloatArray
    iterations: NDArray[np.intp]
    converged: NDArray[np.bool_]
    proper: NDArray[np.bool_]


def path_model(
    covariance: FloatArray,
    *,
    block: Sequence[int] | NDArray[np.intp],
    paths: NDArray[np.bool_],
    modes: Sequence[str] | None = None,
    scheme: Scheme = "path",
    scaled: bool = True,
    reference: FloatArray | None = None,
    tolerance: float = 1e-9,
    iterations: int = 300,
) -> PathFit:
    """Estimate a path model.

    Parameters
    ----------
    covariance : ndarray
        Covariance or correlation matrix (p, p) of the items, or a batch (B, p, p).
    block : sequence of int
        Construct of each item, from 0.
    paths : ndarray of bool
        (J, J): a path from the row's to the column's construct. A construct without any path is its items' first
        principal component (mode A).
    modes : sequence of str, optional
        ``"A"`` (weights are covariances with the inner proxy; default) or ``"B"`` (its regression coefficients).
    scheme : str
        Inner weights: ``path`` (regression coefficients of predecessors, correlations of successors), ``factorial``
        (correlations), ``centroid`` (their signs).
    scaled : bool
        Standardise the items first; without, items of greater variance count more in mode A.
    reference : ndarray, optional
        Loadings (p,) that decide the signs.
    tolerance, iterations
        When to stop.

    Returns
    -------
    PathFit

    Raises
    ------
    CemkitError
        For a single matrix with a constant item, or perfectly collinear items in a construct of mode B (by column).
    """
    check_method(scheme, SCHEMES)
    given = np.asarray(covariance, dtype=np.float64)
    block, paths = np.asarray(block, dtype=np.intp), np.asarray(paths, dtype=bool)
    modes = ["A"] * len(paths) if modes is None else list(modes)
    single = given.ndim == 2
    if single:
        _check_single(given, block, modes)
    batch = given[None] if single else given
    correlation = correlate(batch)
    usable = np.asarray(np.isfinite(correlation).all(axis=(1, 2)))
    for j, mode in enumerate(modes):
        own = np.flatnonzero(block == j)
        if mode == "B":
            inner = np.where(usable[:, None, None], correlation[:, own][:, :, own], np.eye(len(own)))
            usable &= np.linalg.eigvalsh(inner)[:, 0] > _SINGULAR
    deviation = np.sqrt(np.where(usable[:, None], np.diagonal(batch, axis1=1, axis2=2), 1.0))
    matrix = (correlation if scaled else batch)[usable]
    weights, count, converged = _iterated(
        matrix, block, paths, modes, scheme, deviation[usable] if not scaled else None, tolerance, iterations
    )
    standard = weights if scaled else weights * deviation[usable]
    found = _finished(correlation[usable], standard, deviation[usable], block, paths, reference)
    fit = PathFit._make([*(_spread(part, usable) for part in found), *_flags(count, converged, usable)])
    proper = fit.proper & np.isfinite(fit.paths).all(axis=(1, 2))
    return PathFit._make(part[0] if single else part for part in fit._replace(proper=proper))


def consistent_paths(
    fit: PathFit,
    correlation: FloatArray,
    *,
    block: Sequence[int] | NDArray[np.intp],
    paths: NDArray[np.bool_],
    modes: Sequence[str] | None = None,
) -> PathFit:
    """Return the fit as consistent PLS has it: construct correlations, paths, R² and loadings freed of attenuation.

    Correlations of scores are divided by √(ρ_A ρ_A'), loadings of mode A constructs are w·√ρ_A/(w'w). Constructs of
    mode B or of one item are taken as measured without error.
    """
    block, paths = np.asarray(block, dtype=np.intp), np.asarray(paths, dtype=bool)
    single = fit.weights.ndim == 1
    matrix = correlate(correlation)
    parts = PathFit._make(np.asarray(part)[None] for part in fit) if single else fit
    matrix = matrix[None] if single else matrix
    belongs = membership(block)
    reflective = (belongs.sum(axis=0) > 1) & np.array([mode == "A" for mode in (modes or ["A"] * len(paths))])
    reliability = np.where(reflective, rho_a(matrix, parts.weights, block=block), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(reliability)
        between = parts.correlations / root[:, :, None] / root[:, None, :]
        place = np.arange(len(paths))
        between[:, place, place] = 1.0
        freed = parts.weights * (root / (parts.weights**2 @ belongs))[:, block]
        loadings = np.where(reflective[block], freed, parts.loadings)
    sound = parts.proper & np.isfinite(between).all(axis=(1, 2))
    regular = np.where(sound[:, None, None], between, np.eye(len(paths)))
    coefficients, r_squared = _regressions(regular, paths)
    proper = (
        sound
        & (reliability <= 1).all(axis=1)
        & (np.abs(np.where(sound[:, None], loadings, 0)) <= 1).all(axis=1)
        & (np.linalg.eigvalsh(regular)[:, 0] > 0)
    )
    coefficients[~sound], r_squared[~sound] = np.nan, np.nan
    corrected = parts._replace(
        loadings=loadings, paths=coefficients, correlations=between, r_squared=r_squared, proper=proper
    )
    return PathFit._make(part[0] if single else part for part in corrected)


def _iterated(
    matrix: FloatArray,
    block: NDArray[np.intp],
    paths: NDArray[np.bool_],
    modes: Sequence[str],
    scheme: Scheme,
    deviation: FloatArray | None,
    tolerance: float,
    most: int,
) -> tuple[FloatArray, NDArray[np.intp], NDArray[np.bool_]]:
    """Return the weights, the iterations used and whether they sufficed; a converged matrix leaves the batch."""
    belongs = membership(block)
    size = np.ones((len(matrix), len(block))) if deviation is None else deviation
    weights = _normed(matrix, np.ones((len(matrix), len(block))) / size, belongs)
    used, converged = np.full(len(matrix), most, dtype=np.intp), np.zeros(len(matrix), dtype=bool)
    active = np.arange(len(matrix))
    inverses = {
        j: np.linalg.inv(matrix[:, block == j][:, :, block == j]) for j, mode in enumerate(modes) if mode == "B"
    }
    current = matrix
    for step in range(1, most + 1):
        before = weights[active]
        across = current @ (before[:, :, None] * belongs)
        between = np.swapaxes(belongs, 0, 1) @ (before[:, :, None] * across)
        proxied = np.take_along_axis(across @ _inner(between, paths, scheme), block[None, :, None], axis=2)[:, :, 0]
        for j, inverse in inverses.items():
            proxied[:, block == j] = (inverse[active] @ proxied[:, block == j, None])[:, :, 0]
        after = _normed(current, proxied, belongs)
        weights[active] = after
        with np.errstate(invalid="ignore"):
            moved = np.abs((np.abs(after) - np.abs(before)) * size[active]).max(axis=1)
        done = moved < tolerance
        if done.any() or np.isnan(moved).any():
            used[active[done]], converged[active[done]] = step, True
            active = active[~done & ~np.isnan(moved)]
            current = matrix[active]
        if not len(active):
            break
    return weights, used, converged


def _normed(matrix: FloatArray, weights: FloatArray, belongs: FloatArray) -> FloatArray:
    """Scale the weights so that every score has the variance 1."""
    spread = weights[:, :, None] * belongs
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / np.sqrt((spread * (matrix @ spread)).sum(axis=1))
        return np.asarray(weights * (scale @ belongs.T))


def _inner(between: FloatArray, paths: NDArray[np.bool_], scheme: Scheme) -> FloatArray:
    """Return the weights (B, J, J) of the row's construct in the column's inner proxy."""
    near = paths | paths.T
    alone = np.diag(~near.any(axis=0))
    inner = (np.sign(between) if scheme == "centroid" else between) * near
    if scheme == "path":
        coefficients, _ = _regressions(between, paths)
        inner = np.where(paths, coefficients, inner)
    return np.asarray(inner + alone)


def _regressions(between: FloatArray, paths: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients (B, J, J) and R² (B, J) of every construct on those that lead to it."""
    coefficients = np.zeros_like(between)
    r_squared = np.full(between.shape[:2], np.nan)
    for j in np.flatnonzero(paths.any(axis=0)):
        start = np.flatnonzero(paths[:, j])
        across = between[:, start, j]
        if len(start) == 1:
            slopes: FloatArray = across
        else:
            inner = between[:, start][:, :, start]
            # a replicate whose predecessors coincide has no coefficients
            regular = np.linalg.det(np.where(np.isfinite(inner), inner, 0.0)) > _SINGULAR
            inner = np.where(regular[:, None, None], inner, np.eye(len(start)))
            slopes = np.where(regular[:, None], np.linalg.solve(inner, across[..., None])[..., 0], np.nan)
        coefficients[:, start, j] = slopes
        r_squared[:, j] = (slopes * across).sum(axis=1)
    return coefficients, r_squared


def _finished(
    correlation: FloatArray,
    weights: FloatArray,
    deviation: FloatArray,
    block: NDArray[np.intp],
    paths: NDArray[np.bool_],
    reference: FloatArray | None,
) -> tuple[FloatArray, ...]:
    """Orient the constructs, and return weights, raw weights, loadings, paths, correlations and R²."""
    belongs = membership(block)
    spread = correlation @ (weights[:, :, None] * belongs)
    loadings = np.take_along_axis(spread, block[None, :, None], axis=2)[:, :, 0]
    guide = loadings if reference is None else loadings * np.asarray(reference)
    sign = np.where(guide @ belongs < 0, -1.0, 1.0)
    between = np.swapaxes(belongs, 0, 1) @ (weights[:, :, None] * spread) * sign[:, :, None] * sign[:, None, :]
    turned = weights * sign[:, block]
    coefficients, r_squared = _regressions(between, paths)
    return turned, turned / deviation, loadings * sign[:, block], coefficients, between, r_squared


def _spread(part: FloatArray, usable: NDArray[np.bool_]) -> FloatArray:
    whole = np.full((len(usable), *part.shape[1:]), np.nan)
    whole[usable] = part
    return whole


def _flags(
    count: NDArray[np.intp], converged: NDArray[np.bool_], usable: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
    used, reached = np.zeros(len(usable), dtype=np.intp), np.zeros(len(usable), dtype=bool)
    used[usable], reached[usable] = count, converged
    return used, reached, usable.copy()


def _check_single(matrix: FloatArray, block: NDArray[np.intp], modes: Sequence[str]) -> None:
    constant = constant_columns(matrix)
    if constant:
        raise CemkitError(f"the items in columns {', '.join(map(str, constant))} do not vary: leave them out.")
    for j, mode in enumerate(modes):
        own = np.flatnonzero(block == j)
        found = collinear_columns(matrix[np.ix_(own, own)]) if mode == "B" else ()
        if found:
            named = ", ".join(str(own[i]) for i in found)
            raise CemkitError(
                f"the items in columns {named} are perfectly collinear, so mode B of construct {j} has no weights: "
                "use mode A or leave one out."
            )
