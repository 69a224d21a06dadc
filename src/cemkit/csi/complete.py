"""The base of several items: rows that answer them all, counted in the engine, or collected where they are resampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ColumnError, DesignError
from cemkit.estimation.sample import Sample, sample
from cemkit.results import Assumption
from cemkit.scales import PERCENT
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.moments import Moments, bootstrap_moments, correlate
from cemkit.statistics.predictors import collinear_columns
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design
from cemkit.tables.groups import Groups, group_rows
from cemkit.tables.item_moments import item_moments
from cemkit.tables.item_rows import item_rows
from cemkit.tables.rows import require_some
from cemkit.typing import Frame

__all__ = [
    "Base",
    "Rows",
    "check_replicates",
    "collect_rows",
    "count_base",
    "item_sample",
    "require_independent",
    "require_regular",
    "used_seed",
]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]
_FLAT = 1e-10


@dataclass(frozen=True, eq=False)
class Base:
    """What the complete rows of every group say: their moments, and how many of all rows they are."""

    groups: Groups
    items: tuple[str, ...]
    rows: Floats
    observed: Floats
    n: Floats
    moments: Moments

    @property
    def complete(self) -> Floats:
        """Share of each group's rows that answer all items."""
        return np.asarray(self.n / np.maximum(self.rows, 1))

    def named(self, group: int) -> str:
        """Return `` (by='value')`` for a message, empty without groups."""
        pairs = zip(self.groups.names, self.groups.keys[group], strict=True)
        said = ", ".join(f"{name}={value!r}" for name, value in pairs)
        return f" ({said})" if said else ""


def item_sample(
    data: Frame,
    *,
    items: Mapping[str, Sequence[str]],
    by: str | Sequence[str] | None,
    design: Design | None,
    reserved: Sequence[str],
) -> Sample:
    """Bind and check the columns (by argument), and settle the design."""
    bound = bind(data)
    names: list[str] = []
    for argument, columns in items.items():
        names.extend(bound.require_number(name, argument) for name in columns)
    grouping = column_names(by, reserved=reserved)
    clash = next((name for name in grouping if name in names), None)
    if clash is not None:
        msg = f"by={clash!r} is also an item: group by another column"
        raise ColumnError(msg)
    found = sample(
        bound, score=names[0], scale=PERCENT, by=by, design=design, extra=names[1:], reserved=reserved, levels=None
    )
    if found.design is not None and found.design.replicates is not None:
        msg = (
            "replicate weights are not used here: name weights=, strata= and cluster= in the design, and let bootstrap= "
            "resample the clusters"
        )
        raise DesignError(msg)
    return found


def count_base(rows: Sample, items: Sequence[str], *, min_complete: float) -> tuple[Base, list[Assumption]]:
    """Count the moments of the complete rows per group; refuse a base that is too small a part of the rows."""
    if not isinstance(min_complete, int | float) or not 0 <= min_complete <= 1:
        msg = f"min_complete is a share of the rows from 0 to 1, got {min_complete!r}"
        raise CemkitError(msg)
    weights = None if rows.design is None else rows.design.weights
    found = item_moments(rows.bound, keys=rows.by, items=items, weights=weights)
    require_some(found.rows.sum())
    groups, group = group_rows(found.keys, rows.by, orders=rows.orders, rows=len(found.rows))
    place = np.empty(len(groups), dtype=np.intp)
    place[group] = np.arange(len(group))
    moments = Moments._make(part[place] for part in found.moments)
    base = Base(groups, tuple(items), found.rows[place], found.observed[place], found.n[place], moments)
    _require_complete(base, min_complete)
    return base, _notes(base, rows)


def _require_complete(base: Base, least: float) -> None:
    if least == 0 and base.n.min() >= 2:
        return
    worst = int(np.argmin(base.complete))
    share, n, rows = base.complete[worst], int(base.n[worst]), int(base.rows[worst])
    if share >= least and n >= 2:
        return
    rarest = int(np.argmin(base.observed[worst]))
    msg = (
        f"only {n:,} of {rows:,} rows ({share:.1%}) answer all {len(base.items)} columns{base.named(worst)}; the column with "
        f"the fewest answers is {base.items[rarest]!r} ({int(base.observed[worst, rarest]):,}): leave such columns out, or "
        f"accept the base with min_complete={np.floor(share * 100) / 100:g}"
    )
    raise CemkitError(msg)


def _notes(base: Base, rows: Sample) -> list[Assumption]:
    notes = list(rows.assumptions)
    total, complete = int(base.rows.sum()), int(base.n.sum())
    if complete < total:
        values = {"rows": complete, "total": total, "share": complete / total, "columns": len(base.items)}
        notes.append(Assumption("complete-rows", values))
    if rows.design is None:
        notes.append(Assumption("independent"))
    elif rows.design.weights is not None:
        notes.append(Assumption("weighted", {"column": rows.design.weights}))
    if rows.design is not None and rows.design.calibration is not None:
        notes.append(Assumption("calibration-fixed", {"columns": ", ".join(rows.design.calibration.columns)}))
    return notes


