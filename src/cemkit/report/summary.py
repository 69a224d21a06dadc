"""The head of the report: the scores as tiles, and at most five findings chosen with false-discovery control."""

from __future__ import annotations

from collections.abc import Sequence

from cemkit.report.context import Context
from cemkit.report.reading import count
from cemkit.report.section import Block, Section, Tile
from cemkit.report.sections.scores import headline_sentence
from cemkit.statistics.multiplicity import adjust

__all__ = ["MOST_FINDINGS", "summarise"]

MOST_FINDINGS = 5
FALSE_DISCOVERIES = 0.05


def summarise(context: Context, sections: Sequence[Section]) -> Section:
    """Return the summary: of all candidates, those that remain after Benjamini and Yekutieli and are large, the largest first."""
    t = context.texts
    tiles = []
    for asked in context.asked:
        only = context.headline[asked.metric.name].only
        tiles.append(
            Tile(
                context.named(asked, asked.title),
                asked.reading.value(only.estimate),
                t("tile.interval", level=context.level_shown, interval=asked.reading.interval(only.low, only.high)),
                t("tile.base", n=count(only.n)),
            )
        )
    candidates = [finding for section in sections for finding in section.findings]
    blocks: tuple[Block, ...] = ()
    if candidates:
        adjusted = adjust([c.p_value for c in candidates], method="by")
        kept = [c for c, p in zip(candidates, adjusted, strict=True) if p < FALSE_DISCOVERIES and c.large]
        kept.sort(key=lambda c: -c.size)
        shown = tuple(c.sentence for c in kept[:MOST_FINDINGS])
        note = t(
            "summary.examined", candidates=count(len(candidates)), kept=count(len(kept)), most=count(MOST_FINDINGS)
        )
        blocks = (
            Block(
                t("summary.findings"),
                note if shown else t("summary.none", candidates=count(len(candidates))),
                items=shown,
            ),
        )
    if context.asked:
        first = context.asked[0]
        sentence = headline_sentence(context, first, context.headline[first.metric.name].only)
    else:
        sentence = t("summary.no-scores")
    return Section("summary", t("summary.title"), sentence, blocks, tiles=tuple(tiles))
