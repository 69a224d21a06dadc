"""Replicates of a sample: delete-one jackknife, rescaled bootstrap, replicate-weight columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, DesignError
from cemkit.estimation.counted import Counted
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.estimation.variance import Replicated
from cemkit.results import Assumption
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.resampling import bootstrap_multipliers
from cemkit.tables.cluster_moments import cluster_totals
from cemkit.tables.codes import MOST_CELLS
from cemkit.tables.groups import Groups, group_rows
from cemkit.tables.replicate_tally import replicate_tally
from cemkit.tables.tally import rating_tally

__all__ = ["REPLICATES", "Entries", "Units", "replicated", "replicates_of", "sampled_units", "unit_entries"]

REPLICATES = 1000
Floats = npt.NDArray[np.float64]


class Units:
    """The clusters of the whole design (rows alike count as one unit with a multiplicity), sorted.

    ``totals`` holds entries (unit, group) -> terms, for the units that have an answer in the group.
    """

    def __init__(
        self,
        stratum: npt.NDArray[np.intp],
        times: Floats,
        unit: npt.NDArray[np.intp],
        group: npt.NDArray[np.intp],
        totals: Floats,
    ) -> None:
        self.stratum = stratum
        self.times = times
        self.unit = unit
        self.group = group
        self.totals = totals

    def sums(self, multipliers: Floats, groups: int) -> Floats:
        """Return Σ over units of multiplier · totals: (replicates, groups, terms)."""
        from scipy.sparse import csr_array

        terms = self.totals.shape[1]
        shape = (len(self.stratum), groups)
        found = [
            multipliers @ csr_array((self.totals[:, k], (self.unit, self.group)), shape=shape) for k in range(terms)
        ]
        return np.stack([np.asarray(part) for part in found], axis=-1)


class Entries(NamedTuple):
    """What units are made of: a row per unit and combination of keys.

    ``weight`` is each row's weight, answered or not; None for clusters, whose rows without an answer it cannot tell.
    """

    units: Groups
    stratum: npt.NDArray[np.intp]
    times: Floats
    unit: npt.NDArray[np.intp]
    keys: Mapping[str, Any]
    answered: npt.NDArray[np.bool_]
    totals: Floats
    weight: Floats | None


def replicated(sample: Sample, measure: Measure, counted: Counted, *, seed: int | None) -> Replicated:
    """Return the replicates that the design asks for."""
    design = sample.design
    if design is not None and design.replicates is not None:
        return _from_columns(sample, measure, counted)
    if design is not None and design.calibration is not None:
        from cemkit.estimation.raked_replicates import raked_replicated

        return raked_replicated(sample, measure, counted, seed=seed)
    return replicates_of(sample, counted, sampled_units(sample, measure, counted), len(counted.groups), seed=seed)


def replicates_of(sample: Sample, counted: Counted, units: Units, groups: int, *, seed: int | None) -> Replicated:
    """Return jackknife or bootstrap replicates of units."""
    design = sample.design
    df = grouped_sum(counted.group, counted.answering - (counted.answering > 0), groups=len(counted.groups))
    if counted.strata is None:
        msg = "replicates need a design"
        raise DesignError(msg)
    rows, population = counted.strata.clusters, counted.strata.population
    full = units.sums(units.times[None, :], groups)[0]
    fraction = 1 - rows / population
    if design is not None and design.variance == "jackknife":
        totals, coefficient = _jackknife(units, rows, fraction, full, groups)
        note = Assumption("jackknife", {"replicates": int(rows.sum())})
        return Replicated(counted, full, totals, coefficient, df, "jackknife", (note,))
    if np.isfinite(population).any():
        msg = "the bootstrap knows no finite population: leave out population=, or use variance='linearised' or 'jackknife'"
        raise DesignError(msg)
    used = int(np.random.SeedSequence().entropy % 2**32) if seed is None else seed  # type: ignore[operator]
    totals = _bootstrap(units, rows, np.random.default_rng(used), groups)
    coefficient = np.full(REPLICATES, 1 / REPLICATES)
    note = Assumption("bootstrap", {"replicates": REPLICATES, "seed": str(used)})
    return Replicated(counted, full, totals, coefficient, df, "bootstrap", (note,))


def sampled_units(sample: Sample, measure: Measure, counted: Counted) -> Units:
    """Collect the clusters' totals; without clusters, the cells of rows that are alike."""
    found = unit_entries(sample, measure, counted)
    group = counted.groups.codes(found.keys) if sample.by else np.zeros(len(found.unit), dtype=np.intp)
    answered = found.answered
    return Units(found.stratum, found.times, found.unit[answered], group[answered], found.totals[answered])


