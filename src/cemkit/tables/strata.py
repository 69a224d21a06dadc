"""The whole design: how many clusters each stratum has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.errors import DesignError
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.design import Design
from cemkit.tables.factor import factor
from cemkit.tables.groups import natural_key

__all__ = ["Strata", "count_strata", "strata_of_rows"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strata:
    """Per stratum of the design.

    Attributes
    ----------
    labels
        The strata; one None without strata.
    clusters
        Clusters in the sample (rows, without clusters).
    population
        Clusters in the population; infinite without ``population``.
    shared
        Names of clusters that appear in more than one stratum.
    """

    labels: list[Any]
    clusters: Floats
    population: Floats
    shared: int


def count_strata(bound: Bound, design: Design) -> Strata:
    """Count the clusters of each stratum in the whole table.

    Raises
    ------
    DesignError
        For a null stratum or cluster, a population that is not one number per stratum or is smaller than the sample.
    """
    by = [] if design.strata is None else [design.strata]
    frame = bound.frame
    keep = [*by, *([design.cluster] if design.cluster else []), *([design.population] if design.population else [])]
    columns = {"_stratum": nw.lit(0) if design.strata is None else key_expressions(bound, by)[0]}
    if design.population is not None:
        size = nw.col(design.population).cast(nw.Float64)
        columns["_population"] = nw.when(size >= 0).then(size).otherwise(nw.lit(-1.0))  # -1 is null, NaN or negative
    if design.cluster is not None:
        columns["_cluster"] = key_expressions(bound, [design.cluster])[0]
    # One real column must stand in the select, so that literals take the table's length.
    anchor = next(iter(keep), next(iter(bound.schema)))
    frame = frame.select(nw.col(anchor).alias("_anchor"), **columns)
    ends = [nw.len().alias("_n")]
    shared = 0
    if design.cluster is not None:
        spread = (
            [nw.col("_population").min().alias("_low"), nw.col("_population").max().alias("_high")]
            if design.population
            else []
        )
        frame = frame.group_by("_stratum", "_cluster").agg(nw.len().alias("_rows"), *spread)
        frame = frame.with_columns(nw.col("_cluster").is_null().cast(nw.Int64).alias("_null"))
        ends.append(nw.col("_null").sum())
        if design.strata is not None:
            appearing = frame.group_by("_cluster").agg(nw.len().alias("_strata"))
            shared = int(
                collect(appearing.filter(nw.col("_strata") > 1).select(nw.len().alias("_shared")))["_shared"][0]
            )
        if design.population:
            ends += [nw.col("_low").min(), nw.col("_high").max()]
    elif design.population:
        ends += [nw.col("_population").min().alias("_low"), nw.col("_population").max().alias("_high")]
    table = collect(frame.group_by("_stratum").agg(*ends))
    found = table["_stratum"]
    labels = (found.tolist() if isinstance(found, np.ndarray) else list(found)) if design.strata is not None else [None]
    _require_labels(labels, design)
    if design.cluster is not None and int(np.sum(table["_null"])):
        null = is_null_or_nan(bound, design.cluster).cast(nw.Int64).alias("_null")
        rows = collect(bound.frame.select(null).select(nw.col("_null").sum()))
        msg = f"cluster={design.cluster!r} is null in {int(rows['_null'][0]):,} rows: name their clusters, or leave these rows out"
        raise DesignError(msg)
    clusters = np.asarray(table["_n"], dtype=np.float64)
    population = np.full(len(clusters), np.inf)
    if design.population is not None:
        low, high = (np.asarray(table[name], dtype=np.float64) for name in ("_low", "_high"))
        _require_population(design.population, labels, clusters, low, high)
        population = high
    return _in_order(labels, clusters, population, shared)


def strata_of_rows(keys: Mapping[str, Any], rows: Floats, design: Design) -> Strata:
    """Return the strata of a design in which every row is a cluster, from the rows counted per key: no further pass."""
    if design.strata is None:
        return Strata([None], np.array([rows.sum()]), np.array([np.inf]), 0)
    codes, labels = factor(keys[design.strata])
    _require_labels(labels, design)
    clusters = grouped_sum(codes, rows, groups=len(labels))
    return _in_order(labels, clusters, np.full(len(labels), np.inf), 0)


def _in_order(labels: list[Any], clusters: Floats, population: Floats, shared: int) -> Strata:
    """Engines give groups in any order; draws at random go through the strata in the natural one."""
    order = sorted(range(len(labels)), key=lambda i: natural_key(labels[i]))
    return Strata([labels[i] for i in order], clusters[order], population[order], shared)


def _require_labels(labels: list[Any], design: Design) -> None:
    if design.strata is not None and any(v is None or v != v for v in labels):
        msg = f"strata={design.strata!r} has null values: name the stratum of these rows, or leave them out"
        raise DesignError(msg)


def _require_population(column: str, labels: list[Any], clusters: Any, low: Any, high: Any) -> None:
    for label, sampled, small, large in zip(labels, clusters, low, high, strict=True):
        where = "" if label is None else f" of stratum {label!r}"
        if small < 0:
            msg = f"population={column!r}{where} has null, NaN or negative values: give every row its number of clusters in the population"
            raise DesignError(msg)
        if small != large:
            msg = f"population={column!r}{where} must be one number, found {small:g} to {large:g}"
            raise DesignError(msg)
        if large < sampled:
            msg = (
                f"population={column!r}{where} is {large:g}, fewer than the {sampled:g} clusters sampled there: "
                "it must be the number of clusters in the population"
            )
            raise DesignError(msg)
