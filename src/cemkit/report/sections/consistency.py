"""Whether the same touchpoint is the same experience in every channel."""

from __future__ import annotations

import pandas as pd

from cemkit.report.context import LEAST, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import Reading, count, p_value
from cemkit.report.section import Block, Call, Column, Finding, Row, Section, Table
from cemkit.report.sections.groups import ranks, small
from cemkit.scales import CSAT_5, Scale
from cemkit.stages import Consistency, consistency
from cemkit.tables import levels_of

__all__ = ["build"]

_MOST_CHANNELS = 10


def build(context: Context) -> Section | None:
    """Build the section, where ratings of touchpoints have at least two channels."""
    store, t = context.store, context.texts
    if not context.has_ratings("channel"):
        return None
    levels = levels_of(store.experiences, column="channel", answered="perceived")
    if sum(value is not None for value in levels) < 2:
        return None
    scale = store.scales.get("experiences", CSAT_5)
    given = 'store.scales["experiences"]' if "experiences" in store.scales else "cem.CSAT_5"
    design = context.experience_design
    found = consistency(store.experiences, scale=scale, design=design, level=context.level, invalid="count")
    invalid = bool(found.table["invalid"].sum())
    shared = context.arguments(design=design is not None, invalid=invalid)
    code = f"cem.stages.consistency(store.experiences, scale={given}{shared})"
    call = Call(t("consistency.title"), code, str(found.table["method"].iloc[0]), found.assumptions)
    read = Reading("scale", 1.0, t)
    units = found.table[found.table["status"] == "estimated"].sort_values("estimate", ascending=False, kind="stable")
    tables = (_touchpoints(context, units, read), _offenders(context, found, read))
    alone = len(found.table) - len(units)
    note = t("consistency.note") + (" " + t("consistency.alone", touchpoints=count(alone)) if alone else "")
    drawn = pd.DataFrame(
        {
            "group": [context.touchpoint(v) for v in units["touchpoint_id"]],
            **{name: units[name].to_numpy(dtype=float) for name in ("estimate", "low", "high")},
            "small": [bool(small(context, n, n)) for n in units["n"]],
        }
    )
    sentence = _sentence(context, found, units, read)
    block = Block("", note, group_picture(drawn, axis=t("consistency.axis"), label=sentence), tables)
    candidates = _findings(context, units, read, scale)
    return Section("consistency", t("consistency.title"), sentence, (block,), (call,), candidates)


def _sentence(context: Context, found: Consistency, units: pd.DataFrame, read: Reading) -> str:
    t, whole, worst = context.texts, found.overall.iloc[0], units.iloc[0]
    return t(
        "consistency.sentence",
        value=read.full_difference(abs(whole["estimate"])).removeprefix("+"),
        level=context.level_shown,
        interval=read.interval(whole["low"], whole["high"]),
        touchpoint=context.touchpoint(worst["touchpoint_id"]),
        worst=read.value(worst["estimate"]),
        worst_interval=read.interval(worst["low"], worst["high"]),
    )


def _touchpoints(context: Context, units: pd.DataFrame, read: Reading) -> Table:
    t = context.texts
    columns = (
        Column(t("column.touchpoint_id"), number=False),
        Column(t("consistency.tau")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("consistency.index")),
        Column(t("consistency.channels")),
        Column(t("head.p_adjusted")),
        Column(t("head.n")),
    )
    rows = [
        Row(
            (
                context.touchpoint(row["touchpoint_id"]),
                read.value(row["estimate"]),
                read.interval(row["low"], row["high"]),
                f"{row['index']:.0f}",
                count(row["channels"]),
                p_value(row["p_adjusted"]),
                count(row["n"]),
            ),
            small(context, row["n"], row["n"]),
        )
        for _, row in units.iterrows()
    ]
    return Table(t("consistency.caption"), columns, tuple(rows), t("consistency.table-note"))


def _offenders(context: Context, found: Consistency, read: Reading) -> Table:
    """Return the channels furthest below the other channels of their touchpoint, each with the interval of its rank."""
    t = context.texts
    columns = (
        Column(t("consistency.where"), number=False),
        Column(t("consistency.distance")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("consistency.rank")),
        Column(t("head.n")),
    )
    rows = [
        Row(
            (
                f"{context.touchpoint(row['touchpoint_id'])} · {t.name('channel', row['channel'])}",
                read.difference(row["estimate"]),
                read.difference_interval(row["low"], row["high"]),
                t("rank.of", rank=ranks(row["rank_low"], row["rank_high"]), of=count(len(found.offenders))),
                count(row["n"]),
            ),
            small(context, row["n"], row["n"]),
        )
        for _, row in found.offenders.head(_MOST_CHANNELS).iterrows()
    ]
    return Table(t("consistency.offenders"), columns, tuple(rows), t("consistency.offenders-note"))


def _findings(context: Context, units: pd.DataFrame, read: Reading, scale: Scale) -> tuple[Finding, ...]:
    t, least = context.texts, LEAST * (scale.high - scale.low)
    found = []
    for _, row in units.iterrows():
        if row["p_value"] == row["p_value"]:
            sentence = t(
                "consistency.finding",
                touchpoint=context.touchpoint(row["touchpoint_id"]),
                value=read.value(row["estimate"]),
                level=context.level_shown,
                interval=read.interval(row["low"], row["high"]),
            )
            size = float(row["estimate"]) / least
            found.append(Finding(sentence, float(row["p_value"]), size, size >= 1))
    return tuple(found)
