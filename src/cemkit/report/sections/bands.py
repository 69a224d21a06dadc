"""The shares of the bands: promoters, passives and detractors, and their like."""

from __future__ import annotations

from cemkit.report.context import Asked, Context
from cemkit.report.drawing import band_picture
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table, lead

__all__ = ["build"]


def build(context: Context) -> Section | None:
    """Build the section, where any metric has bands."""
    with_bands = [a for a in context.asked if len(context.headline[a.metric.name].bands)]
    with_bands = [a for a in with_bands if context.headline[a.metric.name].only.n]
    if not with_bands:
        return None
    t = context.texts
    blocks, calls = [], []
    for asked in with_bands:
        blocks.append(_block(context, asked))
        result = context.headline[asked.metric.name]
        given = f"{context.by_code(asked)}{context.arguments(invalid=context.has_invalid(asked))}"
        code = f"{asked.code}.score(answers{given}).bands"
        title = t("bands.call", metric=context.named(asked, asked.title))
        calls.append(Call(title, code, result.bands["method"].iloc[0], result.assumptions))
    sentence, about = lead(blocks, t("bands.sentence"))
    return Section("bands", t("bands.title"), blocks=tuple(blocks), calls=tuple(calls), sentence=sentence, about=about)


def _block(context: Context, asked: Asked) -> Block:
    t = context.texts
    bands = context.headline[asked.metric.name].bands
    names = [t.name("band", band) for band in bands["band"]]
    best = bands.iloc[-1]
    sentence = t(
        "bands.block",
        band=context.named(asked, names[-1]),
        share=percent(best["share"]),
        level=context.level_shown,
        interval=percent_interval(t, best["low"], best["high"]),
        other=names[0],
        other_share=percent(bands.iloc[0]["share"]),
    )
    scale = asked.metric.scale.bands or {}
    rows = []
    for name, (_, row) in zip(names, bands.iterrows(), strict=True):
        low, high = scale[row["band"]]
        points = f"{low:g}" if low == high else t("interval", low=f"{low:g}", high=f"{high:g}")
        interval = percent_interval(t, row["low"], row["high"])
        rows.append(Row((name, points, count(row["n"]), percent(row["share"]), interval)))
    columns = (
        Column(t("head.band"), number=False),
        Column(t("head.points")),
        Column(t("head.n")),
        Column(t("head.share")),
        Column(t("head.interval", level=context.level_shown)),
    )
    title = context.named(asked, asked.title)
    table = Table(t("bands.caption", metric=title), columns, tuple(rows))
    shown = bands[["share"]].assign(band=names)
    return Block(title, sentence, band_picture(shown, label=sentence), (table,))
