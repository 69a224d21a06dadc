"""The scores of groups of customers, each held against the rest."""

from __future__ import annotations

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.section import Block, Call, Finding, Section, lead
from cemkit.report.sections.groups import extremes, findings, group_table, picture_rows
from cemkit.results import Estimates

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where there are grouping columns with more than one group."""
    t = context.texts
    blocks: list[Block] = []
    calls: list[Call] = []
    found: list[Finding] = []
    for column in context.by:
        for asked in context.asked:
            wave = context.wave_of(asked)
            if len(context.groups_of(asked, column, waves=None if wave is None else [wave])) > 1:
                block, new = _block(context, asked, column)
                blocks.append(block)
                calls += block.calls
                found += new
    if not blocks:
        return None
    columns = t.items(list(dict.fromkeys(context.column(c) for c in context.by)))
    sentence, about = lead(blocks, t("segments.sentence", columns=columns))
    return Section(
        "segments",
        t("segments.title"),
        blocks=tuple(blocks),
        calls=tuple(calls),
        findings=tuple(found),
        sentence=sentence,
        about=about,
    )


def _block(context: Context, asked: Asked, column: str) -> tuple[Block, tuple[Finding, ...]]:
    t, read = context.texts, asked.reading
    result, rest = context.score(asked, by=column), context.against_rest(asked, column)
    name = context.column(column)
    title = t("segments.block", metric=context.named(asked, asked.title), column=name)
    sentence = _sentence(context, asked, result, name)
    whole = context.headline[asked.metric.name].only.estimate
    picture = group_picture(
        picture_rows(context, result, factor=read.factor),
        axis=t("axis.dashed", axis=f"{asked.short}, {read.unit}", value=read.value(whole)),
        label=sentence,
        suffix=read.suffix,
        line=whole * read.factor,
    )
    shared = context.arguments(invalid=context.has_invalid(asked))
    calls = (
        Call(
            title,
            f"{asked.code}.score(answers{context.by_code(asked, column)}{shared})",
            result.table["method"].iloc[0],
            result.assumptions,
        ),
        Call(
            t("segments.rest", title=title),
            f'{asked.code}.compare(answers, over="{column}"{context.by_code(asked)}, against="rest"{shared})',
            rest.table["method"].iloc[0],
            rest.assumptions,
        ),
    )
    table = group_table(context, asked, result, rest, heading=name, caption=title)
    found = findings(context, asked, rest, column=name, wave=context.wave_of(asked))
    return Block(title, sentence, picture, (table,), calls=calls), found


def _sentence(context: Context, asked: Asked, result: Estimates, name: str) -> str:
    ends = extremes(result)
    if ends is None:
        return context.texts("segments.small", column=name)
    rows = [result.table.iloc[i] for i in ends]
    low, high = (
        {
            "group": context.group(row[result.by[0]]),
            "value": asked.reading.full(row["estimate"]),
            "interval": asked.reading.interval(row["low"], row["high"]),
        }
        for row in rows
    )
    return context.texts(
        "segments.extremes",
        metric=context.named(asked, asked.short),
        level=context.level_shown,
        high=high["group"],
        high_value=high["value"],
        high_interval=high["interval"],
        low=low["group"],
        low_value=low["value"],
        low_interval=low["interval"],
    )
