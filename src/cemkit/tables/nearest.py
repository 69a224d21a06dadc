"""The segment of every row by a model's scores, as columns of the caller's own kind of frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics.latent_class import class_scores
from cemkit.tables.binding import Bound, as_text
from cemkit.tables.item_rows import item_rows, key_values

__all__ = ["CategoryScores", "DistanceScores", "Scores", "category_codes", "score_rows", "with_highest"]

Floats = npt.NDArray[np.float64]
_MOST = 1e150


@dataclass(frozen=True, eq=False)
class DistanceScores:
    """score_j = offset_j − ½ |(z − mean_j) root_j|², z = (x − centre)/scale, of number columns."""

    columns: tuple[str, ...]
    centre: Floats
    scale: Floats
    offset: Floats
    mean: Floats
    root: Floats

    def of(self, x: Floats) -> Floats:
        """Return the scores of rows (n, d): (n, k)."""
        z = (x - self.centre) / self.scale
        away = np.einsum("nkd,kde->nke", z[:, None, :] - self.mean, self.root)
        return np.asarray(self.offset - 0.5 * (away**2).sum(axis=2))


@dataclass(frozen=True, eq=False)
class CategoryScores:
    """score_j = log share_j + Σ log probability_j of each column's category."""

    columns: tuple[str, ...]
    categories: tuple[tuple[Any, ...], ...]
    share: Floats
    probability: tuple[Floats, ...]

    def of(self, codes: npt.NDArray[np.intp]) -> Floats:
        """Return the scores of coded rows (n, items): (n, k)."""
        return class_scores(self.share, self.probability, codes)


Scores = DistanceScores | CategoryScores


def category_codes(columns: Mapping[str, Sequence[Any]], categories: Sequence[Sequence[Any]]) -> npt.NDArray[np.intp]:
    """Return the place of every value among its column's categories, −1 where it is null or none of them."""
    found = []
    for values, known in zip(columns.values(), categories, strict=True):
        place = {value: i for i, value in enumerate(known)}
        found.append(np.fromiter((place.get(v, -1) for v in values), dtype=np.intp, count=len(values)))
    return np.column_stack(found)


