"""The result of a path model, and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.driver_tables import resample_limits
from cemkit.results import Result

__all__ = ["INDEX_COLUMNS", "PathModelFit", "with_limits"]

Floats = npt.NDArray[np.float64]

INDEX_COLUMNS = ("construct", "estimate", "std_error", "low", "high", "n", "level", "method", "unit")


@dataclass(frozen=True, eq=False, repr=False)
class PathModelFit(Result):
    """A path model's estimates; ``to_frame()`` are its paths, ``source, target, estimate, std_error, low, high``.

    Attributes
    ----------
    by
        The grouping columns of the index.
    loadings
        ``construct, item, estimate, std_error, low, high, communality``: correlations of items with their construct.
    weights
        ``construct, item, estimate, std_error, low, high, raw``: of standardised items, and ``raw`` of the items as
        they are.
    r_squared
        ``construct, estimate, std_error, low, high, adjusted, q_squared, blindfolded`` of the explained constructs;
        ``q_squared`` is cross-validated in ten folds of respondents, ``blindfolded`` is Q² (redundancy) by leaving out every
        seventh cell.
    effects
        ``source, target, estimate`` (the total effect) ``, std_error, low, high, direct, indirect`` with limits of
        its own, ``points`` (of the target's index per point of the source's) and ``performance`` (the source's index):
        importance and performance of constructs.
    reliability
        ``construct, mode, items, alpha, rho_a, rho_c, ave``.
    htmt
        ``left, right, estimate, std_error, low, high``: heterotrait-monotrait ratios.
    index
        ``*by, construct, estimate, std_error, low, high, n, ...``: 0 to 100, by group with common weights.
    scores
        A row per complete row of the data (``row``, from 0) and construct: ``*by, row, construct, index, score``, the latter
        with mean 0 and variance 1.
    fit
        One row: ``gof, iterations, converged, proper, n, rows, complete, replicates, improper, not_converged``.
    """

    by: tuple[str, ...] = ()
    loadings: pd.DataFrame = field(default_factory=pd.DataFrame)
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    r_squared: pd.DataFrame = field(default_factory=pd.DataFrame)
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)
    reliability: pd.DataFrame = field(default_factory=pd.DataFrame)
    htmt: pd.DataFrame = field(default_factory=pd.DataFrame)
    index: pd.DataFrame = field(default_factory=pd.DataFrame)
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    fit: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Path model"

    @property
    def paths(self) -> pd.DataFrame:
        """The path coefficients, as ``to_frame()`` gives them."""
        return self.to_frame()

    def plot(self) -> Any:
        """Return an Altair chart: the constructs with their index and R², the paths with their coefficients.

        The index of groups is that of ``index``; the diagram shows it where there are no groups (extra ``report``).
        """
        from cemkit.charts.path_diagram import path_chart

        whole = {} if self.by else dict(zip(self.index["construct"], self.index["estimate"], strict=True))
        explained = dict(zip(self.r_squared["construct"], self.r_squared["estimate"], strict=True))
        return path_chart(self.table, index=whole, r_squared=explained)


def with_limits(
    values: Floats, replicates: Floats | None, *, level: float, name: str = "estimate"
) -> Mapping[str, Any]:
    """Return an estimate with its standard error and percentile limits as columns (nan without resamples)."""
    prefix = "" if name == "estimate" else f"{name}_"
    nothing = np.full(np.shape(values), np.nan)
    if replicates is None:
        error, low, high = nothing, nothing, nothing
    else:
        error = np.nanstd(replicates, axis=0, ddof=1)
        low, high = resample_limits(replicates, level=level)
    return {name: values, f"{prefix}std_error": error, f"{prefix}low": low, f"{prefix}high": high}
