"""What the data lack: rows without an answer, answers outside their scale, customers not reached, broken contracts."""

from __future__ import annotations

from cemkit.report.context import Context
from cemkit.report.reading import count, percent
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.tables import columns_of, row_count

__all__ = ["build"]

_SHOWN = 12


def build(context: Context) -> Section | None:
    """Build the section; every study has one."""
    t = context.texts
    check = context.store.check()
    tables = Table(
        t("quality.tables"),
        (Column(t("head.table"), number=False), Column(t("head.rows")), Column(t("head.columns"))),
        tuple(
            Row((t.name("table", name), count(row_count(frame)), count(len(columns_of(frame)))))
            for name, frame in ((n, context.store.table(n)) for n in context.store.tables)
        ),
    )
    blocks = [Block(tables=(_answers(context), tables) if context.asked else (tables,))]
    if check.ok:
        sentence = t("quality.ok", tables=count(len(context.store.tables)))
    else:
        sentence = t("quality.broken", violations=count(len(check.violations)))
        blocks.append(Block(t("quality.violations"), items=tuple(map(str, check.violations[:_SHOWN]))))
    if check.notes:
        blocks.append(Block(t("quality.notes"), items=tuple(map(str, check.notes[:_SHOWN]))))
    calls = (Call(t("quality.title"), "store.check()", t("method.contracts")),)
    return Section("quality", t("quality.title"), sentence, tuple(blocks), calls)


def _answers(context: Context) -> Table:
    """Return for each question the rows, what is missing or invalid, and the share of customers who answered."""
    t = context.texts
    customers = row_count(context.store.customers) if context.store.has("customers") else None
    rows = []
    for asked in context.asked:
        table = (context.by_wave or context.headline)[asked.metric.name].table
        n, missing, invalid = (int(table[name].sum()) for name in ("n", "missing", "invalid"))
        total = n + missing + invalid
        who = len(context.groups_of(asked, "customer_id")) if customers and "customer_id" in context.columns else None
        rows.append(
            Row(
                (
                    asked.title,
                    count(total),
                    count(n),
                    t("quality.part", n=count(missing), share=percent(missing / total)) if total else count(missing),
                    t("quality.part", n=count(invalid), share=percent(invalid / total)) if total else count(invalid),
                    percent(who / customers) if who is not None and customers else t("fact.unknown"),
                )
            )
        )
    columns = (
        Column(t("head.metric"), number=False),
        Column(t("head.rows")),
        Column(t("head.answered")),
        Column(t("head.missing")),
        Column(t("head.invalid")),
        Column(t("head.coverage")),
    )
    return Table(t("quality.caption"), columns, tuple(rows), t("quality.note"))
