"""Where a design's variances come from: linearisation, or replicates of the whole sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.estimation.counted import Counted
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.results import Assumption
from cemkit.statistics.resampling import replicate_variance
from cemkit.statistics.survey import Ratios, ratio, ratio_covariance
from cemkit.tables.codes import MOST_CELLS
from cemkit.tables.cross_moments import cross_moments

__all__ = ["Linearised", "Replicated", "Variance", "ratios_of_unions"]

Floats = npt.NDArray[np.float64]


class Variance(Protocol):
    """Variances of ratios of the terms, by group and of unions of groups."""

    name: str
    assumptions: tuple[Assumption, ...]

    def ratios(self, numerator: Floats, denominator: Floats) -> Ratios:
        """Return the ratio of every group with its variance."""

    def forms(self, numerators: Floats, denominators: Floats, members: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return ratios of linear forms in the totals of the groups ``members``, with their covariance matrix.

        Both coefficient arrays are (ratios, members, terms).
        """


@dataclass(eq=False)
class Linearised:
    """Taylor series linearisation from sums over clusters."""

    sample: Sample
    measure: Measure
    counted: Counted
    name: str = "linearised"
    assumptions: tuple[Assumption, ...] = (Assumption("linearised"),)
    within: tuple[str, ...] = ()
    """Grouping columns whose different values are never compared: products across them need not be counted."""

    def _strata(self) -> tuple[Floats, Floats]:
        strata = self.counted.strata
        if strata is None:
            return np.array([np.inf]), np.array([np.inf])
        return strata.clusters, strata.population

    def ratios(self, numerator: Floats, denominator: Floats) -> Ratios:
        """Return the ratio of every group with its variance."""
        counted = self.counted
        clusters, population = self._strata()
        return ratio(
            counted.sums,
            counted.products,
            numerator=numerator,
            denominator=denominator,
            group=counted.group,
            stratum=counted.stratum,
            answering=counted.answering,
            groups=len(counted.groups),
            clusters=clusters,
            population=population,
        )

    def forms(self, numerators: Floats, denominators: Floats, members: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return ratios of linear forms with their covariance matrix."""
        clusters, population = self._strata()
        count, levels, terms = len(members), len(clusters), numerators.shape[-1]
        if count * count * levels * terms * terms > 10 * MOST_CELLS:
            msg = f"comparing {count} groups under {levels} strata is too much at once: compare fewer levels, or give by= a coarser column"
            raise CemkitError(msg)
        place = np.full(len(self.counted.groups), -1, dtype=np.intp)
        place[members] = np.arange(count)
        sums = np.zeros((count, levels, terms))
        products = np.zeros((count, count, levels, terms, terms))
        row = place[self.counted.group]
        here = row >= 0
        np.add.at(sums, (row[here], self.counted.stratum[here]), self.counted.sums[here])
        np.add.at(products, (row[here], row[here], self.counted.stratum[here]), self.counted.products[here])
        if self._cross is not None:
            left, right, stratum, found = self._cross
            a, b = place[left], place[right]
            here = (a >= 0) & (b >= 0)
            np.add.at(products, (a[here], b[here], stratum[here]), found[here])
        return ratio_covariance(
            sums,
            products,
            numerators=numerators,
            denominators=denominators,
            clusters=clusters,
            population=population,
        )

    @cached_property
    def _cross(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp], Floats] | None:
        design, sample = self.sample.design, self.sample
        if design is None or design.cluster is None or not sample.by:
            return None
        found = cross_moments(
            sample.bound,
            within=self.within,
            over=[name for name in sample.by if name not in self.within],
            strata=design.strata,
            cluster=design.cluster,
            value=sample.score,
            scale=self.measure.scale,
            terms=self.measure.terms,
            weights=design.weights,
        )
        groups = self.counted.groups
        strata = self.counted.strata
        labels = {label: i for i, label in enumerate(strata.labels)} if strata is not None and design.strata else {}
        stratum = np.array([labels.get(v, 0) for v in found.stratum], dtype=np.intp)
        return groups.codes(found.left), groups.codes(found.right), stratum, found.products

    @property
    def shares_clusters(self) -> bool:
        """Whether some cluster has answers in two groups."""
        return self._cross is not None and len(self._cross[0]) > 0


@dataclass(eq=False)
class Replicated:
    """Replicates of the totals: jackknife, bootstrap or the design's own replicate weights.

    ``totals`` are (replicates, groups, terms), ``coefficient`` is per replicate, ``df`` per group.
    """

    counted: Counted
    full: Floats
    totals: Floats
    coefficient: Floats
    df: Floats
    name: str
    assumptions: tuple[Assumption, ...]

    def ratios(self, numerator: Floats, denominator: Floats) -> Ratios:
        """Return the ratio of every group with its variance."""
        estimate, weight = _ratios(self.full, numerator, denominator)
        replicate, _ = _ratios(self.totals, numerator, denominator)
        variance = replicate_variance(np.where(np.isfinite(replicate), replicate, estimate), estimate, self.coefficient)
        return Ratios(estimate, np.where(np.isfinite(estimate), variance, np.nan), weight, self.df)

    def forms(self, numerators: Floats, denominators: Floats, members: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return ratios of linear forms with their covariance matrix."""
        full, totals = self.full[members], self.totals[:, members]
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = np.einsum("ugk,gk->u", numerators, full) / np.einsum("ugk,gk->u", denominators, full)
            replicate = np.einsum("ugk,rgk->ru", numerators, totals) / np.einsum("ugk,rgk->ru", denominators, totals)
        deviation = np.where(np.isfinite(replicate), replicate - estimate, 0.0)
        return estimate, np.einsum("r,ru,rv->uv", self.coefficient, deviation, deviation)

    @property
    def shares_clusters(self) -> bool:
        """Replicates always carry the covariance."""
        return False


def _ratios(totals: Floats, numerator: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    weight = totals @ denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        return (totals @ numerator) / weight, weight


def ratios_of_unions(
    source: Variance, numerator: Floats, denominator: Floats, members: npt.NDArray[np.intp], unions: Floats
) -> tuple[Floats, Floats]:
    """Return the same ratio of several unions of groups, with their covariance matrix.

    ``unions`` is a 0/1 matrix (unions, members): each row says which groups a union holds, so that 'the rest' and 'the
    total' share their clusters with the groups as they should.
    """
    return source.forms(unions[:, :, None] * numerator, unions[:, :, None] * denominator, members)
