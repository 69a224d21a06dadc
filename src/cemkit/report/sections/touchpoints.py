"""What customers perceived at each touchpoint, the lowest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cemkit.errors import CemkitError
from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import reading_of
from cemkit.report.section import Block, Call, Section
from cemkit.report.sections.groups import extremes, findings, group_table, picture_rows
from cemkit.results import Estimates
from cemkit.scores import csat
from cemkit.tables import columns_of, levels_of

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where experiences have a rating of what was perceived."""
    store, t = context.store, context.texts
    if not store.has("experiences"):
        return None
    data, own = store.experiences, columns_of(store.experiences)
    if "perceived" not in own or not levels_of(data, column="touchpoint_id", answered="perceived"):
        return None
    scale = store.scales.get("experiences")
    fits = scale is not None and len(scale.bands or ()) >= 2
    metric = csat.with_scale(scale) if scale is not None and fits else csat
    code = 'cem.csat.with_scale(store.scales["experiences"])' if fits else "cem.csat"
    asked = Asked(metric, code, t("metric.csat"), t("short.csat"), reading_of(metric, t))
    design = context.design
    if design is not None and not set(design.columns) <= set(own):
        design = None
    options: dict[str, Any] = {"score": "perceived", "design": design, "level": context.level, "invalid": "count"}
    result = _lowest_first(metric.score(data, by="touchpoint_id", **options))
    several = len(result.table) > 1
    rest = metric.compare(data, over="touchpoint_id", against="rest", **options) if several else None
    names = _names(context)
    shown = [names.get(v, context.group(v)) for v in result.table["touchpoint_id"]]
    sentence = _sentence(context, asked, result, shown)
    picture = group_picture(
        picture_rows(context, result, factor=asked.reading.factor, names=shown),
        axis=t("touchpoints.axis"),
        label=sentence,
        suffix=asked.reading.suffix,
    )
    table = group_table(
        context, asked, result, rest, heading=t("column.touchpoint_id"), caption=t("touchpoints.caption"), names=shown
    )
    shared = context.arguments(design=design is not None, invalid=bool(result.table["invalid"].sum()))
    calls = [
        Call(
            t("touchpoints.caption"),
            f'{code}.score(store.experiences, score="perceived", by="touchpoint_id"{shared})',
            result.table["method"].iloc[0],
            result.assumptions,
        )
    ]
    if rest is not None:
        compared = f'{code}.compare(store.experiences, score="perceived", over="touchpoint_id", against="rest"{shared})'
        title = t("segments.rest", title=t("touchpoints.caption"))
        calls.append(Call(title, compared, rest.table["method"].iloc[0], rest.assumptions))
    found = findings(context, asked, rest, column=t("column.touchpoint_id"), names=names) if rest is not None else ()
    note = t("touchpoints.note", points=_points(metric.scale))
    block = Block("", note, picture, (table,))
    return Section("touchpoints", t("touchpoints.title"), sentence, (block,), tuple(calls), found)


def _lowest_first(result: Estimates) -> Estimates:
    return replace(result, table=result.table.sort_values("estimate", kind="stable", ignore_index=True))


def _names(context: Context) -> dict[Any, str]:
    """Return the names of the touchpoints on the journey map, where the study has one."""
    try:
        return {point.touchpoint_id: point.name for point in context.store.journey_map.touchpoints}
    except CemkitError:
        return {}


def _points(scale: Any) -> str:
    low, high = scale.bands[scale.top_band]
    return f"{low:g}\N{EN DASH}{high:g}"


def _sentence(context: Context, asked: Asked, result: Estimates, names: list[str]) -> str:
    ends = extremes(result)
    if ends is None:
        return context.texts("segments.small", column=context.texts("column.touchpoint_id"))
    low, high = ends
    rows = result.table
    return context.texts(
        "touchpoints.sentence",
        level=context.level_shown,
        low=names[low],
        low_value=asked.reading.value(rows["estimate"].iloc[low]),
        low_interval=asked.reading.interval(rows["low"].iloc[low], rows["high"].iloc[low]),
        high=names[high],
        high_value=asked.reading.value(rows["estimate"].iloc[high]),
        high_interval=asked.reading.interval(rows["low"].iloc[high], rows["high"].iloc[high]),
    )
