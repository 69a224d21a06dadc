"""Variances of weighted sums of residuals from margins, over rows or over clusters.

A linear statistic s has the coefficient A_sg of the terms of group g. Its residual in a row of cell c is
e = A_sg · t − m_sc, t zero without an answer, m_sc the fitted value; its variance is that of Σ w e under the design.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from cemkit.statistics.survey import stratum_factors
from cemkit.tables.codes import MOST_CELLS

if TYPE_CHECKING:
    from cemkit.tables.strata import Strata

__all__ = ["ClusterResiduals", "Residuals", "RowResiduals"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Residuals(Protocol):
    """Sums of weighted residuals of every row of the sample."""

    def variances(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the variance for each group's statistic, which reads that group only: (G, K), (G, C) -> (G,)."""

    def covariance(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the covariance of statistics of all groups: (S, G, K), (S, C) -> (S, S)."""

    @property
    def shares_clusters(self) -> bool:
        """Whether some cluster has answers in two groups."""


@dataclass(eq=False)
class RowResiduals:
    """Rows are drawn independently within strata, so that Σ w t and Σ w² t t' per group, stratum and cell suffice.

    ``one`` are the coefficients under which an answer's terms sum to one; ``at_*`` are the rows of the weight sums.
    """

    one: Floats
    group: Codes
    stratum: Codes
    cell: Codes
    sums: Floats
    products: Floats
    at_stratum: Codes
    at_cell: Codes
    weight: Floats
    square: Floats
    strata: Strata

    shares_clusters = False

    @cached_property
    def _factor(self) -> Floats:
        return stratum_factors(self.strata.clusters, self.strata.population)

    def variances(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the variance of every group's statistic."""
        groups, levels = len(coefficient), len(self.strata.clusters)
        own, mean = coefficient[self.group], fitted[self.group, self.cell]
        spread = np.einsum("rkl,rl->rk", self.products, own - 2 * mean[:, None] * self.one)
        square, total = np.zeros((groups, levels)), np.zeros((groups, levels))
        np.add.at(square, (self.group, self.stratum), np.einsum("rk,rk->r", own, spread))
        np.add.at(total, (self.group, self.stratum), np.einsum("rk,rk->r", own, self.sums))
        weight, weight2 = np.zeros((levels, fitted.shape[1])), np.zeros((levels, fitted.shape[1]))
        np.add.at(weight, (self.at_stratum, self.at_cell), self.weight)
        np.add.at(weight2, (self.at_stratum, self.at_cell), self.square)
        square += fitted**2 @ weight2.T
        total -= fitted @ weight.T
        return np.asarray(((square - total**2 / self.strata.clusters) * self._factor).sum(axis=1))

    def covariance(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the covariance of statistics of all groups."""
        size, levels = len(coefficient), len(self.strata.clusters)
        own, mean = coefficient[:, self.group], fitted[:, self.cell]
        factor = self._factor[self.stratum]
        spread = np.einsum("rkl,srl->srk", self.products * factor[:, None, None], own)
        found = own.reshape(size, -1) @ spread.reshape(size, -1).T
        cross = (spread @ self.one) @ mean.T
        found -= cross + cross.T
        at = fitted[:, self.at_cell]
        found += (at * (self.square * self._factor[self.at_stratum])) @ at.T
        total = np.zeros((levels, size))
        np.add.at(total, self.stratum, np.einsum("srk,rk->rs", own, self.sums))
        np.add.at(total, self.at_stratum, -(at * self.weight).T)
        return np.asarray(found - (total.T * (self._factor / self.strata.clusters)) @ total)


@dataclass(eq=False)
class ClusterResiduals:
    """Clusters are drawn within strata: totals per cluster, (entries, K) of answers and (rows,) of weights by cell.

    ``unit`` is the cluster of an entry, ``at_unit`` that of a row of the weight sums, ``stratum`` the stratum of a cluster.
    """

    stratum: Codes
    unit: Codes
    group: Codes
    totals: Floats
    answered: npt.NDArray[np.bool_]
    at_unit: Codes
    at_cell: Codes
    weight: Floats
    strata: Strata

    def variances(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the variance of every group's statistic."""
        from scipy.sparse import csc_array

        values = np.einsum("ek,ek->e", self.totals, coefficient[self.group])
        units, groups = len(self.stratum), len(coefficient)
        sums = csc_array((values, (self.unit, self.group)), shape=(units, groups))
        step = max(1, MOST_CELLS // max(units, 1))
        found = []
        for start in range(0, groups, step):
            part = slice(start, start + step)
            found.append(self._centred(sums[:, part].toarray() - self._weights @ fitted[part].T))
        return np.concatenate([np.einsum("us,us->s", part, part) for part in found])

    def covariance(self, coefficient: Floats, fitted: Floats) -> Floats:
        """Return the covariance of statistics of all groups."""
        values = np.einsum("ek,sek->es", self.totals, coefficient[:, self.group])
        sums = np.zeros((len(self.stratum), len(coefficient)))
        np.add.at(sums, self.unit, values)
        centred = self._centred(sums - self._weights @ fitted.T)
        return np.asarray(centred.T @ centred)

    def _centred(self, sums: Floats) -> Floats:
        """Return each cluster's sum less its stratum's mean, scaled so that squares add up to the variance."""
        clusters = self.strata.clusters
        mean = np.zeros((len(clusters), sums.shape[1]))
        np.add.at(mean, self.stratum, sums)
        mean /= clusters[:, None]
        factor = stratum_factors(clusters, self.strata.population)
        return np.asarray((sums - mean[self.stratum]) * np.sqrt(factor[self.stratum])[:, None])

    @cached_property
    def _weights(self) -> Any:
        from scipy.sparse import csr_array

        shape = (len(self.stratum), int(self.at_cell.max()) + 1)
        return csr_array((self.weight, (self.at_unit, self.at_cell)), shape=shape)

    @property
    def shares_clusters(self) -> bool:
        """Whether some cluster has answers in two groups."""
        pairs = np.unique(np.column_stack([self.unit, self.group])[self.answered], axis=0)
        return len(pairs) > len(np.unique(pairs[:, 0]))
