"""Linearised variances of raked weights: only what the margins leave unexplained varies.

A calibrated estimate has the variance of Σ w e, w the calibrated weights and e = z − x'β the residuals of its linearised
variable z from the margins' dummies x, over *all* rows of the sample: outside a subgroup z is zero, but its fitted value
is not. β is the regression under the weights before calibration, as in R ``survey::calibrate`` (Deville & Särndal, 1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, DesignError
from cemkit.estimation.counted import Counted
from cemkit.estimation.margins import Margins, calibrated_margins
from cemkit.estimation.measure import Measure
from cemkit.estimation.residuals import ClusterResiduals, Residuals, RowResiduals
from cemkit.estimation.sample import Sample
from cemkit.results import Assumption
from cemkit.statistics.calibration import margin_design_matrix, regression_coefficients
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.survey import Ratios
from cemkit.tables.cluster_moments import cluster_totals
from cemkit.tables.codes import MOST_CELLS
from cemkit.tables.groups import group_rows
from cemkit.tables.row_moments import row_moments
from cemkit.tables.strata import Strata

__all__ = ["Calibrated"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(eq=False)
class Calibrated:
    """Taylor series linearisation with residuals from the margins."""

    sample: Sample
    measure: Measure
    counted: Counted
    name: str = "linearised"
    assumptions: tuple[Assumption, ...] = (Assumption("linearised"),)

    def __post_init__(self) -> None:
        calibration = None if self.sample.design is None else self.sample.design.calibration
        columns = () if calibration is None else calibration.columns
        self.assumptions = (Assumption("linearised"), Assumption("calibrated", {"columns": ", ".join(columns)}))

    @property
    def shares_clusters(self) -> bool:
        """Whether some cluster has answers in two groups."""
        return self._residuals.shares_clusters

    def ratios(self, numerator: Floats, denominator: Floats) -> Ratios:
        """Return the ratio of every group with its variance."""
        counted = self.counted
        groups = len(counted.groups)
        totals = np.zeros((groups, len(numerator)))
        np.add.at(totals, counted.group, counted.sums)
        weight = totals @ denominator
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = (totals @ numerator) / weight
            coefficient = (numerator[None, :] - estimate[:, None] * denominator[None, :]) / weight[:, None]
        coefficient[~np.isfinite(estimate)] = 0.0
        group, cell, base = self._base_sums
        z = np.zeros((len(self._margins.cells), groups))
        np.add.at(z, (cell, group), np.einsum("rk,rk->r", base, coefficient[group]))
        variance = self._residuals.variances(coefficient, self._fitted(z))
        variance = np.where(np.isfinite(estimate), np.maximum(variance, 0.0), np.nan)
        df = grouped_sum(counted.group, counted.answering - (counted.answering > 0), groups=groups)
        return Ratios(estimate, variance, weight, df)

    def forms(self, numerators: Floats, denominators: Floats, members: Codes) -> tuple[Floats, Floats]:
        """Return ratios of linear forms in the totals of the groups ``members``, with their covariance matrix.

        Both coefficient arrays are (ratios, members, terms).
        """
        counted, terms = self.counted, numerators.shape[-1]
        if len(numerators) * terms * (len(counted.groups) + len(self._base_sums[0])) > 10 * MOST_CELLS:
            msg = f"comparing {len(members)} groups of raked answers is too much at once: compare fewer levels"
            raise CemkitError(msg)
        totals = np.zeros((len(counted.groups), terms))
        np.add.at(totals, counted.group, counted.sums)
        weight = np.einsum("sgk,gk->s", denominators, totals[members])
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = np.einsum("sgk,gk->s", numerators, totals[members]) / weight
            linear = (numerators - estimate[:, None, None] * denominators) / weight[:, None, None]
        undefined = ~np.isfinite(estimate)
        linear[undefined] = 0.0
        coefficient = np.zeros((len(numerators), *totals.shape))
        coefficient[:, members] = linear
        group, cell, base = self._base_sums
        z = np.zeros((len(self._margins.cells), len(numerators)))
        np.add.at(z, cell, np.einsum("rk,srk->rs", base, coefficient[:, group]))
        covariance = self._residuals.covariance(coefficient, self._fitted(z))
        covariance[undefined, :] = np.nan
        covariance[:, undefined] = np.nan
        return estimate, covariance

    def _fitted(self, z: Floats) -> Floats:
        """Return the fitted values of Σ d z per cell and statistic, (S, C)."""
        margins = self._margins
        matrix = margin_design_matrix(margins.levels)
        return np.asarray((matrix @ regression_coefficients(matrix, margins.base, z)).T)

    @cached_property
    def _margins(self) -> Margins:
        return calibrated_margins(self.sample)

    @cached_property
    def _strata(self) -> Strata:
        if self.counted.strata is None:
            msg = "raked weights need a design: give the one that cemkit.rake made"
            raise DesignError(msg)
        return self.counted.strata

    @cached_property
    def _base_sums(self) -> tuple[Codes, Codes, Floats]:
        """Group, cell and Σ of base weight times terms."""
        sample, measure, margins = self.sample, self.measure, self._margins
        calibration = margins.calibration
        found = row_moments(
            sample.bound,
            keys=tuple(dict.fromkeys((*sample.by, *calibration.columns))),
            value=sample.score,
            scale=measure.scale,
            terms=measure.terms,
            weights=calibration.base_weights,
        )
        return self.counted.groups.codes(found.keys), margins.cells.codes(found.keys), found.sums

    @cached_property
    def _residuals(self) -> Residuals:
        sample, measure, margins, strata = self.sample, self.measure, self._margins, self._strata
        design = sample.design
        stratified = [] if design is None or design.strata is None else [design.strata]
        place = {label: i for i, label in enumerate(strata.labels)}

        def stratum_of(keys: dict[str, list[object]], rows: int) -> Codes:
            if not stratified:
                return np.zeros(rows, dtype=np.intp)
            return np.array([place[label] for label in keys[stratified[0]]], dtype=np.intp)

        weights = None if design is None else design.weights
        asked = {"value": sample.score, "scale": measure.scale, "terms": measure.terms, "weights": weights}
        at_keys = {name: list(column) for name, column in margins.sums.keys.items()}
        if design is None or design.cluster is None:
            names = tuple(dict.fromkeys((*sample.by, *stratified, *margins.calibration.columns)))
            rows = row_moments(sample.bound, keys=names, **asked)  # type: ignore[arg-type]
            keys = {name: list(column) for name, column in rows.keys.items()}
            return RowResiduals(
                measure.denominator,
                self.counted.groups.codes(keys),
                stratum_of(keys, len(rows.n)),
                margins.cells.codes(keys),
                rows.sums,
                rows.products,
                stratum_of(at_keys, len(margins.cell)),
                margins.cell,
                margins.weight,
                margins.square,
                strata,
            )
        cluster = design.cluster
        names = tuple(dict.fromkeys((*sample.by, *stratified)))
        found = cluster_totals(sample.bound, keys=names, cluster=cluster, **asked)  # type: ignore[arg-type]
        keys = {name: list(column) for name, column in found.keys.items()}
        units, at_unit = group_rows(at_keys, [*stratified, cluster])
        unit_keys = {name: [key[i] for key in units.keys] for i, name in enumerate(units.names)}
        return ClusterResiduals(
            stratum_of(unit_keys, len(units)),
            units.codes(keys),
            self.counted.groups.codes(keys),
            found.totals,
            found.answers > 0,
            at_unit,
            margins.cell,
            margins.weight,
            strata,
        )
