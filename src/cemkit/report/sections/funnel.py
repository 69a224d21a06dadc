"""The funnel: how many of those who came to the first stage of the map come to each next one."""

from __future__ import annotations

import pandas as pd

from cemkit.report.context import SMALL_BASE, Context
from cemkit.report.drawing import group_picture
from cemkit.report.leaving import LEAVING_STAGES
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.stages import Funnel, funnel
from cemkit.tables import columns_of, levels_of

__all__ = ["build"]

_LEAST = 3
_NOTHING = "\N{EN DASH}"


def build(context: Context) -> Section | None:
    """Build the section, where a journey map has at least three stages, short of leaving, that were seen."""
    store, t = context.store, context.texts
    if not store.has("experiences") or not context.touchpoint_names:
        return None
    own = columns_of(store.experiences)
    if not {"customer_id", "touchpoint_id"} <= set(own) or context.span(store.experiences, "occurred_at") is None:
        return None
    seen = levels_of(store.experiences, column="touchpoint_id")
    steps: dict[str, list[str]] = {}
    for point in sorted(store.journey_map.touchpoints, key=lambda p: store.journey_map.stage_of(p.touchpoint_id).order):
        if point.touchpoint_id in seen and point.stage not in LEAVING_STAGES:
            steps.setdefault(point.stage, []).append(point.touchpoint_id)
    if len(steps) < _LEAST:
        return None
    data, setup, left = store.experiences, "experiences = store.experiences", None
    if store.has("customers") and "left_at" in columns_of(store.customers) and "left_at" not in own:
        data = store.join("experiences", customers="left_at")
        setup, left = 'experiences = store.join("experiences", customers="left_at")', "left_at"
    found = funnel(data, steps, left=left, level=context.level)
    given = "" if left is None else f', left="{left}"'
    level = "" if context.level == 0.95 else f", level={context.level:g}"
    code = f"{setup}\nsteps = {steps!r}\ncem.stages.funnel(experiences, steps{given}{level})".replace("'", '"')
    call = Call(t("funnel.title"), code, str(found.table["method"].iloc[-1]), found.assumptions)
    return Section("funnel", t("funnel.title"), _sentence(context, found), (_block(context, found),), (call,))


def _sentence(context: Context, found: Funnel) -> str:
    """Say where most are lost, and how far the last step is."""
    t, table = context.texts, found.table
    loss = table.iloc[1 + int(table["step_conversion"].to_numpy(dtype=float)[1:].argmin())]
    before = table.iloc[int(loss["position"]) - 2]
    return t(
        "funnel.sentence",
        customers=count(table["customers"].iloc[0]),
        first=t.name("stage", table["step"].iloc[0]),
        before=t.name("stage", before["step"]),
        step=t.name("stage", loss["step"]),
        value=percent(loss["step_conversion"]),
        level=context.level_shown,
        interval=percent_interval(t, loss["step_conversion_low"], loss["step_conversion_high"]),
        days=f"{found.days:,.0f}",
    )


def _block(context: Context, found: Funnel) -> Block:
    t, table = context.texts, found.table
    names = [t.name("stage", step) for step in table["step"]]
    bases = table["customers"].to_numpy(dtype=float)
    drawn = pd.DataFrame(
        {
            "group": names,
            "estimate": 100 * table["conversion"].to_numpy(dtype=float),
            "low": 100 * table["low"].to_numpy(dtype=float),
            "high": 100 * table["high"].to_numpy(dtype=float),
            "small": bases < SMALL_BASE,
        }
    )
    columns = (
        Column(t("column.stage"), number=False),
        Column(t("funnel.share")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("funnel.of-before")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("funnel.reached")),
        Column(t("funnel.left")),
        Column(t("funnel.waiting")),
        Column(t("head.median-days")),
    )
    rows = [
        Row(
            (
                name,
                percent(row["conversion"]),
                percent_interval(t, row["low"], row["high"]) if row["position"] > 1 else _NOTHING,
                percent(row["step_conversion"]) if row["position"] > 1 else _NOTHING,
                percent_interval(t, row["step_conversion_low"], row["step_conversion_high"])
                if row["position"] > 1
                else _NOTHING,
                count(row["reached"]),
                count(row["left"]),
                count(row["waiting"]),
                f"{row['median_time']:,.0f}" if row["median_time"] == row["median_time"] else _NOTHING,
            ),
            t("mark.small") if row["customers"] < SMALL_BASE else "",
        )
        for name, (_, row) in zip(names, table.iterrows(), strict=True)
    ]
    note = t("funnel.note", n=count(table["customers"].iloc[0]), days=f"{found.days:,.0f}")
    label = t("funnel.label")
    shown = group_picture(drawn, axis=t("funnel.axis"), label=label, suffix="%", domain=(0, 100))
    return Block("", note, shown, (Table(t("funnel.caption"), columns, tuple(rows), t("funnel.table-note")),))
