"""The gap between what was expected and what was perceived (SERVQUAL), paired on the respondent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.csi.gap_outcome import constraint_rows
from cemkit.csi.gap_parts import (
    GAP_COLUMNS,
    WEIGHTED_COLUMNS,
    gap_measures,
    gap_rows,
    reliability_rows,
    servperf_rows,
    sums_of,
)
from cemkit.csi.gap_plan import Plan, matched, plan_gap, wide_answers
from cemkit.csi.quantities import Quantities
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.statistics.multiplicity import Adjustment
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design, as_design
from cemkit.tables.rows import require_rows
from cemkit.typing import Frame

__all__ = ["Gap", "gap"]

_ITEM_COLUMNS = ("item", "dimension", *GAP_COLUMNS, "importance")
_RESERVED = (*_ITEM_COLUMNS, *WEIGHTED_COLUMNS, "scope", "name", "items", "mean_of_items", "pooled", "outcome")


@dataclass(frozen=True, eq=False, repr=False)
class Gap(Result):
    """Gaps, perceived − expected, in the unit of the scale.

    Attributes
    ----------
    table
        A row per group and item: ``*by, item, dimension, expected, perceived`` (means of the respondents who answered
        both), ``estimate`` (their difference) with ``std_error, low, high, level, method, unit, n, missing, n_eff, df``;
        ``statistic, p_value, p_adjusted`` (of no gap); ``d_z`` (mean over standard deviation of the differences) with
        limits; ``below`` (share of respondents below their expectation) with limits; ``importance``.
    dimensions
        The same per dimension, with the number of ``items`` and the importance-weighted gap (``weighted`` and its limits).
    overall
        The same over all items, with two other means that are met in the field, without an interval:
        ``mean_of_items`` (mean of the items' gaps) and ``pooled`` (mean over all pairs of answers).
    servperf
        What was perceived, alone, of all who answered that: ``*by, scope, name, estimate, ...`` (SERVPERF).
    reliability
        Per dimension and overall, from respondents who answered all its items: ``alpha_expected, alpha_perceived,
        correlation`` of the two totals, ``reliability`` of their difference, and ``alpha_difference``. Without intervals.
    constraint
        Where ``outcome`` is given: the direct effects of expectation and perception with their limits, the effect of the
        gap, both R², and the test that the two effects are equal and opposite.
    by
        The grouping columns.
    """

    dimensions: pd.DataFrame = field(default_factory=pd.DataFrame)
    overall: pd.DataFrame = field(default_factory=pd.DataFrame)
    servperf: pd.DataFrame = field(default_factory=pd.DataFrame)
    reliability: pd.DataFrame = field(default_factory=pd.DataFrame)
    constraint: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()

    _title: ClassVar[str] = "Gap"

    def plot(self) -> Any:
        """Return an Altair chart: expected and perceived as dumbbells, with the gaps' intervals (extra ``report``)."""
        from cemkit.charts.gap import gap_chart

        return gap_chart(self.table, by=self.by)

    def _display(self) -> pd.DataFrame:
        shown = [
            *self.by,
            "item",
            "dimension",
            "expected",
            "perceived",
            "estimate",
            "low",
            "high",
            "p_adjusted",
            "d_z",
            "below",
            "n",
        ]
        return self.table[shown]


def gap(
    data: Frame,
    *,
    expected: Sequence[str] | str,
    perceived: Sequence[str] | str,
    item: str | None = None,
    names: Sequence[Any] | None = None,
    dimensions: Mapping[Any, Sequence[Any]] | None = None,
    importance: Mapping[Any, Any] | Sequence[Any] | str | None = None,
    outcome: str | None = None,
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    adjust: Adjustment = "holm",
    level: float = 0.95,
) -> Gap:
    """Estimate how far what was perceived falls short of, or exceeds, what was expected.

    Parameters
    ----------
    data : frame
        A row per respondent (or, with ``item``, a row per respondent and item, and the column ``customer_id``).
    expected, perceived : list of str
        Matching columns of answers on the same scale. With ``item``, one column each.
    item : str, optional
        Column of item names in a long table.
    names : list, optional
        Names of the items; by default those of the columns of ``perceived``.
    dimensions : dict, optional
        ``{name: [items]}``; an item is in one dimension at most.
    importance : dict or list, optional
        Importance per item: numbers, or columns in which every respondent states it; in a long table one column.
    outcome : str, optional
        A number such as overall satisfaction, to test whether a difference may stand for its two parts.
    scale : Scale, optional
        The scale of the answers: values outside raise, missing codes are missing, bounds hold the intervals. Without it
        the bounds are those observed, and the result says so.
    by : str or list of str, optional
        Grouping columns.
    design : Design, optional
        Weights, strata, clusters.
    adjust : {"holm", "bh", "by", "none"}
        Adjustment of the p-values for the number of rows of a table.
    level : float
        Level of the intervals.

    Returns
    -------
    Gap
        Items, with ``.dimensions``, ``.overall``, ``.servperf``, ``.reliability`` and ``.constraint``.

    Raises
    ------
    CemkitError
        If the lists do not match, an item is in two dimensions, a column is absent or no number, an item has no pair of
        answers, or answers lie outside the scale.

    Notes
    -----
    A respondent's gap of a dimension is the mean of dᵢ = perceivedᵢ − expectedᵢ over its items answered on both sides,
    and the gap is the mean over respondents; so an item answered on one side only is missing for that item alone. The
    interval is that of a mean of differences, t with n − 1 degrees of freedom (linearised under a design), and so uses
    the pairing. d_z = mean/sd of the differences (Cohen, 1988), its limits are d ± z·√(1/n + d²/2n). The weighted gap is Σ wᵢdᵢ/Σ wᵢ per
    respondent. Reliability of a difference: (s²ₑαₑ + s²ₚαₚ − 2sₑₚ)/s²_d (Peter, Churchill and Brown, 1993). Parasuraman,
    Zeithaml and Berry (1988); Cronin and Taylor (1992) for SERVPERF; Edwards (2001) for the constraint.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.gap import gap
    >>> answers = pd.DataFrame({"e1": [5, 4, 5, 4], "e2": [3, 4, 5, 4], "p1": [3, 4, 4, 2], "p2": [4, 4, None, 5]})
    >>> found = gap(answers, expected=["e1", "e2"], perceived=["p1", "p2"], names=["speed", "staff"])
    >>> found.to_frame()[["item", "expected", "perceived", "estimate", "n"]].round(3).values.tolist()
    [['speed', 4.5, 3.25, -1.25, 4], ['staff', 3.667, 4.333, 0.667, 3]]
    >>> found.overall["estimate"].tolist()
    [-0.5]
    """
    check_level(level)
    bound, within = bind(data), column_names(by, reserved=_RESERVED)
    design = as_design(design)
    require_rows(bound)
    for name in within:
        bound.require(name, "by")
    if outcome is not None:
        bound.require_number(outcome, "outcome")
    if item is not None:
        if names is not None:
            msg = "names and item cannot both be given: the items of a long table have their names"
            raise CemkitError(msg)
        others = [*within, *(design.columns if design is not None else ()), *([outcome] if outcome is not None else [])]
        bound, left, right, labels, importance = wide_answers(
            bound, expected, perceived, item, others=others, importance=importance
        )
    else:
        left, right, labels = matched(expected, perceived, names)
    if outcome is not None and outcome in {*left, *right}:
        msg = f"outcome={outcome!r} is also an item: leave it out of one of the two"
        raise CemkitError(msg)
    plan = plan_gap(bound, left, right, labels, dimensions=dimensions, importance=importance, scale=scale)
    asked = Quantities(within, design, level)
    return _answer(plan, asked, outcome=outcome, adjust=adjust)


def _answer(plan: Plan, asked: Quantities, *, outcome: str | None, adjust: Adjustment) -> Gap:
    by = asked.by
    sums = sums_of(plan, asked)
    for place, block in enumerate(plan.items):
        if not sums.n(f"{block.key}_e").sum():
            msg = (
                f"the item {block.name!r} has no respondent who answered both {plan.expected[place]!r} and "
                f"{plan.perceived[place]!r}: check the columns, or leave the item out"
            )
            raise CemkitError(msg)
    asked.wanted(plan.bound, gap_measures(plan))
    size = len(plan.names)
    items = gap_rows(plan, asked, sums, plan.items, adjust=adjust, weighted=False)
    groups = len(items) // size
    items["item"] = pd.Index(list(plan.names) * groups, dtype=object)
    items["dimension"] = pd.Index([plan.dimension_of(i) for i in range(size)] * groups, dtype=object)
    items["importance"] = _importance(plan, asked, items)
    dimensions = pd.DataFrame(columns=[*by, "dimension", "items", *GAP_COLUMNS, *WEIGHTED_COLUMNS])
    if plan.dimensions:
        found = gap_rows(plan, asked, sums, plan.dimensions, adjust=adjust, weighted=True)
        found["dimension"] = pd.Index([b.name for b in plan.dimensions] * groups, dtype=object)
        found["items"] = [len(b.places) for b in plan.dimensions] * groups
        dimensions = found[dimensions.columns]
    overall = gap_rows(plan, asked, sums, [plan.overall], adjust="none", weighted=True)
    overall["items"] = size
    overall["mean_of_items"] = items["estimate"].to_numpy(dtype=np.float64).reshape(groups, size).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        overall["pooled"] = sums.total(f"{plan.overall.key}_d_sum") / sums.total(f"{plan.overall.key}_d_size")
    servperf, reliability = servperf_rows(plan, asked), reliability_rows(plan, asked)
    constraint = pd.DataFrame() if outcome is None else constraint_rows(plan, asked, outcome)
    notes = [*plan.notes, Assumption("paired-differences"), *asked.assumptions]
    partial = int(items["missing"].sum())
    if partial:
        notes.append(Assumption("pairs-missing", {"pairs": partial}))
    if adjust != "none" and len(items) > 1:
        notes.append(Assumption("adjusted-p-values", {"comparisons": len(items), "method": adjust}))
    return Gap(
        items[[*by, *_ITEM_COLUMNS]],
        tuple(dict.fromkeys(notes)),
        dimensions=dimensions,
        overall=overall[[*by, "items", *GAP_COLUMNS, *WEIGHTED_COLUMNS, "mean_of_items", "pooled"]],
        servperf=servperf,
        reliability=reliability,
        constraint=constraint,
        by=by,
    )


def _importance(plan: Plan, asked: Quantities, items: pd.DataFrame) -> Any:
    """Return each item's importance: the number given, or the mean of what was stated."""
    if plan.importance is None:
        return np.full(len(items), np.nan)
    groups = len(items) // len(plan.names)
    if not isinstance(plan.importance[0], str):
        return np.tile(np.array(plan.importance, dtype=np.float64), groups)
    from cemkit.csi.gap_parts import Sums

    stated = Sums(plan.bound, asked, list(plan.importance))
    return np.column_stack([stated.mean(name) for name in plan.importance]).reshape(-1)