def score_rows(bound: Bound, scores: Scores) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the scores of the rows that have all columns, and which these are; the columns are collected."""
    if isinstance(scores, DistanceScores):
        rows = item_rows(bound, items=scores.columns)
        complete: npt.NDArray[np.bool_] = rows.complete
        return scores.of(rows.values[complete]), complete
    values = key_values(bound, scores.columns)
    codes = category_codes(values, scores.categories)
    complete = np.asarray((codes >= 0).all(axis=1))
    return scores.of(codes[complete]), complete


def with_highest(bound: Bound, scores: Scores, *, name: str, probability: str | None) -> Bound:
    """Return the table with the number, from 1, of the highest score of every row, and its share exp(s)/Σ exp(s).

    Null where a column is null, infinite or an unknown category. A lazy frame stays lazy.
    """
    if bound.in_memory_pandas:
        found, complete = score_rows(bound, scores)
        frame = nw.from_native(_numpy_highest(bound.native, found, complete, name, probability))
    else:
        frame = _engine_highest(bound, scores, name, probability)
    return bound.with_derived(frame, name)


def _numpy_highest(
    frame: pd.DataFrame, scores: Floats, complete: npt.NDArray[np.bool_], name: str, probability: str | None
) -> pd.DataFrame:
    place = np.zeros(len(frame), dtype=np.int64)
    place[complete] = scores.argmax(axis=1) + 1
    made: dict[str, Any] = {name: pd.arrays.IntegerArray(place, ~complete)}
    if probability is not None:
        sure = np.full(len(frame), np.nan)
        highest = scores.max(axis=1, keepdims=True)
        sure[complete] = 1 / np.exp(scores - highest).sum(axis=1)
        made[probability] = sure
    return frame.assign(**made)


def _engine_highest(bound: Bound, scores: Scores, name: str, probability: str | None) -> Any:
    """Build the scores as columns, then walk through them: the best so far, and which it is."""
    if isinstance(scores, DistanceScores):
        frame, made, known = _distances(bound, scores)
    else:
        frame, made, known = _categories(bound, scores)
    k = len(made)
    frame = frame.with_columns(**made).with_columns(_r_known=known)
    frame = frame.with_columns(_r_best=nw.col("_r_s0"), _r_place=nw.lit(1))
    for j in range(1, k):
        better = nw.col(f"_r_s{j}") > nw.col("_r_best")
        frame = frame.with_columns(
            _r_place=nw.when(better).then(nw.lit(j + 1)).otherwise(nw.col("_r_place")),
            _r_best=nw.when(better).then(nw.col(f"_r_s{j}")).otherwise(nw.col("_r_best")),
        )
    out = {name: nw.when(nw.col("_r_known")).then(nw.col("_r_place"))}
    if probability is not None:
        total = reduce(add, ((nw.col(f"_r_s{j}") - nw.col("_r_best")).exp() for j in range(k)))
        frame = frame.with_columns(_r_sure=1.0 / total)
        out[probability] = nw.when(nw.col("_r_known")).then(nw.col("_r_sure"))
    frame = frame.with_columns(**out)
    return frame.select(*(nw.col(c) for c in dict.fromkeys((*bound.schema, *out))))


def _distances(bound: Bound, scores: DistanceScores) -> tuple[Any, dict[str, nw.Expr], nw.Expr]:
    d = len(scores.columns)
    x = {f"_r_x{i}": nw.col(c).cast(nw.Float64) for i, c in enumerate(scores.columns)}
    frame = bound.frame.with_columns(**x)
    there = reduce(and_, ((nw.col(name) > -_MOST) & (nw.col(name) < _MOST) for name in x))
    frame = frame.with_columns(_r_there=nw.when(there).then(nw.lit(1)).otherwise(nw.lit(0)))
    z = {f"_r_z{i}": (nw.col(f"_r_x{i}") - float(scores.centre[i])) / float(scores.scale[i]) for i in range(d)}
    frame = frame.with_columns(**z)
    made = {}
    for j, offset in enumerate(scores.offset.tolist()):
        root, mean = scores.root[j], scores.mean[j]
        squares = []
        for e in range(d):
            terms = [nw.col(f"_r_z{i}") * float(root[i, e]) for i in range(d) if root[i, e] != 0]
            away = reduce(add, terms) - float(mean @ root[:, e])
            squares.append(away * away)
        made[f"_r_s{j}"] = offset - 0.5 * reduce(add, squares)
    return frame, made, nw.col("_r_there") == 1


def _categories(bound: Bound, scores: CategoryScores) -> tuple[Any, dict[str, nw.Expr], nw.Expr]:
    frame, flags = bound.frame, []
    log = [np.log(np.maximum(table, 1e-12)) for table in scores.probability]
    for i, (column, known) in enumerate(zip(scores.columns, scores.categories, strict=True)):
        seen = nw.col(column)
        if isinstance(bound.schema[column], nw.Categorical | nw.Enum):
            seen = as_text(bound, column)
        made = {
            f"_r_c{i}_{c}": nw.when(seen == value).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
            for c, value in enumerate(known)
        }
        frame = frame.with_columns(**made)
        flags.append(reduce(add, (nw.col(name) for name in made)) > 0.5)
    scored = {}
    for j in range(len(scores.share)):
        parts = [
            nw.col(f"_r_c{i}_{c}") * float(log[i][j, c])
            for i, known in enumerate(scores.categories)
            for c in range(len(known))
        ]
        scored[f"_r_s{j}"] = reduce(add, parts) + float(np.log(max(scores.share[j], 1e-12)))
    return frame, scored, reduce(and_, flags)
