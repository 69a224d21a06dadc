"""What is read off a fitted path model: the index, goodness of fit, and its prediction of left-out respondents.

Fornell, C. et al. (1996), The American Customer Satisfaction Index, *Journal of Marketing* 60(4), 7-18 (the index).
Tenenhaus, M., Amato, S. & Esposito Vinzi, V. (2004), A global goodness-of-fit index for PLS structural equation
modelling (GoF). Shmueli, G. et al. (2016), The elephant in the room, *Journal of Business Research* 69 (prediction).
Wold, H. (1982), Soft modeling: the basic design and some extensions (blindfolding, after Stone and Geisser).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray
from cemkit.statistics.moments import Moments, weighted_moments
from cemkit.statistics.pls import Scheme, path_model
from cemkit.statistics.reliability import block_sums, membership

__all__ = ["PredictiveRelevance", "blindfolded_relevance", "construct_index", "goodness_of_fit", "predictive_relevance"]


class PredictiveRelevance(NamedTuple):
    """Q² of the items (p,) and of the constructs (J,); nan for constructs that nothing leads to."""

    items: FloatArray
    constructs: FloatArray


def construct_index(
    raw_weights: FloatArray, mean: FloatArray, *, block: NDArray[np.intp], low: ArrayLike, high: ArrayLike
) -> FloatArray:
    """Return the index 100 · (Σ wᵢ x̄ᵢ − low Σ wᵢ)/((high − low) Σ wᵢ) of every construct, (..., J).

    Parameters
    ----------
    raw_weights : ndarray
        Unstandardised weights (..., p): standardised weight / sd (`PathFit.raw_weights`).
    mean : ndarray
        Means of the items (..., p), of all respondents, a group, or a single respondent's answers; the axes in front
        broadcast against those of the weights.
    block : ndarray of int
        Construct of each item.
    low, high : float or array_like
        The scale's declared bounds, one pair or one per construct.

    Returns
    -------
    ndarray
        0 where all answers are ``low``, 100 where all are ``high``; nan where the weights sum to zero. Weights of both
        signs can lead outside 0 to 100.

    Raises
    ------
    CemkitError
        If a scale's high is not above its low.
    """
    bottom, top = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if not (top > bottom).all():
        raise CemkitError(f"a scale's high must be above its low: found low {low!r} and high {high!r}.")
    whole = block_sums(raw_weights, block)
    reached = block_sums(np.asarray(raw_weights) * np.asarray(mean), block)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(100.0 * (reached / whole - bottom) / (top - bottom))


def goodness_of_fit(loadings: FloatArray, r_squared: FloatArray, *, block: NDArray[np.intp]) -> FloatArray:
    """Return GoF = √(mean communality · mean R²): items of constructs with more than one, explained constructs."""
    several = np.bincount(block)[np.asarray(block)] > 1
    used = several if several.any() else np.ones(len(block), dtype=bool)
    explained = np.isfinite(np.asarray(r_squared)).reshape(-1, np.shape(r_squared)[-1]).any(axis=0)
    if not explained.any():
        return np.full(np.shape(r_squared)[:-1], np.nan)
    communality = (np.asarray(loadings)[..., used] ** 2).mean(axis=-1)
    return np.asarray(np.sqrt(communality * np.asarray(r_squared)[..., explained].mean(axis=-1)))


def predictive_relevance(
    folds: Moments,
    *,
    block: Sequence[int] | NDArray[np.intp],
    paths: NDArray[np.bool_],
    modes: Sequence[str] | None = None,
    scheme: Scheme = "path",
    scaled: bool = True,
) -> PredictiveRelevance:
    """Return the cross-validated Q² = 1 − Σ(x − x̂)²/Σ(x − x̄)² from the moments of disjoint folds of respondents.

    Each fold is left out in turn. The rest give means, weights, loadings and paths; an item of an explained construct
    is predicted for the left-out as x̄ + s λ Σ β Y, Y the scores of the constructs that lead to its own (direct
    antecedents, Shmueli et al. 2016), against the rest's mean x̄. Squared errors are quadratic forms in the fold's
    moments, so that no scores are needed. A construct's Q² adds up its items, each in units of its variance.

    Parameters
    ----------
    folds : Moments
        mean (K, p), covariance (K, p, p) with divisor Σw, size (K,).
    block, paths, modes, scheme, scaled
        As in `path_model`.

    Returns
    -------
    PredictiveRelevance
        Above 0 where the model predicts better than the mean. This is prediction of new respondents; blindfolding,
        which leaves out single cells, gives other numbers under the same name.

    Raises
    ------
    CemkitError
        With fewer than two folds.
    """
    mean, covariance, size = (np.asarray(part, dtype=np.float64) for part in folds)
    if len(mean) < 2:
        raise CemkitError(f"cross-validation needs at least 2 folds, found {len(mean)}.")
    block, paths = np.asarray(block, dtype=np.intp), np.asarray(paths, dtype=bool)
    weight = size[:, None, None]
    moment = weight * (covariance + mean[:, :, None] * mean[:, None, :])
    rest = size.sum() - size
    centre = (size @ mean - size[:, None] * mean) / rest[:, None]
    spread = (moment.sum(axis=0) - moment) / rest[:, None, None] - centre[:, :, None] * centre[:, None, :]
    fit = path_model(spread, block=block, paths=paths, modes=modes, scheme=scheme, scaled=scaled)
    deviation = np.sqrt(np.diagonal(spread, axis1=1, axis2=2))
    # an item's error is a'(x − x̄) with a = e − (weights of its prediction)
    scores = fit.raw_weights[:, :, None] * membership(block)
    predicted = (scores @ fit.paths)[:, :, block] * (deviation * fit.loadings)[:, None, :]
    left = np.eye(len(block)) - predicted
    away = mean - centre
    about = covariance + away[:, :, None] * away[:, None, :]
    error = (weight * left * (about @ left)).sum(axis=1)
    total = size[:, None] * np.diagonal(about, axis1=1, axis2=2)
    led: NDArray[np.bool_] = np.asarray(paths.any(axis=0))
    explained = led[block]
    items = np.where(explained, 1 - error.sum(axis=0) / total.sum(axis=0), np.nan)
    unit = deviation**2
    constructs = 1 - block_sums((error / unit).sum(axis=0), block) / block_sums((total / unit).sum(axis=0), block)
    return PredictiveRelevance(items, np.where(led, constructs, np.nan))


def blindfolded_relevance(
    x: FloatArray,
    *,
    block: Sequence[int] | NDArray[np.intp],
    paths: NDArray[np.bool_],
    weights: FloatArray | None = None,
    modes: Sequence[str] | None = None,
    scheme: Scheme = "path",
    scaled: bool = True,
    distance: int = 7,
) -> FloatArray:
    """Return the blindfolded Q² (cross-validated redundancy) of every construct (J,), nan where nothing leads to it.

    The cells of a construct's items, item by item, are left out every ``distance``-th at a time, and the item's mean over the
    others put in their place; the model is fitted, and the cells are predicted as x̄ + s λ Σ β Y from the constructs that
    lead to it. Q² = 1 − Σ(x − x̂)²/Σ(x − x̄)², items in units of their variance.

    Parameters
    ----------
    x : ndarray
        Complete rows (n, p). Which cells are left out together depends on their order.
    block, paths, modes, scheme, scaled
        As in `path_model`.
    weights : ndarray, optional
        Case weights (n,).
    distance : int
        Omission distance; where it divides the number of rows the next that does not is taken, since respondents would be
        left out else, and not cells.

    Raises
    ------
    CemkitError
        If there are no more rows than the distance.
    """
    x, block, paths = np.asarray(x, dtype=np.float64), np.asarray(block, dtype=np.intp), np.asarray(paths, dtype=bool)
    if len(x) <= distance + 1:
        raise CemkitError(
            f"blindfolding at the distance {distance} needs more than {distance + 1} rows, found {len(x)}."
        )
    while len(x) % distance == 0:
        distance += 1
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    found = np.full(len(paths), np.nan)
    turns = [(j, turn) for j in np.flatnonzero(paths.any(axis=0)) for turn in range(distance)]
    blinded = [_blinded(x, w, np.flatnonzero(block == j), turn, distance) for j, turn in turns]
    moments = [weighted_moments(filled, weights=w) for filled, _, _ in blinded]
    covariance = np.stack([part.covariance for part in moments])
    fits = path_model(covariance, block=block, paths=paths, modes=modes, scheme=scheme, scaled=scaled)
    squares = np.zeros((2, len(paths)))
    for place, ((j, _), (filled, out, centre)) in enumerate(zip(turns, blinded, strict=True)):
        own = np.flatnonzero(block == j)
        scores = block_sums((filled - moments[place].mean) * fits.raw_weights[place], block)
        with np.errstate(divide="ignore", invalid="ignore"):
            away = (x[:, own] - centre) / np.sqrt(np.diagonal(covariance[place]))[own]
        ahead = np.outer(scores @ fits.paths[place, :, j], fits.loadings[place, own])
        squares[:, j] += [(out * (away - ahead) ** 2).sum(), (out * away**2).sum()]
        found[j] = 1 - squares[0, j] / squares[1, j]
    return found


def _blinded(
    x: FloatArray, weights: FloatArray, own: NDArray[np.intp], turn: int, distance: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the rows with some cells of the items ``own`` at the mean of the others, these cells' weights, and the means."""
    left_out = np.arange(len(x) * len(own)).reshape(len(own), len(x)).T % distance == turn
    kept = np.where(left_out, 0.0, weights[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (kept * x[:, own]).sum(axis=0) / kept.sum(axis=0)
    filled = x.copy()
    filled[:, own] = np.where(left_out, centre, x[:, own])
    return filled, np.where(left_out, weights[:, None], 0.0), centre
