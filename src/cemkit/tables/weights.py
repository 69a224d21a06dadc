"""Weights in a query: a bad one turns its whole sum infinite, so that one pass both counts and checks."""

from __future__ import annotations

from typing import Any, NoReturn

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import DesignError
from cemkit.tables.binding import Bound, collect
from cemkit.tables.codes import float_values

__all__ = ["require_good_weights", "weight_expression", "weight_values"]

_LARGEST = 1e60
"""Fourth powers of sums of weights must be floats: beyond, a standard error would be zero or infinite without a word."""


def weight_expression(bound: Bound, column: str) -> nw.Expr:
    """Return the weight as a float, infinite where it is null, NaN or negative."""
    weight = nw.col(column).cast(nw.Float64)
    if bound.engine == "pyarrow":
        found = bound.frame[column]
        if not found.null_count() and not (found < 0).any():  # NaN turns its sum into NaN by itself
            return weight
    good = weight >= 0
    if bound.engine == "dask":  # pandas warns in Dask's threads, where errstate does not reach, when a sum overflows
        good &= weight <= _LARGEST
    return nw.when(good).then(weight).otherwise(nw.lit(float("inf")))


def weight_values(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return a pandas column of weights, infinite where one is null, NaN or negative."""
    weight = float_values(values)
    with np.errstate(invalid="ignore"):
        good = weight >= 0
    return weight if good.all() else np.where(good, weight, np.inf)


def require_good_weights(bound: Bound, column: str, sums: npt.ArrayLike) -> None:
    """Raise with counts and examples where a sum of weights is not finite, or all are zero, or too far from one."""
    total = np.asarray(sums, dtype=np.float64)
    if np.isfinite(total).all():
        if not total.size:
            return
        largest = float(total.max())
        if largest <= 0:
            msg = f"all weights in {column!r} are zero, so nothing can be estimated: check the column"
            raise DesignError(msg)
        if not 1 / _LARGEST <= largest <= _LARGEST:
            _raise_size(column, largest)
        return
    weight = nw.col(column).cast(nw.Float64)
    null = weight.is_null() | weight.is_nan()
    flags = bound.frame.select(
        _null=null.cast(nw.Int64),
        _negative=(~null & (weight < 0)).cast(nw.Int64),
        _infinite=(~null & (weight == float("inf"))).cast(nw.Int64),
    )
    counts: dict[str, Any] = collect(flags.select(nw.col("_null", "_negative", "_infinite").sum()))
    said = [
        f"{int(counts[name][0]):,} {word}"
        for name, word in (("_null", "null"), ("_negative", "negative"), ("_infinite", "infinite"))
        if counts[name][0]
    ]
    if not said:
        _raise_size(column, np.inf)
    bad = bound.first_values(column, where=(weight < 0))
    shown = f" (such as {', '.join(f'{v:g}' for v in bad)})" if bad else ""
    msg = f"weights in {column!r} must be numbers of at least zero, found {' and '.join(said)}{shown}: repair them or leave out these rows"
    raise DesignError(msg)


def _raise_size(column: str, total: float) -> NoReturn:
    msg = (
        f"weights in {column!r} sum to {total:g}, too {'large' if total > 1 else 'small'} for their squares to be numbers: divide them "
        "by their mean, which changes no estimate"
    )
    raise DesignError(msg)
