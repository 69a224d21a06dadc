"""Products of cluster totals across groups: what the covariance of two groups that share clusters is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.scales import Scale
from cemkit.tables.binding import Bound, collect
from cemkit.tables.cluster_moments import ClusterTotals, cluster_totals, totals_query
from cemkit.tables.terms import Term

__all__ = ["CrossMoments", "cross_moments"]

_NULL = "\x00null"


@dataclass(frozen=True, eq=False)
class CrossMoments:
    """Mergeable sums per ordered pair of different groups and stratum.

    Attributes
    ----------
    left, right
        The key columns of the two groups (both orders of a pair are rows).
    stratum
        The stratum; all None without strata.
    clusters
        Clusters with answers in both groups.
    products
        Σ over clusters of left totals times right totals, shape (rows, terms, terms).
    """

    left: Mapping[str, Sequence[Any]]
    right: Mapping[str, Sequence[Any]]
    stratum: Sequence[Any]
    clusters: npt.NDArray[np.int64]
    products: npt.NDArray[np.float64]


def cross_moments(
    bound: Bound,
    *,
    within: Sequence[str],
    over: Sequence[str],
    strata: str | None,
    cluster: str,
    value: str,
    scale: Scale,
    terms: Sequence[Term],
    weights: str | None = None,
) -> CrossMoments:
    """Sum the products of cluster totals over pairs of groups with equal ``within`` and different ``over`` columns."""
    # A group may be the stratum itself: each column once.
    keys = list(dict.fromkeys([*within, *over, *([] if strata is None else [strata])]))
    if bound.in_memory_pandas:
        totals = cluster_totals(
            bound, keys=keys, cluster=cluster, value=value, scale=scale, terms=terms, weights=weights
        )
        return _numpy_cross(totals, within, over, strata, cluster)
    count = len(terms)
    frame = totals_query(bound, keys=keys, cluster=cluster, value=value, scale=scale, terms=terms, weights=weights)
    frame = frame.filter(nw.col("_a") > 0)
    # Nulls never match in a join, so keys are compared as text with a name for null.
    meet = [*within, *([] if strata is None else [strata]), cluster]
    text = {f"_j{i}": nw.col(name).cast(nw.String).fill_null(_NULL) for i, name in enumerate(meet)}
    side = {f"_o{i}": nw.col(name).cast(nw.String).fill_null(_NULL) for i, name in enumerate(over)}
    frame = frame.with_columns(**text, **side)
    other = frame.select(
        *text,
        *(nw.col(name).alias(f"_r{name}") for name in (*side, *over, *(f"_t{i}" for i in range(count)))),
    )
    joined = frame.join(other, on=list(text), how="inner")
    differs = nw.col("_o0") != nw.col("_r_o0")
    for i in range(1, len(over)):
        differs = differs | (nw.col(f"_o{i}") != nw.col(f"_r_o{i}"))
    joined = joined.filter(differs)
    names = [(i, j, f"_p{i}_{j}") for i in range(count) for j in range(count)]
    joined = joined.with_columns(*((nw.col(f"_t{i}") * nw.col(f"_r_t{j}")).alias(name) for i, j, name in names))
    group = [*within, *over, *(f"_r{name}" for name in over), *([] if strata is None else [strata])]
    table = collect(
        joined.group_by(*dict.fromkeys(group)).agg(nw.len().alias("_n"), *(nw.col(name).sum() for _, _, name in names))
    )
    rows = len(table["_n"])
    products = np.zeros((rows, count, count))
    for i, j, name in names:
        products[:, i, j] = np.asarray(table[name], dtype=np.float64)
    return CrossMoments(
        {name: table[name] for name in (*within, *over)},
        {**{name: table[name] for name in within}, **{name: table[f"_r{name}"] for name in over}},
        [None] * rows if strata is None else list(table[strata]),
        np.asarray(table["_n"], dtype=np.int64),
        products,
    )


def _numpy_cross(
    found: ClusterTotals, within: Sequence[str], over: Sequence[str], strata: str | None, cluster: str
) -> CrossMoments:
    """Multiply sparse matrices of clusters (rows) by groups (columns)."""
    from scipy.sparse import csr_array

    answered = np.flatnonzero(found.answers > 0)
    columns = {name: [values[i] for i in answered.tolist()] for name, values in found.keys.items()}
    totals = found.totals[answered]
    meet = [*within, *([] if strata is None else [strata]), cluster]
    row, _ = _codes([columns[name] for name in meet], len(answered))
    group, group_keys = _codes([columns[name] for name in (*within, *over)], len(answered))
    stratum, stratum_keys = _codes([] if strata is None else [columns[strata]], len(answered))
    groups, levels, count = len(group_keys), len(stratum_keys), totals.shape[1]
    shape = (int(row.max()) + 1 if len(row) else 0, groups)
    wide = (shape[0], groups * levels)
    place = stratum * groups + group
    ones = csr_array((np.ones(len(row)), (row, group)), shape=shape)
    shared = (ones.T @ csr_array((np.ones(len(row)), (row, place)), shape=wide)).tocoo()
    left, second = shared.row, shared.col
    right_stratum, right = np.divmod(second, groups)
    keep = left != right
    left, right, right_stratum, second = left[keep], right[keep], right_stratum[keep], second[keep]
    products = np.zeros((len(left), count, count))
    for j in range(count):
        spread = csr_array((totals[:, j], (row, place)), shape=wide)
        for i in range(count):
            narrow = csr_array((totals[:, i], (row, group)), shape=shape)
            products[:, i, j] = np.asarray((narrow.T @ spread).tocsr()[left, second]).reshape(-1)
    names = (*within, *over)
    return CrossMoments(
        {name: [group_keys[g][i] for g in left.tolist()] for i, name in enumerate(names)},
        {name: [group_keys[g][i] for g in right.tolist()] for i, name in enumerate(names)},
        [None if strata is None else stratum_keys[h][0] for h in right_stratum.tolist()],
        shared.data[keep].astype(np.int64),
        products,
    )


def _codes(columns: Sequence[Sequence[Any]], rows: int) -> tuple[npt.NDArray[np.int64], list[tuple[Any, ...]]]:
    index: dict[tuple[Any, ...], int] = {}
    if not columns:
        return np.zeros(rows, dtype=np.int64), [()]
    clean = [[None if v is None or v != v else v for v in column] for column in columns]
    codes = np.fromiter(
        (index.setdefault(key, len(index)) for key in zip(*clean, strict=True)), dtype=np.int64, count=rows
    )
    return codes, list(index)