def unit_entries(sample: Sample, measure: Measure, counted: Counted, *, extra: Sequence[str] = ()) -> Entries:
    """Collect totals by unit, group and the ``extra`` columns."""
    design = sample.design
    if design is None or counted.strata is None:
        msg = "replicates need a design"
        raise DesignError(msg)
    strata = [] if design.strata is None else [design.strata]
    by = [name for name in dict.fromkeys((*sample.by, *extra)) if name not in strata]
    labels = {label: i for i, label in enumerate(counted.strata.labels)}
    weight = None
    if design.cluster is not None:
        found = cluster_totals(
            sample.bound,
            keys=[*by, *strata],
            cluster=design.cluster,
            value=sample.score,
            scale=measure.scale,
            terms=measure.terms,
            weights=design.weights,
        )
        keys: dict[str, Any] = {**found.keys}
        units, unit = group_rows(keys, [*strata, design.cluster])
        times = np.ones(len(units))
        answered = found.answers > 0
        totals = found.totals
    else:
        if measure.scale.step is None:
            msg = "on a continuous scale the jackknife and the bootstrap need clusters: name them, or use variance='linearised'"
            raise CemkitError(msg)
        weighted = [] if design.weights is None else [design.weights]
        tally = rating_tally(
            sample.bound,
            keys=[*by, *strata, *weighted],
            value=sample.score,
            scale=measure.scale,
            weights=design.weights,
        )
        point = np.where(np.isnan(tally.value), -np.inf, tally.value)
        keys = {**tally.keys, "_point": point.tolist()}
        units, unit = group_rows(keys, [*by, *strata, *weighted, "_point"])
        times = np.zeros(len(units))
        np.add.at(times, unit, tally.n)
        answered = np.isfinite(tally.value)
        filled = np.where(answered, tally.value, measure.scale.midpoint)
        weight = (
            np.ones(len(tally)) if design.weights is None else np.asarray(tally.keys[design.weights], dtype=np.float64)
        )
        totals = np.column_stack([weight * term.values(filled) for term in measure.terms])
    stratum = np.zeros(len(units), dtype=np.intp)
    if strata:
        place = units.names.index(strata[0])
        stratum = np.array([labels[key[place]] for key in units.keys], dtype=np.intp)
    return Entries(units, stratum, times, unit, keys, answered, totals, weight)


def _jackknife(units: Units, rows: Floats, fraction: Floats, full: Floats, groups: int) -> tuple[Floats, Floats]:
    count, terms = len(units.stratum), full.shape[1]
    if count * groups * terms > 10 * MOST_CELLS:
        msg = (
            f"the jackknife of {count:,} clusters by {groups:,} groups needs too much memory: use variance='linearised', "
            "which agrees with it closely for large samples"
        )
        raise CemkitError(msg)
    own = np.zeros((count, groups, terms))
    np.add.at(own, (units.unit, units.group), units.totals)
    by_stratum = np.zeros((len(rows), groups, terms))
    np.add.at(by_stratum, units.stratum, own * units.times[:, None, None])
    m = rows[units.stratum][:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(m > 1, (by_stratum[units.stratum] - own) * m / (m - 1), by_stratum[units.stratum])
    totals = full[None, :, :] - by_stratum[units.stratum] + spread
    coefficient = units.times * fraction[units.stratum] * (rows[units.stratum] - 1) / rows[units.stratum]
    return totals, coefficient


def _bootstrap(units: Units, rows: Floats, rng: np.random.Generator, groups: int) -> Floats:
    terms = units.totals.shape[1]
    if REPLICATES * groups * terms > 10 * MOST_CELLS:
        msg = f"{REPLICATES} bootstrap replicates of {groups:,} groups need too much memory: group by a coarser column"
        raise CemkitError(msg)
    totals = np.empty((REPLICATES, groups, terms))
    chunk = max(1, min(REPLICATES, 20_000_000 // max(len(units.stratum), 1)))
    alike = bool((units.times == 1).all())
    for start in range(0, REPLICATES, chunk):
        size = min(chunk, REPLICATES - start)
        drawn = _cluster_multipliers if alike else _cell_multipliers
        totals[start : start + size] = units.sums(drawn(units, rows, rng, size), groups)
    return totals


def _cluster_multipliers(units: Units, _: Floats, rng: np.random.Generator, size: int) -> Floats:
    return bootstrap_multipliers(units.stratum, rng, replicates=size)


def _cell_multipliers(units: Units, rows: Floats, rng: np.random.Generator, size: int) -> Floats:
    multipliers = np.zeros((size, len(units.stratum)))
    for h in range(len(rows)):
        place = np.flatnonzero(units.stratum == h)
        m = int(rows[h])
        if m < 2:
            multipliers[:, place] = units.times[place]
            continue
        drawn = rng.multinomial(m - 1, units.times[place] / units.times[place].sum(), size=size)
        multipliers[:, place] = drawn * (m / (m - 1))
    return multipliers


def _from_columns(sample: Sample, measure: Measure, counted: Counted) -> Replicated:
    design = sample.design
    names: tuple[str, ...] = (design.replicates or ()) if design is not None else ()
    if measure.scale.step is None:
        msg = "replicate weights are summed per scale point, so they need a scale with points (step)"
        raise CemkitError(msg)
    tally = replicate_tally(sample.bound, keys=sample.by, value=sample.score, scale=measure.scale, replicates=names)
    group = counted.groups.codes(tally.keys) if sample.by else np.zeros(len(tally.value), dtype=np.intp)
    answered = np.isfinite(tally.value)
    values = np.column_stack(
        [term.values(np.where(answered, tally.value, measure.scale.midpoint)) for term in measure.terms]
    )
    groups, terms = len(counted.groups), values.shape[1]
    totals = np.zeros((len(names), groups, terms))
    for k in range(terms):
        part = np.zeros((groups, len(names)))
        np.add.at(part, group[answered], tally.w[answered] * values[answered, k][:, None])
        totals[:, :, k] = part.T
    full = np.zeros((groups, terms))
    np.add.at(full, counted.group, counted.sums)
    jackknife = design is not None and design.variance == "jackknife"
    scale = (len(names) - 1) / len(names) if jackknife else 1 / len(names)
    note: Any = Assumption("replicate-weights", {"replicates": len(names)})
    df = np.full(groups, float(len(names) - 1))
    return Replicated(counted, full, totals, np.full(len(names), scale), df, "replicate-weights", (note,))
