"""Two-stage design tallies: sums over clusters of the clusters' totals and of their products.

Only rows with an answer give totals; the number of clusters of a stratum is that of the *whole* design, so that a
subgroup's variance counts the clusters in which it has nobody (Cochran, 1977, section 5A.14; R ``survey``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import DesignError
from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, is_null_or_nan
from cemkit.tables.codes import float_values, key_codes, one_null
from cemkit.tables.terms import Term, prepared
from cemkit.tables.weights import weight_expression, weight_values

__all__ = ["ClusterMoments", "ClusterTotals", "cluster_moments", "cluster_totals", "totals_query"]


@dataclass(frozen=True, eq=False)
class ClusterMoments:
    """Mergeable sums per key (the last key is the stratum where the design has one).

    Attributes
    ----------
    keys
        The key columns.
    clusters
        Clusters with an answer.
    sums
        Σ over clusters of the totals, shape (rows, terms).
    products
        Σ over clusters of products of totals, shape (rows, terms, terms).
    """

    keys: Mapping[str, Sequence[Any]]
    clusters: npt.NDArray[np.int64]
    sums: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClusterTotals:
    """The totals themselves: a row per key and cluster, shape (rows, terms). ``answers`` counts the rows with one."""

    keys: Mapping[str, Sequence[Any]]
    answers: npt.NDArray[np.int64]
    totals: npt.NDArray[np.float64]


def cluster_moments(
    bound: Bound,
    *,
    keys: Sequence[str],
    cluster: str,
    value: str,
    scale: Scale,
    terms: Sequence[Term],
    weights: str | None = None,
) -> ClusterMoments:
    """Sum cluster totals and their products per key, in the frame's own engine (two ``group_by``)."""
    count = len(terms)
    pairs = [(i, j) for i in range(count) for j in range(i, count)]
    if bound.in_memory_pandas:
        found = _numpy_totals(bound, keys, cluster, value, scale, terms, weights)
        return _moments_of_totals(found, len(keys), pairs)
    frame = totals_query(bound, keys=keys, cluster=cluster, value=value, scale=scale, terms=terms, weights=weights)
    names = [f"_p{i}_{j}" for i, j in pairs]
    frame = frame.with_columns(
        *((nw.col(f"_t{i}") * nw.col(f"_t{j}")).alias(f"_p{i}_{j}") for i, j in pairs),
        nw.when(nw.col("_a") > 0).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_c"),
    )
    sums = [nw.col(name).sum() for name in ("_c", *(f"_t{i}" for i in range(count)), *names)]
    # Without keys one group is needed all the same; a constant column is the portable way.
    group = list(keys) or ["_all"]
    if not keys:
        frame = frame.with_columns(nw.lit(0).alias("_all"))
    table = collect(frame.group_by(*group).agg(*sums))
    rows = len(table["_c"])
    products = np.zeros((rows, count, count))
    for (i, j), name in zip(pairs, names, strict=True):
        products[:, i, j] = products[:, j, i] = np.asarray(table[name], dtype=np.float64)
    totals = np.column_stack([np.asarray(table[f"_t{i}"], dtype=np.float64) for i in range(count)])
    kept = {name: table[name] for name in keys}
    return ClusterMoments(kept, np.asarray(table["_c"], dtype=np.int64), totals.reshape(rows, count), products)


def cluster_totals(
    bound: Bound,
    *,
    keys: Sequence[str],
    cluster: str,
    value: str,
    scale: Scale,
    terms: Sequence[Term],
    weights: str | None = None,
) -> ClusterTotals:
    """Return the totals per key and cluster (memory grows with groups times clusters, never with rows)."""
    if bound.in_memory_pandas:
        found = _numpy_totals(bound, keys, cluster, value, scale, terms, weights)
        return ClusterTotals(found.labels(), found.answers, found.totals)
    query = totals_query(bound, keys=keys, cluster=cluster, value=value, scale=scale, terms=terms, weights=weights)
    table = collect(query)
    _require_clusters(bound, cluster, table[cluster])
    columns = [np.asarray(table[f"_t{i}"], dtype=np.float64) for i in range(len(terms))]
    kept = {name: table[name] for name in dict.fromkeys((*keys, cluster))}
    return ClusterTotals(kept, np.asarray(table["_a"], dtype=np.int64), np.column_stack(columns))


