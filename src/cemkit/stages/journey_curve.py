"""The journey curve: what customers perceived along the map, its peak, its low and its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.estimation import Measure, estimate
from cemkit.estimation.sample import Invalid, check_level
from cemkit.model import JourneyMap
from cemkit.results import Assumption, Result
from cemkit.scales import CSAT_5, Scale
from cemkit.stages.curve_moments import MOMENT_COLUMNS, PEAK_END_COLUMNS, moment_rows, peak_end_rows
from cemkit.stages.labels import as_journey_map, require_known
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design
from cemkit.tables.lookups import with_lookups
from cemkit.tables.row_means import with_numbers, with_valid
from cemkit.tables.rows import count_by
from cemkit.typing import Frame

__all__ = ["CURVE_COLUMNS", "JourneyCurve", "journey_curve"]

_NUMBERS = (
    "metric",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "unit",
    "n",
    "missing",
    "invalid",
    "n_eff",
    "df",
)
CURVE_COLUMNS = ("stage", "order", "touchpoint_id", "name", "aspect", *_NUMBERS)
_STAGE_COLUMNS = ("stage", "order", *_NUMBERS)
_CHANNEL_COLUMNS = ("stage", "order", "touchpoint_id", "name", "channel", *_NUMBERS)
_STAGE, _CHANNEL, _SCORE = "_stages_stage", "_stages_channel", "_stages_score"


@dataclass(frozen=True, eq=False, repr=False)
class JourneyCurve(Result):
    """What customers perceived along the map.

    Attributes
    ----------
    table
        A row per group and touchpoint of the map, in its order: ``*by, stage, order, touchpoint_id, name, aspect`` and the columns of an
        estimate. ``n`` is 0 and the mean null where nobody rated.
    stages
        The same per stage of the map.
    channels
        The same per touchpoint and channel in which it was rated.
    moments
        Per group the ``peak``, ``low`` and ``end`` of the curve: ``*by, moment, stage, touchpoint_id, name, estimate,
        low, high, n, certainty`` (the probability that no other touchpoint's mean is higher, or lower; null for the
        end).
    peak_end
        Per group the means over customers of what their own journeys had: ``*by, metric`` (best, worst, most intense,
        last, peak-end, mean) and an estimate's columns; ``n`` counts customers.
    by
        The grouping columns.
    low, high
        Ends of the scale.
    """

    stages: pd.DataFrame = field(default_factory=pd.DataFrame)
    channels: pd.DataFrame = field(default_factory=pd.DataFrame)
    moments: pd.DataFrame = field(default_factory=pd.DataFrame)
    peak_end: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()
    low: float = 1.0
    high: float = 5.0

    _title: ClassVar[str] = "Journey curve"

    def _display(self) -> pd.DataFrame:
        return self.table[[*self.by, "stage", "name", "estimate", "low", "high", "n", "missing"]]

    def plot(self) -> Any:
        """Return an Altair chart: stages as columns, the curve with its interval, channels as marks, volume as size (extra ``report``)."""
        from cemkit.charts.journey import journey_chart

        return journey_chart(self.table, self.channels, self.moments, by=self.by, low=self.low, high=self.high)


def journey_curve(
    experiences: Frame,
    journey_map: JourneyMap,
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    score: str = "perceived",
    scale: Scale = CSAT_5,
    design: Design | None = None,
    invalid: Invalid = "raise",
    touchpoint: str = "touchpoint_id",
    unit: str = "customer_id",
    at: str = "occurred_at",
) -> JourneyCurve:
    """Estimate what customers perceived along the journey map, with its peak, low and end, by segment.

    Parameters
    ----------
    experiences : frame
        A row per experience; with ``channel``, else the touchpoint's usual channel is taken.
    journey_map : JourneyMap
        The company's map. Touchpoints of the table that it lacks are an error.
    by : str or list of str, optional
        Grouping columns, such as the customer's segment.
    level : float
        Level of the intervals.
    score : str
        Column of ratings on ``scale``.
    scale : Scale
        The scale of the score; 1 to 5 unless given.
    design : Design, optional
        How the experiences were drawn. Customers who come back are the clusters unless it says otherwise.
    invalid : {"raise", "count"}
        What to do with ratings outside the scale.
    touchpoint, unit, at : str
        Columns of the touchpoint, the customer and the time. Without customers or times there is no last experience.

    Returns
    -------
    JourneyCurve

    Raises
    ------
    CemkitError
        If a column is absent, a touchpoint is not on the map, or a rating lies outside the scale.

    Notes
    -----
    Means over experiences, linearised over customers. Certainty of a peak: ∫ φ_k Π_{j≠k} Φ_j, touchpoints taken as independent. Peak-end:
    per customer the mean of the most intense rating (farthest from the midpoint) and the last one; unweighted, and with
    t intervals over customers.

    References
    ----------
    Kahneman, D., Fredrickson, B. L., Schreiber, C. A. and Redelmeier, D. A. (1993), *Psychological Science* 4, 401-405. Lemon, K. N. and
    Verhoef, P. C. (2016), *Journal of Marketing* 80, 69-96.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> from cemkit.model import JourneyMap, Touchpoint
    >>> points = [("web", "discover"), ("shop", "visit"), ("till", "purchase")]
    >>> places = JourneyMap(name="retail", touchpoints=[Touchpoint(touchpoint_id=t, name=t, stage=s) for t, s in points])
    >>> rows = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b", "b", "b"],
    ...         "touchpoint_id": ["web", "shop", "till"] * 2,
    ...         "perceived": [3, 5, 2, 3, 4, 1],
    ...     }
    ... )
    >>> curve = stages.journey_curve(rows, places)
    >>> curve.to_frame()["estimate"].tolist()
    [3.0, 4.5, 1.5]
    >>> curve.moments[["moment", "name"]].values.tolist()
    [['peak', 'shop'], ['low', 'till'], ['end', 'till']]
    """
    check_level(level)
    places = as_journey_map(journey_map)
    reserved = (*CURVE_COLUMNS, "channel", *MOMENT_COLUMNS, *PEAK_END_COLUMNS)
    names = column_names(by, reserved=reserved)
    bound = bind(experiences, what="experiences")
    key = bound.require_key(touchpoint, "touchpoint")
    bound.require_number(score, "score")
    for name in names:
        bound.require_key(name, "by")
    require_known(count_by(bound, [key]), places, key)
    lookups: dict[str, dict[str, str | int | None]] = {_STAGE: {p.touchpoint_id: p.stage for p in places.touchpoints}}
    if "channel" not in bound.schema:
        lookups[_CHANNEL] = {p.touchpoint_id: p.channel for p in places.touchpoints}
    labelled = bind(with_lookups(bound, key, lookups))
    channel = _CHANNEL if _CHANNEL in lookups else "channel"
    measure = Measure(score, scale, "mean", unit="scale")
    notes: list[Assumption] = []

    def means(*columns: str) -> pd.DataFrame:
        found = estimate(
            labelled, measure, score=score, by=[*names, *columns], design=design, level=level, invalid=invalid
        )
        notes.extend(found.assumptions)
        return found.table

    points, steps = means(key), means(_STAGE)
    marks = means(key, channel)
    keys = points[list(names)].drop_duplicates(ignore_index=True) if names else pd.DataFrame(index=pd.RangeIndex(1))
    plan = _plan(places)
    table = _on_the_map(
        keys, plan, points.rename(columns={key: "touchpoint_id"}), names, "touchpoint_id", CURVE_COLUMNS, score, level
    )
    order = pd.DataFrame(
        {"stage": pd.Index([s.name for s in places.stages], dtype=object), "order": [s.order for s in places.stages]}
    )
    stages = _on_the_map(
        keys, order, steps.rename(columns={_STAGE: "stage"}), names, "stage", _STAGE_COLUMNS, score, level
    )
    marks = marks.rename(columns={key: "touchpoint_id", channel: "channel"})
    marks["touchpoint_id"] = marks["touchpoint_id"].astype(str).astype(object)
    marks = marks.merge(plan.drop(columns="aspect").assign(_place=range(len(plan))), on="touchpoint_id", how="left")
    marks = marks.assign(_group=_group_places(keys, marks, names)).sort_values(
        ["_group", "_place"], kind="stable", ignore_index=True
    )
    moments = moment_rows(table, keys, names)
    numbered = with_numbers(labelled, {_SCORE: score}, missing_codes=scale.missing_codes)
    peak_end, more = peak_end_rows(
        with_valid(numbered, _SCORE, scale),
        keys,
        names,
        score=_SCORE,
        unit=unit,
        at=at,
        scale=scale,
        level=float(level),
    )
    return JourneyCurve(
        table,
        tuple(dict.fromkeys([*notes, *more])),
        stages=stages,
        channels=marks[[*names, *_CHANNEL_COLUMNS]],
        moments=moments,
        peak_end=peak_end,
        by=names,
        low=float(scale.low),
        high=float(scale.high),
    )


def _plan(places: JourneyMap) -> pd.DataFrame:
    """Return the touchpoints in the order of the map."""
    order = {stage.name: stage.order for stage in places.stages}
    points = sorted(places.touchpoints, key=lambda point: order[point.stage])
    columns: dict[str, Any] = {
        "stage": [p.stage for p in points],
        "touchpoint_id": [p.touchpoint_id for p in points],
        "name": [p.name for p in points],
        "aspect": [p.aspect for p in points],
    }
    table = pd.DataFrame({name: pd.Index(values, dtype=object) for name, values in columns.items()})
    table.insert(1, "order", [order[p.stage] for p in points])
    return table


def _group_places(keys: pd.DataFrame, rows: pd.DataFrame, names: tuple[str, ...]) -> Any:
    """Return each row's group by its place in ``keys``."""
    if not names:
        return np.zeros(len(rows), dtype=np.int64)
    place = {_plain(key): i for i, key in enumerate(keys.itertuples(index=False, name=None))}
    return np.array(
        [place[_plain(key)] for key in rows[list(names)].itertuples(index=False, name=None)], dtype=np.int64
    )


