"""The margins that a design's weights were raked to, as sums of weights per cell of the margin columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import DesignError
from cemkit.estimation.sample import Sample
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.design import Calibration, Design
from cemkit.tables.groups import Groups, group_rows
from cemkit.tables.weight_sums import WeightSums, weight_sums

__all__ = ["Margins", "calibrated_margins"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Margins:
    """Cells of the margin columns over the whole sample, rows without an answer included.

    Attributes
    ----------
    cells
        The combinations of margin levels that occur.
    levels
        For each margin column, the level of every cell; its labels are in ``labels``.
    base
        Σ of the weights before raking, per cell.
    sums
        Σ of the base weights (first column) and the raked ones, by stratum, cluster and cell.
    cell
        The cell of every row of ``sums``.
    """

    calibration: Calibration
    cells: Groups
    levels: list[Codes]
    labels: list[list[Any]]
    base: Floats
    sums: WeightSums
    cell: Codes

    @property
    def weight(self) -> Floats:
        """Σ of the raked weights per row of ``sums``."""
        return self.sums.w[:, 1]

    @property
    def square(self) -> Floats:
        """Σ of the squared raked weights per row of ``sums``."""
        return self.sums.w2[:, 1]

    @property
    def calibrated(self) -> Floats:
        """Σ of the raked weights per cell."""
        return grouped_sum(self.cell, self.weight, groups=len(self.cells))

    @property
    def targets(self) -> list[Floats]:
        """For each margin column, what its levels' raked weights sum to."""
        return [
            grouped_sum(code, self.calibrated, groups=len(label))
            for code, label in zip(self.levels, self.labels, strict=True)
        ]


def calibrated_margins(sample: Sample) -> Margins:
    """Sum the weights before and after raking per cell; an error where rows are missing that were raked."""
    design = sample.design
    if design is None or design.calibration is None:
        msg = "the design carries no calibration: make it with cemkit.rake"
        raise DesignError(msg)
    calibration = design.calibration
    columns = calibration.columns
    units = [name for name in (design.strata, design.cluster) if name is not None]
    sums = weight_sums(sample.bound, keys=(*columns, *units), weights=(calibration.base_weights, design.weights))
    _require_all_rows(design, calibration, int(sums.n.sum()))
    cells, cell = group_rows(sums.keys, columns)
    levels, labels = [], []
    for name in columns:
        known, code = group_rows({name: [key[cells.names.index(name)] for key in cells.keys]}, [name])
        levels.append(code)
        labels.append([key[0] for key in known.keys])
    base = grouped_sum(cell, sums.w[:, 0], groups=len(cells))
    return Margins(calibration, cells, levels, labels, base, sums, cell)


def _require_all_rows(design: Design, calibration: Calibration, rows: int) -> None:
    if calibration.rows is None or calibration.rows == rows:
        return
    msg = (
        f"{calibration.rows:,} rows were raked and {rows:,} are here: the standard error of raked weights needs them all. Keep them "
        f"and use by= for groups, rake these rows anew, or give design=Design(weights={design.weights!r}), which ignores the raking"
    )
    raise DesignError(msg)
