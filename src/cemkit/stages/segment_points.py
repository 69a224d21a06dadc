"""The features of a segmentation: collected, checked, standardised, sorted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.stages.segment_fit import Points, SegmentMethod
from cemkit.statistics.moments import correlate, weighted_moments
from cemkit.statistics.predictors import collinear_columns
from cemkit.tables.binding import Bound
from cemkit.tables.groups import natural_key
from cemkit.tables.item_rows import item_rows, key_values
from cemkit.tables.nearest import category_codes
from cemkit.tables.rows import require_some

__all__ = ["points_of"]

Floats = npt.NDArray[np.float64]
_SKEWED = 2.0
_LARGEST = 1e60
_MOST_CATEGORIES = 30


def points_of(
    bound: Bound, features: Sequence[str], *, method: SegmentMethod, k: int | None
) -> tuple[Points, list[Assumption]]:
    """Collect the features (and nothing else), and leave out the rows that lack one."""
    least = max(2 * len(features), 2 * (k or 1), 10)
    made, total, notes = (_categories if method == "latent-class" else _numbers)(bound, features, least)
    n = len(made.data)
    if n < total:
        values = {"rows": n, "total": total, "share": n / total, "columns": len(features)}
        notes.insert(0, Assumption("complete-rows", values))
    notes.append(
        Assumption("collected-rows", {"method": f"segment ({method})", "columns": ", ".join(features), "rows": total})
    )
    return made, notes


def _require_complete(n: int, total: int, features: Sequence[str], least: int) -> None:
    if n < least:
        msg = f"{len(features)} features need at least {least} complete rows, found {n:,} of {total:,}: use fewer features or more rows"
        raise CemkitError(msg)


def _numbers(bound: Bound, features: Sequence[str], least: int) -> tuple[Points, int, list[Assumption]]:
    for name in features:
        bound.require_number(name, "features")
    rows = item_rows(bound, items=features)
    require_some(len(rows.values))
    absent = [name for i, name in enumerate(features) if np.isnan(rows.values[:, i]).all()]
    if absent:
        msg = f"features={', '.join(map(repr, absent))} has no value in any of {len(rows.values):,} rows: leave it out"
        raise CemkitError(msg)
    x = rows.values[rows.complete]
    # sorted by what was given: neither the rows' order nor the unit of a feature matters
    x = x[np.lexsort(x.T[::-1])]
    _require_complete(len(x), len(rows.values), features, least)
    largest = np.abs(x).max(axis=0)
    if largest.max() > _LARGEST:
        msg = f"features={features[int(largest.argmax())]!r} has values as large as {largest.max():g}: check its unit"
        raise CemkitError(msg)
    centre = x.mean(axis=0)
    scale = x.std(axis=0)
    flat = [name for name, s, top in zip(features, scale, largest, strict=True) if not s > 1e-12 * top]
    if flat:
        msg = f"features={', '.join(map(repr, flat))} has the same value in all {len(x):,} complete rows: leave it out"
        raise CemkitError(msg)
    z = (x - centre) / scale
    found = collinear_columns(correlate(weighted_moments(z).covariance))
    if found:
        msg = (
            f"features {', '.join(repr(features[i]) for i in found)} are perfectly collinear (each follows exactly from the "
            "others): leave one of them out"
        )
        raise CemkitError(msg)
    notes = []
    skewed = [name for name, s in zip(features, (z**3).mean(axis=0), strict=True) if abs(s) > _SKEWED]
    if skewed:
        notes.append(Assumption("skewed-features", {"features": ", ".join(skewed)}))
    return Points(tuple(features), z, centre, scale, ()), len(rows.values), notes


def _categories(bound: Bound, features: Sequence[str], least: int) -> tuple[Points, int, list[Assumption]]:
    for name in features:
        bound.require_key(name, "features")
    rows = key_values(bound, features)
    total = len(next(iter(rows.values())))
    require_some(total)
    known = []
    for name, values in rows.items():
        levels = sorted({v for v in values if v is not None}, key=natural_key)
        if len(levels) < 2:
            msg = (
                f"features={name!r} has the same value in all rows ({levels[0]!r})"
                if levels
                else f"features={name!r} has no value"
            )
            msg += ": leave it out"
            raise CemkitError(msg)
        if len(levels) > _MOST_CATEGORIES:
            msg = (
                f"features={name!r} has {len(levels):,} different values, more than {_MOST_CATEGORIES} categories: cut it into bands "
                "first, or use method='mixture' for numbers"
            )
            raise CemkitError(msg)
        known.append(tuple(levels))
    codes = category_codes(rows, known)
    codes = codes[(codes >= 0).all(axis=1)]
    _require_complete(len(codes), total, features, least)
    codes = codes[np.lexsort(codes.T[::-1])]
    nothing = np.zeros(0)
    return Points(tuple(features), codes, nothing, nothing, tuple(known)), total, []
