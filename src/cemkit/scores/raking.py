"""Raking: weights under which the answers have the known margins of the customer base."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, DesignError
from cemkit.results import Assumption, Result
from cemkit.scores.margins import Margins, checked_margins, margin_levels
from cemkit.statistics.calibration import rake_cells
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, bind
from cemkit.tables.derive import CellFactors, count_nulls, with_cell_factors
from cemkit.tables.design import Calibration, Design, as_design
from cemkit.tables.groups import group_rows
from cemkit.tables.rows import count_by, require_rows
from cemkit.tables.weight_sums import WeightSums, weight_sums
from cemkit.typing import Frame

__all__ = ["Raking", "rake"]

WEIGHT = "weight_raked"
_ANSWERED, _QUESTION = "answered_at", "question"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Raking:
    """Raked weights and what they cost.

    Unlike a result it holds the caller's own data, in ``frame``.

    Attributes
    ----------
    frame
        The data, in the same kind of frame, with the raked weight as a new column ``weight_raked`` (and
        ``<name>_raked`` for every column of replicate weights).
    design
        A design with that weight and its calibration: give it to a metric together with ``frame``.
    table
        A row per margin level: ``column, level, target, before, after`` (shares of the weight).
    design_effect, effective_n
        Kish's 1 + (coefficient of variation of the weights)², and rows over it; what the unequal weights cost a mean
        that has nothing to do with the margins.
    factor_low, factor_high
        Smallest and largest of raked weight / weight before; their mean, weighted, is 1.
    iterations, converged
        Passes over all margins (Newton steps with bounds), and whether all targets are met: always true, since
        anything else is an error.
    trimmed
        Rows whose factor is within 1e-6 of a bound; 0 without bounds.
    assumptions
        What the weights rest on.
    """

    frame: Any
    design: Design
    table: pd.DataFrame
    design_effect: float
    effective_n: float
    factor_low: float
    factor_high: float
    iterations: int
    converged: bool
    trimmed: int
    assumptions: tuple[Assumption, ...] = field(default=())

    def to_frame(self) -> pd.DataFrame:
        """Return the margins before and after as a new pandas frame."""
        return self.table.copy()

    def _summary(self) -> str:
        return (
            f"design effect {self.design_effect:.3g}, effective n {self.effective_n:,.0f}, factors {self.factor_low:.3g} to "
            f"{self.factor_high:.3g}, {self.iterations} iterations"
        )

    def __repr__(self) -> str:
        return f"Raking: {self._summary()}\n{Result(self.table)!r}"

    def _repr_html_(self) -> str:
        return f"<p><strong>Raking</strong>: {html.escape(self._summary())}</p>{Result(self.table, self.assumptions)._repr_html_()}"


def rake(
    data: Frame,
    margins: Margins,
    *,
    weights: str | None = None,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    design: Design | None = None,
) -> Raking:
    r"""Weight answers so that they have the known shares of the customer base in every margin.

    Parameters
    ----------
    data : frame
        A row per answer (one question, no rows that were invited and did not answer), in any supported engine.
    margins : dict
        ``{column: {level: share}}``; the shares of each column sum to 1.
    weights : str, optional
        Column of weights before raking; equal weights without.
    bounds : (low, high), optional
        Limits of raked weight / weight before, 0 <= low < 1 < high. The margins are still met exactly, or it is an error.
    tolerance : float
        Largest difference allowed between a weighted share and its target.
    max_iterations : int
        Most passes over all margins.
    design : Design, optional
        How the answers were drawn: its weights, strata, clusters and replicate weights are carried over, and every
        column of replicate weights is raked anew.

    Returns
    -------
    Raking
        ``nps.score(r.frame, design=r.design)`` uses the residuals from the margins in its standard error.

    Raises
    ------
    CemkitError
        If a margin is no column, has nulls, lacks a level of the data or names one without answers; if shares do not
        sum to 1; if no weights (within the bounds) meet all margins; if ``weight_raked`` is already a column.

    Notes
    -----
    Each weight is multiplied by a factor that depends on its margin levels alone, :math:`w_i = d_i F(x_i'\lambda)`,
    so that :math:`\sum w_i x_i / \sum w_i` are the targets; F is exp, or a logistic curve between the bounds. The sum of
    the weights stays as it is. Raking corrects for who answered only as far as the margins explain both who answers and
    what they answer.

    References
    ----------
    Deming and Stephan (1940); Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.scores import nps, rake
    >>> answers = pd.DataFrame({"score": [10, 10, 10, 9, 2, 3], "age": ["old", "old", "old", "old", "young", "young"]})
    >>> raked = rake(answers, {"age": {"old": 0.5, "young": 0.5}})
    >>> nps.score(raked.frame, design=raked.design).only.estimate
    0.0
    >>> raked.to_frame()["before"].round(3).tolist()
    [0.667, 0.333]
    """
    design = _carried(as_design(design), weights)
    base = design.weights
    bound = bind(data)
    shares = checked_margins(bound, margins)
    if base is not None:
        bound.require_number(base, "weights")
    design.check(bound)
    replicates = design.replicates or ()
    _check_rows(bound, shares, (WEIGHT, *(f"{name}_raked" for name in replicates)))
    sums = weight_sums(bound, keys=tuple(shares), weights=(base, *replicates))
    cells, row = group_rows(sums.keys, tuple(shares))
    codes, labels, targets = margin_levels(cells, shares)
    before = grouped_sum(row, sums.w[:, 0], groups=len(cells))
    limits = {
        "labels": labels,
        "names": list(shares),
        "bounds": bounds,
        "tolerance": tolerance,
        "max_iterations": max_iterations,
    }
    raked = rake_cells(before, codes, targets, **limits)  # type: ignore[arg-type]
    columns = [CellFactors(WEIGHT, base, raked.factor)]
    for j, name in enumerate(replicates, start=1):
        own = grouped_sum(row, sums.w[:, j], groups=len(cells))
        try:
            factor = rake_cells(own, codes, targets, **limits).factor  # type: ignore[arg-type]
        except CemkitError as error:
            msg = f"replicate weights {name!r} cannot be raked: {error}"
            raise CemkitError(msg) from None
        columns.append(CellFactors(f"{name}_raked", name, factor))
    calibration = Calibration(tuple(shares), base, rows=int(sums.n.sum()))
    renamed = tuple(f"{name}_raked" for name in replicates) or None
    effect, trimmed = _cost(sums, row, raked.factor, bounds)
    return Raking(
        frame=with_cell_factors(data, cells, columns),
        design=replace(design, weights=WEIGHT, replicates=renamed, calibration=calibration, assume_independent=False),
        table=_table(list(shares), labels, targets, codes, before, raked.factor),
        design_effect=effect,
        effective_n=float(sums.n.sum()) / effect,
        factor_low=float(raked.factor[before > 0].min()),
        factor_high=float(raked.factor[before > 0].max()),
        iterations=raked.iterations,
        converged=raked.converged,
        trimmed=trimmed,
        assumptions=_notes(shares, bounds, trimmed),
    )


def _carried(design: Design | None, weights: str | None) -> Design:
    design = Design() if design is None else design
    if design.calibration is not None:
        msg = "the design is already raked: give the design from before, with all margins at once"
        raise DesignError(msg)
    if weights is not None and design.weights is not None and weights != design.weights:
        msg = f"weights={weights!r} and the design's weights {design.weights!r} differ: name one column"
        raise DesignError(msg)
    return design if weights is None else replace(design, weights=weights)


def _check_rows(bound: Bound, shares: Mapping[str, Any], new: Sequence[str]) -> None:
    clash = [name for name in new if name in bound.schema]
    if clash:
        msg = f"the table already has a column {clash[0]!r}: drop or rename it first, and rake on all margins at once"
        raise ColumnError(msg)
    rows = require_rows(bound)
    nulls = count_nulls(bound, [*shares, *([_ANSWERED] if _ANSWERED in bound.schema else [])])
    for column in shares:
        if nulls[column]:
            msg = (
                f"margin {column!r} is null in {nulls[column]:,} of {rows:,} rows, so they belong to no level: fill them, make "
                "'unknown' a level with a share, or leave these rows out"
            )
            raise CemkitError(msg)
    if nulls.get(_ANSWERED):
        msg = (
            f"{_ANSWERED!r} is null in {nulls[_ANSWERED]:,} of {rows:,} rows (invited, not answered): rake the rows that answered, "
            "else the margins would not hold for the answers"
        )
        raise CemkitError(msg)
    if _QUESTION in bound.schema:
        questions = [key[0] for key in count_by(bound, [_QUESTION])]
        if len(questions) > 1:
            shown = ", ".join(sorted(map(repr, questions))[:8])
            msg = f"the table has answers to {len(questions)} questions ({shown}): rake the rows of one question at a time"
            raise CemkitError(msg)


def _table(
    names: list[str],
    labels: list[list[Any]],
    targets: list[Floats],
    codes: list[npt.NDArray[np.intp]],
    before: Floats,
    factor: Floats,
) -> pd.DataFrame:
    after = before * factor
    parts = []
    for name, label, target, code in zip(names, labels, targets, codes, strict=True):
        shares = {
            key: grouped_sum(code, weight, groups=len(label)) / weight.sum()
            for key, weight in (("before", before), ("after", after))
        }
        levels = pd.Series(label, dtype=object)
        columns = pd.Series([name] * len(label), dtype=object)
        parts.append(pd.DataFrame({"column": columns, "level": levels, "target": target, **shares}))
    return pd.concat(parts, ignore_index=True)


def _cost(
    sums: WeightSums, row: npt.NDArray[np.intp], factor: Floats, bounds: tuple[float, float] | None
) -> tuple[float, int]:
    """Return Kish's design effect, and the rows at a bound."""
    each = factor[row]
    effect = float(sums.n.sum() * (each**2 @ sums.w2[:, 0]) / (each @ sums.w[:, 0]) ** 2)
    if bounds is None:
        return effect, 0
    held = (np.abs(each - bounds[0]) < 1e-6) | (np.abs(each - bounds[1]) < 1e-6)
    return effect, int(sums.n[held & (sums.w[:, 0] > 0)].sum())


def _notes(shares: Mapping[str, Any], bounds: tuple[float, float] | None, trimmed: int) -> tuple[Assumption, ...]:
    notes = [Assumption("raked", {"columns": ", ".join(shares)})]
    if bounds is not None and trimmed:
        notes.append(Assumption("trimmed", {"rows": trimmed, "low": float(bounds[0]), "high": float(bounds[1])}))
    return tuple(notes)
