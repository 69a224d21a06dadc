"""Candidates of a segmentation: fitted, chosen, and fitted again to resamples."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, MissingExtraError
from cemkit.statistics.latent_class import LatentClasses, latent_classes
from cemkit.statistics.partitions import adjusted_rand, best_jaccard, gap_choice, gap_statistic
from cemkit.tables.nearest import CategoryScores, DistanceScores, Scores

__all__ = [
    "METHODS",
    "SELECTION_COLUMNS",
    "Candidate",
    "Points",
    "SegmentMethod",
    "candidates",
    "one_thread",
    "require_k",
    "stability",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
SegmentMethod = Literal["mixture", "kmeans", "latent-class"]
METHODS: tuple[SegmentMethod, ...] = ("mixture", "kmeans", "latent-class")
SELECTION_COLUMNS = (
    "k", "model", "log_likelihood", "parameters", "bic", "gap", "gap_std_error", "within", "usable", "chosen",
)  # fmt: skip
_SHAPES = ("full", "diag")
_FLOOR = 1e-3
"""Added to every variance of a component, in squared standard deviations: else a repeated value has an infinite density."""
_SPIKE = 4e-3
_STARTS = 3
_REFERENCES = 20


class _Fit(Protocol):
    def __call__(self, data: Any, k: int, model: str, seed: int, starts: int) -> Candidate:
        """Fit k segments."""


@dataclass(frozen=True, eq=False)
class Points:
    """Complete rows, sorted: standardised numbers (n, d), or codes of categories."""

    columns: tuple[str, ...]
    data: Any
    centre: Floats
    scale: Floats
    categories: tuple[tuple[Any, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Categories per column."""
        return tuple(map(len, self.categories))


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fit: its scores on the points' own scale, and what chooses between fits."""

    k: int
    model: str
    scores: Scores
    log_likelihood: float = np.nan
    parameters: int | None = None
    bic: float = np.nan
    within: float = np.nan
    usable: bool = True

    def of(self, data: Any) -> Floats:
        """Return the scores of points."""
        return self.scores.of(data)


def candidates(
    points: Points, *, method: SegmentMethod, k: int | None, most: int, seed: int
) -> tuple[Candidate, pd.DataFrame, _Fit]:
    """Fit all candidates, choose one, and return it with the table of all and the function that fits."""
    fit = {"mixture": _mixture, "kmeans": _kmeans, "latent-class": _classes(points.sizes)}[method]
    ks = range(1, most + 1) if k is None else [k]
    models = _SHAPES if method == "mixture" else ("latent-class",) if method == "latent-class" else ("spherical",)
    found = [fit(points.data, size, model, seed, _STARTS) for size in ks for model in models]
    gap, error = np.full(len(found), np.nan), np.full(len(found), np.nan)
    if method == "kmeans" and k is None:
        rng = np.random.default_rng(seed)
        gap, error = gap_statistic(
            points.data, lambda z, size: _within(z, size, seed), candidates=list(ks), rng=rng, references=_REFERENCES
        )
        place = gap_choice(gap, error)
    else:
        usable = [i for i, one in enumerate(found) if one.usable] or list(range(len(found)))
        place = min(usable, key=lambda i: found[i].bic) if method != "kmeans" else 0
    table = pd.DataFrame({
        "k": [one.k for one in found], "model": pd.Index([one.model for one in found], dtype=object),
        "log_likelihood": [one.log_likelihood for one in found],
        "parameters": pd.array([one.parameters for one in found], dtype="Int64"),
        "bic": [one.bic for one in found], "gap": gap, "gap_std_error": error, "within": [one.within for one in found],
        "usable": [one.usable for one in found], "chosen": [i == place for i in range(len(found))],
    })  # fmt: skip
    return found[place], table[list(SELECTION_COLUMNS)], fit


def stability(
    points: Points, chosen: Candidate, fit: _Fit, *, resamples: int, seed: int
) -> tuple[npt.NDArray[np.float64], Floats]:
    """Return per resample the adjusted Rand index (resamples,) and each segment's Jaccard (resamples, k), on the rows drawn."""
    rng = np.random.default_rng(seed)
    own = chosen.of(points.data).argmax(axis=1)
    n = len(own)
    rand, jaccard = np.empty(resamples), np.empty((resamples, chosen.k))
    for b in range(resamples):
        drawn = np.sort(rng.integers(0, n, n))
        again = fit(points.data[drawn], chosen.k, chosen.model, int(rng.integers(2**31)), 2)
        once = np.unique(drawn)
        new = again.of(points.data[once]).argmax(axis=1)
        rand[b], jaccard[b] = adjusted_rand(own[once], new), best_jaccard(own[once], new, segments=chosen.k)
    return rand, jaccard


