"""The scores over all answers, each with its interval, its base, and how it was asked."""

from __future__ import annotations

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import group_picture
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.report.sections.groups import picture_rows, small
from cemkit.report.waves import scored_in
from cemkit.results import Estimate
from cemkit.scores import response_rate
from cemkit.tables import levels_of

__all__ = ["build", "headline_sentence"]


def build(context: Context) -> Section | None:
    """Build the section, where any metric's question was answered."""
    if not context.asked:
        return None
    t = context.texts
    weighted = context.design is not None and context.design.weights is not None
    rows, calls, blocks = [], [], []
    for asked in context.asked:
        result = context.headline[asked.metric.name]
        only = result.only
        title, by = context.named(asked, asked.title), context.by_code(asked)
        cells = [
            title,
            asked.reading.value(only.estimate),
            asked.reading.interval(only.low, only.high),
            count(only.n),
            count(only.n_eff),
            count(only.missing),
            count(only.invalid),
        ]
        if weighted:
            plain = _unweighted(context, asked)
            cells.append(asked.reading.value(plain.estimate))
        rows.append(Row(tuple(cells), small(context, only.n, only.n_eff)))
        shared = context.arguments(invalid=context.has_invalid(asked))
        code = f"{asked.code}.score(answers{by}{shared})"
        calls.append(Call(title, code, only.method, result.assumptions))
        if weighted:
            shared = context.arguments(design=False, invalid=context.has_invalid(asked))
            code = f"{asked.code}.score(answers{by}{shared})"
            calls.append(Call(t("scores.unweighted", metric=title), code, plain.method))
        block = _asking(context, asked)
        blocks.append(block)
        calls += block.calls
    columns = [
        Column(t("head.metric"), number=False),
        Column(t("head.estimate")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
        Column(t("head.n_eff")),
        Column(t("head.missing")),
        Column(t("head.invalid")),
    ]
    if weighted:
        columns.append(Column(t("head.unweighted")))
    table = Table(t("scores.caption"), tuple(columns), tuple(rows))
    return Section(
        "scores",
        t("scores.title"),
        blocks[0].sentence if blocks else "",
        (*blocks, Block(tables=(table,))),
        tuple(calls),
    )


def _unweighted(context: Context, asked: Asked) -> Estimate:
    wave = context.wave_of(asked)
    by = None if wave is None else "wave"
    result = asked.metric.score(context.answers, by=by, level=context.level, invalid="count")
    return (result if wave is None else scored_in(wave, result)).only


def headline_sentence(context: Context, asked: Asked, only: Estimate) -> str:
    """Return the sentence with the estimate, its interval and its base."""
    if not only.n:
        return context.texts("scores.nothing", metric=asked.title)
    return context.texts(
        "scores.sentence",
        metric=context.named(asked, asked.title),
        estimate=asked.reading.full(only.estimate),
        level=context.level_shown,
        interval=asked.reading.full_interval(only.low, only.high),
        n=count(only.n),
    )


def _asking(context: Context, asked: Asked) -> Block:
    """Show one score on its whole scale, and say how the question was asked."""
    t, data = context.texts, context.rows_now(asked)
    only = context.headline[asked.metric.name].only
    facts = []
    calls: tuple[Call, ...] = ()
    if context.span(data, "invited_at") is not None:
        question = asked.question if "question" in context.columns else None
        wave = context.wave_of(asked)
        by = None if wave is None else "wave"
        rate = response_rate(context.answers, by=by, question=question, level=context.level)
        rated = next(row for row in rate if wave is None or dict(row.group)["wave"] == wave)
        shown = percent_interval(t, rated.low, rated.high)
        facts.append((t("fact.rate"), t("fact.rate-value", rate=percent(rated.estimate), interval=shown)))
        given = "" if question is None else f', question="{question}"'
        code = f"cem.response_rate(answers{context.by_code(asked)}{given}{context.arguments(design=False)})"
        calls = (
            Call(t("scores.rate", metric=context.named(asked, asked.title)), code, rated.method, rate.assumptions),
        )
    else:
        facts.append((t("fact.rate"), t("fact.no-invitations")))
    span = context.span(data, "answered_at")
    dates = t("fact.unknown")
    if span is not None:
        dates = t("fact.dates", first=f"{span[0]:%Y-%m-%d}", last=f"{span[1]:%Y-%m-%d}")
    facts.append((t("fact.fieldwork"), dates))
    modes = levels_of(data, column="mode", answered="score") if "mode" in context.columns else {}
    words = [t("fact.mode-value", mode=t.name("mode", mode), n=count(n)) for mode, n in modes.items()]
    facts.append((t("fact.mode"), t.items(words) if words else t("fact.unknown")))
    sentence = headline_sentence(context, asked, only)
    picture = None
    if only.n:
        rows = picture_rows(context, context.headline[asked.metric.name])
        low, high = asked.metric.measure().limits
        factor = asked.reading.factor
        picture = group_picture(
            rows.assign(group=""),
            axis="" if asked.reading.suffix else asked.reading.unit,
            label=sentence,
            suffix=asked.reading.suffix,
            domain=(low * factor, high * factor),
            line=0.0 if low < 0 < high else None,
        )
    return Block(context.named(asked, asked.title), sentence, picture, facts=tuple(facts), calls=calls)
