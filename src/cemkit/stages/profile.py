"""Profiles: the mean of a score by stage, kind, aspect or channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from cemkit.errors import ColumnError
from cemkit.estimation import Measure, estimate
from cemkit.estimation.sample import Invalid
from cemkit.results import ESTIMATE_COLUMNS, Estimates
from cemkit.scales import CSAT_5, AnyScale, as_scale
from cemkit.statistics._arguments import is_one_of
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.design import Design
from cemkit.tables.rows import count_by
from cemkit.typing import Frame

__all__ = ["profile", "require_labels", "stage_order"]

_MAKERS = {
    "stage": "stages.label(experiences, journey_map)",
    "order": "stages.label(experiences, journey_map)",
    "aspect": "stages.label(experiences, journey_map)",
    "kind": "stages.classify(experiences)",
}


def profile(
    experiences: Frame,
    *,
    by: str | Sequence[str] | None = ("stage",),
    score: str = "perceived",
    design: Design | None = None,
    level: float = 0.95,
    statistic: Literal["mean", "top"] = "mean",
    scale: AnyScale = CSAT_5,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    levels: Any = None,
) -> Estimates:
    """Estimate a score by stage, kind, aspect, channel or any other column, under any design.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    by : str or list of str
        Grouping columns. Stages come in the order of the map where the table has ``order``; a null is a group of its own, the
        last one.
    score : str
        Column of ratings on ``scale``.
    design : Design, optional
        How the experiences were drawn. Customers who come back are the clusters unless it says otherwise.
    level : float
        Level of the intervals.
    statistic : {"mean", "top"}
        The mean in the scale's points, or the share of its best band in points (0 to 100).
    scale : Scale or (low, high)
        The scale of the score; 1 to 5 unless given.
    invalid : {"raise", "count"}
        What to do with values outside the scale.
    min_base : int, optional
        Hide groups with fewer distinct customers.
    levels : optional
        Order of the groups, as in :meth:`cemkit.scores.ScoreMetric.score`.

    Returns
    -------
    Estimates
        A row per group, the score's name as ``metric``.

    Raises
    ------
    CemkitError
        If a column is absent or no number, or a value lies outside the scale.

    Notes
    -----
    Σwx/Σw over the group's experiences, with a t interval for independent answers, linearised over the design's (or the
    customers') clusters otherwise; a group is a subpopulation of the whole table.

    References
    ----------
    Cochran, W. G. (1977), *Sampling Techniques*, 3rd ed., Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame({"stage": ["use", "use", "bill"], "perceived": [4, 5, 2]})
    >>> stages.profile(rows).to_frame()[["stage", "estimate", "n"]].values.tolist()
    [['bill', 2.0, 1], ['use', 4.5, 2]]
    """
    bound = bind(experiences, what="experiences")
    names = column_names(by, reserved=ESTIMATE_COLUMNS)
    require_labels(bound, names)
    order = stage_order(bound, names)
    if order is not None and not (levels is not None and (not hasattr(levels, "keys") or "stage" in levels)):
        levels = {**(levels or {}), "stage": order}
    scale = as_scale(scale)
    measure = Measure(score, scale, statistic, unit="scale" if is_one_of(statistic, ("mean",)) else "points")
    return estimate(
        bound,
        measure,
        score=score,
        by=names,
        design=design,
        level=level,
        invalid=invalid,
        min_base=min_base,
        levels=levels,
    )


def require_labels(bound: Bound, names: Sequence[str]) -> None:
    """Raise, with the function that adds it, where a column that this module makes is absent."""
    for name in names:
        if name in _MAKERS and name not in bound.schema:
            msg = f"experiences has no column {name!r}: add it with {_MAKERS[name]} first"
            raise ColumnError(msg)


def stage_order(bound: Bound, names: Sequence[str]) -> list[Any] | None:
    """Return the stages in the order of the map, where they are asked for and ``order`` is known."""
    if "stage" not in names or "order" not in bound.schema:
        return None
    found = [(order, stage) for stage, order in count_by(bound, ["stage", "order"]) if None not in (order, stage)]
    return list(dict.fromkeys(stage for _, stage in sorted(found, key=lambda pair: (pair[0], str(pair[1])))))
