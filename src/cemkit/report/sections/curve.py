"""The journey curve: what customers perceived along the journey map, with its peak and its low."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from cemkit.charts.journey import journey_chart
from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture, picture
from cemkit.report.reading import Reading, count, p_value
from cemkit.report.section import Block, Call, Column, Picture, Row, Section, Table
from cemkit.report.sections.groups import small
from cemkit.results import Comparison
from cemkit.scales import CSAT_5
from cemkit.scores import ScoreMetric
from cemkit.stages import JourneyCurve, journey_curve

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where there are ratings and a journey map."""
    store, t = context.store, context.texts
    if not context.has_ratings() or not context.touchpoint_names:
        return None
    scale = store.scales.get("experiences", CSAT_5)
    given = 'store.scales["experiences"]' if "experiences" in store.scales else "cem.CSAT_5"
    read = Reading("scale", 1.0, t)
    metric = ScoreMetric("perceived", scale, "mean", unit="scale")
    asked = Asked(
        metric,
        f'cem.scores.ScoreMetric("perceived", {given}, "mean", unit="scale")',
        t("curve.mean"),
        t("curve.mean"),
        read,
    )
    options: dict[str, Any] = {"design": context.experience_design, "level": context.level, "invalid": "count"}
    curve = journey_curve(store.experiences, store.journey_map, scale=scale, **options)
    rated = curve.table[curve.table["n"] > 0]
    rest = None
    if len(rated) > 1:
        rest = metric.compare(store.experiences, score="perceived", over="touchpoint_id", against="rest", **options)
    invalid = bool(curve.table["invalid"].sum())
    shared = context.arguments(design=options["design"] is not None, invalid=invalid)
    code = f"cem.stages.journey_curve(store.experiences, store.journey_map, scale={given}{shared})"
    calls = [Call(t("curve.title"), code, str(rated["method"].iloc[0]), curve.assumptions)]
    if rest is not None:
        compared = (
            f'{asked.code}.compare(store.experiences, score="perceived", over="touchpoint_id", against="rest"{shared})'
        )
        title = t("segments.rest", title=t("curve.title"))
        calls.append(Call(title, compared, str(rest.table["method"].iloc[0]), rest.assumptions))
    sentence = _sentence(context, curve, read)
    note = t("curve.note", low=f"{scale.low:g}", high=f"{scale.high:g}", level=context.level_shown)
    tables = (_touchpoints(context, rated, rest, read), _stages(context, curve.stages, read))
    block = Block("", note, _picture(context, curve, sentence), tables)
    return Section("curve", t("curve.title"), sentence, (block,), tuple(calls))


def _sentence(context: Context, curve: JourneyCurve, read: Reading) -> str:
    t = context.texts
    found: dict[str, Any] = {str(row["moment"]): row for _, row in curve.moments.iterrows()}
    values: dict[str, Any] = {"level": context.level_shown}
    for moment in ("low", "peak"):
        row = found[moment]
        values |= {
            moment: context.touchpoint(row["touchpoint_id"]),
            f"{moment}_value": read.full(row["estimate"]),
            f"{moment}_interval": read.interval(row["low"], row["high"]),
        }
    if values["low"] == values["peak"]:
        return t("curve.one", **{name: values[name] for name in ("level", "low", "low_value", "low_interval")})
    return t("curve.sentence", **values)


def _picture(context: Context, curve: JourneyCurve, label: str) -> Picture:
    """Draw the map's columns where there is room, and a list in the map's order on a phone."""
    t = context.texts
    named = zip(curve.stages["stage"], curve.stages["n"], strict=True)
    stages = {str(name): t("curve.stage-n", name=t.name("stage", name), n=count(n)) for name, n in named}
    channels = {str(c): t.name("channel", c) for c in curve.channels["channel"].dropna().unique()}
    words = {
        **channels,
        **stages,
        "perceived-points": t("curve.axis"),
        "peak-point": t("curve.peak"),
        "low-point": t("curve.low"),
    }

    def draw(width: int) -> Any:
        chart = journey_chart(curve.table, curve.channels, curve.moments, low=curve.low, high=curve.high, labels=words)
        return chart.properties(width=width)

    rated = curve.table[curve.table["n"] > 0]
    rows = pd.DataFrame(
        {
            "group": [context.touchpoint(v) for v in rated["touchpoint_id"]],
            **{name: rated[name].to_numpy(dtype=float) for name in ("estimate", "low", "high")},
            "small": [bool(small(context, a, b)) for a, b in zip(rated["n"], rated["n_eff"], strict=True)],
        }
    )
    listed = group_picture(rows, axis=t("curve.axis"), label=label)
    return replace(listed, wide=picture(draw, label).wide)


def _touchpoints(context: Context, rated: pd.DataFrame, rest: Comparison | None, read: Reading) -> Table:
    t = context.texts
    columns = [
        Column(t("column.touchpoint_id"), number=False),
        Column(t("column.stage"), number=False),
        Column(t("curve.mean")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
    ]
    differences: dict[Any, Any] = {}
    if rest is not None:
        columns += [
            Column(t("head.rest", unit=read.difference_unit)),
            Column(t("head.interval", level=context.level_shown)),
            Column(t("head.p_adjusted")),
        ]
        differences = {row["group"]: row for _, row in rest.table.iterrows()}
    rows = []
    for _, row in rated.iterrows():
        cells = [
            context.touchpoint(row["touchpoint_id"]),
            t.name("stage", row["stage"]),
            read.value(row["estimate"]),
            read.interval(row["low"], row["high"]),
            count(row["n"]),
        ]
        if rest is not None:
            other = differences[row["touchpoint_id"]]
            interval = read.difference_interval(other["low"], other["high"])
            cells += [read.difference(other["difference"]), interval, p_value(other["p_adjusted"])]
        rows.append(Row(tuple(cells), small(context, row["n"], row["n_eff"])))
    return Table(t("curve.touchpoints"), tuple(columns), tuple(rows), t("note.difference-rest") if rest else "")


def _stages(context: Context, table: pd.DataFrame, read: Reading) -> Table:
    t = context.texts
    columns = (
        Column(t("column.stage"), number=False),
        Column(t("curve.mean")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
        Column(t("head.missing")),
    )
    rows = [
        Row(
            (
                t.name("stage", row["stage"]),
                read.value(row["estimate"]),
                read.interval(row["low"], row["high"]),
                count(row["n"]),
                count(row["missing"]),
            ),
            small(context, row["n"], row["n_eff"]) if row["n"] else "",
        )
        for _, row in table.iterrows()
    ]
    return Table(t("curve.stages"), columns, tuple(rows))