def totals_query(
    bound: Bound,
    *,
    keys: Sequence[str],
    cluster: str,
    value: str,
    scale: Scale,
    terms: Sequence[Term],
    weights: str | None,
) -> nw.LazyFrame[Any]:
    """Return the query of the totals per key and cluster: ``*keys, cluster, _a, _t0.._tk``."""
    weight = None if weights is None else weight_expression(bound, weights)
    frame = prepared(bound, keep=(*keys, cluster), value=value, scale=scale, terms=terms, weight=weight)
    sums = [nw.col(name).sum() for name in ("_a", *(f"_t{i}" for i in range(len(terms))))]
    return frame.group_by(*dict.fromkeys((*keys, cluster))).agg(*sums)


@dataclass(frozen=True, eq=False)
class _NumpyTotals:
    """Totals per (key, cluster) pair that occurs; ``key`` indexes the levels of the key columns."""

    key: npt.NDArray[np.int64]
    cluster: npt.NDArray[np.int64]
    levels: Mapping[str, list[Any]]
    cluster_levels: Mapping[str, list[Any]]
    answers: npt.NDArray[np.int64]
    totals: npt.NDArray[np.float64]

    def labels(self) -> dict[str, list[Any]]:
        kept = {name: [values[i] for i in self.key.tolist()] for name, values in self.levels.items()}
        for name, values in self.cluster_levels.items():
            kept[name] = [values[i] for i in self.cluster.tolist()]
        return kept


def _numpy_totals(
    bound: Bound,
    keys: Sequence[str],
    cluster: str,
    value: str,
    scale: Scale,
    terms: Sequence[Term],
    weights: str | None,
) -> _NumpyTotals:
    frame: pd.DataFrame = bound.native
    _require_clusters(bound, cluster, None)
    key, levels, _ = key_codes(frame, keys)
    code, cluster_levels, clusters = key_codes(frame, [cluster])
    pair = key * clusters
    pair += code
    place, present = pd.factorize(pair)
    x = float_values(frame[value])
    good = scale.valid(x)
    w = np.ones(len(x)) if weights is None else weight_values(frame[weights])
    size = len(present)
    totals = np.empty((size, len(terms)))
    for i, term in enumerate(terms):
        totals[:, i] = grouped_sum(place, np.where(good, w * term.values(x), 0.0), groups=size)
    answers = grouped_sum(place, good, groups=size).astype(np.int64)
    group, member = np.divmod(present, clusters)
    return _NumpyTotals(group, member, levels, cluster_levels, answers, totals)


def _moments_of_totals(found: _NumpyTotals, keys: int, pairs: Sequence[tuple[int, int]]) -> ClusterMoments:
    groups, place = np.unique(found.key, return_inverse=True)
    count = found.totals.shape[1]
    products = np.zeros((len(groups), count, count))
    for i, j in pairs:
        product = found.totals[:, i] * found.totals[:, j]
        products[:, i, j] = products[:, j, i] = grouped_sum(place, product, groups=len(groups))
    sums = [grouped_sum(place, found.totals[:, i], groups=len(groups)) for i in range(count)]
    clusters = grouped_sum(place, found.answers > 0, groups=len(groups)).astype(np.int64)
    kept = {name: [values[g] for g in groups.tolist()] for name, values in found.levels.items()} if keys else {}
    return ClusterMoments(kept, clusters, np.column_stack(sums).reshape(len(groups), count), products)


def _require_clusters(bound: Bound, cluster: str, collected: Any) -> None:
    """Raise where a cluster is null: answers of unknown clusters would silently become one cluster."""
    if collected is not None:
        if not pd.isna(pd.Series(collected)).any():
            return
    elif not one_null(bound.native[cluster]).isna().any():
        return
    null = is_null_or_nan(bound, cluster).cast(nw.Int64).alias("_null")
    rows = int(collect(bound.frame.select(null).select(nw.col("_null").sum()))["_null"][0])
    msg = f"cluster={cluster!r} is null in {rows:,} rows: name their clusters, or leave these rows out"
    raise DesignError(msg)
