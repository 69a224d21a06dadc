"""Latent classes: categorical answers that are independent within a class, by EM.

Goodman, L. A. (1974), *Biometrika* 61; Linzer, D. A. & Lewis, J. B. (2011), *Journal of Statistical Software* 42(10).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import FloatArray

__all__ = ["LatentClasses", "class_scores", "latent_classes"]

_LEAST = 1e-12


class LatentClasses(NamedTuple):
    """A fit of k classes to answers on items with ``sizes`` categories.

    Attributes
    ----------
    share
        Size of each class (k,).
    probability
        Per item, the chance of each category in each class: (k, categories).
    log_likelihood, parameters
        Of the rows, and the number of free parameters.
    starts
        How many starts reached the best log likelihood.
    converged
        Whether the best start stopped moving.
    """

    share: FloatArray
    probability: tuple[FloatArray, ...]
    log_likelihood: float
    parameters: int
    starts: int
    converged: bool

    def bic(self, n: int) -> float:
        """Return −2ℓ + p·log n."""
        return float(-2 * self.log_likelihood + self.parameters * np.log(n))


def latent_classes(
    codes: NDArray[np.intp],
    sizes: tuple[int, ...],
    *,
    k: int,
    rng: np.random.Generator,
    starts: int = 20,
    iterations: int = 2000,
    tolerance: float = 1e-10,
) -> LatentClasses:
    """Fit k latent classes by EM from random starts, and keep the most likely.

    Parameters
    ----------
    codes : ndarray of int, shape (n, items)
        Category of every answer, from 0.
    sizes : tuple of int
        Categories per item.
    k : int
        Number of classes.
    rng : numpy.random.Generator
        Source of the starts.
    starts, iterations, tolerance
        Random starts, the most steps of each, and the relative gain of the log likelihood below which it stops.

    Notes
    -----
    Rows with equal answers are one pattern with a count, sorted, so that neither their number nor their order matters.
    """
    table = np.asarray(codes, dtype=np.intp)
    if table.ndim != 2 or table.shape[1] != len(sizes) or not len(table):
        raise CemkitError(f"codes must be rows of {len(sizes)} items, got the shape {table.shape}.")
    patterns, counts = np.unique(table, axis=0, return_counts=True)
    onehot = np.hstack([np.eye(size)[patterns[:, i]] for i, size in enumerate(sizes)])
    weight = counts.astype(np.float64)
    edges = np.cumsum([0, *sizes])
    parameters = k - 1 + k * sum(size - 1 for size in sizes)
    found = []
    for _ in range(1 if k == 1 else starts):
        probability = np.hstack([rng.dirichlet(np.ones(size), size=k) for size in sizes])
        found.append(_climb(onehot, weight, edges, np.full(k, 1 / k), probability, iterations, tolerance))
    likelihoods = np.array([one[2] for one in found])
    share, probability, best, converged = found[int(np.argmax(likelihoods))]
    split = tuple(probability[:, a:b] for a, b in pairwise(edges))
    reached = int((likelihoods > best - 1e-6 * max(abs(best), 1.0)).sum())
    return LatentClasses(share, split, best, parameters, reached, converged)


def class_scores(share: FloatArray, probability: tuple[FloatArray, ...], codes: NDArray[np.intp]) -> FloatArray:
    """Return log πⱼ + Σ log pⱼᵢ(answer): (n, k)."""
    total = np.tile(np.log(np.maximum(share, _LEAST)), (len(codes), 1))
    for i, table in enumerate(probability):
        total += np.log(np.maximum(table, _LEAST)).T[codes[:, i]]
    return total


def _climb(
    onehot: FloatArray,
    weight: FloatArray,
    edges: NDArray[np.intp],
    share: FloatArray,
    probability: FloatArray,
    iterations: int,
    tolerance: float,
) -> tuple[FloatArray, FloatArray, float, bool]:
    """Alternate memberships and chances until the log likelihood stops rising."""
    before, converged = -np.inf, False
    for _ in range(iterations):
        log = onehot @ np.log(np.maximum(probability, _LEAST)).T + np.log(np.maximum(share, _LEAST))
        highest = log.max(axis=1, keepdims=True)
        joint = np.exp(log - highest)
        total = joint.sum(axis=1, keepdims=True)
        now = float(weight @ (np.log(total) + highest)[:, 0])
        if now - before <= tolerance * abs(now):
            converged = True
            break
        before = now
        member = joint / total * weight[:, None]
        size = member.sum(axis=0)
        share = size / weight.sum()
        probability = (member.T @ onehot) / np.maximum(size, _LEAST)[:, None]
        for a, b in pairwise(edges):
            whole = probability[:, a:b].sum(axis=1, keepdims=True)
            probability[:, a:b] /= np.where(whole > 0, whole, 1.0)
    return share, probability, max(now, before), converged
