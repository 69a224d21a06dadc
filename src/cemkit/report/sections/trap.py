"""The satisfaction trap: whether those who left were less satisfied than customers like them who stayed."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import pandas as pd

from cemkit.charts.trap import trap_chart
from cemkit.churn import SatisfactionTrap, satisfaction_trap
from cemkit.report.context import LEAST, Asked, Context
from cemkit.report.drawing import picture
from cemkit.report.reading import Reading, count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Finding, Row, Section, Table
from cemkit.report.sections.groups import small
from cemkit.tables import columns_of, levels_of

__all__ = ["build"]

_QUESTION = "csat"


def build(context: Context) -> Section | None:
    """Build the section, where leaving is known and a question with bands, satisfaction before others, was answered with dates."""
    store, t = context.store, context.texts
    if not store.has("customers") or not {"customer_id", "acquired_at", "left_at"} <= set(columns_of(store.customers)):
        return None
    if not {"customer_id", "answered_at"} <= set(context.columns):
        return None
    asked = _asked(context)
    if asked is None or not _left(context):
        return None
    question = asked.question if "question" in context.columns else None
    found = satisfaction_trap(
        store.customers, store.responses, scale=asked.metric.scale, question=question, level=context.level
    )
    about = "" if question is None else f', question="{question}"'
    level = "" if context.level == 0.95 else f", level={context.level:g}"
    code = f"cem.churn.satisfaction_trap(store.customers, store.responses, scale={asked.code}.scale{about}{level})"
    call = Call(t("trap.title"), code, "influence", found.assumptions)
    sentence = _sentence(context, found)
    words = {
        "left": t("trap.left"),
        "stayed": t("trap.stayed"),
        "answer-age": t("trap.age"),
        "satisfied": t("trap.satisfied"),
        "all-ages": t("trap.all-ages"),
    }

    def draw(width: int) -> Any:
        return trap_chart(found.table, found.ages, labels=words).properties(width=width)

    tables = (_contrast(context, asked, found), _ages(context, found))
    block = Block(t("trap.subtitle"), _unknown(context, found), picture(draw, sentence), tables)
    return Section("trap", t("trap.title"), sentence, (block,), (call,), _findings(found, sentence))


def _asked(context: Context) -> Asked | None:
    """Return satisfaction, else the first score made of bands."""
    banded = [asked for asked in context.asked if len(asked.metric.scale.bands or ()) >= 2]
    return next((asked for asked in banded if asked.question == _QUESTION), banded[0] if banded else None)


def _left(context: Context) -> bool:
    return any(value is not None and value == value for value in levels_of(context.store.customers, column="left_at"))


def _sentence(context: Context, found: SatisfactionTrap) -> str:
    t, rows = context.texts, _by_name(found.table, "quantity")
    left, stayed, contrast = (rows[f"satisfied-{name}"] for name in ("given-left", "given-stayed", "difference"))
    read = Reading("percent", 100.0, t)
    return t(
        "trap.sentence",
        left=percent(left["estimate"]),
        level=context.level_shown,
        interval=percent_interval(t, left["low"], left["high"]),
        n=count(left["n"]),
        stayed=percent(stayed["estimate"]),
        difference=read.full_difference(contrast["estimate"]),
        difference_interval=read.difference_interval(contrast["low"], contrast["high"]),
        days=count(found.window),
    )


def _unknown(context: Context, found: SatisfactionTrap) -> str:
    """Say how many leavers were silent, and what that allows."""
    t = context.texts
    bounds = _by_name(found.bounds, "group")["left"]
    return t(
        "trap.bounds",
        n=count(bounds["n"]),
        surveyed=count(bounds["surveyed"]),
        low=percent(bounds["bound_low"]),
        high=percent(bounds["bound_high"]),
    )


def _contrast(context: Context, asked: Asked, found: SatisfactionTrap) -> Table:
    t, read = context.texts, Reading("percent", 100.0, context.texts)
    columns = (
        Column(t("trap.quantity"), number=False),
        Column(t("head.share")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
    )
    rows = []
    for _, row in found.table.iterrows():
        name, apart = row["quantity"], str(row["quantity"]).endswith("difference")
        cells = (
            (read.full_difference(row["estimate"]), read.difference_interval(row["low"], row["high"]))
            if apart
            else (percent(row["estimate"]), percent_interval(t, row["low"], row["high"]))
        )
        rows.append(Row((t(f"trap.{name}"), *cells, count(row["n"])), small(context, row["n"], row["n"])))
    return Table(
        t("trap.caption"),
        columns,
        tuple(rows),
        t("trap.note", bands=_satisfied(asked), days=count(found.window)),
    )


def _by_name(table: pd.DataFrame, column: str) -> dict[str, Any]:
    return {str(row[column]): row for _, row in table.iterrows()}


def _satisfied(asked: Asked) -> str:
    scale = asked.metric.scale
    low, high = (scale.bands or {})[scale.top_band]
    return f"{asked.short} {low:g}\N{EN DASH}{high:g}"


def _ages(context: Context, found: SatisfactionTrap) -> Table:
    t = context.texts
    columns = (
        Column(t("trap.age"), number=False),
        Column(t("trap.left")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("trap.stayed")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
    )
    rows = [
        Row(
            (
                f"{row['age_low'] + 1:.0f}\N{EN DASH}{row['age_high']:.0f}",
                percent(row["estimate"]),
                percent_interval(t, row["low"], row["high"]),
                percent(row["stayed"]),
                percent_interval(t, row["stayed_low"], row["stayed_high"]),
                count(row["n"]),
            ),
            small(context, row["n"], row["n"]),
        )
        for _, row in found.ages.iterrows()
    ]
    return Table(t("trap.ages"), columns, tuple(rows), t("trap.ages-note"))


def _findings(found: SatisfactionTrap, sentence: str) -> tuple[Finding, ...]:
    row = _by_name(found.table, "quantity")["satisfied-difference"]
    if not row["std_error"] > 0 or pd.isna(row["estimate"]):
        return ()
    p = 2 * (1 - NormalDist().cdf(abs(float(row["estimate"])) / float(row["std_error"])))
    size = abs(float(row["estimate"])) / LEAST
    return (Finding(sentence, p, size, size >= 1),)
