"""For whom did it change? The change between the last two waves within every group of a column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import count, p_value
from cemkit.report.section import Block, Call, Column, Finding, Row, Table
from cemkit.report.sections.groups import found_difference, small
from cemkit.results import Comparison

__all__ = ["changes"]

_MOST_GROUPS = 30


def changes(context: Context, asked: Asked, pair: tuple[Any, Any]) -> Iterator[tuple[Block, tuple[Finding, ...]]]:
    """Yield for each grouping column with 2 to 30 groups the changes of these, and the candidates for the summary."""
    for column in context.by:
        if column != "wave" and 2 <= len(context.groups_of(asked, column, waves=pair)) <= _MOST_GROUPS:
            yield _block(context, asked, column, pair)


def _block(context: Context, asked: Asked, column: str, pair: tuple[Any, Any]) -> tuple[Block, tuple[Finding, ...]]:
    t, read = context.texts, asked.reading
    before, after = pair
    options: dict[str, Any] = {"design": context.design, "level": context.level, "invalid": "count"}
    result = asked.metric.compare(context.answers, over="wave", by=column, against=before, **options)
    result = _last(result, after)
    title = t(
        "comparison.change",
        metric=asked.title,
        column=context.column(column),
        before=context.group(before),
        after=context.group(after),
    )
    sentence = _sentence(context, asked, result, column)
    table = result.table
    numbers = {
        name: table[key].to_numpy(dtype=float) * read.factor
        for name, key in (("estimate", "difference"), ("low", "low"), ("high", "high"))
    }
    marks = [bool(small(context, row["n_group"], row["n_reference"])) for _, row in table.iterrows()]
    picture = group_picture(
        pd.DataFrame({"group": [context.group(v) for v in table[column]], **numbers, "small": marks}),
        axis=t("axis.change", metric=asked.short, unit=read.difference_unit),
        label=sentence,
        line=0.0,
    )
    shared = context.arguments(invalid=context.has_invalid(asked))
    call = Call(
        title,
        f'{asked.code}.compare(answers, over="wave", by="{column}", against={before!r}{shared})',
        str(table["method"].iloc[0]) if len(table) else "",
        result.assumptions,
    )
    block = Block(title, sentence, picture, (_table(context, asked, result, column, pair, title),), calls=(call,))
    return block, _findings(context, asked, result, column)


def _last(result: Comparison, after: Any) -> Comparison:
    """Return the changes up to the last wave, of the groups that answered in either wave."""
    kept = [
        row["group"] == after and bool(row["n_group"] + row["n_reference"] > 0) for _, row in result.table.iterrows()
    ]
    return replace(result, table=result.table[kept].reset_index(drop=True))


def _words(context: Context, asked: Asked, row: Any, column: str) -> dict[str, str]:
    read = asked.reading
    where = context.texts("finding.where", column=context.column(column), group=context.group(row[column]))
    return {
        "where": where,
        "metric": asked.short,
        "before": context.group(row["reference"]),
        "after": context.group(row["group"]),
        "estimate": read.full(row["estimate_group"]),
        "other": read.full(row["estimate_reference"]),
        "difference": read.full_difference(row["difference"]),
        "level": context.level_shown,
        "interval": read.difference_interval(row["low"], row["high"]),
    }


def _sentence(context: Context, asked: Asked, result: Comparison, column: str) -> str:
    """Name the largest change of a group with enough answers in both waves."""
    t = context.texts
    usable = [
        row
        for _, row in result.table.iterrows()
        if math.isfinite(row["difference"]) and not small(context, row["n_group"], row["n_reference"])
    ]
    if not usable:
        return t("comparison.change-small", column=context.column(column))
    largest = max(usable, key=lambda row: abs(row["difference"]))
    return t("comparison.change-largest", finding=t("finding.change", **_words(context, asked, largest, column)))


def _findings(context: Context, asked: Asked, result: Comparison, column: str) -> tuple[Finding, ...]:
    return tuple(
        found_difference(asked, context.texts("finding.change", **_words(context, asked, row, column)), row)
        for _, row in result.table.iterrows()
        if math.isfinite(row["difference"]) and math.isfinite(row["p_value"])
    )


def _table(context: Context, asked: Asked, result: Comparison, column: str, pair: tuple[Any, Any], title: str) -> Table:
    t, read = context.texts, asked.reading
    before, after = (context.group(wave) for wave in pair)
    columns = (
        Column(context.column(column), number=False),
        Column(t("head.before", value=asked.short, wave=before)),
        Column(t("head.before", value=asked.short, wave=after)),
        Column(t("head.difference", unit=read.difference_unit)),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.p_adjusted")),
        Column(t("head.n-at", wave=before)),
        Column(t("head.n-at", wave=after)),
    )
    rows = [
        Row(
            (
                context.group(row[column]),
                read.value(row["estimate_reference"]),
                read.value(row["estimate_group"]),
                read.difference(row["difference"]),
                read.difference_interval(row["low"], row["high"]),
                p_value(row["p_adjusted"]),
                count(row["n_reference"]),
                count(row["n_group"]),
            ),
            small(context, row["n_group"], row["n_reference"]),
        )
        for _, row in result.table.iterrows()
    ]
    return Table(title, columns, tuple(rows), t("comparison.change-note"))
