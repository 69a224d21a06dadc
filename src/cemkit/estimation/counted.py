"""The second step: ask the engine for the small table of sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import ContractError, DesignError
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Sample
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.cluster_moments import cluster_moments
from cemkit.tables.groups import Groups, group_rows
from cemkit.tables.row_moments import RowMoments, row_moments
from cemkit.tables.rows import distinct_per_group, require_some
from cemkit.tables.strata import Strata, count_strata, strata_of_rows

__all__ = ["Counted", "count", "counting_keys", "degrees_of_freedom"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counted:
    """Sums by group and stratum.

    Attributes
    ----------
    groups
        The groups in their order.
    n, missing, invalid
        Per group: answers used, missing, outside the scale.
    bases
        Per group: distinct customers with an answer (answers, where the table knows no customers).
    counts
        Σ term per group, unweighted: (groups, terms).
    group, stratum, answering, sums, products
        Rows of (group, stratum): their group, their stratum, clusters (rows) with answers, Σ totals, Σ products.
    strata
        The clusters of the whole design per stratum; None without a design.
    """

    groups: Groups
    n: Floats
    missing: Floats
    invalid: Floats
    bases: Floats
    counts: Floats
    group: npt.NDArray[np.intp]
    stratum: npt.NDArray[np.intp]
    answering: Floats
    sums: Floats
    products: Floats
    strata: Strata | None
    assumptions: tuple[Assumption, ...] = ()


def count(sample: Sample, measure: Measure, *, bases: bool = False, moments: RowMoments | None = None) -> Counted:
    """Count in the frame's own engine; raise for answers outside the scale unless they are to be counted.

    ``moments`` are those of the rows by `counting_keys`, where they were counted before together with other columns.
    """
    design, bound, scale, terms = sample.design, sample.bound, measure.scale, measure.terms
    names = counting_keys(sample)
    weights = None if design is None else design.weights
    rows = moments
    if rows is None:
        rows = row_moments(bound, keys=names, value=sample.score, scale=scale, terms=terms, weights=weights)
    seen = rows.n + rows.missing + rows.invalid
    require_some(seen.sum())
    if not rows.n.sum():
        _raise_without_answers(sample, rows)
    if sample.invalid == "raise" and rows.invalid.sum():
        _raise_invalid(sample, int(rows.invalid.sum()))
    groups, group = group_rows(rows.keys, sample.by, orders=sample.orders, rows=len(rows.n))

    def per_group(x: Floats) -> Floats:
        return grouped_sum(group, x, groups=len(groups))

    n, missing, invalid = (per_group(x) for x in (rows.n, rows.missing, rows.invalid))
    counts = np.column_stack([per_group(rows.counts[:, k]) for k in range(len(terms))])
    notes: list[Assumption] = []
    strata = None
    answering, sums, products, stratum = rows.n, rows.sums, rows.products, np.zeros(len(group), dtype=np.intp)
    if design is not None:
        if design.cluster is None and design.population is None:
            strata = strata_of_rows(rows.keys, seen, design)
        else:
            strata = count_strata(bound, design)
        notes += _design_notes(design, strata)
        stratum = _stratum_codes(rows.keys, design, strata)
        if design.cluster is not None:
            found = cluster_moments(
                bound, keys=names, cluster=design.cluster, value=sample.score, scale=scale, terms=terms, weights=weights
            )
            group = groups.codes(found.keys) if found.keys else np.zeros(len(found.clusters), dtype=np.intp)
            stratum = _stratum_codes(found.keys, design, strata)
            answering, sums, products = found.clusters.astype(np.float64), found.sums, found.products
        if design.variance == "linearised" and design.replicates is None:
            _require_pairs(design, strata)
    if invalid.sum():
        values = {"rows": int(invalid.sum()), "low": float(scale.low), "high": float(scale.high)}
        notes.append(Assumption("invalid-left-out", values))
    notes += _scale_note(rows, scale)
    if missing.sum():
        notes.append(Assumption("missing-at-random", {"rows": int(missing.sum())}))
    base = _bases(sample, groups, n) if bases else n
    return Counted(
        groups, n, missing, invalid, base, counts, group, stratum, answering, sums, products, strata, tuple(notes)
    )


def counting_keys(sample: Sample) -> tuple[str, ...]:
    """Return the columns that rows are counted by: the groups and the strata."""
    stratum = None if sample.design is None else sample.design.strata
    return sample.by if stratum is None or stratum in sample.by else (*sample.by, stratum)


def degrees_of_freedom(
    sample: Sample, measure: Measure, counted: Counted, within: tuple[str, ...]
) -> dict[tuple[Any, ...], float]:
    """Return clusters less strata, counted where there are answers, for every combination of ``within``.

    ``counted`` is by ``within`` and more columns. Rows add up over those; clusters, which may be in several groups, have to
    be counted anew.
    """
    design = sample.design
    if design is not None and design.replicates is not None:
        return dict.fromkeys(_parts(counted, within)[0].keys, float(len(design.replicates) - 1))
    if design is not None and design.cluster is not None:
        counted = count(replace(sample, by=within), measure)
    slices, part = _parts(counted, within)
    levels = 1 if counted.strata is None else len(counted.strata.labels)
    place = part[counted.group] * levels + counted.stratum
    answering = grouped_sum(place, counted.answering, groups=len(slices) * levels)
    df = (answering - (answering > 0)).reshape(len(slices), levels).sum(axis=1)
    return dict(zip(slices.keys, df.tolist(), strict=True))


def _parts(counted: Counted, within: tuple[str, ...]) -> tuple[Groups, npt.NDArray[np.intp]]:
    """Return the combinations of some of the grouping columns, and which of them every group belongs to."""
    groups = counted.groups
    columns = {name: [key[groups.names.index(name)] for key in groups.keys] for name in within}
    return group_rows(columns, within, rows=len(groups))


def _scale_note(rows: Any, scale: Scale) -> list[Assumption]:
    """Say where many answers leave an end of the scale unused: 1 to 5 or 1 to 10 read as 0 to 10 gives a wrong score."""
    answers = int(rows.n.sum())
    shorter = rows.most <= scale.midpoint and rows.least > scale.low
    unused = rows.least > scale.low or rows.most < scale.high
    if not (answers >= 100 and unused) and not (answers >= 10 and shorter):
        return []
    values = {
        "rows": answers,
        "least": rows.least,
        "most": rows.most,
        "low": float(scale.low),
        "high": float(scale.high),
    }
    return [Assumption("scale-unused", values)]


def _stratum_codes(keys: Any, design: Any, strata: Strata) -> npt.NDArray[np.intp]:
    if design.strata is None:
        return np.zeros(len(next(iter(keys.values()))) if keys else 1, dtype=np.intp)
    place = {label: i for i, label in enumerate(strata.labels)}
    return np.array([place[v] for v in keys[design.strata]], dtype=np.intp)


def _bases(sample: Sample, groups: Groups, n: Floats) -> Floats:
    if sample.unit is None:
        return n
    table = distinct_per_group(sample.bound, sample.by, sample.unit, value=sample.score, scale=sample.scale)
    base = np.zeros(len(groups))
    place = groups.codes({name: table[name] for name in sample.by}) if sample.by else np.zeros(1, dtype=np.intp)
    np.add.at(base, place, np.asarray(table["_units"], dtype=np.float64))
    return base


def _design_notes(design: Any, strata: Strata) -> list[Assumption]:
    notes = []
    if design.weights is not None:
        notes.append(Assumption("weighted", {"column": design.weights}))
    if strata.shared:
        notes.append(Assumption("nested-clusters", {"clusters": strata.shared}))
    if design.population is not None:
        notes.append(Assumption("finite-population", {"column": design.population}))
    return notes


def _require_pairs(design: Any, strata: Strata) -> None:
    """Raise where a stratum has a single cluster: its variance cannot be estimated."""
    lonely = np.flatnonzero((strata.clusters < 2) & (strata.population > strata.clusters))
    if not len(lonely):
        return
    what = "cluster" if design.cluster is not None else "row"
    if design.strata is None:
        msg = f"the whole sample is one {what}, so no variance can be estimated: check cluster={design.cluster!r}"
        raise DesignError(msg)
    shown = ", ".join(repr(strata.labels[i]) for i in lonely[:3])
    msg = (
        f"{len(lonely)} of {len(strata.labels)} strata of {design.strata!r} have a single {what} (such as {shown}), so "
        "their variance cannot be estimated: merge each with a similar stratum, or give population= if it was drawn with certainty"
    )
    raise DesignError(msg)


def _raise_without_answers(sample: Sample, rows: Any) -> None:
    missing, invalid = int(rows.missing.sum()), int(rows.invalid.sum())
    if invalid:
        _raise_invalid(sample, invalid)
    msg = f"{sample.score!r} has no answer: all {missing:,} values are missing; check the column and the missing codes"
    raise ContractError(msg)


def _raise_invalid(sample: Sample, rows: int) -> None:
    from cemkit.tables.invalid import first_invalid

    scale = sample.scale
    found = first_invalid(sample.bound, sample.score, scale)
    step = "" if scale.step is None else f" in steps of {scale.step:g}"
    shifted = [v for v in found if v == scale.high + (scale.step or 1)]
    hint = (
        f" Is the question coded {scale.low + 1:g} to {scale.high + 1:g}? Then subtract 1, or give your own Scale."
        if shifted and scale.low == 0
        else ""
    )
    msg = (
        f"{rows:,} values of {sample.score!r} are outside the scale {scale.low:g} to {scale.high:g}{step}, such as "
        f"{', '.join(f'{v:g}' for v in found)}: declare codes for 'no answer' as missing_codes of the scale, repair them, "
        f"or say invalid='count' to leave them out.{hint}"
    )
    raise ContractError(msg)
