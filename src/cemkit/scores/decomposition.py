"""The result of a decomposition, and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.estimation.counted import Counted
from cemkit.estimation.measure import Measure
from cemkit.results import Result
from cemkit.statistics.decomposition import RateMix

__all__ = ["DECOMPOSITION_COLUMNS", "Decomposition", "segment_table", "total_table"]

Floats = npt.NDArray[np.float64]

DECOMPOSITION_COLUMNS = (
    "metric",
    "estimate",
    "std_error",
    "low",
    "high",
    *(f"{part}{end}" for part in ("rate", "mix") for end in ("", "_std_error", "_low", "_high")),
    "estimate_before",
    "estimate_after",
    "share_before",
    "share_after",
    "n_before",
    "n_after",
    "status",
    "df",
    "level",
    "method",
    "unit",
    "suppressed",
)


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition(Result):
    """The change of a score from one level to a later one, split by segment; rows sum exactly to the total change.

    ``to_frame()`` has a row per segment: ``estimate`` is its contribution (rate + mix) to the change, with limits.
    ``rate`` is what its own score changed, ``mix`` what its share changed, each with limits of its own. ``status`` is
    ``both``, ``appeared`` or ``vanished``.

    Attributes
    ----------
    by
        The segment columns.
    over, before, after
        The column of periods, and the two that are compared.
    total
        One row: the total change as ``estimate``, its rate and mix parts, and the scores before and after.

    Notes
    -----
    Intervals are t intervals with ``df`` degrees of freedom under a design; ``df`` is infinite for independent answers.
    """

    by: tuple[str, ...] = ()
    over: str = ""
    before: Any = None
    after: Any = None
    total: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Decomposition"

    def plot(self) -> Any:
        """Return an Altair chart: rate and mix of every segment as bars (extra ``report``)."""
        from cemkit.charts.decomposition import decomposition_chart

        return decomposition_chart(self.table, by=self.by)

    def _display(self) -> pd.DataFrame:
        kept = (
            "metric",
            "estimate",
            "low",
            "high",
            "rate",
            "mix",
            "share_before",
            "share_after",
            "n_before",
            "n_after",
        )
        return self.table[[*self.by, *kept]]


def _with_limits(
    name: str, value: npt.ArrayLike, std_error: npt.ArrayLike, *, factor: float, df: float, level: float
) -> dict[str, Any]:
    from scipy.special import ndtri, stdtrit

    value, std_error = np.asarray(value, dtype=np.float64), np.asarray(std_error, dtype=np.float64)
    critical = stdtrit(df, (1 + level) / 2) if 0 < df < np.inf else ndtri((1 + level) / 2) if df else np.nan
    reach = critical * np.abs(factor) * std_error
    estimate = factor * value
    prefix = "" if name == "estimate" else f"{name}_"
    return {
        name: estimate,
        f"{prefix}std_error": np.abs(factor) * std_error,
        f"{prefix}low": estimate - reach,
        f"{prefix}high": estimate + reach,
    }


def segment_table(
    found: RateMix,
    estimate: Floats,
    counted: Counted,
    measure: Measure,
    names: tuple[str, ...],
    keys: tuple[tuple[Any, ...], ...],
    members: npt.NDArray[np.intp],
    *,
    hidden: npt.NDArray[np.bool_],
    df: float,
    level: float,
    method: str,
) -> pd.DataFrame:
    """Return a row per segment."""
    size, factor, origin = len(keys), measure.factor, measure.origin
    numbers = {
        **_with_limits("estimate", found.contribution, found.contribution_std_error, factor=factor, df=df, level=level),
        **_with_limits("rate", found.rate, found.rate_std_error, factor=factor, df=df, level=level),
        **_with_limits("mix", found.mix, found.mix_std_error, factor=factor, df=df, level=level),
        "estimate_before": origin + factor * estimate[:size],
        "estimate_after": origin + factor * estimate[2 * size : 3 * size],
        "share_before": estimate[size : 2 * size],
        "share_after": estimate[3 * size :],
    }
    bases = np.where(members >= 0, counted.n[members], 0.0).astype(np.int64)
    status = np.where(found.appeared, "appeared", np.where(found.vanished, "vanished", "both"))
    columns: dict[str, Any] = {
        "metric": pd.Series([measure.name] * size, dtype=object),
        **{name: np.where(hidden, np.nan, values) for name, values in numbers.items()},
        "n_before": pd.arrays.IntegerArray(bases[0], hidden.copy()),
        "n_after": pd.arrays.IntegerArray(bases[1], hidden.copy()),
        "status": pd.Series(status.tolist(), dtype=object),
        "df": np.full(size, float(df)),
        "level": np.full(size, float(level)),
        "method": pd.Series([method] * size, dtype=object),
        "unit": pd.Series([measure.unit] * size, dtype=object),
        "suppressed": hidden,
    }
    by = {name: pd.Series([key[i] for key in keys], dtype=object) for i, name in enumerate(names)}
    return pd.DataFrame({**by, **{c: columns[c] for c in DECOMPOSITION_COLUMNS}})


def total_table(
    found: RateMix,
    counted: Counted,
    measure: Measure,
    members: npt.NDArray[np.intp],
    *,
    hidden: bool,
    df: float,
    level: float,
    method: str,
) -> pd.DataFrame:
    """Return the one row of the total change."""
    factor, origin = measure.factor, measure.origin
    n = np.where(members >= 0, counted.n[members], 0.0).sum(axis=1)
    parts = {
        "estimate": (found.change, found.change_std_error),
        "rate": (found.rate_total, found.rate_total_std_error),
        "mix": (found.mix_total, found.mix_total_std_error),
    }
    numbers: dict[str, Any] = {}
    for name, (value, std_error) in parts.items():
        numbers |= _with_limits(name, value, std_error, factor=factor, df=df, level=level)
    numbers["estimate_before"] = origin + factor * found.total_before
    numbers["estimate_after"] = origin + factor * found.total_after
    mask = np.array([hidden])
    columns = {
        "metric": pd.Series([measure.name], dtype=object),
        **{name: np.array([np.nan if hidden else value], dtype=np.float64) for name, value in numbers.items()},
        "n_before": pd.arrays.IntegerArray(n[:1].astype(np.int64), mask.copy()),
        "n_after": pd.arrays.IntegerArray(n[1:].astype(np.int64), mask.copy()),
        "df": np.array([float(df)]),
        "level": np.array([float(level)]),
        "method": pd.Series([method], dtype=object),
        "unit": pd.Series([measure.unit], dtype=object),
        "suppressed": mask,
    }
    return pd.DataFrame(columns)