def _sklearn() -> tuple[Any, Any]:
    try:
        from sklearn.cluster import KMeans
        from sklearn.mixture import GaussianMixture
    except ImportError:
        raise MissingExtraError("scikit-learn", "segment", "a mixture or k-means segmentation") from None
    return GaussianMixture, KMeans


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which linear algebra uses one thread: small matrices wait for the others, and bytes depend on them."""
    try:
        import sklearn.mixture  # noqa: F401  # the limit holds for the libraries that are loaded
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return cast("AbstractContextManager[Any]", threadpool_limits(1))


def _quietly(function: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function()


def _mixture(data: Floats, k: int, model: str, seed: int, starts: int) -> Candidate:
    mixture, _ = _sklearn()
    n, d = data.shape
    fitted = mixture(
        k, covariance_type=model, reg_covar=_FLOOR, n_init=starts, max_iter=500, random_state=seed, tol=1e-4
    )
    try:
        _quietly(lambda: fitted.fit(data))
    except ValueError:
        # a component that holds one point in too many dimensions
        return Candidate(k, model, _nothing(data, k), usable=False)
    roots = fitted.precisions_cholesky_
    roots = roots if model == "full" else np.stack([np.diag(row) for row in roots])
    diagonal = np.diagonal(roots, axis1=1, axis2=2)
    offset = np.log(fitted.weights_) + np.log(diagonal).sum(axis=1) - d / 2 * np.log(2 * np.pi)
    scores = DistanceScores((), np.zeros(d), np.ones(d), offset, fitted.means_, roots)
    spread = fitted.covariances_ if model == "full" else np.stack([np.diag(row) for row in fitted.covariances_])
    narrow = min(float(np.linalg.eigvalsh(one).min()) for one in spread)
    crowded = bool((fitted.weights_ * n >= d + 2).all())
    likelihood = float(fitted.score(data) * n)
    parameters = k - 1 + k * d + k * (d * (d + 1) // 2 if model == "full" else d)
    return Candidate(
        k, model, scores, likelihood, parameters, -2 * likelihood + parameters * np.log(n),
        usable=k == 1 or (crowded and narrow > _SPIKE and bool(fitted.converged_)),
    )  # fmt: skip


def _nothing(data: Floats, k: int) -> DistanceScores:
    d = data.shape[1]
    return DistanceScores((), np.zeros(d), np.ones(d), np.zeros(k), np.zeros((k, d)), np.stack([np.eye(d)] * k))


def _kmeans(data: Floats, k: int, model: str, seed: int, starts: int) -> Candidate:
    _, kmeans = _sklearn()
    fitted = _quietly(lambda: kmeans(k, n_init=2 * starts, random_state=seed).fit(data))
    d = data.shape[1]
    scores = DistanceScores(
        (),
        np.zeros(d),
        np.ones(d),
        np.zeros(k),
        np.asarray(fitted.cluster_centers_, dtype=np.float64),
        np.stack([np.eye(d)] * k),
    )
    return Candidate(k, model, scores, within=float(fitted.inertia_))


def _within(data: Floats, k: int, seed: int) -> float:
    _, kmeans = _sklearn()
    fitted = _quietly(lambda: kmeans(k, n_init=3, random_state=seed).fit(data))
    return max(float(fitted.inertia_), 1e-300)


def _classes(sizes: tuple[int, ...]) -> _Fit:
    def fit(data: Codes, k: int, model: str, seed: int, starts: int) -> Candidate:
        found: LatentClasses = latent_classes(data, sizes, k=k, rng=np.random.default_rng(seed), starts=4 * starts)
        scores = CategoryScores((), (), found.share, found.probability)
        cells = float(np.prod(np.array(sizes, dtype=np.float64)))
        known = found.parameters < cells and found.converged and bool((found.share * len(data) >= 2).all())
        return Candidate(
            k, model, scores, found.log_likelihood, found.parameters, found.bic(len(data)), usable=k == 1 or known
        )

    return fit


def require_k(k: Any, most: Any) -> int | None:
    """Return the number of segments; None for 'auto'."""
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        msg = f"most must be a whole number of at least 1, got {most!r}"
        raise CemkitError(msg)
    if k == "auto":
        return None
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        msg = f"k must be 'auto' or a whole number of at least 1, got {k!r}"
        raise CemkitError(msg)
    return k