def _plain(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(value) else value for value in key)


def _on_the_map(
    keys: pd.DataFrame,
    plan: pd.DataFrame,
    found: pd.DataFrame,
    names: tuple[str, ...],
    on: str,
    columns: tuple[str, ...],
    score: str,
    level: float,
) -> pd.DataFrame:
    """Return a row per group and row of the plan; what nobody rated has n 0."""
    grid = plan.loc[np.tile(np.arange(len(plan)), len(keys))].reset_index(drop=True)
    group = np.repeat(np.arange(len(keys)), len(plan))
    found = found.assign(_group=_group_places(keys, found, names))
    place = {(g, str(v)): i for i, (g, v) in enumerate(zip(found["_group"], found[on], strict=True))}
    rows = np.array([place.get((g, str(v)), -1) for g, v in zip(group, grid[on], strict=True)])
    numbers = found[list(_NUMBERS)].reindex(rows).reset_index(drop=True)  # -1 is no label: a row of nulls
    for name in ("n", "missing", "invalid"):
        numbers[name] = numbers[name].fillna(0).astype("Int64")
    method = found["method"].iloc[0] if len(found) else "t"
    for name, value in (("metric", score), ("level", float(level)), ("method", method), ("unit", "scale")):
        numbers[name] = pd.Index([value] * len(numbers), dtype=object) if isinstance(value, str) else value
    table = pd.concat([keys.loc[group, list(names)].reset_index(drop=True), grid, numbers], axis=1)
    return table[[*names, *columns]]
