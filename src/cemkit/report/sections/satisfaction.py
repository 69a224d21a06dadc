"""Satisfaction from the wide survey: expected against perceived, what goes with the outcome, and what to fix first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from cemkit.charts.drivers import driver_chart
from cemkit.charts.gap import gap_chart
from cemkit.charts.importance_performance import SURE, importance_performance_chart
from cemkit.csi import Drivers, Gap, ImportancePerformance, drivers, gap, importance_performance
from cemkit.errors import CemkitError
from cemkit.report.context import SMALL_BASE, Context
from cemkit.report.drawing import picture
from cemkit.report.reading import Reading, count, p_value, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.statistics.importance import ImportanceMethod
from cemkit.tables import Design, WideSurvey, columns_of, keep, levels_of, row_count
from cemkit.typing import Frame

__all__ = ["build"]

_SEED = 1
_MOST_LMG = 12  # beyond, all subsets in every resample take longer than a report should
_MANY_ROWS = 50_000
_RESAMPLES, _FEWER = 1000, 200  # fewer where the rows are many
_WORDS = (
    "expected", "perceived", "share", "probe", "lowers", "importance", "performance", "fix_first", "keep_up", "low_priority",
    "overdone",
)  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """The wide survey as it is reported: its rows, their design, how many resamples, how its numbers are shown."""

    context: Context
    survey: WideSurvey
    rows: Frame
    wave: Any
    design: Design | None
    resamples: int

    @property
    def read(self) -> Reading:
        scale = self.survey.scale
        wide = scale is not None and scale.high - scale.low > 20
        return Reading("points" if wide else "scale", 1.0, self.context.texts)

    @property
    def words(self) -> dict[str, str]:
        return {name: self.context.texts(f"satisfaction.{name}") for name in _WORDS}

    @property
    def names(self) -> dict[str, str]:
        """Names of the items as shown, by column."""
        shown = [self.context.texts.name("item", name) for name in self.survey.names]
        return dict(zip(self.survey.perceived, shown, strict=True))

    @property
    def method(self) -> ImportanceMethod:
        return "lmg" if len(self.survey.perceived) <= _MOST_LMG else "relative-weights"

    @property
    def setup(self) -> str:
        """Python lines that make ``rows``."""
        wave = "" if self.wave is None else f'\nrows = cem.tables.keep(rows, column="wave", values=[{self.wave!r}])'
        return f"survey, rows = store.survey, store.answers{wave}"

    def shared(self, *, scale: bool = True) -> str:
        given = ", scale=survey.scale" if scale and self.survey.scale is not None else ""
        return given + self.context.arguments(design=self.design is not None)


def build(context: Context) -> Section | None:
    """Build the section, where the study says what the columns of its wide survey are."""
    store, t = context.store, context.texts
    if store.survey is None:
        return None
    asked = _asked(context, store.survey)
    blocks: list[Block] = []
    calls: list[Call] = []
    lead = t("satisfaction.sentence", items=count(len(asked.survey.perceived)))
    parts = [("gaps", bool(asked.survey.expected)), ("drivers", asked.survey.outcome is not None),
             ("map", asked.survey.scale is not None and bool(asked.survey.outcome or asked.survey.importance))]  # fmt: skip
    for part, wanted in parts:
        if not wanted:
            continue
        try:
            block, call = {"gaps": _gaps, "drivers": _drivers, "map": _map}[part](asked)
        except CemkitError as error:
            title = context.within(asked.wave, t(f"satisfaction.{part}-title"))
            blocks.append(Block(title, t("satisfaction.refused", reason=str(error))))
            continue
        blocks.append(block)
        calls.append(call)
        lead = block.sentence if part == "gaps" else lead
    return Section("satisfaction", t("satisfaction.title"), lead, tuple(blocks), tuple(calls)) if blocks else None


def _asked(context: Context, survey: WideSurvey) -> _Asked:
    rows = context.store.answers
    own = columns_of(rows)
    waves = list(levels_of(rows, column="wave")) if "wave" in own else []
    wave = waves[-1] if len(waves) > 1 else None
    if wave is not None:
        rows = keep(rows, column="wave", values=[wave])
    design = context.design
    if design is not None and not set(design.columns) <= set(own):
        design = None
    return _Asked(context, survey, rows, wave, design, _RESAMPLES if row_count(rows) <= _MANY_ROWS else _FEWER)


def _gaps(asked: _Asked) -> tuple[Block, Call]:
    context, survey, read, t = asked.context, asked.survey, asked.read, asked.context.texts
    found = gap(
        asked.rows,
        expected=survey.expected,
        perceived=survey.perceived,
        names=survey.names,
        dimensions=survey.dimensions or None,
        scale=survey.scale,
        design=asked.design,
        level=context.level,
    )
    whole = found.overall.iloc[0]
    sentence = t(
        "satisfaction.overall",
        items=count(len(survey.names)),
        difference=read.full_difference(whole["estimate"]),
        level=context.level_shown,
        interval=read.difference_interval(whole["low"], whole["high"]),
        n=count(whole["n"]),
    )
    title = context.within(asked.wave, t("satisfaction.gaps-title"))
    worst = _worst(asked, found)
    words = {**asked.words, **{name: t.name("item", name) for name in survey.names}}
    drawn = picture(lambda width: gap_chart(found.table, labels=words, width=width), f"{sentence} {worst}")
    tables = [_gap_table(asked, found.table, "item", title, note=t("satisfaction.gaps-note"))]
    if len(found.dimensions):
        tables.append(_gap_table(asked, found.dimensions, "dimension", t("satisfaction.dimensions")))
    names = ", names=survey.names" + (", dimensions=survey.dimensions" if survey.dimensions else "")
    code = (
        f"{asked.setup}\ncem.csi.gap(rows, expected=survey.expected, perceived=survey.perceived{names}{asked.shared()})"
    )
    call = Call(title, code, str(found.table["method"].iloc[0]), found.assumptions)
    return Block(title, f"{sentence} {worst}", drawn, tuple(tables)), call


def _worst(asked: _Asked, found: Gap) -> str:
    """Say which item falls short the most, or that none does."""
    context, read, t = asked.context, asked.read, asked.context.texts
    scale = asked.survey.scale
    sign = 1.0 if scale is None or scale.direction == "higher-is-better" else -1.0
    table = found.table
    row = table.iloc[int((sign * table["estimate"]).to_numpy(dtype=float).argmin())]
    if not sign * float(row["estimate"]) < 0:
        return t("satisfaction.no-shortfall")
    return t(
        "satisfaction.shortfall",
        item=t.name("item", row["item"]),
        difference=read.full_difference(row["estimate"]),
        level=context.level_shown,
        interval=read.difference_interval(row["low"], row["high"]),
        below=percent(row["below"]),
    )


def _gap_table(asked: _Asked, table: pd.DataFrame, key: str, caption: str, *, note: str = "") -> Table:
    context, read, t = asked.context, asked.read, asked.context.texts
    columns = (
        Column(t(f"satisfaction.head-{key}"), number=False),
        *(Column(t(f"satisfaction.head-{name}")) for name in ("expected", "perceived")),
        Column(t("satisfaction.head-gap", unit=read.difference_unit)),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.p_adjusted")),
        Column(t("satisfaction.head-below")),
        Column(t("head.n")),
    )
    rows = [
        Row(
            (
                t.name(key, row[key]),
                read.value(row["expected"]),
                read.value(row["perceived"]),
                read.difference(row["estimate"]),
                read.difference_interval(row["low"], row["high"]),
                p_value(row["p_adjusted"]),
                percent(row["below"]),
                count(row["n"]),
            ),
            _mark(context, row["n"]),
        )
        for _, row in table.iterrows()
    ]
    return Table(caption, columns, tuple(rows), note)


def _drivers(asked: _Asked) -> tuple[Block, Call]:
    context, survey, t = asked.context, asked.survey, asked.context.texts
    outcome = cast("str", survey.outcome)
    found = drivers(
        asked.rows,
        outcome=outcome,
        items=survey.perceived,
        method=asked.method,
        design=asked.design,
        bootstrap=asked.resamples,
        level=context.level,
        seed=_SEED,
    )
    fit = found.fit.iloc[0]
    shown = context.column(outcome)
    title = context.within(asked.wave, t("satisfaction.drivers-title", outcome=shown))
    first = found.table.iloc[int(found.table["share"].to_numpy().argmax())]
    sentence = t(
        "satisfaction.leading",
        item=asked.names[first["item"]],
        share=percent(first["share"]),
        level=context.level_shown,
        interval=percent_interval(t, first["share_low"], first["share_high"]),
        ranks=_ranks(first),
        explained=percent(fit["r_squared"]),
        outcome=shown,
    )
    words = {**asked.words, **asked.names}
    drawn = picture(
        lambda width: driver_chart(found.table, probe=float(fit["probe_share"]), labels=words, width=width), sentence
    )
    note = t(
        "satisfaction.drivers-note",
        method=t(f"satisfaction.method-{asked.method}"),
        n=count(fit["n"]),
        complete=percent(fit["complete"]),
        probe=percent(fit["probe_share"]),
    )
    given = f'method="{asked.method}", bootstrap={asked.resamples}, seed={_SEED}{asked.shared(scale=False)}'
    code = f"{asked.setup}\ncem.csi.drivers(rows, outcome=survey.outcome, items=survey.perceived, {given})"
    call = Call(title, code, str(found.table["method"].iloc[0]), found.assumptions)
    return Block(title, sentence, drawn, (_driver_table(asked, found, title, note),)), call


def _driver_table(asked: _Asked, found: Drivers, caption: str, note: str) -> Table:
    context, t = asked.context, asked.context.texts
    columns = (
        Column(t("satisfaction.head-item"), number=False),
        Column(t("satisfaction.head-share")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("satisfaction.head-rank")),
        Column(t("satisfaction.head-coefficient")),
        Column(t("satisfaction.head-vif")),
    )
    ordered = found.table.sort_values("share", ascending=False, kind="stable")
    plain = Reading("scale", 1.0, t)
    rows = [
        Row(
            (
                asked.names[row["item"]],
                percent(row["share"]),
                percent_interval(t, row["share_low"], row["share_high"]),
                f"{row['rank']:.0f} ({_ranks(row)})",
                plain.difference(row["standardised"]),
                plain.value(row["vif"]),
            ),
            _mark(context, row["n"]),
        )
        for _, row in ordered.iterrows()
    ]
    return Table(caption, columns, tuple(rows), note)


def _ranks(row: Any) -> str:
    low, high = float(row["rank_low"]), float(row["rank_high"])
    return f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"


def _map(asked: _Asked) -> tuple[Block, Call]:
    context, survey, t = asked.context, asked.survey, asked.context.texts
    found = importance_performance(
        asked.rows,
        items=survey.perceived,
        outcome=survey.outcome,
        importance=survey.importance or None,
        scale=survey.scale,
        method=asked.method,
        design=asked.design,
        bootstrap=asked.resamples,
        level=context.level,
        seed=_SEED,
    )
    # derived importance says more of what goes with the outcome than what people say that it does
    basis = "derived" if survey.outcome is not None else "stated"
    table = found.table[found.table["basis"] == basis].reset_index(drop=True)
    cuts = found.cuts[found.cuts["basis"] == basis]
    sentence = _first(asked, table)
    numbers = {column: str(i) for i, column in enumerate(survey.perceived, start=1)}
    words = {**asked.words, **numbers, "importance": t(f"satisfaction.importance-{basis}")}
    drawn = picture(lambda width: importance_performance_chart(table, cuts, labels=words, width=width), sentence)
    title = context.within(asked.wave, t("satisfaction.map-title"))
    rows_of = _map_table(asked, found, basis, title)
    stated = ", importance=survey.importance" if survey.importance else ""
    outcome = ", outcome=survey.outcome" if survey.outcome is not None else ""
    given = f'method="{asked.method}", bootstrap={asked.resamples}, seed={_SEED}{asked.shared()}'
    code = f"{asked.setup}\ncem.csi.importance_performance(rows, items=survey.perceived{outcome}{stated}, {given})"
    call = Call(title, code, str(table["method"].iloc[0]), found.assumptions)
    return Block(title, sentence, drawn, (rows_of,)), call


def _first(asked: _Asked, table: pd.DataFrame) -> str:
    """Say what is to be fixed first, and how sure that is."""
    t, chance = asked.context.texts, table["fix_first"].to_numpy(dtype=float)
    sure = [asked.names[item] for item, p in zip(table["item"], chance, strict=True) if p >= SURE]
    if sure:
        return t("satisfaction.fix", items=t.items(sure), probability=percent(SURE, 0))
    if chance.max() < 1 - SURE:
        return t("satisfaction.nothing-to-fix")
    item = asked.names[table["item"].iloc[int(chance.argmax())]]
    return t("satisfaction.perhaps", item=item, chance=percent(chance.max(), 0), probability=percent(SURE, 0))


def _map_table(asked: _Asked, found: ImportancePerformance, basis: str, caption: str) -> Table:
    context, read, t = asked.context, asked.read, asked.context.texts
    derived = basis == "derived"
    table = found.table[found.table["basis"] == basis]
    lines = found.cuts[found.cuts["basis"] == basis].set_index("axis")["estimate"]

    def shown(value: float) -> str:
        return percent(value) if derived else read.value(value)

    columns = (
        Column(t("satisfaction.head-item"), number=False),
        Column(t(f"satisfaction.importance-{basis}")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("satisfaction.performance")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("satisfaction.head-quadrant"), number=False),
        Column(t("satisfaction.head-probability")),
        Column(t("satisfaction.head-fix")),
    )
    rows = [
        Row(
            (
                f"{number}. {asked.names[row['item']]}",
                shown(row["importance"]),
                percent_interval(t, row["importance_low"], row["importance_high"])
                if derived
                else read.interval(row["importance_low"], row["importance_high"]),
                read.value(row["performance"]),
                read.interval(row["performance_low"], row["performance_high"]),
                t(f"satisfaction.{row['quadrant']}"),
                percent(row[row["quadrant"]], 0),
                percent(row["fix_first"], 0),
            ),
            _mark(context, row["n"]),
        )
        for number, (_, row) in enumerate(table.iterrows(), start=1)
    ]
    note = t(
        "satisfaction.map-note",
        importance=shown(lines["importance"]),
        performance=read.value(lines["performance"]),
        probability=percent(SURE, 0),
    )
    return Table(caption, columns, tuple(rows), note)


def _mark(context: Context, n: Any) -> str:
    return context.texts("mark.small") if n == n and float(n) < SMALL_BASE else ""
