"""The rating tally under many weights at once: replicate weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, collect, key_expressions
from cemkit.tables.codes import float_values, key_codes
from cemkit.tables.tally import classify, value_expression
from cemkit.tables.weights import require_good_weights, weight_expression, weight_values

__all__ = ["ReplicateTally", "replicate_tally"]


@dataclass(frozen=True, eq=False)
class ReplicateTally:
    """Per key and scale point the sums of every replicate weight: ``w`` has shape (cells, replicates)."""

    keys: Mapping[str, Sequence[Any]]
    value: npt.NDArray[np.float64]
    w: npt.NDArray[np.float64]


def replicate_tally(
    bound: Bound, *, keys: Sequence[str], value: str, scale: Scale, replicates: Sequence[str]
) -> ReplicateTally:
    """Sum every replicate weight per key and scale point in the frame's own engine."""
    if bound.in_memory_pandas:
        found = _numpy_replicates(bound, keys, value, scale, replicates)
    else:
        rating = value_expression(bound, value, scale)
        weights = {f"_r{i}": weight_expression(bound, name) for i, name in enumerate(replicates)}
        frame = bound.frame.select(*key_expressions(bound, keys), _value=rating, **weights)
        table = collect(frame.group_by(*keys, "_value").agg(*(nw.col(name).sum() for name in weights)))
        w = np.column_stack([np.asarray(table[name], dtype=np.float64) for name in weights])
        found = ReplicateTally({name: table[name] for name in keys}, classify(table["_value"], scale), w)
    for i, name in enumerate(replicates):
        if not np.isfinite(found.w[:, i]).all():
            require_good_weights(bound, name, found.w[:, i])
    return found


def _numpy_replicates(
    bound: Bound, keys: Sequence[str], value: str, scale: Scale, replicates: Sequence[str]
) -> ReplicateTally:
    frame = bound.native
    codes, levels, _ = key_codes(frame, keys)
    point = classify(float_values(frame[value]), scale)
    values, place = np.unique(point, return_inverse=True)
    cell, place = np.unique(codes * len(values) + place, return_inverse=True)
    group, point_code = np.divmod(cell, len(values))
    sums = [grouped_sum(place, weight_values(frame[name]), groups=len(cell)) for name in replicates]
    kept = {name: [column[i] for i in group.tolist()] for name, column in levels.items()}
    return ReplicateTally(kept, values[point_code], np.column_stack(sums))
