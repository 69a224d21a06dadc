"""Where the change between the last two waves comes from: groups that changed, or a change in who answered."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import parts_picture
from cemkit.report.reading import count, percent
from cemkit.report.section import Block, Call, Column, Row, Section, Table, lead
from cemkit.report.sections.groups import small
from cemkit.scores.decompose import Decomposition

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where a metric was asked in two waves and there are groups: all columns for the first such metric."""
    blocks: list[Block] = []
    calls: list[Call] = []
    for asked in context.asked:
        waves = context.waves_of(asked)
        if len(waves) < 2:
            continue
        columns = [c for c in context.by if c != "wave" and len(context.groups_of(asked, c, waves=waves[-2:])) > 1]
        for column in columns if not blocks else columns[:1]:
            block = _block(context, asked, column, (waves[-2], waves[-1]), several=len(waves) > 2)
            blocks.append(block)
            calls += block.calls
    if not blocks:
        return None
    t = context.texts
    sentence, about = lead(blocks, t("decomposition.sentence"))
    return Section(
        "decomposition",
        t("decomposition.title"),
        blocks=tuple(blocks),
        calls=tuple(calls),
        sentence=sentence,
        about=about,
    )


def _block(context: Context, asked: Asked, column: str, pair: tuple[Any, Any], *, several: bool) -> Block:
    t, read = context.texts, asked.reading
    result = asked.metric.decompose(
        context.answers,
        over="wave",
        by=column,
        between=pair if several else None,
        design=context.design,
        level=context.level,
        invalid="count",
    )
    name = context.column(column)
    before, after = context.group(result.before), context.group(result.after)
    title = t("decomposition.block", metric=asked.title, before=before, after=after, column=name)
    total = result.total.iloc[0]
    sentence = t(
        "decomposition.total",
        metric=asked.short,
        before=before,
        after=after,
        difference=read.full_difference(total["estimate"]),
        level=context.level_shown,
        interval=read.difference_interval(total["low"], total["high"]),
        rate=read.full_difference(total["rate"]),
        mix=read.full_difference(total["mix"]),
    )
    names = [t("head.rate-name"), t("head.mix-name")]
    shown = [context.group(value) for value in result.table[column]]
    parts = [
        pd.DataFrame({"group": shown, "part": part, "value": result.table[key].to_numpy(dtype=float) * read.factor})
        for part, key in zip(names, ("rate", "mix"), strict=True)
    ]
    picture = parts_picture(
        pd.concat(parts, ignore_index=True),
        axis=t("axis.contribution", unit=read.difference_unit),
        label=sentence,
        names=names,
    )
    between = f", between={pair!r}" if several else ""
    call = Call(
        title,
        f'{asked.code}.decompose(answers, over="wave", by="{column}"{between}{context.arguments()})',
        str(result.table["method"].iloc[0]),
        result.assumptions,
    )
    return Block(title, sentence, picture, (_table(context, asked, result, shown, name, title),), calls=(call,))


def _table(context: Context, asked: Asked, result: Decomposition, shown: list[str], name: str, title: str) -> Table:
    t, read = context.texts, asked.reading
    columns = (
        Column(name, number=False),
        Column(t("head.before", value=asked.short, wave=context.group(result.before))),
        Column(t("head.before", value=asked.short, wave=context.group(result.after))),
        Column(t("head.share-at", wave=context.group(result.before))),
        Column(t("head.share-at", wave=context.group(result.after))),
        Column(t("head.segment-rate", unit=read.difference_unit)),
        Column(t("head.segment-mix", unit=read.difference_unit)),
        Column(t("head.total", unit=read.difference_unit)),
        Column(t("head.interval", level=context.level_shown)),
    )
    rows = [
        Row(
            (
                group,
                read.value(row["estimate_before"]),
                read.value(row["estimate_after"]),
                percent(row["share_before"]),
                percent(row["share_after"]),
                read.difference(row["rate"]),
                read.difference(row["mix"]),
                read.difference(row["estimate"]),
                read.difference_interval(row["low"], row["high"]),
            ),
            small(context, row["n_before"], row["n_after"]),
        )
        for group, (_, row) in zip(shown, result.table.iterrows(), strict=True)
    ]
    total = result.total.iloc[0]
    rows.append(
        Row(
            (
                t("head.all"),
                read.value(total["estimate_before"]),
                read.value(total["estimate_after"]),
                percent(1.0),
                percent(1.0),
                read.difference(total["rate"]),
                read.difference(total["mix"]),
                read.difference(total["estimate"]),
                read.difference_interval(total["low"], total["high"]),
            )
        )
    )
    note = t("decomposition.note", total=count(len(result.table)))
    return Table(title, columns, tuple(rows), note)
