"""Means per touchpoint and channel with their covariances, as they are or at a common mix of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, DesignError
from cemkit.estimation.counted import Counted, count
from cemkit.estimation.estimate import Answer, variance_of
from cemkit.estimation.intervals import positive_std_error
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.estimation.variance import Linearised, Variance, ratios_of_unions
from cemkit.statistics.cell_regression import cell_contrasts, dummies

__all__ = ["CellSource", "ChannelMeans", "adjusted_means", "cell_source", "means_of_unit", "residual_covariance"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
_MOST_LEVELS = 60


class ChannelMeans(NamedTuple):
    """Means of some channels (places in the counted groups), their covariance, and the degrees of freedom of each variance."""

    place: Codes
    mean: Floats
    covariance: Floats
    df: Floats


@dataclass(frozen=True, eq=False)
class CellSource:
    """Cells counted, with where their variances come from."""

    counted: Counted
    variance: Variance
    measure: Measure
    independent: bool
    weight: Floats
    mean: Floats


def means_of_unit(found: Answer, measure: Measure, place: Codes, variance: Variance | None) -> ChannelMeans:
    """Return the means of the channels ``place``; those whose answers are all alike get the variance of pseudo answers."""
    inference = found.inference
    error = positive_std_error(found.counted, measure, inference)[place]
    covariance = np.diag(error**2)
    if variance is not None:
        _, shared = ratios_of_unions(variance, measure.numerator, measure.denominator, place, np.eye(len(place)))
        np.fill_diagonal(shared, error**2)
        covariance = _possible(np.nan_to_num(shared))
    return ChannelMeans(place, inference.estimate[place], covariance, inference.df[place])


def cell_source(rows: Sample, measure: Measure, *, seed: int | None) -> CellSource:
    """Count cells for a regression."""
    counted = count(rows, measure)
    found = variance_of(rows, measure, counted, seed=seed)
    variance = Linearised(rows, measure, counted) if found is None else found
    ratios = variance.ratios(measure.numerator, measure.denominator)
    return CellSource(counted, variance, measure, found is None, ratios.weight, np.nan_to_num(ratios.estimate))


def adjusted_means(
    source: CellSource, columns: Sequence[str], unit: Any, channels: Sequence[Any], raw: ChannelMeans
) -> ChannelMeans | None:
    """Return the channels' means at the touchpoint's own mix of ``columns``; None where they cannot be compared."""
    groups = source.counted.groups
    wanted = {channel: i for i, channel in enumerate(channels)}
    members = np.array(
        [i for i, key in enumerate(groups.keys) if key[0] == unit and key[1] in wanted and source.weight[i] > 0],
        dtype=np.intp,
    )
    keys = [groups.keys[i] for i in members]
    channel = np.array([wanted[key[1]] for key in keys], dtype=np.intp)
    mixes = []
    for j in range(len(columns)):
        levels = list(dict.fromkeys(key[2 + j] for key in keys))
        codes = np.array([levels.index(key[2 + j]) for key in keys], dtype=np.intp)
        mixes.append(dummies(codes, len(levels)))
    mix = np.hstack(mixes)
    own = dummies(channel, len(channels))
    share = source.weight[members] / source.weight[members].sum()
    contrasts = np.hstack([np.eye(len(channels)), np.tile(share @ mix, (len(channels), 1))])
    fit = cell_contrasts(np.hstack([own, mix]), source.weight[members], source.mean[members], contrasts)
    if np.isnan(fit.estimate).any():
        return None
    covariance = residual_covariance(source, members, fit.influence, fit.fitted, fit.rank)
    origin = source.measure.origin
    floor = 1e-12 * max(float(np.diagonal(raw.covariance).max()), 1e-300)
    covariance = _possible(covariance + floor * np.eye(len(channels)))
    return raw._replace(mean=origin + fit.estimate, covariance=covariance)


def residual_covariance(source: CellSource, members: Codes, influence: Floats, fitted: Floats, rank: int) -> Floats:
    """Return the covariance of contrasts whose rows add ``influence`` times their residual from the cells' fitted values.

    Each contrast is the ratio of Σ influence·w·(y − fitted), which is zero, to a constant; so its variance under any design
    is that of the ratio's linearisation.
    """
    measure = source.measure
    total = source.weight[members].sum()
    residual = measure.numerator[None, :] - fitted[:, None] * measure.denominator[None, :]
    numerators = total * influence[:, :, None] * residual[None, :, :]
    denominators = np.broadcast_to(measure.denominator, numerators.shape)
    _, covariance = source.variance.forms(numerators, denominators, members)
    if source.independent:
        n = source.counted.n[members].sum()
        covariance = covariance * (n / max(n - rank, 1.0))
    return np.asarray(covariance)


def _possible(covariance: Floats) -> Floats:
    """Return the covariance with correlations within ±1 together: sums of few clusters can leave it slightly impossible."""
    values, vectors = np.linalg.eigh(covariance)
    least = 1e-8 * values.max()
    if values.min() >= least:
        return covariance
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T)


def adjusted_sample(rows: Sample, columns: Sequence[str]) -> Sample:
    """Return the sample counted by further columns, each of few levels."""
    for name in columns:
        if name in rows.by:
            msg = f"adjust={name!r} is also over or unit: adjust for other columns"
            raise CemkitError(msg)
    if rows.design is not None and rows.design.cluster in columns:
        msg = f"adjust={rows.design.cluster!r} is the cluster of the design: every level would be one cluster; adjust for others"
        raise DesignError(msg)
    return replace(rows, by=(*rows.by, *columns))


def check_levels(source: CellSource, columns: Sequence[str]) -> None:
    """Raise where a column has too many levels to be a mix of customers."""
    for j, name in enumerate(columns):
        levels = {key[2 + j] for key in source.counted.groups.keys}
        if len(levels) > _MOST_LEVELS:
            msg = (
                f"adjust={name!r} has {len(levels):,} levels, more than {_MOST_LEVELS}: cut it into bands first, for example "
                "with pandas.cut"
            )
            raise CemkitError(msg)
