"""Answers on declared scales: collected, checked against their bounds, and all with the high end as the good one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cemkit.errors import ContractError
from cemkit.estimation.sample import Sample
from cemkit.scales import Scale
from cemkit.tables.binding import bind
from cemkit.tables.item_rows import item_rows

__all__ = ["on_scale"]


def on_scale(sample: Sample, items: Sequence[str], scales: Sequence[Scale | None]) -> Sample:
    """Return the sample with the rows collected, missing codes as NaN, and every answer on its scale (None: any number)."""
    design = sample.design
    keys = [*sample.by, *((design.strata, design.cluster, design.population) if design else ())]
    names = tuple(dict.fromkeys(name for name in keys if name is not None))
    weights = None if design is None else design.weights
    found = item_rows(sample.bound, items=items, keys=names, weights=weights)
    values = found.values.copy()
    for place, (item, scale) in enumerate(zip(items, scales, strict=True)):
        if scale is None:
            continue
        column = values[:, place]
        column[scale.missing(column)] = np.nan
        wrong = np.isfinite(column) & ~scale.valid(column)
        if wrong.any():
            shown = ", ".join(f"{v:g}" for v in np.unique(column[wrong])[:3])
            msg = (
                f"{int(wrong.sum()):,} answers of {item!r} lie outside the declared scale {scale.low:g} to {scale.high:g} (such as "
                f"{shown}): repair them, declare another scale, or name them as missing_codes"
            )
            raise ContractError(msg)
        if scale.direction == "lower-is-better":
            values[:, place] = scale.low + scale.high - column
    frame = pd.DataFrame(values, columns=list(items))
    frame = frame.assign(**{name: found.keys[name] for name in names})
    if weights is not None:
        frame[weights] = found.weight
    return replace(sample, bound=bind(frame))
