"""What customers perceived at each touchpoint, the lowest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import reading_of
from cemkit.report.section import Block, Call, Section
from cemkit.report.sections.groups import extremes, findings, group_table, picture_rows
from cemkit.report.waves import answered_waves, compared_in, scored_in
from cemkit.results import Estimates
from cemkit.scores import ScoreMetric, csat
from cemkit.tables import columns_of
from cemkit.typing import Frame

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where experiences have a rating of what was perceived."""
    store, t = context.store, context.texts
    if not context.has_ratings():
        return None
    data, own = store.experiences, columns_of(store.experiences)
    scale = store.scales.get("experiences")
    fits = scale is not None and len(scale.bands or ()) >= 2
    metric = csat.with_scale(scale) if scale is not None and fits else csat
    code = 'cem.csat.with_scale(store.scales["experiences"])' if fits else "cem.csat"
    asked = Asked(metric, code, t("metric.csat"), t("short.csat"), reading_of(metric, t))
    design = context.experience_design
    options: dict[str, Any] = {"score": "perceived", "design": design, "level": context.level, "invalid": "count"}
    wave = _last_wave(metric, data, options) if "wave" in own else None
    result = metric.score(data, by="touchpoint_id" if wave is None else ["wave", "touchpoint_id"], **options)
    invalid = bool(result.table["invalid"].sum())
    result = _lowest_first(result if wave is None else scored_in(wave, result))
    rest = None
    if len(result.table) > 1:
        within = None if wave is None else "wave"
        rest = metric.compare(data, over="touchpoint_id", by=within, against="rest", **options)
        rest = rest if wave is None else compared_in(wave, rest)
    shown = [context.touchpoint(v) for v in result.table["touchpoint_id"]]
    sentence = _sentence(context, asked, result, shown)
    picture = group_picture(
        picture_rows(context, result, factor=asked.reading.factor, names=shown),
        axis=t("touchpoints.axis"),
        label=sentence,
        suffix=asked.reading.suffix,
    )
    caption = context.within(wave, t("touchpoints.caption"))
    table = group_table(context, asked, result, rest, heading=t("column.touchpoint_id"), caption=caption, names=shown)
    shared = context.arguments(design=design is not None, invalid=invalid)
    by = '"touchpoint_id"' if wave is None else '["wave", "touchpoint_id"]'
    calls = [
        Call(
            caption,
            f'{code}.score(store.experiences, score="perceived", by={by}{shared})',
            result.table["method"].iloc[0],
            result.assumptions,
        )
    ]
    if rest is not None:
        by = "" if wave is None else ', by="wave"'
        given = f'score="perceived", over="touchpoint_id"{by}, against="rest"{shared}'
        compared = f"{code}.compare(store.experiences, {given})"
        title = t("segments.rest", title=caption)
        calls.append(Call(title, compared, rest.table["method"].iloc[0], rest.assumptions))
    column = t("column.touchpoint_id")
    found = (
        findings(context, asked, rest, column=column, names=context.touchpoint_names, wave=wave)
        if rest is not None
        else ()
    )
    note = t("touchpoints.note", points=_points(metric.scale))
    if wave is not None:
        note = f"{note} {t('touchpoints.wave', wave=context.group(wave))}"
    elif len(context.waves) > 1:
        note = f"{note} {t('touchpoints.all-waves')}"
    block = Block("", note, picture, (table,))
    return Section("touchpoints", t("touchpoints.title"), sentence, (block,), tuple(calls), found)


def _last_wave(metric: ScoreMetric, data: Frame, options: dict[str, Any]) -> Any:
    """Return the last wave with ratings; None where there are no two."""
    waves = answered_waves(metric.score(data, by="wave", **options))
    return waves[-1] if len(waves) > 1 else None


def _lowest_first(result: Estimates) -> Estimates:
    return replace(result, table=result.table.sort_values("estimate", kind="stable", ignore_index=True))


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
