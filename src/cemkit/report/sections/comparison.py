"""Did it change? Waves against each other; where there is one wave, the groups of the first column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import p_value
from cemkit.report.section import Block, Call, Finding, Section, lead
from cemkit.report.sections.changes import changes
from cemkit.report.sections.groups import difference_table, findings, picture_rows
from cemkit.results import Comparison

__all__ = ["build"]

_MOST_PAIRS = 5


def build(context: Context) -> Section | None:
    """Build the section, where there are waves or groups to compare."""
    t = context.texts
    blocks: list[Block] = []
    calls: list[Call] = []
    found: list[Finding] = []
    for asked in context.asked:
        waves = context.waves_of(asked)
        over, levels = ("wave", waves) if len(waves) > 1 else _first_groups(context, asked)
        if over is not None:
            block, result = _block(context, asked, over, levels)
            blocks.append(block)
            calls += block.calls
            # Groups of a column are candidates in their own section already.
            found += findings(context, asked, result, column=t("column.wave")) if over == "wave" else ()
        if len(waves) > 1:
            for block, new in changes(context, asked, (waves[-2], waves[-1])):
                blocks.append(block)
                calls += block.calls
                found += new
    if not blocks:
        return None
    sentence, about = lead(blocks, t("comparison.sentence"))
    return Section(
        "comparison",
        t("comparison.title"),
        blocks=tuple(blocks),
        calls=tuple(calls),
        findings=tuple(found),
        sentence=sentence,
        about=about,
    )


def _first_groups(context: Context, asked: Asked) -> tuple[str | None, Sequence[Any]]:
    for column in context.by:
        wave = context.wave_of(asked)
        levels = tuple(context.groups_of(asked, column, waves=None if wave is None else [wave]))
        if 2 <= len(levels) <= _MOST_PAIRS:
            return column, levels
    return None, ()


def _block(context: Context, asked: Asked, over: str, levels: Sequence[Any]) -> tuple[Block, Comparison]:
    t, read = context.texts, asked.reading
    against = "each-other" if len(levels) <= _MOST_PAIRS else levels[0]
    result = asked.metric.compare(
        context.answers, over=over, against=against, design=context.design, level=context.level, invalid="count"
    )
    values = asked.metric.score(context.answers, by=over, design=context.design, level=context.level, invalid="count")
    name = context.column(over)
    title = t("comparison.block", metric=asked.title, column=name)
    omnibus = result.omnibus["p_value"].iloc[0] if len(result.omnibus) else float("nan")
    # The last row holds the last level against the one before it, or against the first.
    last = result.table.iloc[-1]
    sentence = t(
        "comparison.last",
        metric=asked.short,
        group=context.group(last["group"]),
        reference=context.group(last["reference"]),
        difference=read.full_difference(last["difference"]),
        level=context.level_shown,
        interval=read.difference_interval(last["low"], last["high"]),
        p=p_value(last["p_adjusted"]),
    )
    if len(levels) > 2:
        sentence = f"{sentence} {t('comparison.omnibus', p=p_value(omnibus))}"
    picture = group_picture(
        picture_rows(context, values, factor=read.factor),
        axis=f"{asked.short}, {read.unit}",
        label=sentence,
        suffix=read.suffix,
    )
    shared = context.arguments(invalid=context.has_invalid(asked))
    chosen = "" if against == "each-other" else f", against={against!r}"
    calls = (
        Call(
            title, f'{asked.code}.compare(answers, over="{over}"{chosen}{shared})', last["method"], result.assumptions
        ),
        Call(
            t("comparison.values", title=title),
            f'{asked.code}.score(answers, by="{over}"{shared})',
            values.table["method"].iloc[0],
            values.assumptions,
        ),
    )
    table = difference_table(context, asked, result, caption=title)
    return Block(title, sentence, picture, (table,), calls=calls), result
