"""Replicates of raked weights: every jackknife or bootstrap replicate is raked anew to the margins.

Raking weights that are already raked gives the same as raking the weights before (both are those times a product of one
factor per margin level), so each replicate starts from the raked weights and needs no others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cemkit.errors import DesignError
from cemkit.estimation.counted import Counted
from cemkit.estimation.margins import Margins, calibrated_margins
from cemkit.estimation.measure import Measure
from cemkit.estimation.replicates import Units, replicates_of, unit_entries
from cemkit.estimation.sample import Sample
from cemkit.estimation.variance import Replicated
from cemkit.results import Assumption
from cemkit.statistics.raked_replicates import rake_replicates
from cemkit.tables.groups import Groups

__all__ = ["raked_replicated"]

Floats = npt.NDArray[np.float64]


def raked_replicated(sample: Sample, measure: Measure, counted: Counted, *, seed: int | None) -> Replicated:
    """Return replicates whose margins are those of the raked sample."""
    margins = calibrated_margins(sample)
    groups, cells, terms = len(counted.groups), len(margins.cells), len(measure.terms)
    units = _units_by_cell(sample, measure, counted, margins)
    found = replicates_of(sample, counted, units, groups * cells, seed=seed)
    totals = found.totals.reshape(-1, groups, cells, terms + 1)
    base = totals[..., terms].sum(axis=1)
    _require_levels(margins, base)
    raked = rake_replicates(base, margins.levels, margins.targets)
    if not raked.converged.all():
        failed = int((~raked.converged).sum())
        msg = (
            f"{failed:,} of {len(base):,} {found.name} replicates cannot be raked to the margins of {_named(margins)}: merge rare levels, "
            "or use variance='linearised'"
        )
        raise DesignError(msg)
    replicate = np.einsum("rc,rgck->rgk", raked.factor, totals[..., :terms])
    full = found.full.reshape(groups, cells, terms + 1).sum(axis=1)[:, :terms]
    note = Assumption("calibrated-replicates", {"columns": _named(margins)})
    return replace(found, full=full, totals=replicate, assumptions=(*found.assumptions, note))


def _units_by_cell(sample: Sample, measure: Measure, counted: Counted, margins: Margins) -> Units:
    """Return units whose groups are (group, cell); the last term is the weight of all rows, kept with the first group."""
    entries = unit_entries(sample, measure, counted, extra=margins.calibration.columns)
    cells, count = margins.cells, len(measure.terms)
    group = counted.groups.codes(entries.keys) if sample.by else np.zeros(len(entries.unit), dtype=np.intp)
    cell = cells.codes(entries.keys)
    answered = np.pad(entries.totals[entries.answered], ((0, 0), (0, 1)))
    place = (group * len(cells) + cell)[entries.answered]
    if entries.weight is not None:
        unit, at, weight = entries.unit, cell, entries.weight
    else:
        unit, at, weight = _unit_of(margins, entries.units), margins.cell, margins.weight
    every = np.pad(weight[:, None], ((0, 0), (count, 0)))
    return Units(
        entries.stratum,
        entries.times,
        np.concatenate([entries.unit[entries.answered], unit]),
        np.concatenate([place, at]),
        np.concatenate([answered, every]),
    )


def _unit_of(margins: Margins, units: Groups) -> npt.NDArray[np.intp]:
    keys = {name: list(column) for name, column in margins.sums.keys.items()}
    return units.codes(keys)


def _require_levels(margins: Margins, base: Floats) -> None:
    """Raise where a replicate has nobody in a level of a margin."""
    for name, code, labels in zip(margins.calibration.columns, margins.levels, margins.labels, strict=True):
        for level, label in enumerate(labels):
            empty = ~(base[:, code == level].sum(axis=1) > 0)
            if margins.calibrated[code == level].sum() > 0 and empty.any():
                msg = (
                    f"{int(empty.sum()):,} of {len(base):,} replicates have nobody in level {label!r} of margin {name!r}, so they cannot "
                    "be raked: merge it with another level, or use variance='linearised'"
                )
                raise DesignError(msg)


def _named(margins: Margins) -> str:
    return ", ".join(margins.calibration.columns)
