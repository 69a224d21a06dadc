"""The estimates of a path model: of the whole sample, of resamples, and of folds left out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.csi.complete import Rows
from cemkit.csi.models import PathModel
from cemkit.errors import CemkitError
from cemkit.statistics.moments import Moments, correlate, weighted_moments
from cemkit.statistics.path_summaries import blindfolded_relevance, predictive_relevance
from cemkit.statistics.pls import PathFit, Scheme, consistent_paths
from cemkit.statistics.pls import path_model as pls_path_model

__all__ = ["Kind", "Replicates", "blindfolded", "q_squared"]

Floats = npt.NDArray[np.float64]
_FOLDS = 10
_DISTANCE = 7


class Kind(NamedTuple):
    """The model and how it is estimated."""

    model: PathModel
    scheme: Scheme
    scaled: bool
    consistent: bool

    @property
    def modes(self) -> list[str]:
        """The mode of each construct."""
        return [self.model.modes[name] for name in self.model.names]

    def fit(self, covariance: Floats, reference: Floats | None = None) -> PathFit:
        """Estimate from a covariance matrix or a batch of them."""
        block, paths = self.model.block, self.model.arrows
        found = pls_path_model(
            covariance,
            block=block,
            paths=paths,
            modes=self.modes,
            scheme=self.scheme,
            scaled=self.scaled,
            reference=reference,
        )
        if not self.consistent:
            return found
        return consistent_paths(found, correlate(covariance), block=block, paths=paths, modes=self.modes)


class Replicates:
    """The usable resamples: their fits, their correlations, and the means of the items by group."""

    def __init__(self, kind: Kind, fitted: PathFit, rows: Rows, groups: int, *, replicates: int, seed: int) -> None:
        columns = len(kind.model.items)
        member = (rows.group[:, None] == np.arange(groups)) & rows.complete[:, None]
        filled = np.where(rows.complete[:, None], rows.values, 0.0)
        also = np.column_stack([member, *(filled * member[:, [g]] for g in range(groups))])
        found = rows.resampled(None, replicates=replicates, seed=seed, also=also)
        again = kind.fit(found.covariance, reference=fitted.loadings)
        self.improper = int((~again.proper).sum())
        self.stuck = int((again.proper & ~again.converged).sum())
        kept = again.proper & again.converged
        if kept.mean() < 0.5 or kept.sum() < 20:
            msg = (
                f"{int((~kept).sum()):,} of {len(kept):,} resamples are improper or do not converge, too many for intervals: "
                "simplify the model, or use bootstrap=0"
            )
            raise CemkitError(msg)
        self.fits = PathFit._make(part[kept] for part in again)
        self.correlation = correlate(found.covariance[kept])
        share = found.mean[kept, columns : columns + groups]
        with np.errstate(divide="ignore", invalid="ignore"):
            sums = found.mean[kept, columns + groups :].reshape(-1, groups, columns)
            self.means = sums / share[:, :, None]


def blindfolded(kind: Kind, rows: Rows) -> Floats:
    """Return the constructs' Q² by blindfolding, rows in the order of their values; nan where there are too few."""
    values, weight = rows.values[rows.complete], rows.weight[rows.complete]
    if len(values) <= _DISTANCE + 1:
        return np.full(len(kind.model.names), np.nan)
    order = np.lexsort([weight, *values.T[::-1]])
    model = kind.model
    return blindfolded_relevance(
        values[order],
        block=model.block,
        paths=model.arrows,
        weights=weight[order],
        modes=kind.modes,
        scheme=kind.scheme,
        scaled=kind.scaled,
        distance=_DISTANCE,
    )


def q_squared(kind: Kind, rows: Rows, seed: int) -> Floats:
    """Return the constructs' Q² of ten folds of respondents (or clusters), drawn in the order of their values."""
    values, weight = rows.values[rows.complete], rows.weight[rows.complete]
    if rows.cluster is None:
        unit = np.empty(len(values), dtype=np.intp)
        unit[np.lexsort([weight, *values.T[::-1]])] = np.arange(len(values))
    else:
        unit = np.unique(rows.cluster[rows.complete], return_inverse=True)[1]
    units = int(unit.max()) + 1
    folds = min(_FOLDS, units // 2)
    nothing = np.full(len(kind.model.names), np.nan)
    if folds < 2:
        return nothing
    fold = np.random.default_rng([seed, 2]).permutation(units)[unit] % folds
    if min(np.bincount(fold, minlength=folds)) < 2:
        return nothing
    parts = [weighted_moments(values[fold == k], weights=weight[fold == k]) for k in range(folds)]
    count = np.array([(fold == k).sum() for k in range(folds)], dtype=np.float64)
    moments = Moments(
        np.stack([part.mean for part in parts]),
        np.stack([part.covariance * ((n - 1) / n) for part, n in zip(parts, count, strict=True)]),
        np.array([part.size for part in parts]),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        found = predictive_relevance(
            moments,
            block=kind.model.block,
            paths=kind.model.arrows,
            modes=kind.modes,
            scheme=kind.scheme,
            scaled=kind.scaled,
        )
    return found.constructs
