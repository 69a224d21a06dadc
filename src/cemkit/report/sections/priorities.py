"""What to do first: touchpoints by pain and by the churn that goes with them, and the items of the survey to be fixed first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cemkit.charts.importance_performance import SURE
from cemkit.errors import CemkitError
from cemkit.report.context import Context
from cemkit.report.drawing import group_picture
from cemkit.report.leaving import churn_ledger
from cemkit.report.reading import Reading, count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.report.sections.groups import ranks, small
from cemkit.report.wide import SEED, AskedSurvey, asked_survey, importance_map
from cemkit.scales import CSAT_5
from cemkit.stages import PainPoints, pain_points

__all__ = ["build"]

_RESAMPLES = 1000


def build(context: Context) -> Section | None:
    """Build the section, where customers rated touchpoints, or a wide survey has a map of importance and performance."""
    t = context.texts
    blocks: list[Block] = []
    calls: list[Call] = []
    for part in (_touchpoints, _items):
        found = part(context)
        if found is not None:
            blocks.append(found[0])
            calls.append(found[1])
    if not blocks:
        return None
    return Section("priorities", t("priorities.title"), blocks[0].sentence, tuple(blocks), tuple(calls))


def _touchpoints(context: Context) -> tuple[Block, Call] | None:
    store, t = context.store, context.texts
    if not context.has_ratings("customer_id"):
        return None
    scale = store.scales.get("experiences", CSAT_5)
    given = 'store.scales["experiences"]' if "experiences" in store.scales else "cem.CSAT_5"
    try:
        kept = churn_ledger(context)
    except CemkitError:
        # The section of churn says why there is no ledger.
        kept = None
    found = pain_points(
        store.experiences,
        outcome=None if kept is None else kept.ledger,
        scale=scale,
        level=context.level,
        replicates=_RESAMPLES,
        seed=SEED,
    )
    setup = "" if kept is None else f"ledger = {kept.code}\n"
    outcome = "" if kept is None else ", outcome=ledger"
    level = "" if context.level == 0.95 else f", level={context.level:g}"
    code = f"{setup}cem.stages.pain_points(store.experiences{outcome}, scale={given}, seed={SEED}{level})"
    call = Call(t("priorities.touchpoints"), code, str(found.table["method"].iloc[0]), found.assumptions)
    sentence = _hurts(context, found)
    if kept is not None:
        sentence = f"{sentence} {_leaves(context, found)}".strip()
    drawn = pd.DataFrame(
        {
            "group": [
                t("priorities.with-rank", name=context.touchpoint(v), rank=ranks(a, b))
                for v, a, b in found.table[["touchpoint_id", "rank_low", "rank_high"]].itertuples(
                    index=False, name=None
                )
            ],
            **{name: found.table[name].to_numpy(dtype=float) for name in ("estimate", "low", "high")},
            "small": [bool(small(context, n, n)) for n in found.table["n"]],
        }
    )
    shown = group_picture(drawn, axis=t("priorities.axis"), label=sentence)
    table = _touchpoint_table(context, found, ledger=kept is not None)
    return Block(t("priorities.touchpoints"), sentence, shown, (table,)), call


def _hurts(context: Context, found: PainPoints) -> str:
    t, row = context.texts, found.table.iloc[0]
    read = Reading("scale", 1.0, t)
    return t(
        "priorities.hurts",
        touchpoint=context.touchpoint(row["touchpoint_id"]),
        value=read.value(row["estimate"]),
        level=context.level_shown,
        interval=read.interval(row["low"], row["high"]),
        rank=ranks(row["rank_low"], row["rank_high"]),
        of=count(len(found.table)),
        reach=percent(row["reach"]),
    )


def _leaves(context: Context, found: PainPoints) -> str:
    """Say which touchpoint goes with most churn, where any of them has an interval above zero."""
    t, table = context.texts, found.table[found.table["preventable_low"] > 0]
    if table.empty:
        return t("priorities.leaves-none")
    row = table.iloc[int(np.argmax(table["preventable"].to_numpy(dtype=float)))]
    return t(
        "priorities.leaves",
        touchpoint=context.touchpoint(row["touchpoint_id"]),
        share=percent(row["preventable"]),
        interval=percent_interval(t, row["preventable_low"], row["preventable_high"]),
        rank=ranks(row["preventable_rank_low"], row["preventable_rank_high"]),
    )


def _touchpoint_table(context: Context, found: PainPoints, *, ledger: bool) -> Table:
    t = context.texts
    read = Reading("scale", 1.0, t)
    interval = t("head.interval", level=context.level_shown)
    columns = [
        Column(t("column.touchpoint_id"), number=False),
        Column(t("priorities.pain")),
        Column(interval),
        Column(t("priorities.rank")),
        Column(t("priorities.reach")),
        Column(t("priorities.episodes")),
        Column(t("priorities.severity")),
    ]
    if ledger:
        columns += [Column(t("priorities.preventable")), Column(interval), Column(t("priorities.preventable-rank"))]
    columns.append(Column(t("head.n")))
    rows = []
    for _, row in found.table.iterrows():
        cells = [
            context.touchpoint(row["touchpoint_id"]),
            read.value(row["estimate"]),
            read.interval(row["low"], row["high"]),
            ranks(row["rank_low"], row["rank_high"]),
            percent(row["reach"]),
            read.value(row["episodes"]),
            read.value(row["severity"]),
        ]
        if ledger:
            cells += [
                percent(row["preventable"]),
                percent_interval(t, row["preventable_low"], row["preventable_high"]),
                ranks(row["preventable_rank_low"], row["preventable_rank_high"]),
            ]
        rows.append(Row((*cells, count(row["n"])), small(context, row["n"], row["affected"])))
    note = t("priorities.note") + (" " + t("priorities.preventable-note") if ledger else "")
    return Table(t("priorities.touchpoints"), tuple(columns), tuple(rows), note)


def _items(context: Context) -> tuple[Block, Call] | None:
    store, t = context.store, context.texts
    survey = store.survey
    if survey is None or survey.scale is None or not (survey.outcome or survey.importance):
        return None
    asked = asked_survey(context, survey)
    try:
        found, code = importance_map(asked)
    except CemkitError:
        # The section of satisfaction says why there is no map.
        return None
    basis = "derived" if survey.outcome is not None else "stated"
    table = found.table[found.table["basis"] == basis].sort_values("fix_first", ascending=False, kind="stable")
    title = context.within(asked.wave, t("priorities.items"))
    call = Call(title, code, str(table["method"].iloc[0]), found.assumptions)
    first = table.iloc[0]
    sentence = t(
        "priorities.fix" if first["fix_first"] >= 1 - SURE else "priorities.fix-none",
        item=asked.names[first["item"]],
        chance=percent(first["fix_first"], 0),
        performance=asked.read.full(first["performance"]),
        level=context.level_shown,
        interval=asked.read.interval(first["performance_low"], first["performance_high"]),
        n=count(first["n"]),
    )
    chances = 100 * table["fix_first"].to_numpy(dtype=float)
    drawn = pd.DataFrame(
        {
            "group": [asked.names[item] for item in table["item"]],
            "estimate": chances,
            "low": 0.0,
            "high": chances,
            "small": [bool(small(context, n, n)) for n in table["n"]],
        }
    )
    shown = group_picture(drawn, axis=t("satisfaction.head-fix"), label=sentence, suffix="%", domain=(0, 100))
    return Block(title, sentence, shown, (_item_table(context, asked, table, basis, title),)), call


def _item_table(context: Context, asked: AskedSurvey, table: pd.DataFrame, basis: str, caption: str) -> Table:
    t, read = context.texts, asked.read
    interval = t("head.interval", level=context.level_shown)
    derived = basis == "derived"
    columns = (
        Column(t("satisfaction.head-item"), number=False),
        Column(t("satisfaction.head-fix")),
        Column(t(f"satisfaction.importance-{basis}")),
        Column(interval),
        Column(t("satisfaction.performance")),
        Column(interval),
        Column(t("head.n")),
    )
    rows = []
    for _, row in table.iterrows():
        low, high = row["importance_low"], row["importance_high"]
        cells = (
            asked.names[row["item"]],
            percent(row["fix_first"], 0),
            percent(row["importance"]) if derived else read.value(row["importance"]),
            percent_interval(t, low, high) if derived else read.interval(low, high),
            read.value(row["performance"]),
            read.interval(row["performance_low"], row["performance_high"]),
            count(row["n"]),
        )
        rows.append(Row(cells, small(context, row["n"], row["n"])))
    return Table(caption, columns, tuple(rows), t("priorities.items-note"))