def require_regular(base: Base, *, least: int, predictors: int | None = None) -> None:
    """Raise where a group has too few complete rows, a constant item, or perfectly collinear predictors."""
    for g in range(len(base.groups)):
        where = base.named(g)
        if base.n[g] < least:
            msg = (
                f"{len(base.items)} columns need at least {least} complete rows, found {int(base.n[g])}{where}: use fewer items, "
                "or more answers"
            )
            raise CemkitError(msg)
        mean, covariance, size = (part[g] for part in base.moments)
        if not size > 0:
            msg = f"all complete rows have the weight zero{where}: nothing can be estimated"
            raise DesignError(msg)
        flat = [
            name
            for name, m, v in zip(base.items, mean, np.diagonal(covariance), strict=True)
            if not v > (_FLAT * abs(m)) ** 2
        ]
        if flat:
            msg = f"{', '.join(map(repr, flat))} has the same answer in all complete rows{where}: leave it out"
            raise CemkitError(msg)
        if predictors is not None:
            require_independent(base.items[:predictors], covariance[:predictors, :predictors], where)


def require_independent(items: Sequence[str], covariance: Floats, where: str = "") -> None:
    """Raise where items follow exactly from one another."""
    found = collinear_columns(correlate(covariance))
    if found:
        msg = (
            f"{', '.join(repr(items[i]) for i in found)} are perfectly collinear{where} (each follows exactly from the "
            "others): leave one of them out, or put their mean in their place"
        )
        raise CemkitError(msg)


@dataclass(frozen=True, eq=False)
class Rows:
    """Collected rows of all groups, with the codes of their group, cluster and stratum.

    Under clusters or strata the rows of other groups and incomplete rows stay in every resample with the weight zero,
    so that a group is a subpopulation of the design.
    """

    values: Floats
    weight: Floats
    group: Whole
    complete: npt.NDArray[np.bool_]
    cluster: Whole | None
    stratum: Whole | None

    def of(self, group: int) -> tuple[Floats, Floats]:
        """Return a group's complete rows and their weights."""
        kept = self.complete & (self.group == group)
        return self.values[kept], self.weight[kept]

    def resampled(self, group: int | None, *, replicates: int, seed: int, also: Floats | None = None) -> Moments:
        """Return the moments of resamples of a group's respondents (clusters, within strata); of all without a group.

        ``also`` are further columns, a row per row of ``values``, of which the means are wanted.
        """
        rng = np.random.default_rng(seed)
        kept = self.complete if group is None else self.complete & (self.group == group)
        if self.cluster is None and self.stratum is None:
            more = None if also is None else also[kept]
            return bootstrap_moments(
                self.values[kept], weights=self.weight[kept], rng=rng, replicates=replicates, also=more
            )
        centre = self.values[kept].mean(axis=0)
        values = np.where(kept[:, None], self.values, centre)
        found = bootstrap_moments(
            values,
            weights=np.where(kept, self.weight, 0.0),
            cluster=self.cluster,
            stratum=self.stratum,
            rng=rng,
            replicates=replicates,
            also=also,
        )
        return Moments(found.mean, np.where((found.size > 0)[:, None, None], found.covariance, np.nan), found.size)


def collect_rows(rows: Sample, base: Base, *, method: str) -> tuple[Rows, Assumption]:
    """Collect the items' rows, with the design's columns."""
    design = rows.design
    strata = None if design is None else design.strata
    cluster = None if design is None else design.cluster
    if design is not None and design.population is not None:
        msg = "the bootstrap knows no finite population: leave out population="
        raise DesignError(msg)
    keys = tuple(dict.fromkeys((*rows.by, *(name for name in (strata, cluster) if name is not None))))
    weights = None if design is None else design.weights
    found = item_rows(rows.bound, items=base.items, keys=keys, weights=weights)
    stratum = None if strata is None else group_rows({strata: found.keys[strata]}, [strata])[1]
    units = None
    if cluster is not None:
        names = [cluster] if strata is None else list(dict.fromkeys((strata, cluster)))
        units = group_rows({name: found.keys[name] for name in names}, names)[1]
    _require_pairs(units, stratum)
    group = (
        base.groups.codes({name: found.keys[name] for name in rows.by}) if rows.by else np.zeros(len(found.values), int)
    )
    note = Assumption(
        "collected-rows",
        {
            "method": method,
            "columns": ", ".join((*base.items, *keys, *([weights] if weights else []))),
            "rows": len(found.values),
        },
    )
    return Rows(found.values, found.weight, group.astype(np.intp), found.complete, units, stratum), note


def _require_pairs(units: Whole | None, stratum: Whole | None) -> None:
    if stratum is None and units is None:
        return
    if stratum is None:
        counts = np.array([0 if units is None else int(units.max()) + 1])
    elif units is None:
        counts = np.bincount(stratum)
    else:
        first = np.unique(units, return_index=True)[1]
        counts = grouped_sum(stratum[first], np.ones(len(first)), groups=int(stratum.max()) + 1)
    single = int((counts < 2).sum())
    if single:
        msg = (
            f"{single:,} strata have a single cluster (or row), so nothing can be resampled in them: merge them with their "
            "neighbours"
        )
        raise DesignError(msg)


def used_seed(seed: int | None) -> int:
    """Return the seed, or one that can be reported."""
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
        msg = f"seed must be a whole number of at least 0, got {seed!r}"
        raise CemkitError(msg)
    return int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else int(seed)


def check_replicates(bootstrap: Any) -> None:
    """Raise unless the number of resamples is none or enough for limits."""
    whole = isinstance(bootstrap, int | np.integer) and not isinstance(bootstrap, bool)
    if not whole or bootstrap < 0 or 0 < bootstrap < 20:
        msg = (
            f"bootstrap is the number of resamples: 0 (no intervals) or at least 20 (1000 is usual), got {bootstrap!r}"
        )
        raise CemkitError(msg)
