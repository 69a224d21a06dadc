"""Values read from curves, as rows of estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates

__all__ = ["asked_times", "estimate_rows", "log_log_row", "text_column"]


def asked_times(times: Any, argument: str = "times") -> npt.NDArray[np.float64]:
    """Return one time or several as an array; raise where one is no number from 0."""
    try:
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
    except (TypeError, ValueError):
        asked = np.array([np.nan])
    if asked.ndim != 1 or not asked.size or not (np.isfinite(asked) & (asked >= 0)).all():
        msg = f"{argument} must be a number from 0 or several, in the unit of the durations, got {times!r}"
        raise CemkitError(msg)
    return asked


def log_log_row(
    estimate: float, std_error: float, low: float, high: float, *, nobody: float
) -> tuple[float, float, float, float, str]:
    """Return a value of a curve with its limits; without them while it still has the value of nobody having left."""
    if estimate == nobody:
        return estimate, float("nan"), float("nan"), float("nan"), "no-events"
    return estimate, std_error, low, high, "log-log"


def text_column(values: Sequence[str]) -> pd.Index:
    """Return a column of objects."""
    return pd.Index(list(values), dtype=object)


def estimate_rows(
    keys: dict[str, Any],
    rows: Sequence[tuple[float, float, float, float, str]],
    *,
    metric: str,
    unit: str,
    level: float,
    n: npt.ArrayLike,
    assumptions: tuple[Assumption, ...],
) -> Estimates:
    """Return estimates of ``(estimate, std_error, low, high, method)`` under keys."""
    size = len(rows)
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    estimate, std_error, low, high = (np.asarray(values, dtype=np.float64) for values in columns[:4])
    base = np.asarray(n, dtype=np.int64)
    whole = pd.array(base, dtype="Int64")
    none = pd.array(np.zeros(size, dtype=np.int64), dtype="Int64")
    found: dict[str, Any] = {
        "metric": text_column([metric] * size),
        "estimate": estimate,
        "std_error": std_error,
        "low": low,
        "high": high,
        "level": np.full(size, float(level)),
        "method": text_column(columns[4]),
        "unit": text_column([unit] * size),
        "n": whole,
        "missing": none,
        "invalid": none,
        "n_eff": base.astype(np.float64),
        "df": np.full(size, np.inf),
        "suppressed": np.zeros(size, dtype=np.bool_),
    }
    table = pd.DataFrame({**keys, **{name: found[name] for name in ESTIMATE_COLUMNS}}, index=pd.RangeIndex(size))
    return Estimates(table, assumptions, by=tuple(keys))
